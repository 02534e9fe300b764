"""Git, asked from outside the sandbox: reads of the user's repository, and repositories made for a run.

Git obeys the configuration of the repository that it reads, and that can name programs. Commands may have written it,
or whoever packed the repository. So Git is asked with settings over it under which it starts no program but itself.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from spec_runner.errors import SpecError
from spec_runner.system.trusted import Folder

if TYPE_CHECKING:
    from subprocess import CompletedProcess

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "spec-run"), ("EMAIL", "spec-run@localhost"))
}
_FIXED_DATE = {"GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z"}
_ISOLATED = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


_NEUTRAL = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.askPass": "",
    "credential.helper": "",
    "diff.external": "",
    "log.showSignature": "false",
    "submodule.recurse": "false",
    "maintenance.auto": "false",
    "gc.auto": "0",
}
"""What no command of Git that is asked from outside may take from a repository: what would start a program."""
_NO_TRANSPORT = "none"
"""A list of protocols without a real one: a partial clone would fetch what it lacks by a program that it names."""
_FILTERS = r"^filter\..*\.(clean|smudge|process|required)$"
_STATUS = ("-z", "--no-renames", "--ignore-submodules=dirty")
"""A work tree of a submodule is not looked into: Git would ask it by its own configuration."""
_RULES = (".gitignore", ".gitattributes", ".git/info/exclude", ".spec-run/.gitignore")
_PATIENCE = 120.0
"""Seconds that Git may take: it waits for ever where a pipe stands for one of its files."""


@cache
def program() -> str | None:
    """Where Git is; None if it is not installed."""
    from shutil import which

    return which("git")


def read(folder: Path, *words: str, given: bytes = b"") -> bytes | None:
    """What a Git command that changes nothing prints in ``folder``; None where it fails or Git is missing."""
    if program() is None:
        return None
    done = _done(folder, words, given)
    return done.stdout if done.returncode == 0 else None


def _is_repository(folder: Path) -> bool:
    """Whether Git has anything to say of a folder; starting it to hear that costs a tenth of a preview."""
    folder = Path(os.path.abspath(folder))
    return any(os.path.lexists(above / ".git") for above in (folder, *folder.parents))


def commit_of(folder: Path, revision: str) -> str | None:
    """The commit that a revision means in a repository; None where Git knows none."""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    found = read(folder, *asked)
    return found.decode().strip() if found else None


def line_changed(folder: Path, path: str, line: int) -> tuple[str | None, str, int] | None:
    """The commit that last changed a line of a file, its author, and when (seconds since 1970); None without Git.

    The commit is None where the line is not committed as it stands.
    """
    data = read(folder, "blame", "--porcelain", "-L", f"{line},{line}", "--", path)
    if not data:
        return None
    head, *rest = data.decode("utf-8", "replace").split("\n")
    fields = dict(each.split(" ", 1) for each in rest if " " in each and not each.startswith("\t"))
    commit = head.split(" ")[0]
    time = fields.get("author-time", "0")
    return None if not commit.strip("0") else commit, fields.get("author", ""), int(time) if time.isdigit() else 0


def last_change(folder: Path, paths: Sequence[str]) -> tuple[str, int] | None:
    """The newest commit that changed any of these paths, and when (seconds since 1970); None without one."""
    data = read(folder, "--literal-pathspecs", "log", "-1", "--format=%H %ct", "--", *paths)
    commit, _, time = (data or b"").decode("ascii", "replace").strip().partition(" ")
    return (commit, int(time)) if time.isdigit() else None


def content_at(folder: Path, revision: str, path: str) -> bytes | None:
    """A file of a repository as it was at a revision; None where it was not there."""
    return read(folder, "cat-file", "blob", f"{commit_of(folder, revision)}:{path}")


def _done(folder: Path, words: Sequence[str], given: bytes = b"") -> CompletedProcess[bytes]:
    import subprocess

    if (words[0] == "status" or "--others" in words) and any(_is_special(folder / name) for name in _RULES):
        return subprocess.CompletedProcess(words, 1, b"", b"its rules are no plain files")
    environment = _neutral(_without_filters(folder) if words[0] == "status" else {})
    try:
        return subprocess.run(
            [str(program()), "--no-pager", *words], cwd=folder,
            env=environment, input=given, capture_output=True, check=False, timeout=_PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 1, b"", b"it does not end")


def _is_special(path: Path) -> bool:
    """Whether a pipe or a device is there, at which Git would wait."""
    with suppress(OSError):
        mode = path.lstat().st_mode
        return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))
    return False


def _neutral(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a Git that starts no program which a repository names."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": _NO_TRANSPORT}
    return environment | _given({**_NEUTRAL, **more}.items())


def _given(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Settings as variables of the environment; a name may hold what a command line could not."""
    given = {"GIT_CONFIG_COUNT": "0"}
    for number, (key, value) in enumerate(settings):
        given |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        given["GIT_CONFIG_COUNT"] = str(number + 1)
    return given


def _without_filters(folder: Path) -> dict[str, str]:
    """Settings that take its programs from every filter: ``status`` would run a file through them to compare it."""
    named = read(folder, "config", "-z", "--name-only", "--get-regexp", _FILTERS) or b""
    keys = [key for key in os.fsdecode(named).split("\0") if key]
    return {key: "false" if key.endswith(".required") else "" for key in keys}


def tracks(root: Path, name: str) -> bool:
    """Whether Git has something of this name, in whatever case, in the repository that ``root`` is in."""
    # Also where the repository is another user's: nothing in it is obeyed here.
    return bool(read(root, "-c", "safe.directory=*", "ls-files", "-z", "--", f":(icase){name}"))


def clone_history(root: Path, target: Path, objects: Path | None = None) -> bool:
    """Give ``target`` the history, branches and index of the repository ``root``, without its files.

    Objects are shared, not copied; nothing is written to ``root``. With ``objects``, a folder, they are found through a
    link in it: in a sandbox the place that they have outside may hold something else. False where Git cannot do it.
    """
    # By hand: ``git clone`` shares no objects of a shallow clone, and asks for those that a partial one lacks.
    store, form = place_in_git(root, "objects"), read(root, "rev-parse", "--show-object-format")
    refs = read(root, "for-each-ref", "--format=%(objectname) %(refname)")
    if store is None or form is None or refs is None:
        return False
    target.mkdir(parents=True, exist_ok=True)
    kind = () if form.strip() == b"sha1" else (f"--object-format={form.decode().strip()}",)
    _write(target, "init", "-q", "--template=", *kind)
    own = target / ".git"
    (own / "packed-refs").write_bytes(refs)
    (own / "HEAD").write_bytes(_head(root))
    (own / "objects" / "info" / "alternates").write_bytes(os.fsencode(f"{_led_through(objects, store)}\n"))
    for name in ("shallow", "index", "info/exclude"):
        source = place_in_git(root, name)
        if source is not None and _copied(source, own / name):
            for shared in source.parent.glob("sharedindex.*") if name == "index" else ():
                _copied(shared, own / shared.name)
    return True


_LARGEST = 1 << 30


def _copied(source: Path, target: Path) -> bool:
    """Copy a file of Git's own; False where there is none, or a link, which leads to somebody's file."""
    with suppress(OSError), Folder(source.parent) as folder:
        data = folder.read(source.name, _LARGEST)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
        return True
    return False


def place_in_git(root: Path, name: str) -> Path | None:
    """Where a repository has a file of its own; None where it is no repository."""
    found = read(root, "rev-parse", "--git-path", name)
    return None if found is None else Path(os.path.normpath(root / os.fsdecode(found.removesuffix(b"\n"))))


def _head(root: Path) -> bytes:
    branch = read(root, "symbolic-ref", "-q", "HEAD")
    return b"ref: " + branch if branch else read(root, "rev-parse", "HEAD") or b"ref: refs/heads/main\n"


def _led_through(links: Path | None, store: Path) -> Path:
    """The link that leads to a folder of objects; the folder itself where no links are wanted."""
    if links is None:
        return store
    from hashlib import sha256

    links.mkdir(exist_ok=True)
    link = links / sha256(os.fsencode(store)).hexdigest()[:12]
    if not link.is_symlink():
        link.symlink_to(store)
    return link


_DEPTH = 5
"""How often objects may be borrowed from who borrowed them: what Git itself follows."""


def borrowed(objects: Path, depth: int = _DEPTH) -> Iterator[Path]:
    """Where a folder of objects takes others from, and those in turn; what is no folder of objects is none."""
    with suppress(OSError):
        for line in (objects / "info" / "alternates").read_bytes().splitlines() if depth else ():
            place = objects / os.fsdecode(line)
            if place.resolve().name == "objects" and (place / "pack").is_dir():
                yield place
                yield from borrowed(place, depth - 1)


def objects_of(mirror: Path) -> Path:
    """Where a repository, bare or not, keeps its objects."""
    return (mirror / ".git" if (mirror / ".git").is_dir() else mirror) / "objects"


def check_out(target: Path) -> bool:
    """Give a repository without files those of its current commit; False where there is none."""
    return read(target, "reset", "-q", "--hard", "HEAD") is not None


def listed_files(root: Path, *, only_tracked: bool = False) -> list[bytes] | None:
    """The tracked files and the untracked ones that are not ignored, relative to ``root``; None without Git."""
    if not _is_repository(root):
        return None
    others = () if only_tracked else ("--others", "--exclude-standard")
    listed = read(root, "ls-files", "-z", "--cached", *others)
    if listed is None:
        return None
    folders: dict[bytes, bool] = {b"": True}
    return [name for name in dict.fromkeys(listed.split(b"\0")) if name and _is_below(root, name, folders)]


def _is_below(root: Path, name: bytes, folders: dict[bytes, bool]) -> bool:
    """Whether a name of the index is a file's below ``root``, and not beyond a link; ``folders`` are those known."""
    parts = name.split(b"/")
    if b".." in parts or name.startswith(b"/") or b".git" in map(bytes.lower, parts):
        return False
    above = os.path.dirname(name)
    if above not in folders:
        is_link = os.path.islink(os.path.join(os.fsencode(root), above))
        folders[above] = not is_link and _is_below(root, above, folders)
    return folders[above]


def ignored(root: Path, names: list[bytes]) -> frozenset[bytes]:
    """Those of the names that Git ignores in ``root``; none without Git."""
    if not names or not (root / ".git").exists():
        return frozenset()
    # A plain write to its input could wait for ever on a full pipe; communicate does not.
    found = read(root, "check-ignore", "-z", "--stdin", given=b"\0".join(names) + b"\0")
    return frozenset((found or b"").split(b"\0")) - {b""}


def difference(folder: Path, before: str, now: str) -> bytes:
    """How two folders in ``folder`` differ, as a patch that Git can apply.

    Their own names stand for the prefixes that a patch has; in the lines for a rename Git would take them for folders.
    """
    plain = ("--binary", "--no-renames", "--no-prefix", "--no-color", "--no-ext-diff", "--no-textconv")
    return _done(folder, ("diff", "--no-index", *plain, before, now)).stdout


def environment_of(mirrors: Mapping[str, str]) -> dict[str, str]:
    """Git's own configuration for the commands of a run: no prompts, an identity, and mirrors for remote addresses."""
    usual = {"init.defaultBranch": "main", "safe.directory": "*", "gc.auto": "0", "advice.detachedHead": "false"}
    settings = [*usual.items()]
    for address, place in mirrors.items():
        # A prefix that ends in .git cannot match the address of another repository.
        exact = address if address.endswith(".git") else f"{address.rstrip('/')}.git"
        settings += [(f"url.{place}.insteadOf", each) for each in dict.fromkeys((exact, address))]
    return {"GIT_TERMINAL_PROMPT": "0", **_IDENTITY, **_given(settings)}


def mirror(place: Path, cache_folder: Path) -> str:
    """What Git can clone from ``place``: a repository or a bundle as it is, a plain folder made into a repository once.

    Raises SpecError where it is none of these.
    """
    if place.is_file() or (place / ".git").exists() or ((place / "HEAD").is_file() and (place / "objects").is_dir()):
        return str(place)
    if program() is None:
        raise SpecError("Git is not installed", todo="install git, which the spec's mirrors need")
    import shutil
    from hashlib import sha256

    made = cache_folder / sha256(os.fsencode(place)).hexdigest()[:12] / place.name
    if made.exists():
        return str(made)
    shutil.copytree(place, made, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__", ".spec-run"))
    for words in (("init", "-q", "-b", "main"), ("add", "-A", "-f"), ("commit", "-q", "--allow-empty", "-m", "Mirror")):
        _write(made, *words)
    return str(made)


def _write(folder: Path, *words: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {**_ISOLATED, **_IDENTITY, **_FIXED_DATE}
    import subprocess

    done = subprocess.run(
        [str(program()), "-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null", *words],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise SpecError(f"git {words[0]} failed ({said})", todo="check the mirror", path=str(folder))


class GitStatus(NamedTuple):
    """Where a repository stands."""

    head: str | None
    """The commit; None before the first one."""
    changed: tuple[tuple[str, bytes], ...]
    """The files that differ from it, relative to the root, each with all that Git says of it."""

    def record(self, documents: Iterable[Path], root: Path) -> dict[str, Any]:
        """As records have it: ``head``, and whether it is ``dirty``.

        Documents do not make it so: they have digests of their own, and marking them changes nothing else.
        """
        return {"head": self.head, "dirty": bool(self.unseen(documents, root))}

    def unseen(self, documents: Iterable[Path], root: Path) -> list[str]:
        """The files other than these that are not committed as they are."""
        own = {os.path.relpath(each.resolve(), root) for each in documents}
        return [path for path, _ in self.changed if path not in own]


def status(root: Path) -> GitStatus | None:
    """The commit that a repository stands at and what differs from it; None without Git."""
    words = ("status", *_STATUS, "--porcelain=v2", "--branch", "--untracked-files=all")
    output = read(root, *words) if (root / ".git").exists() else None
    if output is None:
        return None
    lines = output.split(b"\0")
    commit = next((line.split()[-1].decode() for line in lines if line.startswith(b"# branch.oid ")), None)
    changed = [(os.fsdecode(_path_of(line)), line) for line in lines if line and not line.startswith(b"# ")]
    return GitStatus(None if commit == "(initial)" else commit, tuple(changed))


def _path_of(entry: bytes) -> bytes:
    """The path in an entry of ``git status --porcelain=v2 -z``."""
    fields = {b"1": 8, b"u": 10}.get(entry[:1], 1)
    return entry.split(b" ", fields)[-1]


def origin(root: Path) -> str:
    """The address that a repository was cloned from; empty where it has none."""
    if not _is_repository(root):
        return ""
    return (read(root, "config", "--get", "remote.origin.url") or b"").decode("utf-8", "replace").strip()


def head(root: Path) -> str | None:
    """The commit that a repository stands at; None where there is none."""
    output = read(root, "rev-parse", "--verify", "-q", "HEAD")
    return output.decode("ascii", "replace").strip() if output else None

"""The work trees that are kept between runs: to go on in, to look at, to take changes over from.

Each spec has at most one, in the user's state folder; an overlay cannot lie in the repository that it covers. A tree is
taken up again only while the repository is what it was when the tree was made: its evidence is about that.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.plan.model import TASKS
from spec_runner.system.repository import SpecPaths
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree import git

_NOTE = "tree.json"
_NAMES = "names"


class Tree(NamedTuple):
    """A work tree that is kept."""

    folder: Path
    """All that belongs to it."""
    id: str
    """The same text for the same tree, and for no other one."""
    root: Path
    """The repository that it was made of."""
    document: str
    """The spec's document, relative to the root."""
    level: str
    key: str
    """For the fingerprint: without it, a secret in it could be guessed."""
    fingerprint: str
    """What the repository, its mirrors and its values were."""
    made: int
    """The change time (ns) that every file touched since is at or behind."""

    @property
    def upper(self) -> Path | None:
        """The folder of changes, where the tree is an overlay."""
        return self.folder / "upper" if (self.folder / "upper").is_dir() else None

    @property
    def copy(self) -> Path:
        """The folder of the copy, where it is none."""
        return self.folder / "work" / (self.root.name or "repository")

    @property
    def copied(self) -> frozenset[str]:
        """The names of the files that were copied, relative to the root."""
        with Folder(self.folder) as folder:
            data = folder.read(_NAMES, 1 << 30)
        return frozenset(os.fsdecode(name) for name in data.split(b"\0") if name)


def state_folder(environment: Mapping[str, str]) -> Path | None:
    """Where this user's programs keep what may be lost; None where there is no such place."""
    named = environment.get("XDG_STATE_HOME") or ""
    home = environment.get("HOME") or ""
    if os.path.isabs(named):
        return Path(named) / "spec-run"
    return Path(home) / ".local" / "state" / "spec-run" if os.path.isabs(home) else None


def folder_for(place: SpecPaths, environment: Mapping[str, str]) -> Path | None:
    """Where the tree of a spec is, if it has one."""
    state = state_folder(environment)
    if state is None:
        return None
    digest = sha256(os.fsencode(place.root) + b"\0" + os.fsencode(place.document)).hexdigest()[:12]
    # It is on the commands' PATH: no colon, and no more than a name may be long.
    name = re.sub(r"[^\w.-]", "-", place.folder.resolve().name, flags=re.ASCII)[:80]
    return state / "trees" / f"{name or 'spec'}-{digest}"


def load(folder: Path | None) -> Tree | None:
    """The tree in a folder; None if there is none, or it was never finished."""
    if folder is None:
        return None
    try:
        with Folder(folder) as opened:
            told = json.loads(opened.read(_NOTE))
        names = ("id", "root", "document", "level", "key", "fingerprint")
        tree, root, document, level, key, now = (_text(told[name]) for name in names)
        bytes.fromhex(key)
        return Tree(folder, tree, Path(root), document, level, key, now, int(_text(told["made"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(told: object) -> str:
    """A text that the system takes for a name. Raises ValueError."""
    if not isinstance(told, str) or "\0" in told or len(told) > 1 << 16:
        raise ValueError("no text")
    return told


def all_trees(environment: Mapping[str, str]) -> Iterator[Tree]:
    """Every tree of this user."""
    state = state_folder(environment)
    with contextlib.suppress(OSError):
        for folder in sorted((state / "trees").iterdir()) if state else ():
            tree = load(folder)
            if tree:
                yield tree


def note(tree: Tree, copied: Iterable[bytes] | None) -> Tree:
    """Write down that a tree is whole; from now on it may be taken up."""
    if copied is not None:
        with Folder(tree.folder) as folder:
            folder.replace(_NAMES, b"\0".join(copied))
    made = tree._replace(made=_tick(tree.folder))
    told = {name: str(value) for name, value in made._asdict().items() if name != "folder"}
    with Folder(tree.folder) as folder:
        folder.replace(_NOTE, json.dumps(told).encode())
    return made


def _tick(folder: Path) -> int:
    """A change time that no file has so far: the file system's clock goes in steps of some milliseconds."""
    place = folder / "tick"
    place.touch()
    before = place.stat().st_ctime_ns
    while True:
        place.write_bytes(b"")
        os.utime(place)
        now = place.stat().st_ctime_ns
        if now > before:
            return now
        time.sleep(0.001)


class Keeping(NamedTuple):
    """How a run's work tree is kept: in which folder, for what, and the one that is taken up, if any."""

    folder: Path
    document: str
    key: str
    fingerprint: str
    tree: Tree | None
    why_new: str | None
    """Why a tree that is there is not taken up."""

    def made(self, root: Path, level: str) -> Tree:
        """The tree that is made, not yet noted."""
        return Tree(self.folder, secrets.token_hex(8), root, self.document, level, self.key, self.fingerprint, 0)


def keeping(
    place: SpecPaths,
    environment: Mapping[str, str],
    level: str,
    told: Iterable[bytes],
    mirrors: Iterable[Path],
    standing: git.Standing | None,
    *,
    fresh: bool = False,
) -> Keeping | None:
    """How the work tree of a spec is kept; None where the user has no place for it."""
    folder = folder_for(place, environment)
    if folder is None:
        return None
    tree = load(folder)
    key = tree.key if tree else secrets.token_hex(16)
    now = fingerprint(place, key, told, mirrors, standing)
    why_new = _why_new(tree, now, level, fresh) if tree else None
    return Keeping(folder, place.document, key, now, None if why_new else tree, why_new)


def _why_new(tree: Tree, now: str, level: str, fresh: bool) -> str | None:
    if fresh:
        return "--fresh"
    if tree.level != level:
        return f"the last run was in a sandbox of another level, {tree.level}"
    return None if tree.fingerprint == now else "the repository, or a value, is not what it was"


def fingerprint(
    place: SpecPaths, key: str, told: Iterable[bytes], mirrors: Iterable[Path], standing: git.Standing | None
) -> str:
    """What everything that a run stands on is now: the repository but its task lists, values, and mirrors.

    ``told`` is what else a run starts from. Files that Git ignores are seen only through it.
    """
    digest = blake2b(key=bytes.fromhex(key), digest_size=16)
    for part in (*told, *_repository(place, standing), *(each for mirror in mirrors for each in _content(mirror))):
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def _repository(place: SpecPaths, standing: git.Standing | None) -> Iterator[bytes]:
    if standing is None or standing.head is None:
        yield from _content(place.root)
        return
    yield standing.head.encode()
    for path, entry in standing.changed:
        if os.path.basename(path) != TASKS:
            yield entry
            yield _stamp(place.root / path)
    yield from _content(place.folder.resolve())


def _content(top: Path) -> Iterator[bytes]:
    """Names, sizes and times of everything below a place, but what changes with every run."""
    if not top.is_dir():
        yield _stamp(top)
        return
    for folder, names, found in os.walk(top):
        names[:] = sorted(name for name in names if name not in (".git", ".spec-run", "__pycache__"))
        for name in sorted(found):
            if name != TASKS:
                yield os.fsencode(os.path.relpath(os.path.join(folder, name), top)) + _stamp(Path(folder, name))
    if (top / ".git").is_dir():
        yield git.read(top, "rev-parse", "HEAD") or b""


def _stamp(path: Path) -> bytes:
    try:
        seen = path.lstat()
    except OSError:
        return b"gone"
    return b"%d %d %o" % (seen.st_size, seen.st_mtime_ns, seen.st_mode)

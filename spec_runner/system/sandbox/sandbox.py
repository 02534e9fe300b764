"""A sandbox for one run of one spec: its folders, its environment, and the way into it."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from spec_runner.errors import SpecError
from spec_runner.system.env import allowed_environment
from spec_runner.system.process import procfs, strays
from spec_runner.system.process.process import Hearing, Process
from spec_runner.system.process.shells import find_shell
from spec_runner.system.programs import outside
from spec_runner.system.sandbox import bubblewrap, in_place, landlock, seatbelt
from spec_runner.system.sandbox.direct import HAS_AGENT, Direct
from spec_runner.system.sandbox.inside import Inside, SandboxEndedError
from spec_runner.system.sandbox.levels import bwrap_programs
from spec_runner.system.sandbox.places import (
    ON_DISK,
    PACKAGE,
    Overlay,
    Places,
    shown,
    tool_places,
    user_home,
)
from spec_runner.system.sandbox.proxy import Proxy, allowed_hosts
from spec_runner.system.sandbox.proxy import environment as proxy_environment
from spec_runner.system.venv import make_venv
from spec_runner.system.worktree import copies, git, git_config
from spec_runner.system.worktree.edits import GIT, is_shown
from spec_runner.system.worktree.kept import Keeping, brought_up, note

_AGENT = (
    "import sys; sys.path.insert(0, sys.argv[1]); sys.path += sys.argv[3:]; "
    "from spec_runner.system.sandbox.agent import main; main(int(sys.argv[2]))"
)
_PATIENCE = {"npm_config_fetch_retry_mintimeout": "1000", "npm_config_fetch_retry_maxtimeout": "4000"}
"""npm and pnpm wait ten seconds, and then a minute, before they ask again: minutes where there is no network."""
_NO_PATIENCE = {
    "npm_config_fetch_retries": "0", "PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0", "CARGO_NET_RETRY": "0",
}  # fmt: skip
_OPEN: dict[int, int] = {}
"""The sandboxes of this process that are not closed, and the process that each is below."""


class Layout(NamedTuple):
    """What a sandbox is made for."""

    root: Path
    """The user's repository."""
    folder: Path
    """The spec's folder, in the work tree whatever Git says of it; not in one that is made for all specs (``base``)."""
    host: Mapping[str, str]
    """The user's own environment."""
    mirrors: Mapping[str, Path]
    is_stopped: Callable[[], bool]
    level: str = "plain"
    network: str = "host"
    content: copies.Content = "everything"
    """What of the repository is in the work tree."""
    keeping: Keeping | None = None
    """How the work tree is kept; None: it goes with the sandbox."""
    in_place: bool = False
    """The repository itself is the work tree."""
    ground: Path | None = None
    """The folder of a sandbox that was prepared: this one shows what was left there, below its own changes."""
    base: Path | None = None
    """The folder that all of it is in, and stays in; None: one of its own, which goes with it."""
    registries: tuple[str, ...] = ()
    """Hosts that the user adds to those that the network ``registries`` reaches."""
    variables: Mapping[str, str] = {}
    """What every command has in its environment because the user named it."""
    shell: str = "auto"
    """The shell that was asked for."""


class Sandbox:
    """A sandbox, at any level."""

    def __init__(self, layout: Layout) -> None:
        """Raises OSError, SpecError and CopyStoppedError where it cannot be made; nothing of it is left then."""
        self._layout = layout
        self.shell = find_shell(layout.shell)
        self._names: tuple[bytes, ...] = ()
        self._kept = layout.keeping
        self.warnings: tuple[str, ...] = ()
        """What the user should know."""
        self.tree = uuid.uuid4().hex[:16]
        """Which work tree it is: the same text for the same tree, and for no other one."""
        self.edition = 0
        """How often changes of the repository have come into it."""
        strays.adopt()
        self.base = self._folder()
        try:
            if self._kept and self._kept.tree:
                self._kept = self._kept._replace(tree=brought_up(self._kept.tree, self._kept.edits))
            self.places = self._places()
            self._fill()
            self.inside = self._open()
            if layout.network == "registries":
                self._open_registries()
            if self._kept:
                self._note(self._kept)
        except BaseException:
            if not self._is_taken_up:
                copies.remove(self.base)
            raise
        _OPEN[id(self)] = self.inside.pid

    @property
    def root(self) -> Path:
        """Where commands find the work tree."""
        return self.places.root

    @property
    def scratch(self) -> Path:
        """A folder for what the run itself keeps beside the work tree."""
        return self.places.scratch

    @property
    def _is_taken_up(self) -> bool:
        return self._kept is not None and self._kept.tree is not None

    def _folder(self) -> Path:
        if self._layout.base:
            self._layout.base.mkdir(mode=0o700, parents=True)
            return self._layout.base.resolve()
        if self._kept:
            try:
                if not self._is_taken_up:
                    copies.remove(self._kept.folder)
                    self._kept.folder.mkdir(mode=0o700, parents=True)
                return self._kept.folder.resolve()
            except OSError as error:
                self._kept = None
                self.warnings += (f"the work tree is not kept: {error.strerror}: {error.filename}",)
        return Path(os.path.realpath(tempfile.mkdtemp(prefix="spec-run-")))

    def _places(self) -> Places:
        layout = self._layout
        # Tools name things after the folder they stand in, so a copy is called as the repository is.
        name = Path("work", layout.root.name or "repository")
        copy = layout.root if layout.in_place else self.base / name
        lower = layout.ground / name if layout.ground else layout.root
        overlay = Overlay(lower, self.base / "upper", self.base / "overlay")
        root = layout.root if self._is_isolated else copy
        home = user_home(layout.host) or self.base / "home"
        if layout.level != "plain" and home.is_relative_to(layout.root):
            problem = f"the repository contains your home folder {home}, so the commands would see all of it"
            todo = "keep the spec in a repository of its own, or use --sandbox plain"
            raise SpecError(problem, todo=todo, path=str(layout.root))
        tree = overlay if self._is_overlaid() else copy
        return Places(self.base, root, tree, home, (), layout.network, ground=layout.ground)

    @property
    def _is_isolated(self) -> bool:
        """Commands find each thing in its usual place, whatever is really there."""
        return self._layout.level == "bubblewrap"

    def _is_overlaid(self) -> bool:
        if self._is_taken_up:
            return (self.base / "upper").is_dir()
        if self._layout.ground:
            return True
        is_whole = self._layout.content == "everything" and not self._layout.in_place
        # The history of a linked work tree lies elsewhere; a copy has one of its own.
        return self._is_isolated and is_whole and not (self._layout.root / ".git").is_file()

    def _fill(self) -> None:
        places, layout = self.places, self._layout
        mirrors = self.base / "mirrors"
        for name in ON_DISK.values() if layout.level in ("bubblewrap", "landlock") else ():
            copies.remove(places.base / name)
            (places.base / name).mkdir(mode=0o700)
        own = (places.home, places.temporary, places.scratch, mirrors)
        seen = [each for overlay, place in places.overlays for each in (*overlay[1:], places.seen(place))]
        for folder in (*own, *seen):
            folder.mkdir(parents=True, exist_ok=True)
        if not isinstance(places.tree, Overlay):
            self._copy(places.tree)
        elif layout.ground:
            copies.lay_new(layout.root, layout.folder, places.tree.lower, places.tree.upper, layout.is_stopped)
        self._clean(git_config.cleaned(layout.root))
        # A link in the repository, or where commands write, may lead to anything: nothing there is run here, or lent.
        path = outside(layout.host.get("PATH", os.defpath), (layout.root, self.base))
        host = {**layout.host, "PATH": path}
        venv = make_venv(places.venv, host)
        made = {address: git.mirror(place, mirrors) for address, place in layout.mirrors.items()}
        self.environment: dict[str, str] = self._environment(venv.programs, made)
        """What the first command of a shell sees."""
        lent = [*venv.readable, Path(self.shell.program), *map(Path, made.values())]
        links = sorted(((layout.ground or self.base) / "objects").glob("*"))
        # One in the repository may be anybody's: it lends nothing that lies elsewhere.
        named = (place for place in layout.mirrors.values() if not place.is_relative_to(layout.root))
        stores = (layout.root / ".git" / "objects", *map(git.objects_of, named), *(link.resolve() for link in links))
        lent += [*links, *(place for each in stores for place in git.borrowed(each))]
        self.places = self.places._replace(readable=shown((*tool_places(places.user_home, host), *lent), places))

    def _clean(self, found: Sequence[git_config.Clean]) -> None:
        """Let commands see Git's configuration without its credentials."""
        layout, covers = self._layout, list[tuple[Path, Path]]()
        clean = self.base / "clean"
        clean.mkdir(exist_ok=True)
        for number, (file, text) in enumerate(found):
            is_covered = self._is_isolated and not layout.in_place and file.is_relative_to(layout.root)
            if is_covered and layout.ground:
                continue  # What was prepared was a copy, which never had them.
            if is_covered and isinstance(self.places.tree, Overlay) and self._is_untouched(file):
                copies.lay_over(layout.root, self.places.tree.upper, file, text)
            elif not is_covered or self._shows(file):
                (clean / str(number)).write_bytes(text)
                covers.append((file, clean / str(number)))
        if layout.in_place and not self._is_isolated:
            # No level but that one shows something else in the place of a file.
            covers = [(file, text) for file, text in covers if not file.is_relative_to(layout.root)]
            if git_config.secrets(layout.root):
                self.warnings += ("commands can read the credentials in Git's configuration: at this level, in place",)
        self.places = self.places._replace(covers=tuple(covers))

    def _is_untouched(self, file: Path) -> bool:
        """Whether no command has written yet where a file of the repository is seen."""
        kept = self._kept
        if kept is None or kept.tree is None:
            return True
        return GIT in kept.edits.paths and file.relative_to(self._layout.root).parts[0] == GIT

    def _shows(self, file: Path) -> bool:
        """Whether an overlay that is taken up shows a file as the repository has it."""
        tree = self.places.tree
        return isinstance(tree, Overlay) and is_shown(tree.upper, str(file.relative_to(self._layout.root)))

    def _note(self, kept: Keeping) -> None:
        """From now on the tree may be taken up by another run."""
        names = None if isinstance(self.places.tree, Overlay) else self._names
        tree = kept.tree or note(kept.made(self._layout.root, self._layout.level), names)
        self.tree, self.edition = tree.id, tree.edition

    def _copy(self, target: Path) -> None:
        layout = self._layout
        if layout.in_place or self._is_taken_up:
            return
        target.mkdir(parents=True)
        copied = copies.copy_repository(
            layout.root, target, () if layout.base else (layout.folder,), layout.is_stopped, self.base,
            layout.content, self.base / "objects",
        )  # fmt: skip
        self.warnings += (copied.warning,) if copied.warning else ()
        self._names = copied.names

    def _environment(self, programs: Path, mirrors: Mapping[str, str]) -> dict[str, str]:
        kept = allowed_environment(self._layout.host)
        return {
            **kept,
            "CI": "1",
            "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONUNBUFFERED": "1",
            "DEBIAN_FRONTEND": "noninteractive",
            **_PATIENCE,
            **(_NO_PATIENCE if self._layout.network == "none" else {}),
            **self._layout.variables,
            **git.environment_of(mirrors),
            "HOME": str(self.places.user_home if self._is_isolated else self.places.home),
            "TMPDIR": "/tmp" if self._is_isolated else str(self.places.temporary),
            "VIRTUAL_ENV": str(programs.parent),
            "PATH": os.pathsep.join([str(programs), kept.get("PATH", os.defpath)]),
            **(_windows_homes(self.places) if os.name == "nt" else {}),
        }

    def _open(self) -> Inside | Direct:
        if self._layout.level == "plain" and not HAS_AGENT:
            return Direct()
        if self._layout.in_place and self._is_isolated:
            in_place.prepare(self._layout.root)
        rules = landlock.rules(self.places) if self._layout.level == "landlock" else None
        if not self._is_isolated:
            return Inside(self._words, rules)
        refused = ""
        for program in bwrap_programs():
            try:
                return Inside(partial(self._wrapped, program), {})
            except SandboxEndedError as error:
                refused = refused or str(error.strerror)
        if not isinstance(self.places.tree, Overlay) or self._is_taken_up or self._layout.ground:
            raise OSError(0, refused, "bwrap")
        return self._open_without_overlay(refused)

    def _open_without_overlay(self, refused: str) -> Inside | Direct:
        """The file system takes no overlay (it may be one itself): a copy does."""
        copies.remove(self.base / "upper")
        copy = self.base / "work" / (self._layout.root.name or "repository")
        self.places = self.places._replace(tree=copy)
        self._copy(copy)
        self.warnings += (f"the work tree is a copy of the repository, without ignored files: {refused}",)
        return self._open()

    def _open_registries(self) -> None:
        proxy = Proxy(allowed_hosts(self._layout.registries, self._layout.host), self._layout.host)
        self.inside.on_guest = proxy.serve
        self.environment.update(proxy_environment(self.inside.open_door()))

    def _words(self, number: int) -> list[str]:
        words = _agent_words(number, PACKAGE.parent)
        return seatbelt.words(self.places, words) if self._layout.level == "seatbelt" else words

    def _wrapped(self, program: str, number: int) -> list[str]:
        return bubblewrap.words(program, self.places, _agent_words(number, self.places.program))

    def start(self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], hearing: Hearing) -> Process:
        """Start a process in it. Raises OSError where the program or the directory is missing."""
        return self.inside.start(words, cwd=cwd, environment=environment, hearing=hearing)

    @property
    def written(self) -> tuple[Path, ...]:
        """The folders on the disk that take what commands write; the user's own repository is none of them."""
        places, tree = self.places, self.places.tree
        own = (tree.upper,) if isinstance(tree, Overlay) else () if self._layout.in_place else (tree,)
        on_disk = (places.base / name for name in ON_DISK.values())
        return (*own, places.home, places.temporary, places.scratch, places.base / "venv", *on_disk)

    def end_some(self, processes: Iterable[Process], *, others: bool, since: float = 0.0, count: int = 0) -> int:
        """End some of what runs, with all that they started, at once; the sandbox can be used again.

        With ``others`` also what is left of those that ended. Before anybody knows of their end, files that were
        written since a time are removed, the largest first, until ``count`` bytes are free: how many there were.
        """
        return self.inside.end_some(processes, others, self._writable, since, count)

    @property
    def _writable(self) -> tuple[Path, ...]:
        """The folders of ``written`` as the commands see them."""
        tree, places = () if self._layout.in_place else (self.root,), self.places
        own: tuple[Path, ...] = (places.home, places.temporary)
        if self._is_isolated:
            own = (places.user_home, Path("/tmp"), *map(Path, ON_DISK))
        return (*tree, *own, places.scratch, places.venv)

    def has(self, path: Path) -> bool:
        """Whether there is a folder or a plain file, as the commands see it."""
        try:
            return self.inside.is_folder(path) or self.read(path) is not None
        except OSError:
            return False

    def read(self, path: Path) -> bytes | None:
        """A file's content as the commands see it; None where there is none."""
        try:
            return self.inside.read(path, below=self.root)
        except FileNotFoundError:
            return None

    def write(self, path: Path, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file of the work tree. Raises OSError, also for a place outside it."""
        self.inside.write(path, data, below=self.root, mode=mode)

    def lay(self, path: Path, data: bytes) -> None:
        """Write a file of the scratch folder. Commands may have laid a link there: it is not followed out of it."""
        self.inside.write(path, data, below=self.scratch, mode=0o600)

    @property
    def level(self) -> str:
        """How isolated it is."""
        return self._layout.level

    @property
    def network(self) -> str:
        """What it reaches."""
        return self._layout.network

    @property
    def has_own_network(self) -> bool:
        """What listens in the sandbox is not to be reached from outside."""
        return self._layout.network != "host"

    def shown(self, text: str) -> str:
        """A text without the places that change from run to run."""
        places = ((self.root, "."), (self.places.home, "~"), (self.places.temporary, "/tmp"), (self.base, "sandbox"))
        for name, instead in ((name, instead) for place, instead in places for name in _spellings(place)):
            for sign in dict.fromkeys(("/", os.sep)):
                text = text.replace(f"{name}{sign}", "" if instead == "." else f"{instead}/")
            text = text.replace(name, instead)
        return text

    def close(self) -> str | None:
        """End every process in it and remove it; the folder if some of it could not be removed."""
        self.inside.end()
        _OPEN.pop(id(self), None)
        if self._layout.in_place and self._is_isolated:
            in_place.tidy(self._layout.root)
        if self.inside.was_killed:
            # What it had started is ours now.
            strays.end(without=frozenset(_OPEN.values()))
        return None if self._kept or self._layout.base or copies.remove(self.base) else str(self.base)


def _spellings(place: Path) -> tuple[str, ...]:
    """A place as programs print it: on Windows those that come from elsewhere use other signs."""
    if os.name != "nt":
        return (str(place),)
    drive, rest = place.drive.rstrip(":"), place.as_posix()[len(place.drive) :]
    return (str(place), place.as_posix(), f"/{drive.lower()}{rest}", repr(str(place))[1:-1])


def _windows_homes(places: Places) -> dict[str, str]:
    """Where programs of Windows look for what HOME and TMPDIR say elsewhere."""
    own, temporary = places.home, str(places.temporary)
    local, roaming = own / "AppData" / "Local", own / "AppData" / "Roaming"
    for folder in (local, roaming):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "USERPROFILE": str(own), "APPDATA": str(roaming), "LOCALAPPDATA": str(local),
        "TEMP": temporary, "TMP": temporary,
    }  # fmt: skip


def _agent_words(number: int, program: Path) -> list[str]:
    """The agent, run by the interpreter itself: a virtual environment around it may be hidden in the sandbox."""
    python = os.path.realpath(sys.executable)
    return [python, "-I", "-S", "-c", _AGENT, str(program), str(number), *procfs.psutil_folder()]

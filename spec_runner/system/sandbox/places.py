"""The folders of a sandbox: what commands may write, what they may read, what is hidden from them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from spec_runner.system.env import TOOL_ROOTS
from spec_runner.system.process import procfs

PACKAGE = Path(__file__).resolve().parents[2]
"""This program's own package: the agent in the sandbox runs from it."""
_TOOLS = (
    ".pyenv", ".nvm", ".rustup", ".cargo/bin", ".local/bin", ".local/lib", ".local/share/pipx",
    ".local/share/uv/python", ".local/share/uv/tools", ".local/share/fnm", ".local/share/mise", ".local/share/pnpm",
    ".volta", ".asdf", ".sdkman", ".bun/bin",
    ".dotnet/dotnet", ".dotnet/host", ".dotnet/packs", ".dotnet/sdk", ".dotnet/sdk-manifests", ".dotnet/shared",
    ".dotnet/store", ".dotnet/tools",
    ".deno/bin", ".rbenv", ".rvm", ".nix-profile", "go/bin", ".linuxbrew",
)  # fmt: skip
"""Below HOME: programs that people install for themselves. No folder that is known to hold credentials."""
_PROGRAMS = ("bin", ".bin", "sbin", "shims")
_MOST_HOPS = 8
ON_DISK = {"/dev/shm": "shm", "/run": "run", "/var/tmp": "var-tmp"}
"""Places that programs write, and where each lies in the sandbox's folder: in memory it would count for no limit."""
_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/mnt", "/media")
_PRIVATE = ("/", "/etc", "/var", "/var/lib", "/var/log", "/var/spool", "/var/cache", "/var/backups", "/opt", "/srv")


class Overlay(NamedTuple):
    """A repository seen through a folder that takes every change."""

    lower: Path
    upper: Path
    work: Path


class Places(NamedTuple):
    """The places of one sandbox."""

    base: Path
    """Everything that belongs to this sandbox is below it."""
    root: Path
    """Where commands find the work tree."""
    tree: Overlay | Path
    """What is there: the repository under an overlay, or the folder of a copy."""
    user_home: Path
    readable: tuple[Path, ...]
    """Places that are shown although they are in a hidden one."""
    network: str
    covers: tuple[tuple[Path, Path], ...] = ()
    """Files with credentials that would be seen otherwise, each with what is seen in its place where that can be."""
    ground: Path | None = None
    """The folder of what was prepared: its HOME and its virtual environment lie below this sandbox's own changes."""

    @property
    def overlays(self) -> tuple[tuple[Overlay, Path], ...]:
        """What is seen through a folder that takes every change, and where."""
        found = [(self.tree, self.root)] if isinstance(self.tree, Overlay) else []
        for name, place in (("home", self.user_home), ("venv", self.venv)) if self.ground else ():
            assert self.ground is not None
            found.append((Overlay(self.ground / name, self.base / name, self.base / f"{name}-overlay"), place))
        return tuple(found)

    def seen(self, place: Path) -> Path:
        """Where the overlay that is to be seen at a place is mounted by who cannot mount it there."""
        return self.base / ("seen" if place == self.root else f"seen-{'home' if place == self.user_home else 'venv'}")

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def temporary(self) -> Path:
        return self.base / "tmp"

    @property
    def scratch(self) -> Path:
        """What the run itself keeps beside the work tree."""
        return self.base / "scratch"

    @property
    def venv(self) -> Path:
        """Programs in it know where it is: one that was prepared is seen where it was made."""
        return (self.ground or self.base) / "venv"

    @property
    def program(self) -> Path:
        """Where the agent finds this program, where commands see a repository that it may be installed in."""
        return self.base / "program"

    @property
    def writable(self) -> tuple[Path, ...]:
        """What commands may change, as it is on the disk; an overlay changes nothing on it."""
        tree = () if isinstance(self.tree, Overlay) else (self.tree,)
        return (*tree, self.home, self.temporary, self.scratch, self.venv)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Places of other people, other programs and the user's own, as far as they exist."""
        # The sandbox's own folder stands among those of other specs.
        named = (*_HIDDEN, str(self.user_home), *account_home(), str(self.base.parent))
        return (*(place for place in dict.fromkeys(named) if os.path.isdir(place)), *private_places())


@cache
def private_places() -> tuple[str, ...]:
    """What root alone may read of the machine's settings and data: root's commands see what other users' would."""
    return tuple(_closed_places()) if hasattr(os, "getuid") and os.getuid() == 0 else ()


def _closed_places() -> Iterator[str]:
    for top in _PRIVATE:
        for folder, names, found in os.walk(top):
            closed = {name for name in (*names, *found) if not _is_open(os.path.join(folder, name))}
            yield from (os.path.join(folder, name) for name in sorted(closed))
            names[:] = [name for name in names if name not in closed and top == "/etc"]


def _is_open(place: str) -> bool:
    """Whether everybody may read a file, or enter a folder."""
    try:
        mode = os.lstat(place).st_mode
    except OSError:
        return True
    return stat.S_ISLNK(mode) or bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))


def user_home(host: Mapping[str, str]) -> Path | None:
    """The user's HOME; None where there is none, or it is nothing of its own (a container's ``/``)."""
    named = host.get("HOME") or os.path.expanduser("~")
    home = os.path.realpath(named)
    return Path(home) if os.path.isabs(named) and home != "/" and os.path.isdir(home) else None


@cache
def account_home() -> tuple[str, ...]:
    """The home folder that the system knows for this user, where it is the user's own: HOME may say another one."""
    try:
        import pwd

        home = os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir)
        is_own = os.stat(home).st_uid == os.getuid()
    except (ImportError, AttributeError, KeyError, OSError):
        return ()
    # An account of the system may stand where programs or everybody's files are.
    return (home,) if is_own and home not in ("/", "/usr", "/bin", "/sbin", "/etc", "/var", "/opt", "/srv") else ()


def tool_places(home: Path, host: Mapping[str, str]) -> Iterator[Path]:
    """Where the user's programs are, also below HOME."""
    yield from (home / name for name in _TOOLS)
    yield from (Path(host[name]) for name in TOOL_ROOTS if os.path.isabs(host.get(name, "")))
    for entry in host.get("PATH", os.defpath).split(os.pathsep):
        place = Path(entry)
        if not place.is_absolute():
            continue
        yield place.parent if os.path.isfile(place.parent / "pyvenv.cfg") else place
        yield from _behind_links(place)
    yield Path(sys.base_prefix)
    yield PACKAGE
    yield from (Path(each, "psutil") for each in procfs.psutil_folder())


def _behind_links(folder: Path) -> Iterator[Path]:
    """What the links in a folder of programs lead to: a program, with its environment or its packages, and no more."""
    with suppress(OSError), os.scandir(folder) as entries:
        links = [entry.path for entry in entries if entry.is_symlink()]
        yield from {hop.parent for link in links for hop in _hops(link) if hop.parent.name in _PROGRAMS}
        for target in set(map(os.path.realpath, links)):
            above = Path(target).parents
            if len(above) > 1 and os.path.isfile(above[1] / "pyvenv.cfg"):
                yield above[1]
            else:
                yield next((each for each in above if each.name == "node_modules"), Path(target))


def _hops(link: str) -> Iterator[Path]:
    """The links that a link leads through."""
    for _ in range(_MOST_HOPS):
        link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        if not os.path.islink(link):
            return
        yield Path(link)


def shown(found: Iterable[Path], places: Places) -> tuple[Path, ...]:
    """Those that are hidden otherwise, each once, as they are named and as they are on the disk.

    A folder that holds HOME, or is it, would show everything.
    """
    there = [each for place in found if os.path.exists(place) for each in (place, place.resolve())]
    hidden = [Path(each) for each in places.hidden]
    homes = [places.user_home, *map(Path, account_home())]
    return tuple(
        place
        for place in dict.fromkeys(there)
        if any(place.is_relative_to(each) for each in hidden) and not any(home.is_relative_to(place) for home in homes)
    )

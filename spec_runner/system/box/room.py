"""The folders of a box: what commands may write, what they may read, what is hidden from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).resolve().parents[2]
"""This program's own package: the agent in the box runs from it."""
_TOOLS = (
    ".pyenv", ".nvm", ".rustup", ".cargo/bin", ".local/bin", ".local/lib", ".local/share/pipx", ".local/share/uv",
    ".local/share/fnm", ".local/share/mise", ".local/share/pnpm", ".volta", ".asdf", ".sdkman", ".dotnet", ".bun/bin",
    ".deno/bin", ".rbenv", ".rvm", ".nix-profile", "go/bin", ".linuxbrew",
)  # fmt: skip
"""Below HOME: programs that people install for themselves. No folder that is known to hold credentials."""
_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/mnt", "/media")


class Overlay(NamedTuple):
    """A repository seen through a folder that takes every change."""

    lower: Path
    upper: Path
    work: Path


class Room(NamedTuple):
    """The places of one box."""

    base: Path
    """Everything that belongs to this box is below it."""
    root: Path
    """Where commands find the work tree."""
    tree: Overlay | Path
    """What is there: the repository under an overlay, or the folder of a copy."""
    user_home: Path
    readable: tuple[Path, ...]
    """Places that are shown although they are in a hidden one."""
    network: str

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
        return self.base / "venv"

    @property
    def writable(self) -> tuple[Path, ...]:
        """What commands may change, as it is on the disk; an overlay changes nothing on it."""
        tree = () if isinstance(self.tree, Overlay) else (self.tree,)
        return (*tree, self.home, self.temporary, self.scratch, self.venv)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Places of other people, other programs and the user's own, as far as they exist."""
        return tuple(place for place in dict.fromkeys((*_HIDDEN, str(self.user_home))) if os.path.isdir(place))


def tool_places(home: Path, host: Mapping[str, str]) -> Iterator[Path]:
    """Where the user's programs are, also below HOME."""
    yield from (home / name for name in _TOOLS)
    for entry in host.get("PATH", os.defpath).split(os.pathsep):
        place = Path(entry)
        # A folder that holds HOME, or is it, would show everything.
        if not place.is_absolute() or home == place or home.is_relative_to(place):
            continue
        yield place.parent if (place.parent / "pyvenv.cfg").is_file() else place
    yield Path(sys.base_prefix)
    yield PACKAGE


def existing(places: Iterator[Path]) -> tuple[Path, ...]:
    """Those that exist, each once, as they are named and as they are on the disk."""
    found = [each for place in places if place.exists() for each in (place, place.resolve())]
    return tuple(dict.fromkeys(found))

"""Where the commands of a spec run: a work tree of their own, and as little as possible of the machine around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from spec_runner.errors import SpecError

if TYPE_CHECKING:
    from spec_runner.system.process import Process

LEVELS = ("plain",)
"""The levels that this version offers, the best one first."""


class Box(Protocol):
    """A box for one run of one spec."""

    root: Path
    """The work tree: a copy of the repository."""
    scratch: Path
    """A folder for what the run itself keeps beside the work tree."""
    environment: Mapping[str, str]
    """What the first command of a shell sees."""
    marks: Mapping[str, str]
    """What every process of the box has in its environment, so that it is found again."""
    warnings: tuple[str, ...]

    def start(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> Process:
        """Start a process in it. Raises OSError where the program or the directory is missing."""
        ...

    def shown(self, text: str) -> str:
        """A text without the places that change from run to run."""
        ...

    def close(self) -> str | None:
        """End every process that is left in it, and remove it; the folder if some of it could not be removed."""
        ...


class Layout(NamedTuple):
    """What a box is made for."""

    root: Path
    """The user's repository."""
    folder: Path
    """The spec's folder, in the work tree whatever Git says of it."""
    host: Mapping[str, str]
    """The user's own environment."""
    mirrors: Mapping[str, Path]
    is_stopped: Callable[[], bool]


def choose_level(asked: str) -> str:
    """The level that a run gets for what was asked: ``auto``, ``best``, or at least the level named.

    Raises SpecError for a level that this machine does not offer.
    """
    if asked in ("auto", "best"):
        return LEVELS[0]
    if asked in LEVELS:
        return asked
    raise SpecError(f"the sandbox {asked} is not available here", todo=f"use --sandbox auto, best, {', '.join(LEVELS)}")


def open_box(level: str, layout: Layout) -> Box:
    """A new box of this level, with a fresh work tree."""
    from spec_runner.system.box.plain import PlainBox

    return PlainBox(layout)

"""The programs of the machine that a run uses."""

from __future__ import annotations

import shutil
import subprocess
from typing import NamedTuple

_USED = (
    ("bash", "the commands of a spec are run by it", "apt install bash"),
    ("git", "the work tree, mirrors, spec-run check", "apt install git"),
    ("python3", "what python and pip are in the sandbox", "apt install python3"),
)


class Program(NamedTuple):
    """A program: what it is for, its version, and what to do if it is missing."""

    name: str
    use: str
    version: str | None
    todo: str


def found_programs() -> list[Program]:
    """Each program with the first line that it prints of its version; None for one that is not there."""
    return [Program(name, use, _version(name), todo) for name, use, todo in _USED]


def _version(name: str) -> str | None:
    place = shutil.which(name)
    if place is None:
        return None
    done = subprocess.run(
        [place, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
    )
    return next(iter((done.stdout or done.stderr).splitlines()), "")

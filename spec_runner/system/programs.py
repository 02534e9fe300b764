"""The programs of the machine: where they may lie, and which version they are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def outside(path: str, roots: Iterable[Path]) -> str:
    """The entries of a PATH that lie outside these folders, as they are named and as they are on the disk.

    What a repository holds, or commands write, may be called as one likes, ``git`` as well: it is not run by us.
    """
    below = [os.path.join(os.path.realpath(root), "") for root in roots]
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if os.path.isabs(entry) and _is_out(entry, below))


def _is_out(entry: str, below: list[str]) -> bool:
    places = (os.path.join(place, "") for place in (os.path.abspath(entry), os.path.realpath(entry)))
    return not any(place.startswith(top) for place in places for top in below)


def leave_out(roots: Iterable[Path]) -> None:
    """From now on this process finds no program in these folders; what commands find is what it was."""
    os.environ["PATH"] = outside(os.environ.get("PATH", os.defpath), roots)


def version_of(name: str) -> str | None:
    """The first line that a program, by name or place, prints of its version; None for one that is not there."""
    # Only doctor asks; every command imports this module.
    import shutil
    import subprocess

    place = name and (name if os.path.isabs(name) else shutil.which(name))
    if not place:
        return None
    done = subprocess.run(
        [place, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False
    )
    return next(iter((done.stdout or done.stderr).splitlines()), "")

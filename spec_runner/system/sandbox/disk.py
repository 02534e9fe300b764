"""What commands take of the disk, and how it is taken back."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from spec_runner.system.process import procfs
from spec_runner.system.trusted import changed_at

_LONGEST = 100_000
"""Files that are removed at most: the sandbox answers nothing else meanwhile."""


def disk_bytes(places: Iterable[Path]) -> int:
    """What the files below some places take on the disk, in bytes."""
    return sum(_taken(found) for _, found in _entries(map(str, places)))


def _taken(found: os.stat_result) -> int:
    # Windows does not say what a file takes.
    return found.st_blocks * 512 if hasattr(found, "st_blocks") else found.st_size


def give_back(places: Iterable[str], since: float, count: int) -> int:
    """Remove files below some places that changed since a time, the largest first, until ``count`` bytes are free.

    How many there were.
    """
    if count <= 0:
        return 0
    freed = 0
    changed = [
        (_taken(found), path)
        for path, found in _entries(places, without=procfs.mount_points())
        if stat.S_ISREG(found.st_mode) and changed_at(found) >= since * 1e9
    ]
    for size, path in sorted(changed, reverse=True)[:_LONGEST]:
        if freed >= count:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
            freed += size
    return freed


def _entries(places: Iterable[str], without: frozenset[str] = frozenset()) -> Iterator[tuple[str, os.stat_result]]:
    folders = list(places)
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield entry.path, entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False) and entry.path not in without:
                        folders.append(entry.path)

"""A watch over what a sandbox takes of the machine: memory and disk. Over a limit, everything in it is ended."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.plan.events import OverDisk, OverMemory
from spec_runner.system.sandbox.sandbox import Sandbox

_LOOK_EVERY = 0.25
_DISK_EVERY = 2.0
_SHARE = 20
"""A look at the disk may take a twentieth of the time between two."""


class Limits(NamedTuple):
    """Bytes; None: as much as there is."""

    memory: int | None = None
    disk: int | None = None


def usual_limits() -> Limits:
    """Three quarters of the machine's memory, and ten gigabytes of what commands write."""
    memory = None
    with contextlib.suppress(ValueError, OSError, AttributeError):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
    return Limits(memory, 10 * 1000**3)


class Watch:
    """Looks at a sandbox from time to time, in a thread of its own, until it is stopped."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits
        self._stopped = threading.Event()
        self.over: OverMemory | OverDisk | None = None
        """The limit that was passed, if one was."""
        # Before the first command writes anything.
        self._before = disk_bytes(sandbox.written) if limits.disk else 0
        if limits.memory or limits.disk:
            threading.Thread(target=self._look, name="watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _look(self) -> None:
        written = self._sandbox.written
        next_disk = time.monotonic() + _DISK_EVERY
        with contextlib.suppress(OSError):
            while not self._stopped.wait(_LOOK_EVERY):
                if self._limits.memory and self._sandbox.resident_bytes() > self._limits.memory:
                    self._end(OverMemory(self._limits.memory))
                if self._limits.disk and time.monotonic() >= next_disk:
                    began = time.monotonic()
                    if disk_bytes(written) - self._before > self._limits.disk:
                        self._end(OverDisk(self._limits.disk))
                    took = time.monotonic() - began
                    next_disk = time.monotonic() + max(_DISK_EVERY, took * _SHARE)

    def _end(self, over: OverMemory | OverDisk) -> None:
        self.over = over
        self._sandbox.end_processes()


def disk_bytes(places: Iterable[Path]) -> int:
    """What the files below some places take on the disk, in bytes."""
    total, folders = 0, [str(place) for place in places]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return total

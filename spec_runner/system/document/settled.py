"""Files that somebody else may be writing to just now: read when they are done, and watched when they are replaced.

An editor that saves finds the file by its name, opens it and writes. Should another file take the name between two of
these steps, what is saved goes into a file that nobody will look at again. So that file is looked at.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from spec_runner.system.trusted import refuse_special

WRITER_SECONDS = 1.0
"""How long we wait for somebody who has the file open for writing."""
_LATE_SECONDS = 0.3
"""How long somebody may take from finding a file by its name to opening it; the system does both in one call, and
needs that long on a machine that is far too busy."""
_LAST_SECONDS = 0.02
"""How long of it a run waits that is over."""
_F_SETSIG = 10
_IGNORED_SIGNAL = 23
"""SIGURG, which does nothing to a program that does not ask for it."""


class Outgoing:
    """A file that has lost its name to another one, which somebody may be about to write to still."""

    def __init__(self, path: Path, known: bytes) -> None:
        """``known`` is what it was last seen to hold. Raises OSError."""
        refuse_special(path)
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._known = known
        self._since = time.monotonic()
        self._is_open = False

    def written(self, *, patience: float = 0.0) -> bytes | None:
        """What somebody wrote to it since; None where nobody did. Raises OSError.

        Who has it open for writing still is waited for so many seconds, and then taken as done.
        """
        deadline = time.monotonic() + patience
        while (data := _read_alone(self._descriptor)) is None and time.monotonic() < deadline:
            time.sleep(0.001)
        self._is_open = data is None
        if data is None and patience:
            data = _read(self._descriptor)
        return None if data in (None, self._known) else data

    @property
    def is_past(self) -> bool:
        """Whether whoever was about to write to it has done so."""
        return not self._is_open and time.monotonic() - self._since > _LATE_SECONDS

    @property
    def remaining(self) -> float:
        """Seconds until nearly everybody has, where nobody can look again later."""
        return max(0.0, self._since + _LAST_SECONDS - time.monotonic())

    def close(self) -> None:
        os.close(self._descriptor)


def settled(path: Path) -> bytes:
    """The bytes of a file, when nobody who has it open, or is about to open it, writes to it any more.

    Who keeps it open for longer than a second is not waited for. Raises OSError.
    """
    deadline = time.monotonic() + WRITER_SECONDS
    while True:
        refuse_special(path)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            data = _read_alone(descriptor)
            if data is None and time.monotonic() > deadline:
                return _read(descriptor)
        finally:
            # It ends the lease: whoever waits for it goes on.
            os.close(descriptor)
        if data is not None:
            return data
        time.sleep(0.001)


def _read_alone(descriptor: int) -> bytes | None:
    """The bytes of a file that nobody writes to; None where somebody has it open for writing, or waits to open it.

    Linux grants a lease on a file only where nobody has it open for writing, and lets those wait who come to open it.
    Elsewhere nobody can tell.
    """
    if sys.platform != "linux":
        return _read(descriptor)
    import errno
    import fcntl

    try:
        # The kernel tells the holder of a lease that somebody wants the file, by SIGIO, which would end us.
        fcntl.fcntl(descriptor, _F_SETSIG, _IGNORED_SIGNAL)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return None if error.errno == errno.EAGAIN else _read(descriptor)
    try:
        data = _read(descriptor)
        is_awaited = fcntl.fcntl(descriptor, fcntl.F_GETLEASE) != fcntl.F_RDLCK
    finally:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return None if is_awaited else data


def _read(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", closefd=False) as file:
        return file.read()

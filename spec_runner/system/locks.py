"""Locks on files that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os

from spec_runner.system.trusted import Folder

try:
    import fcntl
except ImportError:  # A system without them goes on without.
    fcntl = None  # type: ignore[assignment]

_NONE_HERE = (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)
"""What a file system says that knows no locks."""


class Lock:
    """A lock on a file, which is made if it is not there. A child of this process does not hold it."""

    def __init__(self, folder: Folder, name: str) -> None:
        """Raises OSError where the file cannot be opened, or is no plain one."""
        self._descriptor = folder.open(name, os.O_RDWR | os.O_CREAT)

    def take(self, *, wait: bool = False, shared: bool = False) -> bool:
        """Take the lock, or change the kind that is held; False where somebody else has it and we do not wait."""
        if fcntl is None:
            return True
        kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self._descriptor, kind)
        except OSError as error:
            return error.errno in _NONE_HERE
        return True

    def read(self) -> bytes:
        """What its holder wrote in it."""
        return os.pread(self._descriptor, 4096, 0)

    def write(self, data: bytes) -> None:
        """Say who holds it; where the disk is full nothing is said, and the lock holds all the same."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, data, 0)

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)

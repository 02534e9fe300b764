"""Locks on files that end with the process that holds them, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys

from spec_runner.system.trusted import Folder, read_at, write_at

_NONE_HERE = (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)
"""What a file system says that knows no locks."""


class Lock:
    """A lock on a file, which is made if it is not there. A child of this process does not hold it."""

    def __init__(self, folder: Folder, name: str) -> None:
        """Raises OSError where the file cannot be opened, or is no plain one."""
        self._descriptor = folder.open(name, os.O_RDWR | os.O_CREAT)

    def take(self, *, wait: bool = False, shared: bool = False) -> bool:
        """Take the lock, or change the kind that is held; False where somebody else has it and we do not wait."""
        return _locked(self._descriptor, wait=wait, shared=shared)

    def read(self) -> bytes:
        """What its holder wrote in it."""
        return read_at(self._descriptor, 4096)

    def write(self, data: bytes) -> None:
        """Say who holds it; where the disk is full nothing is said, and the lock holds all the same."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            write_at(self._descriptor, data)

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)


def _locked(descriptor: int, *, wait: bool, shared: bool) -> bool:
    if sys.platform == "win32":
        from spec_runner.system.windows import lock_file

        return lock_file(descriptor, wait=wait, shared=shared)
    import fcntl

    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(descriptor, kind)
    except OSError as error:
        return error.errno in _NONE_HERE
    return True

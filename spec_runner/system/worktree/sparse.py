"""Files that commands made, of whatever size they say they are: what counts is what they hold."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

_BLOCK = 64 * 1024


def pieces(descriptor: int) -> Iterator[tuple[int, bytes]]:
    """The blocks of a file that are not all zeros, each with its place. Raises OSError.

    A file of terabytes may hold a few bytes: its holes are not read.
    """
    at, size = 0, os.fstat(descriptor).st_size
    while at < size:
        if hasattr(os, "SEEK_DATA"):
            try:
                found = os.lseek(descriptor, at, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    return
                found = at
            at = max(at, found - found % _BLOCK)
        os.lseek(descriptor, at, os.SEEK_SET)
        data = os.read(descriptor, _BLOCK)
        if not data:
            return
        if data.count(0) != len(data):
            yield at, data
        at += _BLOCK


def copy(source: int, target: int) -> None:
    """Write into an empty file what another one holds, holes as holes; on the disk when it returns. Raises OSError."""
    for at, data in pieces(source):
        os.lseek(target, at, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(target, view) :]
    os.ftruncate(target, os.fstat(source).st_size)
    with contextlib.suppress(AttributeError):
        os.fchmod(target, os.fstat(source).st_mode & 0o777)
    if os.utime in os.supports_fd:
        seen = os.fstat(source)
        os.utime(target, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    os.fsync(target)

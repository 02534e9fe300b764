"""A file that has several names, written in place: one that takes its place would leave the other names behind.

What it is to hold is kept in the user's state folder until it is all there, so that a run that is killed in between
leaves nothing torn: the next one finishes the write.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from spec_runner.system.document import files
from spec_runner.system.trusted import LARGEST, Folder, read_at, read_plain


def overwrite(path: Path, data: bytes, expected: bytes, copy: Path | None) -> bool:
    """Write ``data`` into the file itself; False where it does not hold what is expected, and is left as it is.

    ``copy`` is where the bytes are kept meanwhile, if there is such a place. Raises SpecError with the system's reason;
    a file that could be written in part only is made as it was before.
    """
    try:
        if copy:
            keep(copy, expected, data)
        descriptor = os.open(path.resolve(), os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        try:
            is_expected = _whole(descriptor) == expected
            if is_expected:
                _write(descriptor, data, instead=expected)
        finally:
            os.close(descriptor)
        # After an error it stays: then the next run looks whether the file is whole.
        if copy:
            copy.unlink()
    except OSError as error:
        raise files.unusable(path, "cannot write the file", error) from None
    return is_expected


def recover(path: Path, copy: Path) -> bool:
    """Finish the write that a killed run left in the middle; whether there was one. Raises SpecError.

    Only bytes of the old or the new text can be in a torn file. One that holds others was written by somebody since.
    """
    try:
        kept = _kept(copy)
        if kept is None:
            return False
        old, new = kept
        now = read_plain(path)
        is_torn = now not in (old, new) and _is_mixed(now, old, new)
        if is_torn:
            descriptor = os.open(path.resolve(), os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
            try:
                _write(descriptor, new, instead=now)
            finally:
                os.close(descriptor)
        copy.unlink()
    except OSError as error:
        raise files.unusable(path, "cannot repair what a killed run left", error) from None
    return is_torn


def _write(descriptor: int, data: bytes, *, instead: bytes) -> None:
    try:
        files.write_all(descriptor, data, at=0)
        os.ftruncate(descriptor, len(data))
        files.sync(descriptor)
    except OSError:
        files.write_all(descriptor, instead, at=0)
        os.ftruncate(descriptor, len(instead))
        raise


def _whole(descriptor: int) -> bytes:
    return read_at(descriptor, os.fstat(descriptor).st_size)


def keep(copy: Path, old: bytes, new: bytes) -> None:
    """Keep both texts, synced, until the write is over. Raises OSError."""
    body = b"%d %d\n" % (len(old), len(new)) + old + new
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Folder(copy.parent) as folder:
        folder.replace(copy.name, sha256(body).hexdigest().encode() + b"\n" + body, 0o600)


def _kept(copy: Path) -> tuple[bytes, bytes] | None:
    """The old and the new bytes; None where there are none, or where they are not whole: then nothing was written."""
    try:
        expected, _, body = read_plain(copy, 2 * LARGEST + 1024).partition(b"\n")
    except FileNotFoundError:
        return None
    if sha256(body).hexdigest().encode() != expected:
        copy.unlink()
        return None
    sizes, _, both = body.partition(b"\n")
    size = int(sizes.split()[0])
    return both[:size], both[size:]


def _is_mixed(now: bytes, old: bytes, new: bytes) -> bool:
    longest = max(len(old), len(new))
    if len(now) > longest:
        return False
    padded = (text.ljust(longest, b"\0") for text in (now, old, new))
    return all(byte in both for byte, *both in zip(*padded, strict=True))

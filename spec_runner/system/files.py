"""Files: read whole, replaced so that no reader ever sees half."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from spec_runner.errors import SpecError

_TODO = {
    FileNotFoundError: "check the path",
    PermissionError: "check its permissions",
    IsADirectoryError: "name the file in it",
}


def read(path: Path) -> bytes:
    """The bytes of a file. Raises SpecError with the system's reason."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(path, "cannot read it", error) from None


def refuse_read_only(path: Path, shown: str) -> None:
    """Raises SpecError where a document that will be marked is read-only."""
    if not os.access(path, os.W_OK):
        todo = "make it writable, or use --no-write"
        raise SpecError("the marks cannot be written: the file is read-only", todo=todo, path=shown)


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file's bytes: all of it or nothing. Mode, owner and a symbolic link are kept.

    Raises SpecError with the system's reason; the old bytes are whole then.
    """
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}.spec-run")
    try:
        before = target.stat()
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(beside, flags, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            _like(descriptor, before)
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, target)
        _sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise _unusable(path, "cannot write it", error) from None


def _like(descriptor: int, before: os.stat_result) -> None:
    """Give a new file the owner and the mode of the old one; who may not, keeps what they may."""
    if hasattr(os, "fchown"):
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unusable(path: Path, what: str, error: OSError) -> SpecError:
    said = (error.strerror or str(error)).lower()
    return SpecError(f"{what}: {said}", todo=_TODO.get(type(error), ""), path=str(path))

"""Files: read whole, replaced so that no reader ever sees half and no writer loses what they wrote meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from spec_runner.errors import SpecError, said
from spec_runner.system.document.settled import Outgoing, settled
from spec_runner.system.trusted import Folder, beside_name, leads_out, read_plain, write_at

_TODO = {
    FileNotFoundError: "check the path",
    PermissionError: "check its permissions",
    IsADirectoryError: "name the file in it",
}
_WINDOWS_BUSY = (5, 32, 33)
"""What Windows answers while somebody reads the file: access denied, sharing violation, lock violation."""
_BUSY_SECONDS = 2.0
_PUT_BACK_TRIES = 100


def read(path: Path) -> bytes:
    """The bytes of a plain file. Raises SpecError with the system's reason, also for one that is far too long."""
    try:
        return read_plain(path)
    except OSError as error:
        raise unusable(path, "cannot read the file", error) from None


def refuse_outside(path: Path, root: Path, shown: str) -> None:
    """Raises SpecError where a link of a repository, whose real path is ``root``, leads to somebody else's file."""
    real = leads_out(path, root)
    if real is not None:
        raise SpecError(f"a link leads out of the repository to {real}", todo="put the file itself here", path=shown)


def refuse_read_only(path: Path, shown: str) -> None:
    """Raises SpecError where a document that will be marked is read-only."""
    if not os.access(path, os.W_OK):
        todo = "make it writable, or use --no-write"
        raise SpecError("cannot write the marks (the file is read-only)", todo=todo, path=shown)


def has_other_names(path: Path) -> bool:
    """Whether the same file has another name somewhere. Raises SpecError."""
    try:
        return path.stat().st_nlink > 1
    except OSError as error:
        raise unusable(path, "cannot read the file", error) from None


def read_settled(path: Path) -> bytes:
    """The bytes of a file when nobody who has it open writes to it any more. Raises SpecError."""
    try:
        return settled(path)
    except OSError as error:
        raise unusable(path, "cannot read the file", error) from None


def replace(
    path: Path, data: bytes, expected: bytes | None = None, watched: Callable[[Outgoing], object] = Outgoing.close
) -> bool:
    """Put ``data`` in the place of a file's bytes: all of it or nothing.

    Mode, owner, extended attributes and a symbolic link are kept. With ``expected``, False where the file holds
    something else: it is left, or put back, as somebody wrote it. ``watched`` is given the file that went for it, to be
    closed. Raises SpecError with the system's reason; the file is whole then, as it was or as it was to be.
    """
    target = path.resolve()
    beside = _beside(target)
    try:
        before = target.stat()
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        with _removed_on_error(beside):
            _write_beside(beside, data, target, before)
            version = _version(beside)
            swapped = expected is not None and _exchange(beside, target)
            if not swapped:
                return _rename_expected(beside, target, expected)
        return _is_ours(beside, target, version, expected, watched)
    except OSError as error:
        raise unusable(path, "cannot write the file", error) from None


def keep_beside(path: Path, data: bytes) -> Path:
    """Keep bytes in a new file beside ``path``, which is named as those are that wait to take its place.

    Raises SpecError with the system's reason.
    """
    target = path.resolve()
    beside = _beside(target)
    try:
        _write_beside(beside, data, target, target.stat() if target.exists() else None)
    except OSError as error:
        raise unusable(beside, "cannot write the file", error) from None
    return beside


def _beside(target: Path) -> Path:
    return target.with_name(beside_name(target.name))


@contextlib.contextmanager
def _removed_on_error(beside: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _write_beside(beside: Path, data: bytes, target: Path, before: os.stat_result | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(beside, flags, 0o600)
    try:
        write_all(descriptor, data)
        if before:
            _like(descriptor, target, before)
        sync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes, at: int | None = None) -> None:
    """Write every byte, at the file's position or at ``at``."""
    done = 0
    while done < len(data):
        part = memoryview(data)[done:]
        done += os.write(descriptor, part) if at is None else write_at(descriptor, part, at + done)


def sync(descriptor: int) -> None:
    """Wait until the file's bytes are on the disk."""
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _like(descriptor: int, target: Path, before: os.stat_result) -> None:
    """Give a new file the owner, the mode and the attributes of the old one; who may not, keeps what they may."""
    if not hasattr(os, "fchown"):
        return
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, before.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(target, name))
    os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def _rename_expected(beside: Path, target: Path, expected: bytes | None) -> bool:
    """Where two files cannot change places: look, then rename."""
    if expected is not None and target.read_bytes() != expected:
        beside.unlink()
        return False
    _rename(beside, target)
    sync_folder(target.parent)
    return True


def _is_ours(
    beside: Path, target: Path, ours: _Version, expected: bytes | None, watched: Callable[[Outgoing], object]
) -> bool:
    """Whether the file that changed places with ours is the one we knew; else it is put back.

    Looking first and renaming then would lose what an editor saves in between. So the two files change places in one
    step, and what was really there is looked at afterwards.
    """
    try:
        out = settled(beside)
    except OSError:
        _exchange(beside, target)
        raise
    was_expected = out == expected
    is_needless = was_expected or _put_back(beside, target, ours)
    with contextlib.suppress(OSError):
        watched(Outgoing(beside, out if was_expected else settled(beside)))
        if is_needless:
            beside.unlink()
    if was_expected:
        sync_folder(target.parent)
    return was_expected


def _put_back(theirs: Path, target: Path, ours: _Version) -> bool:
    """Theirs goes back; whether what came out for it is ours and can go.

    Should they save once more meanwhile, that comes out, and goes back too; what they saved before stays beside it.
    """
    known = ours
    for _ in range(_PUT_BACK_TRIES):
        goes_back = _version(theirs)
        _exchange(theirs, target)
        settled(theirs)
        out = _version(theirs)
        if out == known:
            return out == ours
        known = goes_back
    return False


_Version = tuple[int, int, int]


def _version(path: Path) -> _Version:
    """What tells whether it is the same file and nobody wrote to it: they may write the same bytes as before."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


_EXCHANGE = 2
_HERE = -100
"""AT_FDCWD: the paths are taken as they are."""


def _exchange(one: Path, other: Path) -> bool:
    """Let two files change places in one step; False where the system or the file system cannot."""
    function = _renameat2()
    if function is None:
        return False
    import ctypes

    if function(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(other))


@cache
def _renameat2() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    import ctypes

    return getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def _rename(beside: Path, target: Path) -> None:
    """``os.replace``, once more where Windows says that somebody reads the file just now."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            os.replace(beside, target)
        except OSError as error:
            if getattr(error, "winerror", None) not in _WINDOWS_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    with Folder(folder) as opened:
        opened.sync()


def unusable(path: Path, what: str, error: OSError) -> SpecError:
    """A system's error as one that users meet."""
    return SpecError(f"{what} ({said(error)})", todo=_TODO.get(type(error), ""), path=str(path))

"""What others can write is never an input: files and folders opened once, and never through a link, a pipe or a device.

Commands of a spec, and whoever wrote a repository, can put anything at a place that spec-run reads or writes with its
own rights. So such a place is opened once, component by component and without following a link, and everything below
it is named by that open folder; only plain files are read, up to a size. Where the system has no open folders
(Windows), names are looked at before they are used: that keeps out what lies there, not what is put there meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePath
from types import TracebackType

LARGEST = 64 * 1024 * 1024
"""Bytes of a document, or of a file of our own, beyond which it is not read."""
LARGEST_BELOW = 16 * 1024 * 1024
"""Bytes of a file of the work tree that are read."""
_QUIET = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_PLAIN = _QUIET | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = _QUIET | getattr(os, "O_DIRECTORY", 0)
_BY_DESCRIPTOR = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


def read_plain(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of the file that a path, which may be a link, leads to. Raises OSError, also for no plain file."""
    real = Path(os.path.realpath(path))
    refuse_special(real)
    return _content(_plain(os.open(real, os.O_RDONLY | _PLAIN), path), most, path)


def refuse_special(path: Path) -> None:
    """Raises OSError where a path leads to no plain file: opening a pipe waits, and a device may do something."""
    _refuse_special(os.stat(path), path)


def leads_out(path: Path, root: Path) -> Path | None:
    """Where a path of a repository leads, if that is outside of it; ``root`` is a real path."""
    real = Path(os.path.realpath(path))
    return None if real.is_relative_to(root) else real


class Folder:
    """A folder that was opened without following a link; everything in it is reached through it."""

    def __init__(self, path: Path, *, is_made: bool = False, above: Folder | None = None) -> None:
        """``is_made``: it is made if it is not there; ``path`` is a name in ``above``, if that is given.

        Raises OSError, NotADirectoryError for a link.
        """
        self.path: Path = above.path / path if above else path
        name, at = above._at(str(path)) if above else (str(path), None)
        if is_made:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=at)
        if not stat.S_ISDIR(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "it is a symbolic link or no folder", str(self.path))
        self._descriptor = os.open(name, os.O_RDONLY | _FOLDER, dir_fd=at) if _BY_DESCRIPTOR else None

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Nothing in it can be reached any more; what was opened in it stays open."""
        if self._descriptor is not None:
            os.close(self._descriptor)

    def _at(self, name: str) -> tuple[str, int | None]:
        """A name as the system's calls take it, with the folder that it is in."""
        if name in ("", ".", "..") or PurePath(name).name != name:
            raise OSError(errno.EINVAL, "no name of a file", name)
        return (name, self._descriptor) if self._descriptor is not None else (str(self.path / name), None)

    def stat(self, name: str) -> os.stat_result | None:
        """What is there under a name, a link as itself; None if there is nothing."""
        where, at = self._at(name)
        try:
            return os.stat(where, dir_fd=at, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def stat_below(self, path: str) -> os.stat_result | None:
        """The same of a path below it; None also where a link or a file stands for a folder. Raises OSError."""
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
            self.inner(*PurePath(path).parts[:-1]) as inner,
        ):
            return inner.stat(PurePath(path).name)
        return None

    def open(self, name: str, flags: int, mode: int = 0o644) -> int:
        """The descriptor of a plain file. Raises OSError, also for a link, a pipe or a device."""
        seen = self.stat(name)
        if seen:
            _refuse_special(seen, self.path / name)
        where, at = self._at(name)
        try:
            descriptor = os.open(where, flags | _PLAIN, mode, dir_fd=at)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path / name)) from None
        return _plain(descriptor, self.path / name)

    def read(self, name: str, most: int = LARGEST) -> bytes:
        """The bytes of a plain file. Raises OSError, also for one that holds more."""
        return _content(self.open(name, os.O_RDONLY), most, self.path / name)

    def replace(self, name: str, data: bytes, mode: int | None = None) -> None:
        """Put a file in the place of whatever has the name, all of it or nothing, and synced. Raises OSError.

        Without a mode, it has the one that new files of this user have.
        """
        beside = beside_name(name)
        descriptor = self.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644 if mode is None else 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if mode is not None and hasattr(os, "fchmod"):
                    os.fchmod(descriptor, mode)
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            self.rename(beside, name)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(beside)
            raise
        self.sync()

    def rename(self, name: str, to: str) -> None:
        """Give what has a name the other name, in place of what has that. Raises OSError."""
        (here, at), (there, _) = self._at(name), self._at(to)
        os.replace(here, there, src_dir_fd=at, dst_dir_fd=at)

    def link(self, name: str, to: str) -> None:
        """Make a symbolic link. Raises OSError."""
        where, at = self._at(name)
        os.symlink(to, where, dir_fd=at)

    def target(self, name: str) -> str:
        """Where a symbolic link leads. Raises OSError."""
        where, at = self._at(name)
        return os.readlink(where, dir_fd=at)

    def remove(self, name: str) -> None:
        """Remove a file or a link. Raises OSError."""
        where, at = self._at(name)
        os.unlink(where, dir_fd=at)

    def remove_folder(self, name: str) -> None:
        """Remove a folder that is empty. Raises OSError."""
        where, at = self._at(name)
        os.rmdir(where, dir_fd=at)

    def keep_as(self, name: str, other: str) -> None:
        """Give a file another name as well; where that cannot be, instead. Raises OSError."""
        (here, at), (there, _) = self._at(name), self._at(other)
        try:
            os.link(here, there, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
        except (OSError, NotImplementedError):
            self.rename(name, other)

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """What is in it, links as themselves. Raises OSError."""
        for name in os.listdir(self.path if self._descriptor is None else self._descriptor):
            seen = self.stat(name)
            if seen:
                yield name, seen

    def inner(self, *names: str, is_made: bool = False) -> Folder:
        """A folder below it, no component of which is a link. Raises OSError."""
        here = self
        for name in names:
            try:
                inner = Folder(Path(name), is_made=is_made, above=here)
            finally:
                if here is not self:
                    here.close()
            here = inner
        return here if names else Folder(self.path)

    def sync(self) -> None:
        """Wait until the names in it are on the disk."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)


def changed_at(seen: os.stat_result) -> int:
    """When a file was last changed in any way, in ns; Windows tells only when its bytes were."""
    return seen.st_ctime_ns if os.name != "nt" else seen.st_mtime_ns


def read_at(descriptor: int, count: int, at: int = 0) -> bytes:
    """Bytes of an open file from a place on, wherever its position is."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, count, at)
    os.lseek(descriptor, at, os.SEEK_SET)
    return os.read(descriptor, count)


def write_at(descriptor: int, data: bytes | memoryview, at: int = 0) -> int:
    """Write bytes at a place of an open file; how many were written."""
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, data, at)
    os.lseek(descriptor, at, os.SEEK_SET)
    return os.write(descriptor, data)


def read_below(path: str, below: str) -> bytes:
    """A plain file's content; nothing that a command laid down may make us wait or fill the memory."""
    with os.fdopen(_open_below(path, below, os.O_RDONLY), "rb") as file:
        return file.read(LARGEST_BELOW)


def write_below(path: str, data: bytes, below: str, mode: int) -> None:
    """Write a file of the document, and the folders above it."""
    with os.fdopen(_open_below(path, below, os.O_WRONLY | os.O_CREAT, mode), "wb") as file:
        file.truncate()
        file.write(data)


def _open_below(path: str, below: str, flags: int, mode: int = 0) -> int:
    """Open a plain file, never outside ``below``, whatever links say or are made to say meanwhile."""
    place, top = Path(path).resolve(), Path(below).resolve()
    if not place.is_relative_to(top) or place == top:
        raise OSError(errno.EXDEV, "is outside the work tree", path)
    *folders, name = place.relative_to(top).parts
    try:
        with Folder(top) as opened, opened.inner(*folders, is_made=bool(flags & os.O_CREAT)) as folder:
            return folder.open(name, flags, mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def beside_name(name: str) -> str:
    """A new name for a file that is about to take another one's place."""
    return f".{name[:200]}.{os.urandom(4).hex()}.spec-run"


def is_beside(found: str, name: str) -> bool:
    """Whether a name is one that ``beside_name`` gives for another."""
    return re.fullmatch(re.escape(f".{name[:200]}.") + r"[0-9a-f]{8}\.spec-run", found) is not None


def _refuse_special(seen: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(seen.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))


def _plain(descriptor: int, path: Path) -> int:
    try:
        _refuse_special(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _content(descriptor: int, most: int, path: Path) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most // 1024 // 1024} MB", str(path))
        return file.read(most)

"""The files that reports go to: refused before a run, written whole after it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path

from spec_runner.errors import SpecError
from spec_runner.system.trusted import Folder, beside_name

_TODO = {
    FileNotFoundError: "make its folder first",
    NotADirectoryError: "name a file in a folder",
    IsADirectoryError: "name a file in it",
    PermissionError: "check the permissions of its folder",
}


class ReportFile:
    """A file that takes the text of a report: all of it or nothing, so that no reader ever sees half."""

    def __init__(self, path: Path, shown: str, roots: Collection[Path] = ()) -> None:
        """``shown`` is the path as the user typed it; in one of the repositories ``roots`` no link is followed."""
        self.path, self._shown, self._roots = path, shown, roots

    def refuse_unwritable(self) -> None:
        """Raises SpecError where the text could not be written; changes nothing."""
        try:
            inside = self._inside()
            if inside:
                return self._try(*inside)
            if self._is_special:
                return None
            if self.path.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(13, "the file is read-only")
            # Only trying tells: permissions do not know of read-only disks, quotas and the rights of root.
            beside = self._beside()
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            return beside.unlink()
        except OSError as error:
            raise self._unwritable(error) from None

    def _inside(self) -> tuple[Path, tuple[str, ...]] | None:
        """The folder of a repository that the path enters, and what of the path lies below it; None for another one."""
        path = Path(os.path.normpath(self.path))
        for above in reversed(path.parents):
            real = Path(os.path.realpath(above))
            if any(real.is_relative_to(root) for root in self._roots):
                return real, path.relative_to(above).parts
        return None

    def _try(self, top: Path, names: tuple[str, ...]) -> None:
        with Folder(top) as folder, folder.inner(*names[:-1]) as inner:
            seen, beside = inner.stat(names[-1]), beside_name(names[-1])
            if seen and stat.S_ISLNK(seen.st_mode):
                raise OSError(errno.ELOOP, "a link of the repository is not followed")
            if seen:
                os.close(inner.open(names[-1], os.O_WRONLY))
            os.close(inner.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            inner.remove(beside)

    def put(self, text: str) -> None:
        """Write the text. Raises SpecError with the system's reason; what was there before is whole then."""
        data = text.encode("utf-8", "backslashreplace")
        try:
            if inside := self._inside():
                self._try(*inside)
                with Folder(inside[0]) as folder, folder.inner(*inside[1][:-1]) as inner:
                    seen = inner.stat(inside[1][-1])
                    inner.replace(inside[1][-1], data, stat.S_IMODE(seen.st_mode) if seen else 0o644)
            elif self._is_special:
                self.path.write_bytes(data)
            else:
                self._replace(data)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def _is_special(self) -> bool:
        """A pipe or a device, which is written to and never replaced."""
        return self.path.exists() and not self.path.is_file() and not self.path.is_dir()

    def _beside(self) -> Path:
        target = self.path.resolve()
        return target.with_name(beside_name(target.name))

    def _replace(self, data: bytes) -> None:
        beside, target = self._beside(), self.path.resolve()
        try:
            with open(beside, "xb") as file:
                file.write(data)
                if target.exists():
                    os.chmod(beside, target.stat().st_mode & 0o7777)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def _unwritable(self, error: OSError) -> SpecError:
        said = (error.strerror or str(error)).lower()
        return SpecError(f"cannot write the report ({said})", todo=_TODO.get(type(error), ""), path=self._shown)


def append_for(path: Path) -> Callable[[str], None]:
    """What adds text to a file that others write to as well."""

    def append(text: str) -> None:
        try:
            with open(path, "ab") as file:
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            raise SpecError(f"cannot write the summary ({said})", path=str(path)) from None

    return append

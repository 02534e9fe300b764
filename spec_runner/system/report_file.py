"""The files that reports go to: refused before a run, written whole after it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from spec_runner.errors import SpecError

_TODO = {
    FileNotFoundError: "make its folder first",
    NotADirectoryError: "name a file in a folder",
    IsADirectoryError: "name a file in it",
    PermissionError: "check the permissions of its folder",
}


class Outlet:
    """A file that takes the text of a report: all of it or nothing, so that no reader ever sees half."""

    def __init__(self, path: Path, shown: str) -> None:
        """``shown`` is the path as the user typed it."""
        self.path, self._shown = path, shown

    def refuse_unwritable(self) -> None:
        """Raises SpecError where the text could not be written; changes nothing."""
        try:
            if self._is_special:
                return
            if self.path.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(13, "the file is read-only")
            # Only trying tells: permissions do not know of read-only disks, quotas and the rights of root.
            beside = self._beside()
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            beside.unlink()
        except OSError as error:
            raise self._unwritable(error) from None

    def put(self, text: str) -> None:
        """Write the text. Raises SpecError with the system's reason; what was there before is whole then."""
        data = text.encode("utf-8", "backslashreplace")
        try:
            if self._is_special:
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
        return target.with_name(f".{target.name[:200]}.{os.urandom(4).hex()}.spec-run")

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
        return SpecError(f"cannot write the report: {said}", todo=_TODO.get(type(error), ""), path=self._shown)


def append_for(path: Path) -> Callable[[str], None]:
    """What adds text to a file that others write to as well."""

    def append(text: str) -> None:
        try:
            with open(path, "ab") as file:
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            raise SpecError(f"cannot write the summary: {said}", path=str(path)) from None

    return append

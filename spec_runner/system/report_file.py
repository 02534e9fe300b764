"""The files that reports go to: refused before a run, written whole after it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path

from spec_runner.errors import SpecError, said
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
        self._write(None)

    def put(self, text: str) -> None:
        """Write the text. Raises SpecError with the system's reason; what was there before is whole then."""
        self._write(text.encode("utf-8", "backslashreplace"))

    def _write(self, data: bytes | None) -> None:
        """Write the bytes, or only try."""
        try:
            if not self._is_special:
                self._replace(data)
            elif data is not None:
                self.path.write_bytes(data)
        except OSError as error:
            todo = _TODO.get(type(error), "")
            raise SpecError(f"cannot write the report ({said(error)})", todo=todo, path=self._shown) from None

    @property
    def _is_special(self) -> bool:
        """A pipe or a device, which is written to and never replaced; in a repository there is none for us."""
        return self.path.exists() and not (self.path.is_file() or self.path.is_dir() or self._inside())

    def _replace(self, data: bytes | None) -> None:
        target = self.path.resolve()
        top, names = self._inside() or (target.parent, (target.name,))
        with Folder(top) as above, above.inner(*names[:-1]) as folder:
            seen, beside = folder.stat(names[-1]), beside_name(names[-1])
            if seen and stat.S_ISLNK(seen.st_mode):
                raise OSError(errno.ELOOP, "a link of the repository is not followed")
            if seen:
                os.close(folder.open(names[-1], os.O_WRONLY))
            # Only trying tells: permissions do not know of read-only disks, quotas and the rights of root.
            os.close(folder.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            folder.remove(beside)
            if data is not None:
                folder.replace(names[-1], data, stat.S_IMODE(seen.st_mode) if seen else None)

    def _inside(self) -> tuple[Path, tuple[str, ...]] | None:
        """The folder of a repository that the path enters, and what of the path lies below it; None for another one."""
        path = Path(os.path.normpath(self.path))
        for above in reversed(path.parents):
            real = Path(os.path.realpath(above))
            if any(real.is_relative_to(root) for root in self._roots):
                return real, path.relative_to(above).parts
        return None


def append_for(path: Path) -> Callable[[str], None]:
    """What adds text to a file that others write to as well."""

    def append(text: str) -> None:
        try:
            with open(path, "ab") as file:
                file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise SpecError(f"cannot write the summary ({said(error)})", path=str(path)) from None

    return append

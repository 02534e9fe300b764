"""The journal of a repository: ``.spec-run/journal``, one synced line per record."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spec_runner.core.history import record_line
from spec_runner.errors import SpecError

FOLDER = ".spec-run"


def load(root: Path) -> bytes:
    """What earlier runs recorded; nothing if there was none. Changes nothing."""
    try:
        return (root / FOLDER / "journal").read_bytes()
    except OSError:
        return b""


class Journal:
    """A journal opened for writing. Its folder ignores itself in Git."""

    def __init__(self, root: Path) -> None:
        folder = root / FOLDER
        self._path = folder / "journal"
        try:
            folder.mkdir(exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(folder / "journal", flags, 0o644)
            self._end_torn_line()
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            todo = "make the folder writable, or use --no-write"
            raise SpecError(f"cannot keep the journal: {said}", todo=todo, path=str(folder)) from None

    def _end_torn_line(self) -> None:
        """Close a line that a killed run left open: it counts for nothing, and the next record must not join it."""
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if size:
            os.lseek(self._descriptor, size - 1, os.SEEK_SET)
            if os.read(self._descriptor, 1) != b"\n":
                os.write(self._descriptor, b"\n")

    def record(self, *records: Mapping[str, Any]) -> None:
        """Append records and wait until they are on the disk. Raises SpecError where they cannot be.

        One write appends whole lines, so that two runs in one repository do not tear each other's records.
        """
        try:
            lines = b"".join(map(record_line, records))
            if os.write(self._descriptor, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            raise SpecError(f"cannot keep the journal: {said}", path=str(self._path)) from None

    def close(self) -> None:
        """Close the file; every record is on the disk already."""
        os.close(self._descriptor)

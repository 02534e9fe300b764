"""The journal of a repository: ``.spec-run/journal``, one synced line per record."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spec_runner.core.history import record_line, whole_length
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
        try:
            folder.mkdir(exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
            self._descriptor = os.open(folder / "journal", os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._drop_torn_tail(folder / "journal")
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            todo = "make the folder writable, or use --no-write"
            raise SpecError(f"cannot keep the journal: {said}", todo=todo, path=str(folder)) from None

    def _drop_torn_tail(self, path: Path) -> None:
        data = path.read_bytes()
        whole = whole_length(data)
        if whole < len(data):
            os.ftruncate(self._descriptor, whole)
        os.lseek(self._descriptor, 0, os.SEEK_END)

    def record(self, *records: Mapping[str, Any]) -> None:
        """Append records and wait until they are on the disk."""
        lines = memoryview(b"".join(map(record_line, records)))
        while lines:
            lines = lines[os.write(self._descriptor, lines) :]
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file; every record is on the disk already."""
        os.close(self._descriptor)

"""The journal of a repository: ``.spec-run/journal``, one synced line per record, and what steps printed beside it."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Any

from spec_runner.core.evidence.records import Record, compacted, record_line, records
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.locks import Lock

FOLDER = ".spec-run"
KEPT_RUNS = 20
"""The runs whose frame and output are kept; the last result of a task is kept however old it is."""
LONGEST_OUTPUT = 64 * 1024
"""Bytes of a step's output that are kept: its end."""
_COMPACT_ABOVE = 8 * 1024 * 1024
"""Bytes from which on a journal that has doubled is compacted."""
_KEPT_OUTPUT = 100 * 1024 * 1024
"""Bytes of output that are kept of all runs together."""


def load(root: Path) -> bytes:
    """What earlier runs recorded; nothing if there was none. Changes nothing."""
    try:
        return (root / FOLDER / "journal").read_bytes()
    except OSError:
        return b""


def load_output(root: Path, record: Record) -> str | None:
    """What a step printed, by the ``output`` of its record; None where it is not kept any more."""
    name, at, size = (record.get(key) for key in ("file", "at", "bytes"))
    if not (isinstance(name, str) and isinstance(at, int) and isinstance(size, int)) or os.path.basename(name) != name:
        return None
    try:
        with open(root / FOLDER / "output" / name, "rb") as file:
            file.seek(at)
            data = file.read(min(size, LONGEST_OUTPUT))
    except OSError:
        return None
    return data.decode("utf-8", "replace") if len(data) == size else None


def make_folder(root: Path) -> Path:
    """The folder of what the program keeps in a repository; it ignores itself in Git. Raises OSError."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    if folder.is_symlink():
        # A repository that was handed to us must not make us write elsewhere.
        raise NotADirectoryError(errno.ENOTDIR, "it is a symbolic link", str(folder))
    ignore = folder / ".gitignore"
    if not os.path.lexists(ignore):
        ignore.write_text("*\n", encoding="utf-8")
    return folder


class Journal:
    """A journal opened for writing, and the output of one run beside it."""

    def __init__(self, root: Path, run: str) -> None:
        """Raises SpecError where it cannot be kept."""
        folder = root / FOLDER
        self._path, self._run = folder / "journal", run
        self._output: int | None = None
        self._printed = 0
        self._torn = False
        try:
            make_folder(root)
            self._lock = _shared_lock(folder, self._path)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
            self._descriptor = os.open(self._path, flags, 0o644)
            self._end_torn_line()
            _remove_old_output(folder / "output")
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            todo = "make the folder writable, or use --no-write"
            raise SpecError(f"cannot keep the journal: {said}", todo=todo, path=str(folder)) from None

    def _end_torn_line(self) -> None:
        """Close a line that a killed run left open: it counts for nothing, and the next record must not join it."""
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if size:
            os.lseek(self._descriptor, size - 1, os.SEEK_SET)
            self._torn = os.read(self._descriptor, 1) != b"\n"

    def record(self, *told: Record, sync: bool = True) -> None:
        """Append records and wait until they are on the disk. Raises SpecError where they cannot be.

        One write appends whole lines, so that two runs in one repository do not tear each other's records. Without
        ``sync`` they outlive the process, not the machine.
        """
        lines = (b"\n" if self._torn else b"") + b"".join(map(record_line, told))
        try:
            self._torn = True
            if os.write(self._descriptor, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._torn = False
            if sync:
                files.sync(self._descriptor)
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            raise SpecError(f"cannot keep the journal: {said}", path=str(self._path)) from None

    def keep(self, text: str) -> dict[str, Any] | None:
        """Keep what a step printed, its end where it is long: where that stands, for its record; None if it cannot be.

        Call ``sync_output`` before the record is written.
        """
        data = text.encode("utf-8", "replace")[-LONGEST_OUTPUT:]
        name = f"{self._run}.txt"
        try:
            if self._output is None:
                self._path.with_name("output").mkdir(exist_ok=True)
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
                self._output = os.open(self._path.with_name("output") / name, flags, 0o644)
            at, self._printed = self._printed, self._printed + os.write(self._output, data)
        except OSError:
            return None
        return {"file": name, "at": at, "bytes": len(data)} if self._printed - at == len(data) else None

    def sync_output(self) -> None:
        """Wait until what was kept is on the disk; where it cannot be, the result counts without it."""
        if self._output is not None:
            with contextlib.suppress(OSError):
                files.sync(self._output)

    def close(self) -> None:
        """Close the files; every record is on the disk already."""
        for descriptor in (self._descriptor, self._output):
            if descriptor is not None:
                os.close(descriptor)
        self._lock.close()


def _shared_lock(folder: Path, journal: Path) -> Lock:
    """The lock under which runs append side by side; one that is alone shortens a long journal first."""
    lock = Lock(folder / "journal.lock")
    try:
        if _is_long(journal) and lock.take():
            _compact(journal)
        lock.take(wait=True, shared=True)
    except BaseException:
        lock.close()
        raise
    return lock


def _is_long(journal: Path) -> bool:
    """It is beyond some size, and twice as long as it was after it was last compacted."""
    try:
        size = journal.stat().st_size
        if size <= _COMPACT_ABOVE:
            return False
        with journal.open("rb") as file:
            first = next(records(file.readline()), {})
    except OSError:
        return False
    before = first.get("bytes")
    return not isinstance(before, int) or size > 2 * before


def _compact(journal: Path) -> None:
    """Put a shorter journal in its place, which says the same; where it cannot be, it stays as it is."""
    shorter = compacted(journal.read_bytes(), KEPT_RUNS)
    with contextlib.suppress(SpecError):
        files.replace(journal, record_line({"event": "compacted", "bytes": len(shorter)}) + shorter)


def _remove_old_output(folder: Path) -> None:
    """Keep the output of the last runs, up to a size of all together."""
    kept = 0
    with contextlib.suppress(FileNotFoundError):
        found = sorted(os.scandir(folder), key=lambda each: each.stat().st_mtime_ns, reverse=True)
        for number, each in enumerate(found):
            kept += each.stat().st_size
            if number >= KEPT_RUNS - 1 or kept > _KEPT_OUTPUT:
                os.unlink(each.path)

"""The journal of a repository: ``.spec-run/journal``, one synced line per record, and what steps printed beside it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Any

from spec_runner.core.evidence.records import Record, compacted, record_line, records
from spec_runner.errors import SpecError, said
from spec_runner.system.document import files
from spec_runner.system.locks import Lock
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree import git

FOLDER = ".spec-run"
JOURNAL = "journal"
KEPT_RUNS = 20
"""The runs whose frame and output are kept; the last result of a task is kept however old it is."""
LONGEST_OUTPUT = 64 * 1024
"""Bytes of a step's output that are kept: its end."""
_COMPACT_ABOVE = 8 * 1024 * 1024
"""Bytes from which on a journal that has doubled is compacted."""
_LARGEST = 512 * 1024 * 1024
"""Bytes of a journal beyond which it is no journal."""
_KEPT_OUTPUT = 100 * 1024 * 1024
"""Bytes of output that are kept of all runs together."""


def load(root: Path) -> bytes:
    """What earlier runs recorded; nothing if there was none. Changes nothing.

    Raises SpecError where Git tracks it.
    """
    refuse_tracked(root)
    try:
        with Folder(root / FOLDER) as folder:
            return folder.read(JOURNAL, _LARGEST)
    except OSError:
        return b""


def load_output(root: Path, record: Record) -> str | None:
    """What a step printed, by the ``output`` of its record; None where it is not kept any more."""
    name, at, size = (record.get(key) for key in ("file", "at", "bytes"))
    if not (isinstance(name, str) and isinstance(at, int) and isinstance(size, int)) or at < 0 or size < 0:
        return None
    try:
        with (
            Folder(root / FOLDER) as folder,
            folder.inner("output") as output,
            os.fdopen(output.open(name, os.O_RDONLY), "rb") as file,
        ):
            file.seek(at)
            data = file.read(min(size, LONGEST_OUTPUT))
    except (OSError, OverflowError, ValueError):
        return None
    return data.decode("utf-8", "replace") if len(data) == size else None


def make_folder(root: Path) -> Folder:
    """The folder of what the program keeps in a repository, opened; it ignores itself in Git.

    Raises OSError, and SpecError where Git tracks it.
    """
    refuse_tracked(root)
    folder = Folder(root / FOLDER, is_made=True)
    try:
        if folder.stat(".gitignore") is None:
            folder.replace(".gitignore", b"*\n")
    except BaseException:
        folder.close()
        raise
    return folder


def refuse_tracked(root: Path) -> None:
    """Raises SpecError where Git tracks the folder: whoever wrote the repository wrote its evidence then.

    Also where Git itself would wait for ever, at a pipe in it.
    """
    if not os.path.lexists(root / FOLDER):
        return
    with contextlib.suppress(OSError), Folder(root / FOLDER) as folder:
        seen = folder.stat(".gitignore")
        if seen and not stat.S_ISREG(seen.st_mode):
            raise SpecError("this is not a plain file", todo="remove it", path=str(root / FOLDER / ".gitignore"))
    if git.tracks(root, FOLDER):
        todo = f"git rm -r --cached {FOLDER}, then delete it"
        raise SpecError(
            "Git tracks the evidence folder, so it came with the repository", todo=todo, path=str(root / FOLDER)
        )


class Journal:
    """A journal opened for writing, and the output of one run beside it."""

    def __init__(self, root: Path, run: str) -> None:
        """Raises SpecError where it cannot be kept."""
        self._path, self._run = root / FOLDER / JOURNAL, run
        self._output: int | None = None
        self._printed = 0
        self._torn = False
        try:
            self._folder = make_folder(root)
            self._lock = _shared_lock(self._folder)
            self._descriptor = self._folder.open(JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            self._end_torn_line()
            _remove_old_output(self._folder)
        except OSError as error:
            is_foreign = error.errno in (errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EFBIG)
            todo = "remove it" if is_foreign else "make the folder writable, or use --no-write"
            path = str(error.filename) if is_foreign else str(root / FOLDER)
            raise SpecError(f"cannot keep the journal ({said(error)})", todo=todo, path=path) from None

    def _end_torn_line(self) -> None:
        """Close a line that a killed run left open: it counts for nothing, and the next record must not join it."""
        size = os.lseek(self._descriptor, 0, os.SEEK_END)
        if size:
            os.lseek(self._descriptor, size - 1, os.SEEK_SET)
            self._torn = os.read(self._descriptor, 1) != b"\n"

    def record(self, *made: Record, sync: bool = True) -> None:
        """Append records and wait until they are on the disk. Raises SpecError where they cannot be.

        One write appends whole lines, so that two runs in one repository do not tear each other's records. Without
        ``sync`` they outlive the process, not the machine.
        """
        lines = (b"\n" if self._torn else b"") + b"".join(map(record_line, made))
        try:
            self._torn = True
            if os.write(self._descriptor, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._torn = False
            if sync:
                files.sync(self._descriptor)
        except OSError as error:
            raise SpecError(f"cannot keep the journal ({said(error)})", path=str(self._path)) from None

    def keep(self, text: str) -> dict[str, Any] | None:
        """Keep what a step printed, its end where it is long: where that stands, for its record; None if it cannot be.

        Call ``sync_output`` before the record is written.
        """
        data = text.encode("utf-8", "replace")[-LONGEST_OUTPUT:]
        name = f"{self._run}.txt"
        try:
            if self._output is None:
                with self._folder.inner("output", is_made=True) as output:
                    self._output = output.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
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
        self._folder.close()
        self._lock.close()


def _shared_lock(folder: Folder) -> Lock:
    """The lock under which runs append side by side; one that is alone shortens a long journal first."""
    lock = Lock(folder, "journal.lock")
    try:
        if _is_long(folder) and lock.take():
            _compact(folder)
        lock.take(wait=True, shared=True)
    except BaseException:
        lock.close()
        raise
    return lock


def _is_long(folder: Folder) -> bool:
    """It is beyond some size, and twice as long as it was after it was last compacted."""
    seen = folder.stat(JOURNAL)
    if seen is None or seen.st_size <= _COMPACT_ABOVE:
        return False
    with os.fdopen(folder.open(JOURNAL, os.O_RDONLY), "rb") as file:
        first = next(records(file.readline(_COMPACT_ABOVE)), {})
    before = first.get("bytes")
    return not isinstance(before, int) or seen.st_size > 2 * before


def _compact(folder: Folder) -> None:
    """Put a shorter journal in its place, which says the same; where it cannot be, it stays as it is."""
    with contextlib.suppress(OSError):
        shorter = compacted(folder.read(JOURNAL, _LARGEST), KEPT_RUNS)
        folder.replace(JOURNAL, record_line({"event": "compacted", "bytes": len(shorter)}) + shorter)


def _remove_old_output(folder: Folder) -> None:
    """Keep the output of the last runs, up to a size of all together."""
    kept = 0
    with contextlib.suppress(FileNotFoundError), folder.inner("output") as output:
        files = [(name, seen) for name, seen in output.entries() if stat.S_ISREG(seen.st_mode)]
        newest = sorted(files, key=lambda each: each[1].st_mtime_ns, reverse=True)
        for number, (name, seen) in enumerate(newest):
            kept += seen.st_size
            if number >= KEPT_RUNS - 1 or kept > _KEPT_OUTPUT:
                output.remove(name)

"""A document on the disk whose marks are set, whoever else writes to it meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from spec_runner.core.document import Document, read_document
from spec_runner.core.marks import Marking, Verdict
from spec_runner.core.refind import find_again
from spec_runner.errors import SpecError
from spec_runner.system import files
from spec_runner.system.overwrite import overwrite
from spec_runner.system.settled import Outgoing

_TRIES = 20
"""How often we begin again because somebody saved the document while we wrote it."""


class MarkedFile:
    """The document of a run. What somebody else writes to it is kept; only the tasks that ran are marked in it."""

    def __init__(self, path: Path, document: Document, copy: Path) -> None:
        """``copy`` is where its bytes are kept while it is written in place."""
        self._path, self._copy = path, copy
        self._before = document
        self._marks = {task.key: task.mark for task in document.tasks}
        self._waiting: list[Verdict] = []
        self._outgoing: list[tuple[Outgoing, Sequence[Verdict]]] = []
        """Files that this one came from, and what was marked when it did."""
        self._saved = 0
        """When somebody else saved it last, in nanoseconds, as far as we know."""
        self._take_up(document)

    def _take_up(self, document: Document) -> None:
        self._tasks = find_again(self._before, document)
        self._marking, self._known = Marking(document), document.source.data

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def size(self) -> int:
        """Bytes last written, or read."""
        return len(self._known)

    @property
    def digest(self) -> str:
        """sha256 of the bytes last written, or read."""
        from hashlib import sha256

        return sha256(self._known).hexdigest()

    def put(self, verdicts: Sequence[Verdict]) -> list[str]:
        """Set marks; what keeps some from being set comes back.

        Raises SpecError where the file is out of reach; the marks are set with the next ones then.
        """
        self._waiting += verdicts
        for _ in range(_TRIES):
            late = self._bring_back()
            self._look()
            problems = self._set_waiting()
            if self._write():
                self._waiting = []
                return [*late, *problems]
        raise SpecError("somebody keeps writing it", path=str(self._path))

    def close(self) -> list[str]:
        """Wait for whoever is just saving the document, for some hundredths of a second; what is to be told about it.

        Raises SpecError where the file is out of reach.
        """
        if not self._outgoing:
            return []
        try:
            time.sleep(max(outgoing.remaining for outgoing, _ in self._outgoing))
            return self.keep_up()
        finally:
            for outgoing, _ in self._outgoing:
                outgoing.close()
            self._outgoing = []

    def keep_up(self) -> list[str]:
        """What somebody saved at the same moment as we did is taken up, marks and all; what is to be told about it.

        Raises SpecError where the file is out of reach.
        """
        late = self._bring_back()
        return [*late, *self.put([])] if self._waiting else late

    def _bring_back(self) -> list[str]:
        """Put into the document what somebody saved into a file that had just gone; what could not is told."""
        told: list[str] = []
        for entry in tuple(self._outgoing):
            outgoing, verdicts = entry
            is_past = outgoing.is_past
            text = outgoing.written()
            if text is not None:
                self._waiting += verdicts
                told += self._put_back(text, outgoing.time)
            if text is not None or is_past:
                outgoing.close()
                self._outgoing.remove(entry)
        return told

    def _put_back(self, text: bytes, saved: int) -> list[str]:
        self._look()
        if saved <= self._saved or not self._replace(text):
            # It was saved once more since, by name.
            kept = files.keep_beside(self._path, text)
            return [f"{self._path} was saved twice at once; the older text is in {kept.name}: look, and remove it"]
        self._saved = saved
        self._read(text)
        return []

    def _look(self) -> None:
        """What somebody wrote to the file since we last knew it is taken up."""
        if files.read(self._path) == self._known:
            return
        self._read(files.read_settled(self._path))
        self._saved = files.modified(self._path)

    def _read(self, data: bytes) -> None:
        try:
            self._take_up(read_document(data))
        except SpecError as error:
            raise error.at(str(self._path)) from None

    def _set_waiting(self) -> list[str]:
        problems = {verdict.key: self._problem(verdict.key) for verdict in self._waiting}
        for verdict in self._waiting:
            if problems[verdict.key] is None:
                self._marking.set(self._tasks[verdict.key], verdict)
        return [problem for problem in problems.values() if problem]

    def _write(self) -> bool:
        """Write the marks; False where somebody wrote the file since we looked."""
        marked = self._marking.data
        if marked != self._known:
            if files.has_other_names(self._path):
                written = overwrite(self._path, marked, self._known, self._copy)
            else:
                written = self._replace(marked)
            if not written:
                return False
        self._known = marked
        return True

    def _replace(self, data: bytes) -> bool:
        setting = tuple(self._waiting)
        return files.replace(
            self._path, data, self._known, watched=lambda outgoing: self._outgoing.append((outgoing, setting))
        )

    def _problem(self, key: str) -> str | None:
        """Why the task that was run is not the one to mark any more, if so."""
        now = self._tasks.get(key)
        if now is None:
            return f"{self._path}: {key} is gone or was edited meanwhile; its result is in the journal"
        if now.mark != self._marks[key]:
            return f"{self._path}:{now.line}: {key} was marked [{now.mark}] by somebody meanwhile; that was left"
        return None

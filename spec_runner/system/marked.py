"""A document on the disk whose marks are set, whoever else writes to it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from spec_runner.core.document import Document, read_document
from spec_runner.core.marks import Marking, Verdict
from spec_runner.core.refind import find_again
from spec_runner.errors import SpecError
from spec_runner.system import files
from spec_runner.system.overwrite import overwrite

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
            self._look()
            problems = self._set_waiting()
            if self._write():
                self._waiting = []
                return problems
        raise SpecError("somebody keeps writing it", path=str(self._path))

    def _look(self) -> None:
        """What somebody wrote to the file since we last knew it is taken up."""
        if files.read(self._path) == self._known:
            return
        try:
            self._take_up(read_document(files.read_settled(self._path)))
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
                written = files.replace(self._path, marked, self._known)
            if not written:
                return False
        self._known = marked
        return True

    def _problem(self, key: str) -> str | None:
        """Why the task that was run is not the one to mark any more, if so."""
        now = self._tasks.get(key)
        if now is None:
            return f"{self._path}: {key} is gone or was edited meanwhile; its result is in the journal"
        if now.mark != self._marks[key]:
            return f"{self._path}:{now.line}: {key} was marked [{now.mark}] by somebody meanwhile; that was left"
        return None

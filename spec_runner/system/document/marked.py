"""A document on the disk whose marks are set, whoever else writes to it meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spec_runner.core.evidence.match_tasks import match_tasks
from spec_runner.core.text.document import Document, read_document
from spec_runner.core.text.marks import Marking, NewMark
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.document.overwrite import overwrite
from spec_runner.system.document.settled import WRITER_SECONDS, Outgoing

_TRIES = 20
"""How often we begin again because somebody saved the document while we wrote it."""


@dataclass(slots=True)
class _Gone:
    """A file that the document was in, which somebody may be saving to just now."""

    file: Outgoing
    set: Sequence[NewMark]
    """What was marked when it went."""
    edits: int
    """How often somebody else had saved the document then."""


class MarkedFile:
    """The document of a run. What somebody else writes to it is kept; only the tasks that ran are marked in it."""

    def __init__(self, path: Path, document: Document, root: Path, copy: Path | None) -> None:
        """``root`` is what it must not lead out of; ``copy`` is where its bytes are kept while it is written in place.

        ``root`` is a real path.
        """
        self._path, self._root, self._copy = path, root, copy
        self._before = document
        self._marks = {task.key: task.mark for task in document.tasks}
        self._waiting: list[NewMark] = []
        self._outgoing: list[_Gone] = []
        self._notes: list[str] = []
        self._edits = 0
        """How often somebody else saved it, as far as we know."""
        self._take_up(document)

    def _take_up(self, document: Document) -> None:
        self._tasks = match_tasks(self._before, document)
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

    def put(self, new_marks: Sequence[NewMark]) -> list[str]:
        """Set marks; what keeps some from being set comes back.

        Raises SpecError where the file is out of reach; the marks are set with the next ones then.
        """
        self._waiting += new_marks
        for _ in range(_TRIES):
            self._bring_back()
            self._look()
            problems = self._set_waiting()
            if self._write():
                self._waiting = []
                return [*self._take_notes(), *problems]
        raise SpecError("somebody else keeps writing the file", path=str(self._path))

    def keep_up(self) -> list[str]:
        """What somebody saved at the same moment as we did is taken up, marks and all; the notes about it come back.

        Raises SpecError where the file is out of reach.
        """
        return self.put([]) if self._bring_back() else self._take_notes()

    def close(self) -> list[str]:
        """Wait for whoever is just saving the document; the notes about it come back.

        Some hundredths of a second, and a whole one for who has it open still.

        Raises SpecError where the file is out of reach; what was saved is kept beside it then.
        """
        try:
            time.sleep(max((each.file.remaining for each in self._outgoing), default=0.0))
            return self.put([]) if self._bring_back(patience=WRITER_SECONDS) else self._take_notes()
        finally:
            for each in self._outgoing:
                each.file.close()
            self._outgoing = []

    def _take_notes(self) -> list[str]:
        notes, self._notes = self._notes, []
        return notes

    def _bring_back(self, *, patience: float = 0.0) -> bool:
        """Put into the document what somebody saved into a file that had just gone; whether somebody did."""
        is_late, gone = False, tuple(self._outgoing)
        for number, each in enumerate(gone):
            is_past = each.file.is_past
            try:
                text = each.file.written(patience=patience)
            except OSError as error:
                raise files.unusable(self._path, "cannot read what somebody saved", error) from None
            if text is not None or is_past:
                # It is looked at no more, whatever becomes of what was in it.
                self._outgoing.remove(each)
                each.file.close()
            if text is not None:
                is_late = True
                self._put_back(text, gone[number:])
        return is_late

    def _put_back(self, text: bytes, gone: Sequence[_Gone]) -> None:
        try:
            self._look()
            if self._edits == gone[0].edits and self._replace(text):
                self._read(text)
                self._edits += 1
                # What was marked since the first of them went was marked in the text that has gone now.
                self._waiting += [new_mark for each in gone for new_mark in each.set]
                return
        except SpecError:
            self._keep(text)
            raise
        self._keep(text)

    def _keep(self, text: bytes) -> None:
        """Somebody saved once more since, by name, or the document is gone: the text is theirs, and stays beside it."""
        files.refuse_outside(self._path, self._root, str(self._path))
        kept = files.keep_beside(self._path, text)
        self._notes.append(
            f"{self._path} was saved in the moment of a mark; that text is in {kept}: look, and remove it"
        )

    def _look(self) -> None:
        """What somebody wrote to the file since we last knew it is taken up."""
        # A command that runs in the repository itself may have put a link there.
        files.refuse_outside(self._path, self._root, str(self._path))
        if files.read(self._path) == self._known:
            return
        self._read(files.read_settled(self._path))
        self._edits += 1

    def _read(self, data: bytes) -> None:
        try:
            self._take_up(read_document(data))
        except SpecError as error:
            raise error.at(str(self._path)) from None

    def _set_waiting(self) -> list[str]:
        problems = {new_mark.key: self._problem(new_mark.key) for new_mark in self._waiting}
        for new_mark in self._waiting:
            if problems[new_mark.key] is None:
                self._marking.set(self._tasks[new_mark.key], new_mark)
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

        def watch(outgoing: Outgoing) -> None:
            self._outgoing.append(_Gone(outgoing, setting, self._edits))

        return files.replace(self._path, data, self._known, watched=watch)

    def _problem(self, key: str) -> str | None:
        """Why the task that was run is not the one to mark any more, if so."""
        now = self._tasks.get(key)
        if now is None:
            return f"{self._path}: {key} is gone or was edited meanwhile; its result is in the journal"
        if now.mark != self._marks[key]:
            return f"{self._path}:{now.line}: {key} was marked [{now.mark}] by somebody meanwhile; that was left"
        return None

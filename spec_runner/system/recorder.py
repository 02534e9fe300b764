"""Hears what happened and writes it down: the journal first, the document second."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from spec_runner import __version__
from spec_runner.core.document import Document, Task, read_document
from spec_runner.core.events import Event, TaskCancelled, TaskFinished, Warned
from spec_runner.core.history import digest
from spec_runner.core.marks import Verdict, mark, verdict_of
from spec_runner.core.plan import Plan
from spec_runner.errors import SpecError
from spec_runner.system import files
from spec_runner.system.journal import Journal
from spec_runner.system.repository import Place


class Recorder:
    """The journal of every repository in the run, and the documents that are marked."""

    def __init__(self, plan: Plan, places: Sequence[Place | None]) -> None:
        """Raises SpecError where a journal cannot be written."""
        self._plan, self._places, self._tasks = plan, places, plan.by_key()
        self._run = uuid.uuid4().hex[:12]
        self._journals: dict[Path, Journal] = {}
        self._marked: dict[int, MarkedFile] = {}
        self._cancelled: list[TaskCancelled] = []
        for number, spec in enumerate(plan.specs):
            place = places[number]
            if place is None or not spec.has_work:
                continue
            if place.tasks and spec.read.tasks and not spec.runs_guide:
                self._marked[number] = MarkedFile(place.tasks, spec.read.tasks)
            if place.root not in self._journals:
                self._journals[place.root] = Journal(place.root)

    def hear(self, event: Event) -> list[Warned]:
        """Write an event down; what the user should know about it comes back.

        Cancelled tasks come in a row, thousands after one failure; they are written together when the row ends.
        """
        if isinstance(event, TaskCancelled):
            self._cancelled.append(event)
            return []
        row, self._cancelled = self._cancelled, []
        warnings = self._write(row) if row else []
        return warnings + (self._write([event]) if isinstance(event, TaskFinished) else [])

    def _write(self, events: Sequence[TaskFinished | TaskCancelled]) -> list[Warned]:
        spec, place = events[0].spec, self._places[events[0].spec]
        assert place is not None
        try:
            self._journals[place.root].record(*(self._told(event, place) for event in events))
        except SpecError as error:
            return [Warned(spec, f"{error}; nothing was marked", unwritten=True)]
        marked = self._marked.get(spec)
        verdicts = [verdict for event in events if (verdict := self._verdict(event))]
        if marked is None or not verdicts:
            return []
        try:
            problems = marked.put(verdicts)
        except SpecError as error:
            return [Warned(spec, f"{error}; the result is in the journal", unwritten=True)]
        return [Warned(spec, problem) for problem in problems]

    def digests(self) -> dict[tuple[int, str], str]:
        """sha256 of each document as it is now, by spec and name."""
        return {(number, marked.name): marked.digest for number, marked in self._marked.items()}

    def close(self) -> None:
        """Close the journals."""
        for journal in self._journals.values():
            journal.close()

    def _verdict(self, event: TaskFinished | TaskCancelled) -> Verdict | None:
        return verdict_of(event, is_partial=self._plan.specs[event.spec].is_partial)

    def _told(self, event: TaskFinished | TaskCancelled, place: Place) -> dict[str, Any]:
        planned = self._tasks[event.spec].get(event.task)
        record: dict[str, Any] = {
            "event": "task-finished",
            "run": self._run,
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "version": __version__,
            "document": place.document,
            "task": event.task,
            "digest": digest(planned) if planned else None,
            "box": self._plan.level,
        }
        if isinstance(event, TaskFinished):
            return {**record, "outcome": event.outcome, "reason": event.reason, "seconds": round(event.seconds, 3)}
        return {**record, "outcome": "cancelled", "reason": f"{event.because} failed"}


class MarkedFile:
    """A document on the disk whose marks are set; what somebody else writes to it meanwhile is kept."""

    def __init__(self, path: Path, document: Document) -> None:
        self._path = path
        self._before = {task.key: task for task in document.tasks}
        self._document = document
        self._verdicts: list[Verdict] = []
        self._written = document.source.data

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def digest(self) -> str:
        """sha256 of the bytes last written, or read."""
        from hashlib import sha256

        return sha256(self._written).hexdigest()

    def put(self, verdicts: Sequence[Verdict]) -> list[str]:
        """Set marks; what keeps some from being set comes back. Raises SpecError if the file is out of reach."""
        on_disk = files.read(self._path)
        if on_disk != self._written:
            try:
                # Somebody changed the file: what they wrote is taken up, and only these tasks are marked in it.
                self._document, self._verdicts, self._written = read_document(on_disk), [], on_disk
            except SpecError as error:
                return [f"{error.at(str(self._path))}; the result is in the journal"]
        tasks = {task.key: task for task in self._document.tasks}
        problems = {verdict.key: self._gone_or_marked(verdict.key, tasks.get(verdict.key)) for verdict in verdicts}
        self._verdicts += [verdict for verdict in verdicts if problems[verdict.key] is None]
        marked = mark(self._document, tuple(self._verdicts))
        if marked != on_disk:
            files.replace(self._path, marked)
        self._written = marked
        return [problem for problem in problems.values() if problem]

    def _gone_or_marked(self, key: str, now: Task | None) -> str | None:
        """Why the task that was run is not the one to mark any more, if so."""
        before = self._before[key]
        if now is None or _told(now) != _told(before):
            return f"{self._path}: {key} is gone or was edited meanwhile; its result is in the journal"
        if now.mark != before.mark:
            return f"{self._path}:{now.line}: {key} was marked [{now.mark}] by somebody meanwhile; that was left"
        return None


def _told(task: Task) -> tuple[object, ...]:
    """All that a decision about a task can rest on."""
    details = tuple((each.paragraph and each.paragraph.text, each.fence and each.fence.text) for each in task.details)
    return task.title, tuple(code.text for code in task.text.codes), details

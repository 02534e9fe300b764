"""Hears what happened and writes it down: the journal first, the document second."""

from __future__ import annotations

import os
import platform
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from spec_runner import __version__
from spec_runner.core.evidence.records import SET_UP, digest, guide_digest, guide_run_digest, likeness
from spec_runner.core.plan.dry_runner import Unrecorded
from spec_runner.core.plan.events import (
    DocumentMarked,
    Event,
    Interrupted,
    OutputSeen,
    Place,
    SetupFinished,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepResult,
    StepStarted,
    TaskCancelled,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import Plan, PlannedSpec, PlannedTask, step_at
from spec_runner.core.result.marking import new_mark_of
from spec_runner.core.text.document import Phase
from spec_runner.core.text.marks import NewMark
from spec_runner.errors import SpecError
from spec_runner.system.document.marked import MarkedFile
from spec_runner.system.journal import Journal
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths

_BETWEEN_WRITES = 0.075
"""Seconds between two writes of a document while tasks finish in quick succession."""
_SHARE = 20
"""A document is not written again before this many times as long as writing it took: long ones cost no more."""

_SHORT = 128 * 1024
"""Bytes up to which a document is also written whenever a phase is over."""


Said: TypeAlias = Warned | DocumentMarked
"""What comes of writing an event down."""


@dataclass(slots=True)
class _Spec:
    """What is known of a spec while it runs."""

    planned: PlannedSpec
    place: SpecPaths
    journal: Journal
    tasks: dict[str, PlannedTask]
    guide: str
    document: str
    """The name that the journal knows it by; finding it asks the disk."""
    marked: MarkedFile | None = None
    tree: str = ""
    edition: int = 0
    phase: Phase | None = None
    services: list[str] = field(default_factory=list)
    """The tasks whose service was started, in order."""
    began: dict[str, str] = field(default_factory=dict)
    """When each running task began."""
    steps: dict[str, list[tuple[StepStarted, StepResult]]] = field(default_factory=dict)
    """What each running task has done so far."""
    started: dict[Place, StepStarted] = field(default_factory=dict)
    waiting: list[NewMark] = field(default_factory=list)
    """What is in the journal and not yet in the document."""
    written: float = 0.0
    pause: float = 0.0


class Recorder(Unrecorded):
    """The journal of every repository in the run, and the documents that are marked."""

    def __init__(
        self, plan: Plan, places: Sequence[SpecPaths | None], state: Path | None = None, known: Known | None = None
    ) -> None:
        """``state`` is the user's state folder, if there is one. Raises SpecError where a journal cannot be written."""
        self._plan, self._state, self._known = plan, state, known or Known()
        self._run = uuid.uuid4().hex[:12]
        self._journals: dict[Path, Journal] = {}
        self._specs: dict[int, _Spec] = {}
        self._cancelled: list[TaskCancelled] = []
        self._warned: list[Said] = []
        self._interrupted: int | None = None
        for number, (spec, place) in enumerate(zip(plan.specs, places, strict=True)):
            if place is not None and spec.has_work:
                self._specs[number] = self._watched(spec, place)
        for root, journal in self._journals.items():
            journal.record(self._begun(root))

    def _watched(self, spec: PlannedSpec, place: SpecPaths) -> _Spec:
        if place.root not in self._journals:
            self._journals[place.root] = Journal(place.root, self._run)
        tasks = {task.task.key: task for task in spec.tasks}
        watched = _Spec(
            spec, place, self._journals[place.root], tasks,
            guide_digest(spec.read.sources), place.document,
        )  # fmt: skip
        if place.tasks and spec.read.tasks and not spec.runs_guide:
            watched.marked = MarkedFile(place.tasks, spec.read.tasks, place.root, recovery_copy(place, self._state))
        return watched

    def hear(self, event: Event) -> list[Said]:
        """Write an event down; what the user should know about it comes back.

        Cancelled tasks come in a row, thousands after one failure; they are written together when the row ends.
        """
        if isinstance(event, TaskCancelled):
            self._cancelled.append(event)
            return []
        if self._cancelled:
            row, self._cancelled = self._cancelled, []
            self._write(row[0].spec, row)
        match event:
            case SpecStarted(spec, tree, edition):
                self._open(spec, tree, edition)
            case SetupFinished():
                self._set_up(event)
            case StepStarted(place):
                self._begin(place.spec, event)
            case StepFinished(place, result):
                self._end_step(place, result)
            case TaskFinished(spec):
                self._write(spec, [event])
            case SpecFinished(spec):
                self._flush(spec)
            case Interrupted(number):
                self._interrupted = number
                self.flush()
            case OutputSeen(place):
                self._flush_if_due(place.spec)
            case _:
                pass
        warned, self._warned = self._warned, []
        return warned

    def flush(self) -> None:
        """Bring into the documents what is in the journal alone; called when nothing else happens."""
        for spec in self._specs:
            self._flush(spec)

    def settle(self) -> list[Said]:
        """Everything is in the documents, and whoever saved one just now has done so; what to tell comes back."""
        self.flush()
        for number, spec in self._specs.items():
            if spec.marked:
                self._warned += _warnings_of(number, spec.marked.close)
                self._warned.append(DocumentMarked(number, spec.marked.name, spec.marked.digest))
        warned, self._warned = self._warned, []
        return warned

    def finish(self, code: int) -> None:
        """The run is over, with this exit code."""
        self.flush()
        made = {"event": "run-finished", "run": self._run, "time": _now(), "exit": code, "signal": self._interrupted}
        for journal in self._journals.values():
            # Each result is written already; a run without an end shows as one.
            with suppress(SpecError):
                journal.record(made)

    def close(self) -> None:
        """Close the journals; whatever ended the run, what was seen is in the documents then."""
        with suppress(SpecError):
            self.flush()
        for spec in self._specs.values():
            if spec.marked:
                with suppress(SpecError):
                    spec.marked.close()
        for journal in self._journals.values():
            journal.close()

    # What is written when.

    def _open(self, number: int, tree: str, edition: int) -> None:
        spec = self._specs[number]
        spec.tree, spec.edition, spec.services = tree, edition, []
        with suppress(SpecError):
            spec.journal.record(self._record("spec-started", spec, tree=tree), sync=False)

    def _set_up(self, event: SetupFinished) -> None:
        """How long a command of the setup took: what ran elsewhere, or failed, says nothing of the next time."""
        spec = self._specs[event.spec]
        setup = spec.planned.guide_setup if event.guide else spec.planned.setup
        if setup is None or event.result.outcome != "passed" or event.result.reason:
            return
        step = setup.steps[event.number]
        made = {"command": step.command, "cwd": step.cwd, "seconds": round(event.result.seconds, 3)}
        with suppress(SpecError):
            spec.journal.record(self._record(SET_UP, spec, **made), sync=False)

    def _begin(self, number: int, event: StepStarted) -> None:
        spec, place = self._specs[number], event.place
        task = spec.tasks.get(place.task)
        phase = task.task.phase if task else None
        if phase != spec.phase:
            # A long document is not written for every phase: it may have thousands.
            if spec.marked and spec.marked.size <= _SHORT:
                self._flush(number)
            spec.phase = phase
        spec.began.setdefault(place.task, _now())
        spec.started[place] = event
        # Should it not be written, the task's end will say why.
        with suppress(SpecError):
            made = {"task": place.task, "step": place.step, "block": place.block, "cwd": event.cwd, "tree": spec.tree}
            spec.journal.record(self._record("step-started", spec, **made))

    def _end_step(self, place: Place, result: StepResult) -> None:
        spec = self._specs[place.spec]
        started = spec.started.pop(place, StepStarted(place, ""))
        spec.steps.setdefault(place.task, []).append((started, result))
        if result.ports and place.task not in spec.services:
            spec.services.append(place.task)

    def _write(self, number: int, events: Sequence[TaskFinished | TaskCancelled]) -> None:
        spec = self._specs[number]
        new_marks = [self._new_mark(event) for event in events]
        made = [self._result(spec, event, new_mark) for event, new_mark in zip(events, new_marks, strict=True)]
        try:
            spec.journal.sync_output()
            spec.journal.record(*made)
        except SpecError as error:
            self._warned.append(Warned(number, f"{error}; nothing was marked", unwritten=True))
            return
        spec.waiting += [new_mark for new_mark in new_marks if new_mark]
        self._flush_if_due(number)

    def _flush_if_due(self, number: int) -> None:
        """Write the document if its last write is long enough ago for what writing costs."""
        spec = self._specs[number]
        if spec.waiting and time.monotonic() - spec.written >= max(_BETWEEN_WRITES, _SHARE * spec.pause):
            self._flush(number)

    def _flush(self, number: int) -> None:
        spec = self._specs[number]
        if spec.marked is None:
            return
        if not spec.waiting:
            self._warned += _warnings_of(number, spec.marked.keep_up)
            return
        new_marks, spec.waiting = spec.waiting, []
        began = time.monotonic()
        warned = _warnings_of(number, partial(spec.marked.put, new_marks))
        self._warned += warned
        if not any(each.unwritten for each in warned):
            self._warned.append(DocumentMarked(number, spec.marked.name, spec.marked.digest))
            with suppress(SpecError):
                spec.journal.record(self._record("document-marked", spec, sha256=spec.marked.digest), sync=False)
        spec.written = time.monotonic()
        spec.pause = spec.written - began

    def _new_mark(self, event: TaskFinished | TaskCancelled) -> NewMark | None:
        spec = self._specs[event.spec]
        task = spec.tasks.get(event.task)
        return new_mark_of(event, spec.planned, task.task if task else None)

    # What the records say.

    def _begun(self, root: Path) -> dict[str, Any]:
        here = [spec for spec in self._specs.values() if spec.place.root == root]
        documents = [file for spec in here for file in (spec.place.tasks, spec.place.guide) if file]
        status, part = self._known.git_status(root), self._plan.part
        return {
            "event": "run-started",
            "run": self._run,
            "time": _now(),
            "pid": os.getpid(),
            "versions": {"spec-run": __version__, "python": platform.python_version(), "system": sys.platform},
            "box": {"level": self._plan.level, "network": self._plan.network},
            "part": part and f"{part.number}/{part.of}",
            "commit": status and status.record(documents, root),
            "documents": [each for spec in here for each in _documents(spec)],
        }

    def _record(self, event: str, spec: _Spec, **made: Any) -> dict[str, Any]:
        return {"event": event, "run": self._run, "time": _now(), "document": spec.document, **made}

    def _result(self, spec: _Spec, event: TaskFinished | TaskCancelled, new_mark: NewMark | None) -> dict[str, Any]:
        planned = spec.tasks.get(event.task)
        task = planned.task if planned else None
        made = self._record(
            "task-finished",
            spec,
            task=event.task,
            digest=digest(planned, spec.guide) if planned else guide_run_digest(spec.guide),
            verdict=new_mark.seen if new_mark else None,
            tree=spec.tree,
            edition=spec.edition,
        )
        if task:
            made |= {"id": task.id, "line": task.line, "mark": task.mark, "like": likeness(task)}
        if isinstance(event, TaskCancelled):
            return {**made, "outcome": "cancelled", "reason": f"{event.because} failed", "because": event.because}
        made |= {"outcome": event.outcome, "reason": event.reason, "seconds": round(event.seconds, 3)}
        made["judged"] = "in part" if event.is_partial else None
        made["cause"] = event.cause and event.cause._asdict()
        steps = spec.steps.pop(event.task, [])
        made |= {"began": spec.began.pop(event.task, None), "services": [*spec.services], "state": event.state}
        return {**made, "steps": [_step(spec, started, result) for started, result in steps]}


def _step(spec: _Spec, started: StepStarted, result: StepResult) -> dict[str, Any]:
    place, planned = started.place, step_at(spec.planned, spec.tasks, started.place)
    return {
        "kind": planned.step.kind,
        "command": planned.step.command,
        "line": planned.step.line,
        "block": place.block,
        "cwd": started.cwd,
        "outcome": result.outcome,
        "exit": result.exit,
        "signal": result.signal,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
        "cause": result.cause and result.cause._asdict(),
        "ports": list(result.ports),
        "state": result.state,
        "output": spec.journal.keep(result.output) if result.output else None,
    }


def _warnings_of(number: int, marking: Callable[[], list[str]]) -> list[Warned]:
    """The warnings about a document that is written."""
    try:
        return [Warned(number, problem) for problem in marking()]
    except SpecError as error:
        return [Warned(number, f"{error}; the result is in the journal", unwritten=True)]


def _documents(spec: _Spec) -> list[dict[str, str]]:
    folder = os.path.dirname(spec.document)
    return [
        {"path": os.path.join(folder, name), "sha256": sha256(data).hexdigest()}
        for name, data in spec.planned.read.sources
    ]


def recovery_copy(place: SpecPaths, state: Path | None) -> Path | None:
    """Where the bytes of a spec's document are kept while it is written in place: where nobody else can write."""
    named = os.fsencode(place.root) + b"\0" + os.fsencode(place.document)
    return state / "recovery" / sha256(named).hexdigest()[:32] if state else None


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")

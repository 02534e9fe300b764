"""A run as it happens: one JSON object a line; these names are a contract: add to them, don't rename them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

from spec_runner.core.evidence.verify import Verification
from spec_runner.core.plan.events import (
    DocumentMarked,
    Event,
    Interrupted,
    OutputPrinted,
    OutputSeen,
    Place,
    SetupFinished,
    SetupStarted,
    SpecAbandoned,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepStarted,
    TaskCancelled,
    TaskFinished,
    TimePassed,
    Warned,
)
from spec_runner.core.plan.model import Plan, PlannedSpec, step_at
from spec_runner.core.result.summary import Summary
from spec_runner.errors import SpecError
from spec_runner.views.json import cause_object, print_object, result_object, sandbox_object, setup_object
from spec_runner.views.text import document_path

if TYPE_CHECKING:
    from spec_runner.views import View

SCHEMA = "spec-run/events@1"


class JsonEvents:
    """Prints each event on ``out`` when it happens; people read another stream."""

    def __init__(self, plan: Plan, out: TextIO, progress: View, clock: Callable[[], float] = time.monotonic) -> None:
        self._plan, self._out, self._progress, self._clock = plan, out, progress, clock
        self._tasks = plan.by_key()
        self._lost: SpecError | None = None
        self._began = clock()
        self._print("run-started", box=sandbox_object(plan), specs=self._specs())

    def hear(self, event: Event) -> None:
        """Print one event, and pass it on to the view of the progress."""
        if not isinstance(event, TimePassed):
            name, fields = self._fields_of(event)
            self._print(name, **fields)
        self._progress.hear(event)

    def finish(self, summary: Summary, code: int) -> None:
        """Print the last line: what came of it all. Raises SpecError where something could not be printed."""
        self._progress.finish(summary, code)
        if isinstance(summary, Verification):
            self._print_verdicts(summary)
        interrupted = summary.interrupted is not None
        self._print("run-finished", exit=code, interrupted=interrupted, counts=dict(summary.counts()))
        if self._lost:
            raise self._lost

    def _print_verdicts(self, summary: Verification) -> None:
        for number in range(len(self._plan.specs)):
            for key, tick in summary.ticks(number).items():
                judged = tick.judged
                fields = {"verdict": judged.verdict, "reason": judged.reason, "cause": cause_object(judged.cause)}
                self._print("tick-judged", **self._task(number, key), **fields)

    def _print(self, name: str, **fields: object) -> None:
        made = {"schema": SCHEMA, "event": name, "at": round(self._clock() - self._began, 3), **fields}
        try:
            print_object(made, self._out)
        except SpecError as error:
            # The run goes on; its end says that something was lost.
            self._lost = self._lost or error

    def _specs(self) -> list[dict[str, Any]]:
        return [
            {"path": spec.read.path, "error": spec.error, "tasks": self._planned(number, spec)}
            for number, spec in enumerate(self._plan.specs)
        ]

    def _planned(self, number: int, spec: PlannedSpec) -> list[dict[str, Any]]:
        """The tasks that have something to run, so that who listens knows what is to come, and what is not."""
        return [
            {**self._task(number, task.task.key), "kind": task.kind, "action": task.action, "why": task.why}
            for task in spec.tasks
            if task.action != "none"
        ]

    def _fields_of(self, event: Event) -> tuple[str, dict[str, Any]]:
        match event:
            case SpecStarted():
                return "spec-started", self._spec(event.spec)
            case SetupStarted() | SetupFinished():
                return self._setup(event)
            case StepStarted():
                planned = step_at(self._plan.specs[event.place.spec], self._tasks[event.place.spec], event.place)
                what = {"kind": planned.step.kind, "command": planned.step.command, "cwd": event.cwd}
                return "step-started", {**self._place(event.place), **what}
            case OutputSeen():
                return "output-seen", {**self._place(event.place), "text": event.line}
            case OutputPrinted():
                return "output-printed", {**self._place(event.place), "lines": list(event.lines)}
            case StepFinished():
                return "step-finished", {**self._place(event.place), **result_object(event.result)}
            case TaskFinished():
                ended: dict[str, Any] = {
                    "outcome": event.outcome,
                    "reason": event.reason,
                    "seconds": round(event.seconds, 3),
                }
                ended |= {"cause": cause_object(event.cause), "fault": event.fault}
                return "task-finished", {**self._task(event.spec, event.task), **ended}
            case TaskCancelled():
                return "task-cancelled", {**self._task(event.spec, event.task), "because": event.because}
            case SpecAbandoned():
                return "spec-abandoned", {**self._spec(event.spec), "reason": event.reason, "fault": event.fault}
            case SpecFinished():
                return "spec-finished", self._spec(event.spec)
            case DocumentMarked():
                fields = {"document": event.name, "sha256": event.sha256}
                return "document-marked", {**self._spec(event.spec), **fields}
            case Warned():
                return "warned", {**self._spec(event.spec), "message": event.message, "unwritten": event.unwritten}
            case Interrupted():
                return "interrupted", {"signal": event.signal}
            case TimePassed():
                raise AssertionError("it is passed on, and not printed")

    def _setup(self, event: SetupStarted | SetupFinished) -> tuple[str, dict[str, Any]]:
        spec = self._plan.specs[event.spec]
        setup = spec.guide_setup if event.guide else spec.setup
        fields = {**self._spec(event.spec), "guide": event.guide, **setup_object(setup)[event.number]}
        if isinstance(event, SetupStarted):
            return "setup-started", fields
        return "setup-finished", {**fields, **result_object(event.result)}

    def _spec(self, number: int) -> dict[str, Any]:
        return {"spec": self._plan.specs[number].read.path}

    def _task(self, number: int, key: str) -> dict[str, Any]:
        spec, planned = self._plan.specs[number], self._tasks[number].get(key)
        name = spec.read.tasks_name if planned else spec.read.guide_name
        line = planned.task.line if planned else 1
        return {
            **self._spec(number),
            "task": key,
            "id": planned.task.id if planned else None,
            "document": name,
            "line": line,
            "place": f"{document_path(spec, name)}:{line}",
        }

    def _place(self, place: Place) -> dict[str, Any]:
        """The task that a step belongs to, and where the step itself stands: in the tasks or in the guide."""
        spec = self._plan.specs[place.spec]
        line = step_at(spec, self._tasks[place.spec], place).step.line
        name = spec.read.tasks_name if place.block is None else spec.read.guide_name
        fields = self._task(place.spec, place.task)
        where = {"document": name, "line": line, "place": f"{document_path(spec, name)}:{line}"}
        return {**fields, **where, "step": place.step, "block": place.block}

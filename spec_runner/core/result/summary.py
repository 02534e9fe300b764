"""Events → outcomes, counts and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from spec_runner.core.plan.events import (
    Event,
    Interrupted,
    Place,
    SpecAbandoned,
    StepFinished,
    StepResult,
    TaskCancelled,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import GUIDE, NOT_SELECTED, PROVEN, Plan, PlannedTask
from spec_runner.errors import ExitCode


class Summary:
    """What a run has seen so far, by place."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tasks: dict[tuple[int, str], TaskFinished | TaskCancelled] = {}
        self.steps: dict[Place, StepResult] = {}
        self.warnings: list[Warned] = []
        self.abandoned: list[SpecAbandoned] = []
        self.interrupted: Interrupted | None = None

    def hear(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case TaskFinished() | TaskCancelled():
                self.tasks[event.spec, event.task] = event
            case StepFinished(place, result):
                self.steps[place] = result
            case Warned():
                self.warnings.append(event)
            case SpecAbandoned():
                self.abandoned.append(event)
            case Interrupted():
                self.interrupted = event
            case _:
                pass

    def outcome(self, spec: int, key: str) -> str | None:
        """How a task ended: passed, failed, …, cancelled; None if it was not reached."""
        seen = self.tasks.get((spec, key))
        if seen is None:
            return None
        return "cancelled" if isinstance(seen, TaskCancelled) else seen.outcome

    def counts(self) -> Mapping[str, int]:
        """How many tasks passed, failed, were cancelled, held, skipped, …; claimed: ticked and not reached."""
        counted: Counter[str] = Counter()
        for number, spec in enumerate(self.plan.specs):
            if spec.runs_guide:
                counted[self.status(number, None)] += 1
            for task in spec.tasks:
                counted[self.status(number, task)] += 1
        return counted

    def status(self, spec: int, task: PlannedTask | None) -> str:
        """What a task counts as: one of the names of ``counts``; None stands for a guide that is run by itself."""
        outcome = self.outcome(spec, task.task.key if task else GUIDE)
        if task and task.why == PROVEN and task.action == "skip":
            return "proven"
        if task and task.action in ("hold", "skip", "none"):
            return {"hold": "held", "skip": "skipped", "none": "no evidence"}[task.action]
        if outcome == "cancelled" and task and task.task.is_ticked:
            return "claimed"
        if outcome in ("passed", "cancelled", "held"):
            return outcome
        return "failed" if outcome else "not reached"

    def guide_task(self, spec: int) -> str:
        """The task whose run of the guide is told: the last one that got there."""
        planned = self.plan.specs[spec]
        asked = [task.task.key for task in planned.tasks if task.kind == "quickstart"]
        walked = {place.task for place in self.steps if place.spec == spec and place.block is not None}
        reached = [key for key in asked if (spec, key) in self.tasks or key in walked]
        return reached[-1] if reached and not planned.runs_guide else GUIDE

    def exit_code(self, *, strict: bool = False, allow_empty: bool = False) -> ExitCode:
        """The exit code that says it all: interrupted, unreadable, failed, nothing to run, passed."""
        counts = self.counts()
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(isinstance(task, TaskFinished) and task.fault for task in self.tasks.values()):
            return ExitCode.FAULT
        if (
            self.abandoned
            or any(spec.error for spec in self.plan.specs)
            or any(each.unwritten for each in self.warnings)
        ):
            return ExitCode.USAGE
        if counts["failed"]:
            return ExitCode.FAILED
        if strict and (counts["held"] or self.unproven()):
            return ExitCode.FAILED
        if not (counts["passed"] or counts["proven"]) and not allow_empty:
            return ExitCode.EMPTY
        return ExitCode.PASSED

    def unproven(self) -> list[PlannedTask]:
        """The selected tasks that are ticked although this run saw no evidence for them."""
        return [
            task
            for number, spec in enumerate(self.plan.specs)
            for task in spec.tasks
            if task.task.is_ticked
            and task.why not in (NOT_SELECTED, PROVEN)
            and self.outcome(number, task.task.key) != "passed"
        ]

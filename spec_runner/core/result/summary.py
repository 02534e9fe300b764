"""Events → outcomes, counts and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from spec_runner.core.decide.claims import claims_of
from spec_runner.core.plan.events import (
    Cause,
    DocumentMarked,
    Event,
    Interrupted,
    Place,
    SetupFinished,
    SpecAbandoned,
    StepFinished,
    StepResult,
    TaskCancelled,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import GUIDE, NOT_SELECTED, PROVEN, Plan, PlannedTask
from spec_runner.core.result.verdicts import Judged, Tally, judge_task, tally
from spec_runner.errors import ExitCode


class Summary:
    """What a run has seen so far, by place."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tasks: dict[tuple[int, str], TaskFinished | TaskCancelled] = {}
        self.steps: dict[Place, StepResult] = {}
        self.setup: dict[tuple[int, bool, int], StepResult] = {}
        """How the commands ended that make the work trees ready: by spec, whether for the guide, and number."""
        self.warnings: list[Warned] = []
        self.digests: dict[tuple[int, str], str] = {}
        """sha256 of each document that is marked, by spec and name; none where nothing is recorded."""
        self.abandoned: list[SpecAbandoned] = []
        self.interrupted: Interrupted | None = None

    def hear(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case TaskFinished() | TaskCancelled():
                self.tasks[event.spec, event.task] = event
            case StepFinished(place, result):
                self.steps[place] = result
            case DocumentMarked(spec, name, sha256):
                self.digests[spec, name] = sha256
            case SetupFinished():
                self.setup[event.spec, event.guide, event.number] = event.result
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

    def blamed(self, cancelled: TaskCancelled) -> str:
        """What the task is called because of which one was not reached."""
        tasks = (planned.task for planned in self.plan.specs[cancelled.spec].tasks)
        return next((task.word for task in tasks if task.key == cancelled.because), cancelled.because)

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
            return self._part(spec, task) if outcome == "passed" and self._is_partial(spec, task) else outcome
        if outcome and task is None and self._has_cause(spec):
            return "in part"
        if outcome and task and task.task.key in self.plan.specs[spec].unsupported:
            return "cannot tell"
        return "failed" if outcome else "not reached"

    def _part(self, spec: int, task: PlannedTask | None) -> str:
        """What a task counts as that ran, and of which not all was seen: of one that could not fail it is nothing."""
        is_idle = task is not None and self.judged(spec, task).verdict == "nothing to go by"
        return "no evidence" if is_idle else "in part"

    def _is_partial(self, spec: int, task: PlannedTask | None) -> bool:
        seen = self.tasks.get((spec, task.task.key if task else GUIDE))
        return isinstance(seen, TaskFinished) and seen.is_partial

    def _has_cause(self, spec: int) -> bool:
        """No step of the guide failed by itself: those that did not pass cannot be judged here."""
        seen = self.tasks.get((spec, GUIDE))
        return isinstance(seen, TaskFinished) and seen.cause is not None

    def judged(self, spec: int, task: PlannedTask) -> Judged:
        """What was seen of a task so far, as a verdict on each thing that its words claim."""
        key = task.task.key
        seen = self.tasks.get((spec, key))
        claims = claims_of([each.step for each in task.steps], task.task.title)
        results = self._results(spec, task, seen)
        asked = task.kind == "quickstart" and self.has_walked(spec, key)
        found = judge_task(task, claims, results, self.guide_tally(spec, key) if asked else None)
        if isinstance(seen, TaskCancelled):
            return found._replace(
                reason=f"{self.blamed(seen)} did not pass", cause=Cause("not reached", self.blamed(seen))
            )
        if found.verdict == "false" and key in self.plan.specs[spec].unsupported:
            left_out = Cause("not reached")
            return found._replace(verdict="cannot tell", reason="tasks before it were left out", cause=left_out)
        if isinstance(seen, TaskFinished) and found.verdict == "cannot tell" and found.reason is None:
            return found._replace(reason=seen.reason)
        return found

    def _results(
        self, spec: int, task: PlannedTask, seen: TaskFinished | TaskCancelled | None
    ) -> Mapping[int, StepResult]:
        """How the steps of a task ended; where only the task's end was heard, that stands for them."""
        places = ((index, Place(spec, task.task.key, index)) for index in range(len(task.steps)))
        found = {index: self.steps[place] for index, place in places if place in self.steps}
        if found or not isinstance(seen, TaskFinished):
            return found
        cause = Cause("sandbox", "a fault of spec-run") if seen.fault else seen.cause
        cause = Cause("held") if seen.outcome == "held" else cause
        end = StepResult(seen.outcome, seen.reason, cause=cause)
        return dict.fromkeys(range(len(task.steps)), end) if seen.outcome == "passed" else {0: end}

    def has_walked(self, spec: int, key: str) -> bool:
        """The guide was gone through for this task, or for itself, as far as it went."""
        seen = self.tasks.get((spec, key))
        is_over = isinstance(seen, TaskFinished) and seen.outcome != "not-started"
        return is_over or any(place[:2] == (spec, key) and place.block is not None for place in self.steps)

    def guide_tally(self, spec: int, key: str) -> Tally:
        """How the steps of the guide went, run for this task or by itself."""
        blocks = self.plan.specs[spec].blocks
        return tally(
            (step, self.steps.get(Place(spec, key, index, block.block.line)))
            for block in blocks
            for index, step in enumerate(block.steps)
        )

    def guide_task(self, spec: int) -> str:
        """The task whose run of the guide is reported: the last one that got there."""
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
        if any(each.fault for each in self.abandoned):
            return ExitCode.FAULT
        if (
            self.abandoned
            or any(spec.error for spec in self.plan.specs)
            or any(each.unwritten for each in self.warnings)
        ):
            return ExitCode.USAGE
        if counts["failed"] or counts["cannot tell"]:
            return ExitCode.FAILED
        ended = [each for each in self.tasks.values() if isinstance(each, TaskFinished) and each.outcome == "passed"]
        is_partial = counts["in part"] or any(each.is_partial for each in ended)
        if strict and (counts["held"] or is_partial or self.unproven()):
            return ExitCode.FAILED
        if not (counts["proven"] or counts["in part"] or ended) and not allow_empty:
            return ExitCode.EMPTY
        return ExitCode.PASSED

    def looked_for(self, spec: int) -> int | None:
        """Of how many tasks the files are looked for; None where nobody looks."""
        return None

    def unproven(self) -> list[PlannedTask]:
        """The selected tasks that are ticked although this run saw no evidence for them."""
        return [
            task
            for number, spec in enumerate(self.plan.specs)
            for task in spec.tasks
            if task.task.is_ticked
            and task.why not in (NOT_SELECTED, PROVEN)
            and (self.outcome(number, task.task.key) != "passed" or self._is_partial(number, task))
        ]

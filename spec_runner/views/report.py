"""What the reports of a run tell of each task and each block of a guide: what it was, how it ended, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias, cast

from spec_runner.core.evidence.verify import Verification
from spec_runner.core.plan.events import Place, StepResult, TaskCancelled, TaskFinished
from spec_runner.core.plan.model import GUIDE, PlannedBlock, PlannedStep, PlannedTask
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import Judged
from spec_runner.views.text import document_path

CaseStatus: TypeAlias = Literal[
    "passed", "proven", "failed", "error", "missing", "in part", "cannot tell", "cancelled", "claimed", "held",
    "skipped", "not reached", "present", "not found", "moved", "no evidence",
]  # fmt: skip
"""``failed`` was seen to fail; of an ``error`` nothing was seen: it could not start, or spec-run failed."""
Put: TypeAlias = Callable[[str], None]
"""Takes the whole text of a report to where it was asked for. Raises SpecError where that cannot be."""


_TAIL = 40
"""Lines of output that a failure repeats."""


class Facts(NamedTuple):
    """What a report tells of the run besides its events."""

    version: str
    started: str
    """When, by the clock, in ISO 8601 with its offset."""
    commits: tuple[str | None, ...] = ()
    """The commit that each spec's repository stood at."""
    strict: bool = False
    writes: bool = True
    """The documents are marked."""


class StepSeen(NamedTuple):
    """A step and its end, if it was started."""

    place: Place
    planned: PlannedStep
    result: StepResult | None


class Case(NamedTuple):
    """A task or a block of a guide, and what became of it."""

    name: str
    """The task's ID, or the line it stands at."""
    title: str
    file: str
    """The document, as the user would type it."""
    line: int
    status: CaseStatus
    reason: str | None
    seconds: float
    steps: tuple[StepSeen, ...] = ()
    task: PlannedTask | None = None
    block: PlannedBlock | None = None

    def story(self) -> Iterator[str]:
        """What somebody needs who sees nothing but a failure: where it stands, what ran, the end of what it printed."""
        yield f"at: {self.file}:{self.line}"
        step = self.shortfall
        if step and step.result:
            yield f"{step.planned.step.kind}: {step.planned.step.command}"
            yield f"directory: {step.planned.cwd or '?'}"
            tail = step.result.output.rstrip().splitlines()[-_TAIL:]
            yield from ("output:", *tail) if tail else ()

    @property
    def shortfall(self) -> StepSeen | None:
        """The step that did not pass."""
        return next((each for each in self.steps if each.result and each.result.outcome != "passed"), None)


def task_cases(summary: Summary, number: int) -> Iterator[Case]:
    """The tasks of a spec, in the document's order; of a replay the ticks."""
    spec = summary.plan.specs[number]
    file = document_path(spec, spec.read.tasks_name)
    for planned in spec.tasks:
        task = planned.task
        if isinstance(summary, Verification) and task.key not in summary.ticks(number):
            continue
        seen = summary.tasks.get((number, task.key))
        status, reason = _task_end(summary, number, planned)
        seconds = seen.seconds if isinstance(seen, TaskFinished) else 0.0
        steps = tuple(_steps_seen(summary, number, task.key, planned.steps))
        yield Case(task.word, task.title, file, task.line, status, reason, seconds, steps, task=planned)


def _steps_seen(
    summary: Summary, number: int, key: str, steps: tuple[PlannedStep, ...], block: int | None = None
) -> Iterator[StepSeen]:
    for index, step in enumerate(steps):
        place = Place(number, key, index, block)
        yield StepSeen(place, step, summary.steps.get(place))


def _task_end(summary: Summary, number: int, planned: PlannedTask) -> tuple[CaseStatus, str | None]:
    status = summary.status(number, planned)
    if isinstance(summary, Verification):
        return cast("CaseStatus", status), _reason(summary.ticks(number)[planned.task.key].judged)
    seen = summary.tasks.get((number, planned.task.key))
    match status:
        case "failed" if isinstance(seen, TaskFinished):
            return "error" if seen.outcome == "not-started" else "failed", seen.reason or seen.outcome
        case "cancelled" | "claimed":
            because = f"{summary.blamed(seen)} failed" if isinstance(seen, TaskCancelled) else seen and seen.reason
            return status, because
        case "proven" | "held" | "skipped" | "no evidence":
            return status, planned.why
        case "in part":
            return "in part", summary.judged(number, planned).reason
        case "cannot tell":
            left_out = "tasks before it were left out and are not proven"
            return "cannot tell", ": ".join(
                filter(None, (seen.reason if isinstance(seen, TaskFinished) else None, left_out))
            )
        case "passed":
            return "passed", None
        case _:
            return "not reached", _why_not_reached(summary, number)


def _reason(judged: Judged) -> str | None:
    """Why a tick is judged as it is, with the cause where it could not be."""
    cause = str(judged.cause) if judged.cause and judged.verdict == "cannot tell" else None
    return ": ".join(each for each in (cause, judged.reason) if each) or None


def _why_not_reached(summary: Summary, number: int) -> str | None:
    lost = next((each.reason for each in summary.abandoned if each.spec == number), None)
    return lost or ("the run was interrupted" if summary.interrupted else None)


def block_cases(summary: Summary, number: int) -> Iterator[Case]:
    """The blocks of a spec's guide that are steps of it, or were left out of them."""
    spec, key = summary.plan.specs[number], summary.guide_task(number)
    file = document_path(spec, spec.read.guide_name)
    for planned in spec.blocks:
        if planned.action == "none":
            continue
        block = planned.block
        steps = tuple(_steps_seen(summary, number, key, planned.steps, block.line))
        status, reason = _block_end(summary, number, planned, steps)
        seconds = sum(each.result.seconds for each in steps if each.result)
        name = f"line {block.line}"
        yield Case(name, _block_title(planned), file, block.line, status, reason, seconds, steps, block=planned)


def _block_title(planned: PlannedBlock) -> str:
    first = planned.steps[0].step.command.partition("\n")[0] if planned.steps else planned.block.language
    return ": ".join(each for each in (planned.block.section, first) if each)


def _block_end(
    summary: Summary, number: int, planned: PlannedBlock, steps: tuple[StepSeen, ...]
) -> tuple[CaseStatus, str | None]:
    if planned.action == "hold":
        held = next((each.planned.step for each in steps if each.planned.step.hold), None)
        return "held", f"{held.hold}: {held.command}" if held else planned.why
    if planned.action != "run":
        return "skipped", planned.why
    ended = [each.result for each in steps if each.result]
    bad = next((each for each in ended if each.outcome != "passed"), None)
    if bad:
        status: CaseStatus = "cancelled" if bad.outcome == "cancelled" else "failed"
        return "error" if bad.outcome == "not-started" else status, bad.reason or bad.outcome
    asked = [each for each in steps if each.planned.action == "run"]
    if len(ended) == len(asked) > 0:
        return "passed", None
    return "not reached", _why_not_reached(summary, number)


def is_walked(summary: Summary, number: int) -> bool:
    """Somebody asked for the guide, so its blocks belong to what was run."""
    return any(block.action in ("run", "hold") for block in summary.plan.specs[number].blocks)


def guide_cases(summary: Summary, number: int) -> Iterator[Case]:
    """The cases of a guide that somebody asked for: its blocks, and the whole where that failed."""
    # A replay reports ticks: what the guide did is a matter of the task that asks for it.
    if isinstance(summary, Verification) or not is_walked(summary, number):
        return
    yield from block_cases(summary, number)
    whole = whole_guide(summary, number)
    if whole:
        yield whole


def whole_guide(summary: Summary, number: int) -> Case | None:
    """The guide that was run by itself, as one case, where it failed and none of its blocks says so."""
    seen = summary.tasks.get((number, GUIDE))
    if not isinstance(seen, TaskFinished) or summary.status(number, None) != "failed":
        return None
    if any(each.status in ("failed", "error") for each in block_cases(summary, number)):
        return None
    status: CaseStatus = "error" if seen.outcome == "not-started" else "failed"
    spec = summary.plan.specs[number]
    file = document_path(spec, spec.read.guide_name)
    return Case(spec.read.guide_name, "the whole guide", file, 1, status, seen.reason or seen.outcome, seen.seconds)


def spec_error(summary: Summary, number: int) -> Case | None:
    """Why nothing of a spec ran: it could not be read, or there was no work tree for it."""
    spec = summary.plan.specs[number]
    lost = next((each.reason for each in summary.abandoned if each.spec == number), None)
    if spec.error is not None:
        return Case("read", "read the spec", spec.read.path, 1, "error", spec.error, 0.0)
    if lost is not None:
        return Case("work tree", "make the work tree", spec.read.path, 1, "error", lost, 0.0)
    return None


def cases_of(summary: Summary, number: int) -> Iterator[Case]:
    """All that is told of a spec: why it did not run, its tasks, and its guide where somebody asked for it."""
    error = spec_error(summary, number)
    if error:
        yield error
    yield from task_cases(summary, number)
    yield from guide_cases(summary, number)


def many(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def strict_reasons(summary: Summary) -> Callable[[Case], str | None]:
    """Why a strict run counts a case as a failure although it did not fail, if it does."""
    unproven = {id(task) for task in summary.unproven()}

    def reason(case: Case) -> str | None:
        if isinstance(summary, Verification):
            text = ": ".join(each for each in (case.status, case.reason) if each)
            return text if id(case.task) in unproven and case.task and case.status != "failed" else None
        if case.status == "held":
            return f"held: {case.reason}"
        return "ticked without evidence" if id(case.task) in unproven and case.task else None

    return reason

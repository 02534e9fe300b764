"""Ticks are claims: which of them hold, which are false, and of which nothing can be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.evidence.check import claimed_files
from spec_runner.core.plan.events import TaskCancelled, TaskFinished
from spec_runner.core.plan.model import Plan, PlannedSpec, PlannedTask
from spec_runner.core.result.summary import Summary

NOT_TICKED = "not ticked"
Verdict: TypeAlias = Literal["holds", "false", "not reached", "no evidence", "held"]
VERDICTS: tuple[Verdict, ...] = ("holds", "false", "not reached", "no evidence", "held")


class Claim(NamedTuple):
    """A ticked task, and what a replay says of it."""

    task: PlannedTask
    verdict: Verdict
    reason: str | None = None


def only_claims(plan: Plan) -> Plan:
    """The plan that runs nothing but ticked tasks."""
    return plan._replace(specs=tuple(spec._replace(tasks=tuple(map(_claimed, spec.tasks))) for spec in plan.specs))


def _claimed(task: PlannedTask) -> PlannedTask:
    if task.task.is_ticked or task.action != "run":
        return task
    return task._replace(action="skip", why=NOT_TICKED)


def judge_claims(number: int, spec: PlannedSpec, summary: Summary, has_file: Callable[[str], bool]) -> list[Claim]:
    """What a replay says of each ticked task; ``has_file`` says whether a file is in the tree that was replayed in."""
    claims = []
    for task in spec.tasks:
        if task.task.is_ticked and task.action != "skip":
            claims.append(_with_files(_judged(task, summary.tasks.get((number, task.task.key))), has_file))
    return claims


def _judged(task: PlannedTask, seen: TaskFinished | TaskCancelled | None) -> Claim:
    if task.action == "hold":
        return Claim(task, "held", task.why)
    if task.action == "none":
        return Claim(task, "no evidence")
    if isinstance(seen, TaskCancelled):
        return Claim(task, "not reached", f"{seen.because} is false")
    if seen is None or seen.outcome == "cancelled" or seen.fault:
        return Claim(task, "not reached", seen.reason if seen else None)
    if seen.outcome == "held":
        return Claim(task, "held", seen.reason)
    if seen.outcome == "passed":
        return Claim(task, "holds")
    # Values are not in a repository: where they are missing, nothing has been said about the task.
    return Claim(task, "not reached" if task.kind == "env" else "false", seen.reason or seen.outcome)


def _with_files(claim: Claim, has_file: Callable[[str], bool]) -> Claim:
    """A tick that says that a file was created is false without the file; with nothing else to run it holds with it."""
    paths = claimed_files(claim.task.task)
    missing = [path for path in paths if not has_file(path)]
    if missing:
        return claim._replace(verdict="false", reason=f"{missing[0]} is not in the repository")
    if paths and claim.verdict == "no evidence":
        return claim._replace(verdict="holds", reason=f"{', '.join(paths)} is there")
    return claim


def counts(claims: Sequence[Claim]) -> Mapping[Verdict, int]:
    """How many claims there are of each verdict, in their order."""
    counted = Counter(claim.verdict for claim in claims)
    return {verdict: counted[verdict] for verdict in VERDICTS}

"""Ticks are claims: which of them hold, which are false, and of which nothing can be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.evidence.check import claimed_files
from spec_runner.core.plan.events import Event, TaskCancelled, TaskFinished
from spec_runner.core.plan.model import Plan, PlannedSpec, PlannedTask
from spec_runner.core.result.summary import Summary
from spec_runner.errors import ExitCode

NOT_TICKED = "not ticked"
Verdict: TypeAlias = Literal["holds", "false", "not reached", "no evidence", "held"]
VERDICTS: tuple[Verdict, ...] = ("holds", "false", "not reached", "no evidence", "held")
_STATUS: Mapping[Verdict, str] = {
    "holds": "passed", "false": "failed", "not reached": "not reached", "no evidence": "no evidence", "held": "held",
}  # fmt: skip


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


class Replayed(NamedTuple):
    """The tree that the ticks of a spec are judged in."""

    commit: str | None
    has_file: Callable[[str], bool]


class Verification(Summary):
    """What a replay has seen, and what it says of each tick: the summary of a run whose ticks are claims."""

    def __init__(self, plan: Plan, trees: Sequence[Replayed | None]) -> None:
        """``trees`` are those of the specs, in their order; None for one that could not be found."""
        super().__init__(only_claims(plan))
        self.trees = trees
        self._claims: dict[int, Mapping[str, Claim]] = {}

    def hear(self, event: Event) -> None:
        """Take one event in."""
        self._claims.clear()
        super().hear(event)

    def claims(self, number: int) -> Mapping[str, Claim]:
        """What the replay says of each tick of a spec so far, by the keys of the tasks."""
        if number not in self._claims:
            tree = self.trees[number]
            found = judge_claims(number, self.plan.specs[number], self, tree.has_file) if tree else []
            self._claims[number] = {claim.task.task.key: claim for claim in found}
        return self._claims[number]

    def all_claims(self) -> list[Claim]:
        """What the replay says of each tick."""
        return [claim for number in range(len(self.plan.specs)) for claim in self.claims(number).values()]

    def status(self, spec: int, task: PlannedTask | None) -> str:
        """What a task counts as: a tick as what the replay says of it."""
        claim = self.claims(spec).get(task.task.key) if task else None
        return _STATUS[claim.verdict] if claim else super().status(spec, task)

    def unproven(self) -> list[PlannedTask]:
        """The ticks that do not hold."""
        return [claim.task for claim in self.all_claims() if claim.verdict != "holds"]

    def exit_code(self, *, strict: bool = False, allow_empty: bool = False) -> ExitCode:
        """The exit code of a replay: 1 if a tick is false, with ``strict`` also if one does not hold."""
        code = super().exit_code(allow_empty=True)
        if code not in (ExitCode.PASSED, ExitCode.FAILED):
            return code
        found = counts(self.all_claims())
        if found["false"] or (strict and sum(found.values()) > found["holds"]):
            return ExitCode.FAILED
        return ExitCode.PASSED if found["holds"] or allow_empty else ExitCode.EMPTY


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

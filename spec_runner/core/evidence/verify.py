"""Ticks are claims: which of them hold, which are false, and of which nothing can be said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.evidence.looking import SIGHTS, DocumentLooked, Looked, Sight, Tree, look, said, weightiest
from spec_runner.core.plan.events import Event, TaskCancelled, TaskFinished
from spec_runner.core.plan.model import Plan, PlannedSpec, PlannedTask
from spec_runner.core.result.summary import Summary
from spec_runner.errors import ExitCode

NOT_TICKED = "not ticked"
Verdict: TypeAlias = Literal["holds", "false", "not reached", "no evidence", "held"] | Sight
VERDICTS: tuple[Verdict, ...] = ("holds", "false", "missing", "not reached", "held", *SIGHTS[1:], "no evidence")
_STATUS: Mapping[Verdict, str] = {
    "holds": "passed", "false": "failed", "not reached": "not reached", "no evidence": "no evidence", "held": "held",
    "missing": "not reached", "not found": "no evidence", "moved": "no evidence", "present": "no evidence",
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
    tree: Tree | None = None
    """None where it cannot be looked into."""
    document: str = ""
    """The document of the ticks, relative to the repository."""


class Verification(Summary):
    """What a replay has seen, and what it says of each tick: the summary of a run whose ticks are claims."""

    def __init__(self, plan: Plan, trees: Sequence[Replayed | None]) -> None:
        """``trees`` are those of the specs, in their order; None for one that could not be found."""
        super().__init__(only_claims(plan))
        self.trees = trees
        self._claims: dict[int, Mapping[str, Claim]] = {}
        self._looked: dict[int, DocumentLooked] = {}

    def hear(self, event: Event) -> None:
        """Take one event in."""
        self._claims.clear()
        super().hear(event)

    def claims(self, number: int) -> Mapping[str, Claim]:
        """What the replay says of each tick of a spec so far, by the keys of the tasks."""
        if number not in self._claims:
            tree = self.trees[number]
            found = judge_claims(number, self.plan.specs[number], self) if tree else []
            looked = self.looked(number).tasks
            judged = (with_looked(claim, looked.get(claim.task.task.key, ())) for claim in found)
            self._claims[number] = {claim.task.task.key: claim for claim in judged}
        return self._claims[number]

    def looked(self, number: int) -> DocumentLooked:
        """What looking into the tree says of the ticks of a spec; it is looked once."""
        if number not in self._looked:
            replayed, read = self.trees[number], self.plan.specs[number].read
            self._looked[number] = (
                look(read.tasks, replayed.document, replayed.tree, lambda task: task.is_ticked)
                if replayed and replayed.tree and read.tasks
                else DocumentLooked({})
            )
        return self._looked[number]

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


def judge_claims(number: int, spec: PlannedSpec, summary: Summary) -> list[Claim]:
    """What a replay says of each ticked task."""
    claims = []
    for task in spec.tasks:
        if task.task.is_ticked and task.action != "skip":
            claims.append(_judged(task, summary.tasks.get((number, task.task.key)), spec))
    return claims


def _judged(task: PlannedTask, seen: TaskFinished | TaskCancelled | None, spec: PlannedSpec) -> Claim:
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
    if task.task.key in spec.unsupported:
        return Claim(task, "not reached", "tasks before it were left out")
    # Values are not in a repository: where they are missing, nothing has been said about the task.
    return Claim(task, "not reached" if task.kind == "env" else "false", seen.reason or seen.outcome)


def with_looked(claim: Claim, looked: Sequence[Looked]) -> Claim:
    """A claim with what looking says of it, which weighs less than what a command showed, but for a missing file."""
    first = weightiest(looked)
    if first is None or claim.verdict == "false" or (first.sight != "missing" and claim.verdict != "no evidence"):
        return claim
    return claim._replace(verdict=first.sight, reason=said(first))


def counts(claims: Sequence[Claim]) -> Mapping[Verdict, int]:
    """How many claims there are of each verdict, in their order."""
    counted = Counter(claim.verdict for claim in claims)
    return {verdict: counted[verdict] for verdict in VERDICTS}

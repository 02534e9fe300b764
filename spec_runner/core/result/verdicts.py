"""Claims + how their steps ended → verdicts: what the words say is proven, false, or cannot be told here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from spec_runner.core.decide.claims import Claim, is_idle
from spec_runner.core.decide.proving import proves_nothing
from spec_runner.core.plan.events import Cause, StepResult
from spec_runner.core.plan.model import PlannedStep, PlannedTask

Verdict = Literal[
    "proven", "false", "missing", "in part", "cannot tell", "present", "not found", "moved", "nothing to go by",
    "unchecked",
]  # fmt: skip
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)[:-1]
"""Those that a task can have, in the order in which they are shown."""
INTERRUPTED = "stopped: the run was interrupted"
_GRAVEST: tuple[Verdict, ...] = ("false", "missing", "cannot tell")
_LOOKED: tuple[Verdict, ...] = ("not found", "moved", "present")


class JudgedClaim(NamedTuple):
    """A claim, and what its check showed."""

    claim: Claim
    verdict: Verdict
    reason: str | None = None
    cause: Cause | None = None


class Judged(NamedTuple):
    """What is known of a task."""

    verdict: Verdict
    reason: str | None = None
    cause: Cause | None = None
    claims: tuple[JudgedClaim, ...] = ()


class Tally(NamedTuple):
    """How the steps of a guide went."""

    steps: int = 0
    passed: int = 0
    held: int = 0
    failed: int = 0
    causes: tuple[Cause, ...] = ()
    """Of those that could not be judged."""
    idle: int = 0
    """Of those that passed: how many end well whatever there is."""

    @property
    def is_whole(self) -> bool:
        """Each of its steps ran and passed, and one of them says something."""
        return self.idle < self.steps == self.passed

    def __str__(self) -> str:
        """As in ``9 of 12 steps, 2 cannot be judged here (docker), 1 failed``."""
        if not self.steps:
            return "the guide has nothing to run"
        if self.idle == self.steps:
            return "the guide has nothing to run that could fail"
        parts = [f"{self.passed} of {self.steps} steps"]
        if self.held:
            parts.append(f"{self.held} held")
        if self.causes:
            named = ", ".join(dict.fromkeys(map(str, self.causes)))
            parts.append(f"{len(self.causes)} cannot be judged here ({named})")
        if self.failed:
            parts.append(f"{self.failed} failed")
        return ", ".join(parts)


def tally(steps: Iterable[tuple[PlannedStep, StepResult | None]]) -> Tally:
    """How the steps of a guide that are to be run, or are held, went; None for one that was not reached."""
    passed = held = failed = count = idle = 0
    causes: list[Cause] = []
    for planned, result in steps:
        if planned.action not in ("run", "hold"):
            continue
        count += 1
        if planned.action == "hold":
            held += 1
        elif result is None:
            causes.append(Cause("not reached"))
        elif result.outcome == "passed":
            passed += 1
            idle += is_idle(planned.step)
        elif result.cause is not None:
            causes.append(result.cause)
        else:
            failed += 1
    return Tally(count, passed, held, failed, tuple(causes), idle)


def end_of_guide(steps: Sequence[tuple[PlannedStep, StepResult | None]], name: str) -> StepResult:
    """How a whole guide ended: it fails by a step of its own; where nothing failed, what was not seen is told."""
    ended = [(planned, result) for planned, result in steps if result is not None and result.outcome != "passed"]
    seen = tally(steps)
    if any(result.outcome == "cancelled" and result.reason == INTERRUPTED for _, result in ended):
        return StepResult("cancelled", INTERRUPTED, cause=Cause("not reached"))
    failed = [each for each in ended if each[1].cause is None]
    if failed or (ended and not seen.passed):
        planned, result = (failed or ended)[0]
        return result._replace(reason=f"{name}:{planned.step.line}: {result.reason} ({seen})", output="")
    return StepResult("passed", None if seen.is_whole else str(seen))


def judge_guide(seen: Tally, reason: str | None = None) -> Judged:
    """What a guide's steps say of it; ``reason`` is why the first one that failed did."""
    if seen.failed:
        return Judged("false", reason or str(seen))
    if seen.is_whole:
        return Judged("proven")
    if seen.passed > seen.idle:
        return Judged("in part", str(seen), next(iter(seen.causes), None))
    if seen.held or seen.causes:
        cause = Cause("held") if seen.held and not seen.causes else seen.causes[0]
        return Judged("cannot tell", str(seen), cause)
    return Judged("nothing to go by", str(seen))


def judge_task(
    task: PlannedTask, claims: Sequence[Claim], results: Mapping[int, StepResult], guide: Tally | None = None
) -> Judged:
    """What the ends of a task's steps say of its claims; ``guide`` is how the guide went that it asks for."""
    return of_claims([_judge_claim(task, claim, results, guide) for claim in claims])


def of_claims(claims: Sequence[JudgedClaim]) -> Judged:
    """The verdict of a task from those of its claims: one that is false is stronger than all that are proven."""
    found = tuple(claims)
    by_verdict = {each.verdict: each for each in reversed(found)}
    for verdict in _GRAVEST:
        if verdict in by_verdict:
            return Judged(verdict, by_verdict[verdict].reason, by_verdict[verdict].cause, found)
    if "in part" in by_verdict or {"proven", "unchecked"} <= set(by_verdict):
        part = by_verdict.get("in part") or by_verdict["unchecked"]
        return Judged("in part", part.reason or f"not checked: {part.claim.text}", part.cause, found)
    if "proven" in by_verdict:
        return Judged("proven", claims=found)
    for verdict in _LOOKED:
        if verdict in by_verdict:
            return Judged(verdict, by_verdict[verdict].reason, claims=found)
    said = by_verdict.get("nothing to go by") or by_verdict.get("unchecked")
    return Judged("nothing to go by", said.reason if said else None, claims=found)


def _judge_claim(
    task: PlannedTask, claim: Claim, results: Mapping[int, StepResult], guide: Tally | None
) -> JudgedClaim:
    if claim.check is None:
        ends = claim.kind == "command" and proves_nothing(claim.text)
        return JudgedClaim(claim, "unchecked", "it ends with 0 whatever there is" if ends else None)
    if claim.step is None:
        return JudgedClaim(claim, "nothing to go by")
    planned, result = task.steps[claim.step], results.get(claim.step)
    if planned.action == "hold":
        return JudgedClaim(claim, "cannot tell", task.why, Cause("held", str(planned.step.hold or "")))
    if claim.kind == "quickstart" and guide is not None and (result is None or result.outcome != "not-started"):
        seen = judge_guide(guide, result.reason if result else None)
        return JudgedClaim(claim, seen.verdict, seen.reason, seen.cause)
    return _judge_result(claim, result)


def _judge_result(claim: Claim, result: StepResult | None) -> JudgedClaim:
    if result is None or result.outcome == "cancelled":
        return JudgedClaim(claim, "cannot tell", result and result.reason, Cause("not reached"))
    if result.outcome == "passed":
        is_seen = claim.expectation is None or claim.expectation not in result.unseen
        return JudgedClaim(claim, "proven" if is_seen else "unchecked", result.reason if is_seen else None)
    if result.cause is not None:
        return JudgedClaim(claim, "cannot tell", result.reason, result.cause)
    if result.unmet is not None and result.unmet != claim.expectation:
        # The command ran as it should; what the words say of it is another claim.
        return JudgedClaim(claim, "proven" if claim.expectation is None else "cannot tell", None, _NOT_SEEN)
    if result.unmet is None and claim.expectation is not None:
        return JudgedClaim(claim, "cannot tell", None, _NOT_SEEN)
    return JudgedClaim(claim, "false", result.reason or result.outcome)


_NOT_SEEN = Cause("not reached", "another claim is false")


def counted(judged: Iterable[Judged]) -> Mapping[Verdict, int]:
    """How many there are of each verdict, in their order."""
    found = Counter(each.verdict for each in judged)
    return {verdict: found[verdict] for verdict in VERDICTS}


def causes_text(judged: Iterable[Judged]) -> str:
    """What could not be judged here, as in ``docker (4), network github.com (5), node >= 22 (3)``."""
    found = Counter(str(each.cause) for each in judged if each.verdict == "cannot tell" and each.cause)
    return ", ".join(f"{name} ({count})" for name, count in found.most_common())

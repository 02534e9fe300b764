"""What a replay says of the ticks: a line for each, a line for each spec; or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from spec_runner.core.evidence.verify import Claim, Verdict, counts
from spec_runner.core.plan.model import Plan, PlannedSpec
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import visible
from spec_runner.views.json import print_object, sandbox_told
from spec_runner.views.report import Case, Facts, Status, task_cases
from spec_runner.views.text import Lines, document_path


class Verified(NamedTuple):
    """A spec with what is known of its ticks, and the commit that they were replayed at."""

    spec: PlannedSpec
    commit: str | None
    claims: Sequence[Claim]


def print_verified(
    plan: Plan, summary: Summary, verified: Sequence[Verified], code: int, out: TextIO, lines: Lines, *, as_json: bool
) -> None:
    """Print it all: JSON to ``out``, lines to ``lines``."""
    if as_json:
        print_object(_told(plan, summary, verified, code), out)
        return
    for each in verified:
        if each.spec.error is not None:
            lines.write(visible(each.spec.error))
            continue
        at = f" at {each.commit[:12]}" if each.commit else ""
        lines.write(f"{visible(each.spec.read.path)}{at}")
        for claim in each.claims:
            # Ticks without anything to run are most of them: their count says enough.
            if claim.verdict != "no evidence":
                reason = f": {visible(claim.reason)}" if claim.reason else ""
                lines.write(f"  {visible(claim.task.task.id or '-'):<6} {claim.verdict}{reason}")
        lines.write(f"  {_counted(counts(each.claims))}")


def _counted(found: Mapping[Verdict, int]) -> str:
    told = {"holds": "hold", "no evidence": "without evidence"}
    return ", ".join(f"{count} {told.get(name, name)}" for name, count in found.items() if count) or "no ticks"


def _told(plan: Plan, summary: Summary, verified: Sequence[Verified], code: int) -> dict[str, Any]:
    return {
        "schema": "spec-run/verify@1",
        "box": sandbox_told(plan),
        "exit": int(code),
        "interrupted": summary.interrupted is not None,
        "counts": dict(counts([claim for each in verified for claim in each.claims])),
        "specs": [
            {
                "path": each.spec.read.path,
                "error": each.spec.error,
                "commit": each.commit,
                "counts": dict(counts(each.claims)),
                "claims": [_claim(claim) for claim in each.claims],
            }
            for each in verified
        ],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    task = claim.task.task
    return {
        "id": task.id, "line": task.line, "title": task.title, "kind": claim.task.kind, "verdict": claim.verdict,
        "reason": claim.reason, "commands": [step.step.command for step in claim.task.steps],
    }  # fmt: skip


_STATUS: Mapping[Verdict, Status] = {
    "holds": "passed", "false": "failed", "not reached": "not reached", "no evidence": "no evidence", "held": "held",
}  # fmt: skip


def claim_cases(summary: Summary, number: int, verified: Verified, *, strict: bool) -> Iterator[Case]:
    """The ticks of a spec as cases of a report; with ``strict`` one that does not hold is a failure."""
    cases = {case.task.task.key: case for case in task_cases(summary, number) if case.task}
    for claim in verified.claims:
        status, reason = _STATUS[claim.verdict], claim.reason
        if strict and status not in ("passed", "failed"):
            status, reason = "failed", ": ".join(each for each in (claim.verdict, reason) if each)
        yield cases[claim.task.task.key]._replace(status=status, reason=reason)


def junit_of(plan: Plan, summary: Summary, verified: Sequence[Verified], facts: Facts) -> str:
    """The ticks as JUnit XML: a document is a suite, a tick is a case."""
    from spec_runner.views.junit import Suite, xml_of
    from spec_runner.views.report import spec_error

    suites = []
    for number, each in enumerate(verified):
        error = spec_error(summary, number)
        if error:
            suites.append(Suite(each.spec.read.path, number, (error,)))
        if each.claims:
            cases = tuple(claim_cases(summary, number, each, strict=facts.strict))
            suites.append(Suite(document_path(each.spec, each.spec.read.tasks_name), number, cases))
    return xml_of(suites, plan, facts)

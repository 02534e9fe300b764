"""What a replay says of the ticks: a line for each, a line for each spec; or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_runner.core.evidence.verify import Claim, Verdict, Verification, counts
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import visible
from spec_runner.views.json import Digests, sandbox_told
from spec_runner.views.text import Line, plan_notes

_WORDS: Mapping[Verdict, str] = {"holds": "hold", "no evidence": "without evidence"}
_ROLES: Mapping[Verdict, str] = {
    "holds": "passed",
    "false": "failed",
    "held": "held",
    "missing": "failed",
    "present": "skipped",
}


def verified_lines(summary: Summary, code: int, digests: Digests) -> Iterator[Line]:
    """The end of a replay as lines."""
    assert isinstance(summary, Verification)
    for number, spec in enumerate(summary.plan.specs):
        if spec.error is not None:
            yield visible(spec.error), "failed"
            continue
        tree, claims = summary.trees[number], list(summary.claims(number).values())
        at = f" at {tree.commit[:12]}" if tree and tree.commit else ""
        yield f"{visible(spec.read.path)}{at}", "title"
        yield from plan_notes(spec)
        for claim in claims:
            # Ticks without anything to run are most of them: their count says enough, also where their file is there.
            if claim.verdict not in ("no evidence", "present"):
                reason = f": {visible(claim.reason)}" if claim.reason else ""
                line = f"  {visible(claim.task.task.id or '-'):<6} {claim.verdict}{reason}"
                yield line, _ROLES.get(claim.verdict, "")
        found = counts(claims)
        yield (
            "  "
            + (", ".join(f"{found[each]} {_WORDS.get(each, each)}" for each in found if found[each]) or "no ticks"),
            "",
        )


def verified_object(summary: Summary, digests: Digests, code: int) -> dict[str, Any]:
    """The end of a replay as one object."""
    assert isinstance(summary, Verification)
    return {
        "schema": "spec-run/verify@1",
        "box": sandbox_told(summary.plan),
        "exit": int(code),
        "interrupted": summary.interrupted is not None,
        "counts": dict(counts(summary.all_claims())),
        "specs": [_spec(summary, number, spec) for number, spec in enumerate(summary.plan.specs)],
    }


def _spec(summary: Verification, number: int, spec: PlannedSpec) -> dict[str, Any]:
    tree, claims = summary.trees[number], list(summary.claims(number).values())
    return {
        "path": spec.read.path,
        "error": spec.error,
        "commit": tree.commit if tree else None,
        "counts": dict(counts(claims)),
        "claims": [_claim(claim) for claim in claims],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    task = claim.task.task
    return {
        "id": task.id, "line": task.line, "title": task.title, "kind": claim.task.kind, "verdict": claim.verdict,
        "reason": claim.reason, "commands": [step.step.command for step in claim.task.steps],
    }  # fmt: skip

"""What a replay says of the ticks: a line for each, a line for each spec; or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from spec_runner.core.claims import Claim, Verdict, counts
from spec_runner.core.output import json_escaped, visible
from spec_runner.core.plan import Plan, PlannedSpec
from spec_runner.core.summary import Summary
from spec_runner.views.json import box_told


class Verified(NamedTuple):
    """A spec with what is known of its ticks, and the commit that they were replayed at."""

    spec: PlannedSpec
    commit: str | None
    claims: Sequence[Claim]


def print_verified(
    plan: Plan, summary: Summary, verified: Sequence[Verified], code: int, out: TextIO, *, as_json: bool
) -> None:
    """Print it all."""
    if as_json:
        print(json_escaped(json.dumps(_told(plan, summary, verified, code), ensure_ascii=False, indent=2)), file=out)
        return
    for each in verified:
        if each.spec.error is not None:
            print(visible(each.spec.error), file=out)
            continue
        at = f" at {each.commit[:12]}" if each.commit else ""
        print(f"{visible(each.spec.read.path)}{at}", file=out)
        for claim in each.claims:
            # Ticks without anything to run are most of them: their count says enough.
            if claim.verdict != "no evidence":
                reason = f": {visible(claim.reason)}" if claim.reason else ""
                print(f"  {visible(claim.task.task.id or '-'):<6} {claim.verdict}{reason}", file=out)
        print(f"  {_counted(counts(each.claims))}", file=out)


def _counted(found: Mapping[Verdict, int]) -> str:
    told = {"holds": "hold", "no evidence": "without evidence"}
    return ", ".join(f"{count} {told.get(name, name)}" for name, count in found.items() if count) or "no ticks"


def _told(plan: Plan, summary: Summary, verified: Sequence[Verified], code: int) -> dict[str, Any]:
    return {
        "schema": "spec-run/verify@1",
        "box": box_told(plan),
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

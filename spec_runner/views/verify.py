"""What a replay says of the ticks: a line for each, a line for each spec; or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_runner.core.evidence.verify import Tick, Verification, counts
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import Verdict, causes_text
from spec_runner.core.text.printable import visible
from spec_runner.views.json import cause_object, claim_object, sandbox_object, setup_object
from spec_runner.views.text import Line, plan_notes

_QUIET: frozenset[Verdict] = frozenset({"nothing to go by", "present"})
"""Most ticks are these: their count says enough."""
_ROLES: Mapping[Verdict, str] = {
    "proven": "passed", "false": "failed", "missing": "failed", "in part": "held", "cannot tell": "held",
}  # fmt: skip


def verified_lines(summary: Summary, code: int) -> Iterator[Line]:
    """The end of a replay as lines."""
    assert isinstance(summary, Verification)
    for number, spec in enumerate(summary.plan.specs):
        if spec.error is not None:
            continue
        tree, ticks = summary.trees[number], list(summary.ticks(number).values())
        at = f" at {tree.commit[:12]}" if tree and tree.commit else ""
        yield f"{visible(spec.read.path)}{at}", "title"
        yield from plan_notes(spec)
        for tick in ticks:
            if tick.verdict not in _QUIET:
                yield f"  {visible(tick.task.task.id or '-'):<6} {verdict_text(tick)}", _ROLES.get(tick.verdict, "")
        yield f"  {counted_words(counts(ticks))}", ""
    judged = [tick.judged for tick in summary.all_ticks()]
    causes = causes_text(judged)
    if causes:
        count = sum(each.verdict == "cannot tell" for each in judged)
        yield f"{count} {'tick' if count == 1 else 'ticks'} could not be judged here: {visible(causes)}", "held"


def verdict_text(tick: Tick) -> str:
    """A tick's verdict, its cause and its reason."""
    judged = tick.judged
    cause = f" ({visible(str(judged.cause))})" if judged.cause and judged.verdict == "cannot tell" else ""
    return f"{judged.verdict}{cause}" + (f": {visible(judged.reason)}" if judged.reason else "")


def counted_words(found: Mapping[Verdict, int]) -> str:
    """As in ``31 ticks: 6 proven · 1 FALSE · 14 present``."""
    total = sum(found.values())
    if not total:
        return "no ticks"
    parts = (
        f"{count} {verdict.upper() if verdict == 'false' else verdict}" for verdict, count in found.items() if count
    )
    return f"{total} {'tick' if total == 1 else 'ticks'}: {' · '.join(parts)}"


def verified_object(summary: Summary, code: int) -> dict[str, Any]:
    """The end of a replay as one object."""
    assert isinstance(summary, Verification)
    return {
        "schema": "spec-run/verify@1",
        "box": sandbox_object(summary.plan),
        "exit": int(code),
        "interrupted": summary.interrupted is not None,
        "counts": dict(counts(summary.all_ticks())),
        "specs": [_spec(summary, number, spec) for number, spec in enumerate(summary.plan.specs)],
    }


def _spec(summary: Verification, number: int, spec: PlannedSpec) -> dict[str, Any]:
    tree, ticks = summary.trees[number], list(summary.ticks(number).values())
    return {
        "path": spec.read.path,
        "error": spec.error,
        "commit": tree.commit if tree else None,
        "setup": _setup(summary, number, spec),
        "counts": dict(counts(ticks)),
        "ticks": [_tick(tick) for tick in ticks],
    }


def _setup(summary: Verification, number: int, spec: PlannedSpec) -> list[dict[str, Any]]:
    """What made the work tree ready, and how it ended; no outcome where it was not reached."""
    made = setup_object(spec.setup)
    for index, item in enumerate(made):
        result = summary.setup.get((number, False, index))
        item |= {"outcome": result.outcome if result else None, "reason": result.reason if result else None}
    return made


def _tick(tick: Tick) -> dict[str, Any]:
    task, judged = tick.task.task, tick.judged
    return {
        "id": task.id, "line": task.line, "title": task.title, "kind": tick.task.kind, "verdict": judged.verdict,
        "reason": judged.reason, "cause": cause_object(judged.cause),
        "commands": [step.step.command for step in tick.task.steps],
        "claims": [claim_object(claim) for claim in judged.claims],
    }  # fmt: skip

"""What a replay says of the ticks: a line for each, a line for each spec; or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spec_runner.core.evidence.verify import Tick, Verification, counts
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import Verdict, causes_text
from spec_runner.core.text.printable import typed, visible
from spec_runner.views.json import cause_object, claim_object, head_object, setup_object
from spec_runner.views.text import Line, document_path, plan_notes, shortfall_lines

_SHOWN: Mapping[Verdict, str] = {
    "false": "failed", "missing": "failed", "in part": "held", "cannot tell": "held", "not found": "", "moved": "",
}  # fmt: skip
"""The verdicts that are told one by one, in this order, each with its role; of the others the count says enough."""


def verified_lines(summary: Summary, code: int, *, verbose: bool = False) -> Iterator[Line]:
    """The end of a replay as lines: the counts, what is false with its evidence, what is not sure, the rest counted."""
    assert isinstance(summary, Verification)
    specs = [(number, spec) for number, spec in enumerate(summary.plan.specs) if spec.error is None]
    if len(specs) > 1:
        yield counted_words(counts(summary.all_ticks())), "title"
    for number, spec in specs:
        yield from _spec_lines(summary, number, spec, verbose)
    judged = [tick.judged for tick in summary.all_ticks()]
    causes = causes_text(judged)
    if causes:
        count = sum(each.verdict == "cannot tell" for each in judged)
        yield f"{count} {'tick' if count == 1 else 'ticks'} could not be judged here: {visible(causes)}", ""


def _spec_lines(summary: Verification, number: int, spec: PlannedSpec, verbose: bool) -> Iterator[Line]:
    tree, ticks = summary.trees[number], list(summary.ticks(number).values())
    at = f" at {tree.commit[:12]}" if tree and tree.commit else ""
    yield f"{visible(spec.read.path)}{at}", "title"
    yield f"  {counted_words(counts(ticks))}", "title"
    yield from ((f"  {line}", role) for line, role in plan_notes(spec))
    for verdict in _SHOWN:
        for tick in ticks:
            if tick.verdict == verdict:
                yield from _tick_lines(summary, number, tick)
    rest = [tick for tick in ticks if tick.verdict not in _SHOWN]
    if verbose:
        for tick in rest:
            yield from _tick_lines(summary, number, tick)
            yield from _unchecked_lines(tick)
    elif any(tick.verdict in _SHOWN for tick in ticks) and rest:
        yield "  -v shows the others too", "faint"


def _tick_lines(summary: Verification, number: int, tick: Tick) -> Iterator[Line]:
    """A tick with its verdict; of one that is false also where it stands, what ran, and what to type."""
    spec, task = summary.plan.specs[number], tick.task.task
    name = f"  {visible(task.word):<6} {tick.verdict}"
    role = _SHOWN.get(tick.verdict, "passed" if tick.verdict == "proven" else "")
    yield f"  {visible(task.word):<6} {verdict_text(tick)}", f"{role} {len(name)}" if role else ""
    if tick.verdict != "false":
        return
    yield f"         at         {visible(document_path(spec, spec.read.tasks_name))}:{task.line}", ""
    for line, look in shortfall_lines(summary, number, task.key):
        yield f"       {line}", look.replace("13", "20")
    again = f"spec-run verify --only {typed(task.word)} {typed(spec.read.path)}"
    yield f"         next       fix it or open the checkbox, commit, then: {again}", ""


def _unchecked_lines(tick: Tick) -> Iterator[Line]:
    for claim in tick.judged.claims:
        if claim.verdict == "unchecked":
            yield f"         not checked: {visible(claim.claim.text)}", "faint"


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
        **head_object("spec-run/verify@1", summary.plan),
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

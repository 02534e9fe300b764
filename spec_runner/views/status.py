"""How specs stand: a line for each and a total, or one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from spec_runner.core.evidence.status import STATES, Status
from spec_runner.views import lines_for
from spec_runner.views.json import print_object
from spec_runner.views.text import Line, visible

_WIDEST = 60


def print_status(found: Sequence[Status], out: TextIO, *, as_json: bool) -> None:
    """Print how each spec stands, and all together."""
    if as_json:
        print_object(_object(found), out)
        return
    lines = lines_for(out)
    for line, role in _lines(found):
        lines.write(line, role)


def _lines(found: Sequence[Status]) -> Iterator[Line]:
    total: Counter[str] = Counter()
    if found and all(each.error is not None for each in found):
        return
    for each in found:
        total.update(each.counts)
    states = [state for state in STATES if state != "other" or total[state]]
    width = min(max((len(visible(each.path)) for each in found), default=4), _WIDEST)
    yield f"{'':<{width}}  " + "  ".join(f"{state:>{_width(state)}}" for state in states) + "  last run", "faint"
    for each in found:
        if each.error is not None:
            continue
        yield f"{visible(each.path):<{width}}  {_counts(each.counts, states)}  {_last(each)}", _role(each)
    readable = sum(each.error is None for each in found)
    yield f"{'1 spec' if readable == 1 else f'{readable} specs':<{width}}  {_counts(total, states)}", "title"


def _width(state: str) -> int:
    return max(len(state), 5)


def _counts(counts: Mapping[str, int], states: Sequence[str]) -> str:
    return "  ".join(f"{counts.get(state, 0) or '-':>{_width(state)}}" for state in states)


def _last(each: Status) -> str:
    if each.last is None:
        return "never"
    return f"{str(each.last['time'])[:16].replace('T', ' ')} UTC {each.last['ended']}"


def _role(each: Status) -> str:
    if each.counts.get("failed"):
        return "failed"
    is_done = each.counts.get("done") and not any(each.counts.get(state) for state in ("claimed", "cancelled", "open"))
    return "passed" if is_done else ""


def _object(found: Sequence[Status]) -> dict[str, object]:
    total: Counter[str] = Counter()
    for each in found:
        total.update(each.counts)
    specs = [
        {"path": each.path, "error": each.error, **_named(each.counts), "ticked": each.ticked, "last_run": each.last}
        for each in found
    ]
    totals = {**_named(total), "ticked": sum(each.ticked for each in found), "specs": len(found)}
    return {"schema": "spec-run/status@1", "specs": specs, "total": totals}


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    named = {state.replace(" ", "_"): counts.get(state, 0) for state in STATES}
    return {"tasks": sum(named.values()), **named}

"""How specs stand: a line for each and a total, or one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TextIO

from spec_runner.core.evidence.status import STATES, Status
from spec_runner.views import lines_for
from spec_runner.views.json import print_object
from spec_runner.views.text import Line, visible

_ROOM = 80
"""Columns that a line fits in, whatever the terminal."""
_RARE = ("failed", "cancelled", "other")
_SHORT = {"cancelled": "[C]", "no evidence": "none"}
"""What stands above a column, where that is not the state's own word."""


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
    states = [state for state in STATES if state not in _RARE or total[state]]
    last = max(8, *(len(_last(each)) for each in found))
    room = _ROOM - len(_counts({}, states)) - 4 - last
    readable = [each for each in found if each.error is None]
    width = max(min(max(len(visible(each.path)) for each in readable), room), 8)
    heads = "  ".join(f"{_SHORT.get(state, state):>{_width(state)}}" for state in states)
    yield f"{'':<{width}}  {heads}  last run", "faint"
    for each in readable:
        path, row = visible(each.path), f"{_counts(each.counts, states)}  {_last(each)}"
        if len(path) > width:
            # A name that is cut could not be typed.
            yield path, _role(each)
            yield f"{'':<{width}}  {row}", ""
        else:
            yield f"{path:<{width}}  {row}", _role(each)
    specs = "1 spec" if len(readable) == 1 else f"{len(readable)} specs"
    yield f"{specs:<{width}}  {_counts(total, states)}", "title"
    if "none" in heads.split():
        yield "none: nothing to run, so no evidence, whatever the mark", "faint"


def _width(state: str) -> int:
    return max(len(_SHORT.get(state, state)), 4)


def _counts(counts: Mapping[str, int], states: Sequence[str]) -> str:
    return "  ".join(f"{counts.get(state, 0) or '-':>{_width(state)}}" for state in states)


def _last(each: Status) -> str:
    if each.last is None:
        return "never"
    return f"{str(each.last['time'])[5:16].replace('T', ' ')} {each.last['ended']}"


def _role(each: Status) -> str:
    """The colour of the path."""
    if each.counts.get("failed"):
        return f"failed {len(visible(each.path))}"
    is_done = each.counts.get("done") and not any(each.counts.get(state) for state in ("claimed", "cancelled", "open"))
    return f"passed {len(visible(each.path))}" if is_done else ""


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

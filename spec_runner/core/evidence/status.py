"""A planned spec → how it stands, in a form that can be kept: counts, and what would prove its ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from spec_runner.core.evidence.records import History, digest, guide_digest
from spec_runner.core.plan.model import PlannedSpec

STATES = ("done", "claimed", "failed", "cancelled", "open", "other", "no evidence")
"""done: ticked, with evidence; claimed: ticked, without; no evidence: there is nothing to run, whatever the mark."""


class StatusReading(NamedTuple):
    """What a spec's documents say by themselves: nothing in it changes until they do."""

    counts: Mapping[str, int]
    """Tasks by state; those that are ticked and could be run stand as ``claimed``."""
    ticked: int
    """Tasks that are ticked, whatever can be run of them."""
    digests: tuple[tuple[str, str, bool], ...]
    """Of each task that can be run, in order: its key, its digest, and whether it is claimed."""


class Status(NamedTuple):
    """How a spec stands."""

    path: str
    counts: Mapping[str, int]
    ticked: int = 0
    last: Mapping[str, Any] | None = None
    """The last run: ``run``, ``time``, ``ended``, ``exit``."""
    error: str | None = None


def read_status(spec: PlannedSpec) -> StatusReading:
    """What a planned spec says by itself."""
    counts: Counter[str] = Counter()
    guide, digests = guide_digest(spec.read.sources), []
    for task in spec.tasks:
        state = "no evidence" if task.kind == "none" else "claimed" if task.state == "done" else task.state
        counts[state] += 1
        if task.kind != "none":
            digests.append((task.task.key, digest(task, guide), state == "claimed"))
    return StatusReading(dict(counts), sum(task.task.is_ticked for task in spec.tasks), tuple(digests))


def with_evidence(reading: StatusReading, history: History, document: str) -> Mapping[str, int]:
    """Tasks by state: of those that are claimed, the ones that are proven are done."""
    if not history.seen:
        return reading.counts
    proven = history.holding(document, ((key, lambda now=now: now) for key, now, _ in reading.digests))  # type: ignore[misc]
    done = sum(is_claimed and key in proven for key, _, is_claimed in reading.digests)
    counts = {**reading.counts, "done": done, "claimed": reading.counts.get("claimed", 0) - done}
    return {state: count for state, count in counts.items() if count}


def to_json(reading: StatusReading) -> list[Any]:
    """A reading as it is kept."""
    return [reading.counts, reading.ticked, [list(each) for each in reading.digests]]


def from_json(kept: Any) -> StatusReading | None:
    """A reading as it was kept; None for anything else."""
    match kept:
        case [dict(counts), int(ticked), list(digests)] if all(_is_digest(each) for each in digests):
            if all(state in STATES and isinstance(count, int) for state, count in counts.items()):
                return StatusReading(counts, ticked, tuple((key, now, claimed) for key, now, claimed in digests))
    return None


def _is_digest(kept: Any) -> bool:
    return isinstance(kept, list) and [type(part) for part in kept] == [str, str, bool]

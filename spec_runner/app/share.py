"""The specs of one part of a run (``--partition 3/8``): what the others have is left to them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.core.plan.partition import Part, part_of
from spec_runner.errors import MALFORMED, SpecError
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths


def only_share(
    places: Sequence[SpecPaths | SpecError], settings: Settings, known: Known
) -> tuple[list[SpecPaths | SpecError], Part | None]:
    """The specs of the part that was asked for, and that part; all of them and none where no part was."""
    if settings.partition is None:
        return list(places), None
    names = [place.document if isinstance(place, SpecPaths) else place.path or "" for place in places]
    times = {root: _times(root, known) for root in {each.root for each in places if isinstance(each, SpecPaths)}}
    seconds = [times[each.root].get(each.document) if isinstance(each, SpecPaths) else 0.0 for each in places]
    part = part_of(names, seconds, *settings.partition)
    told = f"part {part.number}/{part.of}: {len(part.specs)} of {part.all} specs, cut {part.cut}"
    print(f"note: {told}", file=settings.err, flush=True)
    return [places[number] for number in part.specs], part


def _times(root: Path, known: Known) -> dict[str, float]:
    """How many seconds the tasks of each document took when they last ran, as the repository's journal knows it.

    A run of a part does not count: the machines of the other parts know nothing of it.
    """
    parts: set[object] = set()
    last: dict[tuple[str, str], float] = {}
    with suppress(*MALFORMED, SpecError):
        for record in known.records(root):
            if record.get("event") == "run-started" and record.get("part"):
                parts.add(record.get("run"))
            seconds = record.get("seconds")
            if isinstance(seconds, (int, float)) and isfinite(seconds) and record.get("run") not in parts:
                last[str(record.get("document")), str(record.get("task"))] = float(seconds)
    found: dict[str, float] = {}
    for (document, _), took in last.items():
        found[document] = found.get(document, 0.0) + took
    return found

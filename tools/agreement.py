"""Compare what a person found by hand with what ``verify --json`` said of the same ticks.

    python tools/agreement.py HAND REPORT…

HAND has a line for each tick, with tabs between: the name of the report (its file's name without ``.json``), a part of
the spec's path, the task's ID, what the hand found (``proven``, ``false``, ``cannot tell``; ``?`` where it cannot say),
and why. REPORT is what ``spec-run verify --json`` printed. Printed is every difference, and how often both agree.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_JUDGED = ("proven", "false")


class Found(NamedTuple):
    """One tick as the hand found it."""

    report: str
    spec: str
    task: str
    verdict: str
    why: str = ""


def read_hand(text: str) -> Iterator[Found]:
    """The ticks of a hand file; empty lines and those after ``#`` say nothing. Raises ValueError."""
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split("\t")
        if not line or line.startswith("#"):
            continue
        if not 4 <= len(fields) <= 5:
            raise ValueError(f"line {number}: {len(fields)} fields, not 4 or 5")
        yield Found(*fields)


def said_of(found: Found, report: Any) -> dict[str, Any] | None:
    """What a report says of a tick; None where it does not have it."""
    ticks = (tick for spec in report["specs"] if found.spec in spec["path"] for tick in spec["ticks"])
    made: dict[str, Any] | None = next((each for each in ticks if each["id"] == found.task), None)
    return made


def difference(hand: str, machine: str) -> str:
    """What it is called when both say something else; what nothing judged is no more than not judged."""
    seen = {"in part": "proven"}.get(machine, machine)
    if hand == "?" or seen == hand or (hand not in _JUDGED and seen not in _JUDGED):
        return "agree"
    if seen == "false":
        return "FALSE ACCUSATION"
    if seen == "proven":
        return "FALSE ACQUITTAL" if hand == "false" else "PROVEN, NOT JUDGED BY HAND"
    return "not judged"


def main(hand: Path, reports: list[Path]) -> None:
    made = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in reports}
    counts, judged = Counter[str](), Counter[bool]()
    for found in read_hand(hand.read_text(encoding="utf-8")):
        report = made.get(found.report)
        tick = said_of(found, report) if report else None
        if tick is None:
            counts["not in the reports"] += 1
            continue
        kind = difference(found.verdict, tick["verdict"])
        counts[kind] += 1
        if found.verdict in _JUDGED and tick["verdict"] in (*_JUDGED, "in part"):
            judged[kind == "agree"] += 1
        if kind != "agree":
            print(f"{kind}: {found.report} {found.spec} {found.task}: {found.verdict} ({found.why}) by hand,"
                  f" {tick['verdict']}: {tick['reason']}")  # fmt: skip
    print(", ".join(f"{count} {kind}" for kind, count in counts.most_common()))
    print(f"judged by both: {judged.total()}, alike: {judged[True]}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])

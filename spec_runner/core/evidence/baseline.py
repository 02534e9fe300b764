"""Findings that are known: a list of them, so that old specs keep nobody back from new work."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from spec_runner.core.evidence.check import Finding
from spec_runner.core.plan.model import GUIDE, PlannedSpec
from spec_runner.core.text.source import read_source
from spec_runner.errors import MALFORMED, SpecError

SCHEMA = "spec-run/baseline@1"


class Placed(NamedTuple):
    """A finding, and what it is known by wherever its line has moved to."""

    path: str
    """The document, relative to the repository."""
    finding: Finding
    fingerprint: str


def placed(spec: PlannedSpec, findings: Sequence[Finding], folder: str) -> list[Placed]:
    """The findings of a spec with what they are known by; ``folder`` is that of its documents in the repository."""
    texts = {name: read_source(data) for name, data in spec.read.sources}
    found = []
    for each in findings:
        path = f"{folder}/{each.document}" if folder else each.document
        # A guide of any name is kept under one.
        text = texts[each.document if each.document in texts else GUIDE]
        line = " ".join(text.line(each.line).split())
        known_by = sha256(f"{path}\0{each.code}\0{line}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
        found.append(Placed(path, each, known_by))
    return found


def unknown(found: Sequence[Placed], baseline: Mapping[str, int]) -> list[Placed]:
    """Those that the baseline does not have: of the same line twice, it may have one."""
    left = Counter(baseline)
    new = []
    for each in found:
        left[each.fingerprint] -= 1
        if left[each.fingerprint] < 0:
            new.append(each)
    return new


def baseline_text(found: Iterable[Placed]) -> str:
    """A baseline with these findings, in an order that changes little between versions of it."""
    rows = [
        {"path": each.path, "code": each.finding.code, "fingerprint": each.fingerprint, "message": each.finding.message}
        for each in sorted(found, key=lambda each: (each.path, each.finding.line, each.finding.code, each.fingerprint))
    ]
    return json.dumps({"schema": SCHEMA, "findings": rows}, indent=1) + "\n"


def read_baseline(data: bytes) -> Mapping[str, int]:
    """How often each fingerprint is known. Raises SpecError for what is no baseline."""
    try:
        told: Any = json.loads(data)
        if told["schema"] != SCHEMA:
            raise ValueError
        return Counter(str(each["fingerprint"]) for each in told["findings"])
    except MALFORMED:
        raise SpecError("it is not a baseline of this program", todo="write it anew with --write-baseline") from None

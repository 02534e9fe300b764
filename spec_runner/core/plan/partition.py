"""A run cut into parts, one for each machine: every machine cuts alike, from the same specs and the same times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """One part of a run, and what it was cut from."""

    number: int
    """From 1."""
    of: int
    cut: str
    """The same text for parts that were cut alike."""
    specs: tuple[int, ...]
    """The specs of this part, each by its number among all."""
    all: int
    """How many specs all parts have together."""


def part_of(names: Sequence[str], seconds: Sequence[float | None], number: int, of: int) -> Part:
    """The part of the specs with these names that has this number.

    ``seconds`` is what each took before; one of which that is not known counts as the others do on average.
    """
    import json
    from hashlib import sha256

    known = [each for each in seconds if each is not None]
    usual = sum(known) / len(known) if known else 1.0
    weights = [round(usual if each is None else each, 2) for each in seconds]
    cut = sha256(json.dumps([of, list(names), weights]).encode()).hexdigest()[:12]
    loads = [0.0] * of
    parts: list[list[int]] = [[] for _ in loads]
    # The longest first, each to whom has least: no part is more than a third longer than it has to be.
    for spec in sorted(range(len(names)), key=lambda each: (-weights[each], each)):
        least = loads.index(min(loads))
        loads[least] += weights[spec]
        parts[least].append(spec)
    return Part(number, of, cut, tuple(sorted(parts[number - 1])), len(names))

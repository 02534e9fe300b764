"""Code spans in a sentence → which of them are meant to be run, how sure that is, and the words that say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.decide import weights
from spec_runner.core.decide.candidate import Around, Candidate, candidates_of
from spec_runner.core.decide.certainty import Certainty, certainty_of
from spec_runner.core.decide.features import FEATURES
from spec_runner.core.decide.score import Score, score
from spec_runner.core.text.inline import Code, Paragraph


class Reading(NamedTuple):
    """A span that looks like a command, and what is made of it."""

    code: Code
    command: str
    certainty: Certainty
    probability: float
    why: str


def readings_of(paragraph: Paragraph, start: int = 0, around: Around | None = None) -> Iterator[Reading]:
    """Each span of a paragraph that looks like a command, in order, with the decision on it."""
    for candidate in candidates_of(paragraph, start, around):
        weighed = score(candidate, FEATURES, weights.SPANS, weights.SPANS_BIAS)
        certainty = certainty_of(weighed.probability)
        why = _why(candidate, certainty, weighed)
        yield Reading(candidate.code, candidate.command, certainty, weighed.probability, why)


def _why(candidate: Candidate, certainty: Certainty, weighed: Score[Candidate]) -> str:
    words = {"quoted": candidate.quoted, "after": " ".join(candidate.after.split()[:2])[:20]}
    asks = next((each.reason.format_map(words) for each in weighed.asks), "")
    doubts = next((each.reason.format_map(words) for each in weighed.doubts), "")
    if certainty == "run":
        return asks or "a command, and nothing speaks against it"
    doubts = doubts or "nothing plainly asks for this to be run"
    return doubts if certainty == "leave" else f"{asks or 'it is a command'}, but {doubts}"

"""Code spans and fences → which of them are meant to be run, how sure that is, and the words that say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.decide import weights
from spec_runner.core.decide.candidate import Around, Candidate, candidates_of
from spec_runner.core.decide.certainty import Certainty, certainty_of
from spec_runner.core.decide.features import FEATURES
from spec_runner.core.decide.fence_features import FENCES, FenceCandidate
from spec_runner.core.decide.score import Score, score
from spec_runner.core.decide.steps import Label
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


class FenceReading(NamedTuple):
    """What is made of a shell fence of a guide."""

    certainty: Certainty
    probability: float
    why: str
    label: Label
    """What it is if it is no step."""


def read_fence(fence: FenceCandidate) -> FenceReading:
    """Whether a shell fence is a step of its guide."""
    weighed = score(fence, FENCES, weights.FENCES, weights.FENCES_BIAS)
    certainty = certainty_of(weighed.probability)
    words = {name: _short(getattr(fence, name)) for name in ("heading", "outer", "sentence", "role_why")}
    asks = next((each.reason.format_map(words) for each in weighed.asks), f'under "{fence.heading}"')
    doubts = next((each.reason.format_map(words) for each in weighed.doubts), "nothing plainly makes it a step")
    why = doubts if certainty == "leave" else f"{asks}, but {doubts}"
    return FenceReading(certainty, round(weighed.probability, 2), why, _label(fence))


def _short(words: str) -> str:
    return words if len(words) < 60 else "…" + words[-56:]


def _label(fence: FenceCandidate) -> Label:
    roles = fence.inside | fence.around
    return "troubleshooting" if "trouble" in roles else "deploy" if "deploy" in roles else "reference"


def _why(candidate: Candidate, certainty: Certainty, weighed: Score) -> str:
    words = {"quoted": candidate.quoted, "after": " ".join(candidate.after.split()[:2])[:20]}
    asks = next((each.reason.format_map(words) for each in weighed.asks), "")
    doubts = next((each.reason.format_map(words) for each in weighed.doubts), "")
    if certainty == "run":
        return asks or "a command, and nothing speaks against it"
    doubts = doubts or "nothing plainly asks for this to be run"
    return doubts if certainty == "leave" else f"{asks or 'it is a command'}, but {doubts}"

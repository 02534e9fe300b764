"""Score: how likely it is that a candidate is meant to be run, and what speaks for and against it.

A sum of weights, one for each feature that holds, made a probability. The weights are data, trained by
``tools/train.py``; here they are only added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

C = TypeVar("C")


class Feature(Generic[C]):
    """A question about a candidate that is answered by yes or no."""

    __slots__ = ("holds", "name", "prior", "reason")

    def __init__(self, name: str, holds: Callable[[C], bool], reason: str = "", prior: float = 0.0) -> None:
        self.name, self.holds = name, holds
        self.reason = reason
        """The answer in words, with the candidate's fields as ``{before}``. Without them it is never shown."""
        self.prior = prior
        """What it is taken to weigh before any label is seen: training moves it as far as the labels say."""


class Weight(NamedTuple):
    """What a feature weighs, and what that rests on."""

    weight: float
    candidates: int
    """How many labelled candidates have it."""
    run: int
    """How many of these are meant to be run."""
    repositories: int


class Score(NamedTuple):
    """How sure a reading is, and its reasons, the strongest first."""

    probability: float
    asks: tuple[Feature[Any], ...] = ()
    doubts: tuple[Feature[Any], ...] = ()


def score(candidate: C, features: Iterable[Feature[C]], weights: Mapping[str, Weight], bias: float) -> Score:
    """Weigh what holds of a candidate; a feature that was never trained weighs what it is taken to."""
    holding = [
        (weights[feature.name].weight if feature.name in weights else feature.prior, feature)
        for feature in features
        if feature.holds(candidate)
    ]
    total = bias + sum(weight for weight, _ in holding)
    shown = sorted((each for each in holding if each[1].reason), key=lambda each: -abs(each[0]))
    return Score(
        1 / (1 + math.exp(-total)),
        tuple(feature for weight, feature in shown if weight > 0),
        tuple(feature for weight, feature in shown if weight < 0),
    )

"""From how likely a reading is to what is done: the only place that knows where the lines are drawn."""

from __future__ import annotations

from typing import Literal

Certainty = Literal["run", "unsure", "leave"]

_RUN = 0.85
"""From here on it is run: of labelled spans that training had not seen 99 in 100 were meant to be, of fences 98."""
_LEAVE = 0.7
"""Below this it is left alone; between the two it is planned, and held as unsure."""


def certainty_of(probability: float) -> Certainty:
    """What a probability of being meant to run comes to."""
    return "run" if probability >= _RUN else "unsure" if probability >= _LEAVE else "leave"

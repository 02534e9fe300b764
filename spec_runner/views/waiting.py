"""What runs now and for how long, where no live line shows it: said after ten seconds, a minute, and each minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

_FIRST, _MINUTE = 10.0, 60.0
"""Seconds."""


@dataclass(slots=True)
class _Wait:
    began: float
    text: str
    due: float = _FIRST


class Waiting:
    """Told what begins and ends; says of what goes on how long it has, and seldom."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits: dict[Hashable, _Wait] = {}

    def begin(self, what: Hashable, text: str) -> None:
        """Something begins; ``text`` is what is said of it."""
        self._waits[what] = _Wait(self._clock(), text)

    def end(self, what: Hashable) -> None:
        """Something is over."""
        self._waits.pop(what, None)

    def due(self) -> Iterator[tuple[str, float]]:
        """What is to be said now: each text with the seconds that it has gone on."""
        for wait in self._waits.values():
            seconds = self._clock() - wait.began
            if seconds >= wait.due:
                wait.due = (seconds // _MINUTE + 1) * _MINUTE
                yield wait.text, seconds

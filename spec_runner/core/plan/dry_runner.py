"""What does not run and does not record: a dry run is a run with these, so it decides the same in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from spec_runner.core.plan.events import Event, SpecFinished, SpecStarted, TaskFinished


class DryRunner:
    """Says of everything that it passed at once; starts nothing and writes nothing."""

    def __init__(self) -> None:
        self._queue: deque[Event] = deque()

    def next_event(self) -> Event:
        """The next thing that would have happened."""
        return self._queue.popleft()

    def open(self, spec: int) -> None:
        """Pretend to make a sandbox."""
        self._queue.append(SpecStarted(spec))

    def start(self, spec: int, key: str, *, alone: bool) -> None:
        """Pretend to run a task."""
        self._queue.append(TaskFinished(spec, key, "passed"))

    def close(self, spec: int) -> None:
        """Pretend to remove the sandbox."""
        self._queue.append(SpecFinished(spec))


class Unrecorded:
    """A run of which nothing is written down; what writes is one of these that does."""

    def hear(self, event: Event) -> Sequence[Event]:
        """Write an event down; what comes of it comes back."""
        return ()

    def flush(self) -> None:
        """Write what waits to be written; called when nothing else happens."""

    def settle(self) -> Sequence[Event]:
        """Nothing more will happen: what waits is written; what comes of it comes back."""
        return ()

    def finish(self, code: int) -> None:
        """The run is over, with this exit code."""

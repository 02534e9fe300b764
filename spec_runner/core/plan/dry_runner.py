"""A runner that does not run: a dry run is a run with this one, so it takes the same decisions in the same order."""

from __future__ import annotations

from collections import deque

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

"""Plan + runner → events: which task is started when, whoever runs it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Protocol

from spec_runner.core.plan.events import (
    Event,
    Interrupted,
    SpecAbandoned,
    SpecFinished,
    SpecStarted,
    TaskCancelled,
    TaskFinished,
)
from spec_runner.core.plan.model import Plan, nodes
from spec_runner.core.plan.schedule import Schedule


class Runs(Protocol):
    """What starts things and says what happened; each call returns at once."""

    def open(self, spec: int) -> None:
        """Make ready what the spec needs; ends with SpecStarted."""
        ...

    def start(self, spec: int, key: str, *, alone: bool) -> None:
        """Start a task; ends with TaskFinished."""
        ...

    def close(self, spec: int) -> None:
        """Clean up; ends with SpecFinished."""
        ...

    def next_event(self) -> Event:
        """What happened next."""
        ...


def follow(plan: Plan, runner: Runs, specs: Iterable[int] | None = None) -> Iterator[Event]:
    """Run a plan, spec after spec, and give every event in its order; once interrupted, nothing new is started.

    ``specs`` are the numbers of those that are run; None for all.
    """
    for number in range(len(plan.specs)) if specs is None else specs:
        spec = plan.specs[number]
        if not spec.has_work:
            continue
        schedule = Schedule(nodes(spec), jobs=spec.jobs, keep_going=spec.keep_going)
        runner.open(number)
        opened, stopped = yield from _until(runner, SpecStarted)
        if opened and not stopped:
            stopped = yield from _follow_spec(number, schedule, runner)
        runner.close(number)
        _, closing = yield from _until(runner, SpecFinished)
        if stopped or closing:
            return


def _follow_spec(number: int, schedule: Schedule, runner: Runs) -> Generator[Event, None, bool]:
    interrupted, running = False, 0
    while True:
        started, cancelled = ([], []) if interrupted else schedule.advance()
        for each in cancelled:
            yield TaskCancelled(number, each.key, each.because)
        for key in started:
            runner.start(number, key, alone=len(schedule.group) == 1)
        running += len(started)
        if not running:
            return interrupted
        event = runner.next_event()
        if isinstance(event, TaskFinished):
            running -= 1
            schedule.finish(event.task, passed=event.outcome == "passed")
        interrupted = interrupted or isinstance(event, Interrupted)
        yield event


def _until(runner: Runs, last: type[SpecStarted] | type[SpecFinished]) -> Generator[Event, None, tuple[bool, bool]]:
    """Pass events on until this one: whether it came (there may be no work tree), and whether we were interrupted."""
    stopped = False
    while True:
        event = runner.next_event()
        stopped = stopped or isinstance(event, Interrupted)
        yield event
        if isinstance(event, (last, SpecAbandoned)):
            return isinstance(event, last), stopped

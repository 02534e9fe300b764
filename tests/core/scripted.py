"""Plans made of a few lines, and a runner that says what a script says instead of running anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.driver import follow
from spec_runner.core.plan.events import (
    Event,
    Interrupted,
    SpecAbandoned,
    SpecFinished,
    SpecStarted,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import Choices, Plan, PlannedSpec, ReadSpec, plan_spec
from spec_runner.core.plan.selection import Selection
from spec_runner.core.text.document import read_document


def spec(text: str, choices: Choices = Choices(), **selection: object) -> PlannedSpec:  # noqa: B008
    """A spec as it is planned."""
    if selection:
        choices = choices._replace(selection=Selection(**selection))  # type: ignore[arg-type]
    read = ReadSpec("specs/a", read_document(text.encode()), sources=(("tasks.md", text.encode()),))
    return plan_spec(read, choices, lambda task: decide(task, system="linux", has_guide=False))


def plan(*specs: PlannedSpec | str) -> Plan:
    """A plan of these specs."""
    return Plan(tuple(spec(each) if isinstance(each, str) else each for each in specs), "plain", "host")


class ScriptedRunner:
    """Ends each task as the script says, ``passed`` where it says nothing; the last one started ends first.

    A script says an outcome, the event of the end, or another event that comes before ``passed``. ``said`` is what it was told to do.
    """

    def __init__(self, script: Mapping[str, object] | None = None, opens: Callable[[int], Event] = SpecStarted) -> None:
        self._script, self._opens = dict(script or {}), opens
        self._queue: deque[Event] = deque()
        self.said: list[str] = []

    def open(self, spec: int) -> None:
        self.said.append(f"open {spec}")
        self._queue.append(self._opens(spec))

    def start(self, spec: int, key: str, *, alone: bool) -> None:
        self.said.append(f"start {key}{' alone' if alone else ''}")
        ends = self._script.get(key, "passed")
        if isinstance(ends, TaskFinished):
            self._queue.appendleft(ends)
        elif isinstance(ends, str):
            reason = None if ends == "passed" else f"{key} {ends}"
            self._queue.appendleft(TaskFinished(spec, key, ends, reason))  # type: ignore[arg-type]
        else:
            self._queue.extendleft((TaskFinished(spec, key, "passed"), ends))  # type: ignore[arg-type]

    def close(self, spec: int) -> None:
        self.said.append(f"close {spec}")
        self._queue.append(SpecFinished(spec))

    def next_event(self) -> Event:
        return self._queue.popleft()


def told(event: Event) -> str:
    """An event in a few words."""
    match event:
        case TaskFinished():
            return f"{event.task} {event.outcome}"
        case Interrupted() | Warned():
            return type(event).__name__.lower()
        case SpecStarted() | SpecFinished() | SpecAbandoned():
            return f"{type(event).__name__.removeprefix('Spec').lower()} {event.spec}"
        case _:
            return f"{getattr(event, 'task', '')} cancelled by {getattr(event, 'because', '')}"


def followed(made: Plan, runner: ScriptedRunner) -> list[Event]:
    """All that happens when this runner follows the plan."""
    return list(follow(made, runner))

"""What happened, in order: how a process ended, how a step, a task and a run went on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

OutcomeName = Literal["passed", "failed", "timed-out", "killed", "not-started", "cancelled", "held"]


@dataclass(frozen=True, slots=True)
class Exited:
    """The process ended by itself."""

    code: int


@dataclass(frozen=True, slots=True)
class Signalled:
    """A signal that was not ours ended it."""

    signal: int


@dataclass(frozen=True, slots=True)
class TimedOut:
    """It was stopped because its time was over."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was stopped because the run was."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """It could not be started."""

    why: str


@dataclass(frozen=True, slots=True)
class Listening:
    """It goes on running and answers on these ports."""

    ports: tuple[int, ...]


Ending: TypeAlias = "Exited | Signalled | TimedOut | Stopped | NotStarted | Listening"


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended; every text in it is free of secrets."""

    outcome: OutcomeName
    reason: str | None = None
    exit: int | None = None
    signal: int | None = None
    seconds: float = 0.0
    output: str = ""
    """The end of what it printed."""
    ports: tuple[int, ...] = ()
    """Where it listens, if it is a service."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which step of a run: the spec's number in the plan, the task's key, and the step's number.

    A step of the guide has the line of its block; its task is the one that asked for the guide.
    """

    spec: int
    task: str
    step: int = 0
    block: int | None = None


@dataclass(frozen=True, slots=True)
class SpecStarted:
    """A spec's work tree is about to be used."""

    spec: int


@dataclass(frozen=True, slots=True)
class TaskStarted:
    spec: int
    task: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    place: Place
    cwd: str


@dataclass(frozen=True, slots=True)
class OutputSeen:
    """One line that a step printed, without secrets and control sequences."""

    place: Place
    line: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    place: Place
    result: StepResult


@dataclass(frozen=True, slots=True)
class TaskFinished:
    spec: int
    task: str
    outcome: OutcomeName
    reason: str | None = None
    seconds: float = 0.0
    fault: bool = False
    """spec-run itself failed: nothing was seen of the task."""


@dataclass(frozen=True, slots=True)
class TaskCancelled:
    """A task that could have been run but was not, because of the task ``because``."""

    spec: int
    task: str
    because: str


@dataclass(frozen=True, slots=True)
class SpecAbandoned:
    """There is no work tree for a spec, so nothing of it runs."""

    spec: int
    reason: str


@dataclass(frozen=True, slots=True)
class SpecFinished:
    spec: int


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know and that stops nothing."""

    spec: int
    message: str
    unwritten: bool = False
    """A document does not say what was seen, because it could not be written."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The run was stopped from outside."""

    signal: int


Event: TypeAlias = (
    "SpecStarted | TaskStarted | StepStarted | OutputSeen | StepFinished | TaskFinished | TaskCancelled"
    " | SpecAbandoned | SpecFinished | Warned | Interrupted"
)

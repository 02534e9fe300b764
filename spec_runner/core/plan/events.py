"""What happened, in order: how a process ended, how a step, a task and a run went on."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

OutcomeName = Literal["passed", "failed", "timed-out", "killed", "not-started", "cancelled", "held"]


CauseKind = Literal[
    "tool", "version", "module", "network", "service", "value", "display", "sandbox", "time", "space",
    "held", "not reached", "not prepared", "once", "directory",
]  # fmt: skip


class Cause(NamedTuple):
    """Why something could not be judged here: a fault of the machine, or of the moment, and not of the task."""

    kind: CauseKind
    what: str = ""
    """The program, package, host, variable, task, … that it is about, if one is named."""

    def __str__(self) -> str:
        """As it is counted: ``docker``, ``network github.com``, ``node >= 22``."""
        if self.kind in ("tool", "service", "version") and self.what:
            return self.what
        mark = ":" if self.what and self.kind in ("held", "not prepared") else ""
        return f"{self.kind}{mark} {self.what}".rstrip()


class Exited(NamedTuple):
    """The process ended by itself."""

    code: int


class Signalled(NamedTuple):
    """A signal that was not ours ended it."""

    signal: int


class TimedOut(NamedTuple):
    """It was stopped because its time was over."""

    seconds: float


class Stopped(NamedTuple):
    """It was stopped because the run was."""


class OverMemory(NamedTuple):
    """It was ended because everything in the sandbox held more than so many bytes of memory."""

    limit: int


class OverDisk(NamedTuple):
    """It was ended because the commands had written more than so many bytes."""

    limit: int


class Lost(NamedTuple):
    """The sandbox ended while it ran."""


class Listening(NamedTuple):
    """It goes on running and answers on these ports."""

    ports: tuple[int, ...]


Ending: TypeAlias = "Exited | Signalled | TimedOut | Stopped | OverMemory | OverDisk | Lost | Listening"


class StepResult(NamedTuple):
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
    state: str | None = None
    """Where the state that it left for the next step is kept, if it is."""
    cause: Cause | None = None
    """Why it could not be judged here; None where it passed, or where it failed by itself."""
    unmet: int | None = None
    """Which of its expectations did not come, where that is why it failed."""
    unseen: tuple[int, ...] = ()
    """Those of its expectations of which nobody can say whether they came."""


class Place(NamedTuple):
    """Which step of a run: the spec's number in the plan, the task's key, and the step's number.

    A step of the guide has the line of its block; its task is the one that asked for the guide.
    """

    spec: int
    task: str
    step: int = 0
    block: int | None = None


class SpecStarted(NamedTuple):
    """A spec's work tree is about to be used."""

    spec: int
    tree: str = ""
    """Which work tree it is: the same text for the same tree, and for no other one."""
    edition: int = 0
    """How often changes of the repository have come into that tree."""


class SetupStarted(NamedTuple):
    """A command that makes the work tree ready is about to run."""

    spec: int
    number: int
    """Which one of the spec's setup."""
    guide: bool = False
    """It makes the guide's own work tree ready."""


class SetupFinished(NamedTuple):
    """A command that makes the work tree ready has ended."""

    spec: int
    number: int
    result: StepResult
    guide: bool = False


class StepStarted(NamedTuple):
    place: Place
    cwd: str


class OutputSeen(NamedTuple):
    """One line that a step printed, without secrets and control sequences."""

    place: Place
    line: str


class OutputPrinted(NamedTuple):
    """Lines that a step printed, without secrets and control sequences; sent where all of an output is asked for."""

    place: Place
    lines: tuple[str, ...]


class StepFinished(NamedTuple):
    place: Place
    result: StepResult


class TaskFinished(NamedTuple):
    spec: int
    task: str
    outcome: OutcomeName
    reason: str | None = None
    seconds: float = 0.0
    fault: bool = False
    """spec-run itself failed: nothing was seen of the task."""
    state: str | None = None
    """Where the state that it left for the next task is kept, if it is."""
    cause: Cause | None = None
    """Why it could not be judged here; None where it passed, or where it failed by itself."""
    is_partial: bool = False
    """Nothing failed, and yet not all that its words say was seen."""


class TaskCancelled(NamedTuple):
    """A task that could have been run but was not, because of the task ``because``."""

    spec: int
    task: str
    because: str


class SpecAbandoned(NamedTuple):
    """There is no work tree for a spec, or whoever ran it is gone: nothing more of it runs."""

    spec: int
    reason: str
    fault: bool = False
    """spec-run itself failed."""


class SpecFinished(NamedTuple):
    spec: int


class DocumentMarked(NamedTuple):
    """What was seen is in a document; at the end of a run also how each document of it stands."""

    spec: int
    name: str
    sha256: str
    """Of the document as it is now."""


class Warned(NamedTuple):
    """Something that the user should know and that stops nothing."""

    spec: int
    message: str
    unwritten: bool = False
    """A document does not say what was seen, because it could not be written."""


class TimePassed(NamedTuple):
    """Nothing else has happened for some seconds: who tells people of what runs may say that it still does."""


class Interrupted(NamedTuple):
    """The run was stopped from outside."""

    signal: int


Event: TypeAlias = (
    "SpecStarted | SetupStarted | SetupFinished"
    " | StepStarted | OutputSeen | OutputPrinted | StepFinished | TaskFinished | TaskCancelled"
    " | SpecAbandoned | SpecFinished | DocumentMarked | Warned | TimePassed | Interrupted"
)

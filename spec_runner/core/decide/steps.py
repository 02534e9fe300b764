"""Step: one thing to do for a task or a block, and the words for it that the plan and the run share."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from spec_runner.core.text.comments import HiddenComment

StepKind = Literal["command", "service", "url", "env", "file", "quickstart"]
TaskKind = Literal["command", "service", "url", "env", "quickstart", "none"]
Action = Literal["run", "skip", "hold", "none"]
Hold = Literal[
    "outward", "destructive", "privileged", "production", "interactive", "placeholder", "os", "hidden", "unsure"
]  # fmt: skip
HOLDS: tuple[Hold, ...] = get_args(Hold)
Label = Literal[
    "step", "alternative", "troubleshooting", "reference", "deploy", "cleanup", "optional",
    "output", "file", "env", "code", "request", "other",
]  # fmt: skip
GuideCwd = Literal["carry", "root"]


ExpectationKind = Literal["status", "exit", "text", "output", "json", "number", "words"]


class Expectation(NamedTuple):
    """What a document says that a command prints or answers."""

    kind: ExpectationKind
    text: str
    """A status, an exit status, a text, lines, JSON, a number compared (``coverage >= 80``);
    the sentence itself where nothing of it can be checked."""
    line: int
    checked: bool
    """It decides whether the step passes; else it is only shown."""
    since: int = 0
    """How many steps before this one print part of it."""


class Step(NamedTuple):
    """One thing to do: what, where, and how its success is judged."""

    kind: StepKind
    command: str
    """The command as the document has it; the address of a ``url``; the path of a ``file`` or ``env``."""
    line: int
    """The document's line (1-based) at which it stands."""
    cwd: str | None = None
    """The directory that words name for it, relative to the root with ``/``; None: where the shell stands."""
    expect: str = "ok"
    """``ok``, ``fail``, ``empty``, ``nonempty``, ``other``, a status as ``404``, ``reachable`` (below 500)."""
    hold: Hold | None = None
    """Why it does not run unattended: the gravest reason."""
    why: str = ""
    """The reason for this decision in the document's own terms, one line."""
    moves: bool = False
    """It is only a ``cd``: the directory it ends in is the one for what follows."""
    keys: tuple[str, ...] = ()
    """The names that an ``env`` step must have values for."""
    content: str = ""
    """The text of a ``file``, or the ``KEY=value`` lines of an ``env``, as the document has it."""
    terminal: int = 1
    """Which terminal of a guide it is typed in."""
    expectations: tuple[Expectation, ...] = ()
    """What the words, comments and fences around it say that comes of it."""
    holds: tuple[Hold, ...] = ()
    """Every reason why it does not run unattended, the gravest first, where its command gives them."""
    probability: float | None = None
    """How likely it is that the words mean it to be run; None where that is not a question."""
    timeout: float | None = None
    """How long it may take, in seconds, where the document says it."""
    comment: str = ""
    """The words of the hidden comments that it is read by."""
    ports: tuple[int, ...] = ()
    """Where words say that a service listens: on one of these."""
    answer: int = 0
    """The status that the answer to its request must stay below; 0: any will do, or it asks for none."""


class Intent(NamedTuple):
    """What a task means to be run."""

    kind: TaskKind
    why: str
    steps: tuple[Step, ...] = ()


class GuideBlock(NamedTuple):
    """A fence of a guide (or an address in its prose), what it is for, and its steps."""

    line: int
    """The fence's opening line."""
    language: str
    section: str
    """The heading it stands under."""
    label: Label
    action: Action
    why: str
    flags: tuple[str, ...] = ()
    """``service``, ``placeholder``, ``interactive``, ``privileged``, ``outward``, ``destructive``, ``repl``, …"""
    steps: tuple[Step, ...] = ()
    probability: float | None = None
    """How likely it is that it is a step of the guide; None where that is not a question."""


class Guide(NamedTuple):
    """A ``quickstart.md`` as it was read and decided."""

    blocks: tuple[GuideBlock, ...]
    cwd: GuideCwd
    """``root``: each fence starts at the repository's root; ``carry``: where the one before ended."""
    comments: tuple[HiddenComment, ...] = ()
    """The hidden comments for spec-run in it."""
    stray: tuple[HiddenComment, ...] = ()
    """Those that speak of nothing."""

"""Documents + selection + what earlier runs saw → Plan: all that would be done and why, before anything is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from spec_runner.core import directories
from spec_runner.core.document import Document, Task
from spec_runner.core.schedule import Node, groups
from spec_runner.core.selection import Chosen, Selection, choose
from spec_runner.core.shellread import read_statements
from spec_runner.core.steps import Action, Guide, GuideBlock, Intent, Step, TaskKind

TASKS = "tasks.md"
GUIDE = "quickstart.md"
DEFAULT_TIMEOUT = 300.0

_VIEWERS = frozenset({"tee", "tail", "head", "cat", "less", "more", "ts", "column", "nl"})


class ReadSpec(NamedTuple):
    """A spec as it was read: its documents, parsed."""

    path: str
    """As the user named it, or below the folder that they named."""
    tasks: Document | None = None
    tasks_name: str = TASKS
    guide: Guide | None = None
    sources: tuple[tuple[str, bytes], ...] = ()
    """The name and the bytes of each document."""
    warnings: tuple[str, ...] = ()
    error: str | None = None
    """Why it could not be read."""


class Choices(NamedTuple):
    """What the user chose for the whole run."""

    selection: Selection = Selection()
    allow: frozenset[str] = frozenset()
    """Reasons for holding, and task IDs in lower case, that may run."""
    timeout: float = DEFAULT_TIMEOUT
    guide_only: bool = False


class PlannedStep(NamedTuple):
    """A step with the place and the limits that were decided for it."""

    step: Step
    action: Action
    cwd: str | None
    """Relative to the root; None where only running can tell."""
    timeout: float
    pipefail: bool = False
    """The last command of its pipe only shows what another one says, so that one's failure counts."""


class PlannedTask(NamedTuple):
    task: Task
    kind: TaskKind
    action: Action
    why: str
    state: str
    steps: tuple[PlannedStep, ...] = ()
    needs: tuple[str, ...] = ()


class PlannedBlock(NamedTuple):
    block: GuideBlock
    action: Action
    why: str
    cwd: str | None
    steps: tuple[PlannedStep, ...] = ()


class PlannedSpec(NamedTuple):
    read: ReadSpec
    tasks: tuple[PlannedTask, ...] = ()
    blocks: tuple[PlannedBlock, ...] = ()
    runs_guide: bool = False
    """The guide itself is what is run, not a task that asks for it."""
    warnings: tuple[str, ...] = ()
    error: str | None = None

    @property
    def has_work(self) -> bool:
        """Something in it would run."""
        if self.runs_guide:
            return any(block.action == "run" for block in self.blocks)
        return any(task.action == "run" for task in self.tasks)


class Plan(NamedTuple):
    specs: tuple[PlannedSpec, ...]
    level: str
    network: str

    def by_key(self) -> list[dict[str, PlannedTask]]:
        """The tasks of each spec by their keys."""
        return [{task.task.key: task for task in spec.tasks} for spec in self.specs]


def plan_spec(
    read: ReadSpec,
    choices: Choices,
    decide: Callable[[Task], Intent],
    proves: Callable[[PlannedTask], bool] = lambda task: False,
) -> PlannedSpec:
    """All that a run of this spec would do. ``proves`` says whether a ticked task has evidence.

    Raises SpecError for a selection that the document does not know, and for tasks that wait for each other.
    """
    runs_guide = read.guide is not None and (choices.guide_only or read.tasks is None)
    if read.tasks is None or choices.guide_only:
        return PlannedSpec(read, blocks=_plan_guide(read, choices, asked=True), runs_guide=runs_guide)
    chosen = choose(read.tasks, choices.selection)
    tasks = _Planner(choices, chosen, proves).tasks(read.tasks, decide)
    asked = any(task.kind == "quickstart" and task.action == "run" for task in tasks)
    blocks = _plan_guide(read, choices, asked=asked)
    planned = PlannedSpec(read, tasks, blocks, warnings=tuple(_warnings(read.tasks, tasks)))
    groups(nodes(planned))
    return planned


def nodes(spec: PlannedSpec) -> list[Node]:
    """The tasks as the schedule sees them; a guide that is run by itself is one task."""
    if spec.runs_guide:
        return [Node(GUIDE, 1, runs=spec.has_work)]
    walls = {phase: number for number, phase in enumerate(dict.fromkeys(task.task.phase for task in spec.tasks))}
    ids = {task.task.id: task.task.key for task in reversed(spec.tasks) if task.task.id}
    return [
        Node(
            planned.task.key,
            planned.task.line,
            walls[planned.task.phase],
            planned.task.parallel,
            planned.action == "run",
            tuple(ids[name] for name in planned.task.depends_on if name in ids and ids[name] != planned.task.key),
            planned.needs,
        )
        for planned in spec.tasks
    ]


@dataclass(slots=True)
class _Planner:
    """Goes through the tasks in order with what the earlier ones leave behind: a directory, a service."""

    choices: Choices
    chosen: Chosen
    proves: Callable[[PlannedTask], bool]
    current: str | None = directories.ROOT
    mover: str | None = None
    service: PlannedTask | None = None

    def tasks(self, document: Document, decide: Callable[[Task], Intent]) -> tuple[PlannedTask, ...]:
        planned: list[PlannedTask] = []
        for index, task in enumerate(document.tasks):
            before = self.current, self.mover
            made = self._task(task, decide(task))
            planned.append(made)
            if made.action == "run" and _has_parallel_neighbour(document.tasks, index):
                self.current, self.mover = before
        return tuple(planned)

    def _task(self, task: Task, intent: Intent) -> PlannedTask:
        action, why = self._action(task, intent)
        needs = []
        if intent.kind == "url" and self.service and action == "run":
            if self.service.action == "hold":
                action, why = "hold", f"{self.service.task.id or 'its service'} is held"
            needs.append(self.service.task.key)
        if self.mover and any(step.cwd != directories.ROOT for step in intent.steps):
            needs.append(self.mover)
        steps = tuple(self._step(step, action) for step in intent.steps)
        made = PlannedTask(task, intent.kind, action, why, task.state, steps, tuple(needs))
        if made.state == "claimed" and self.proves(made):
            made = made._replace(state="done")
        if action == "run" and any(step.moves for step in intent.steps):
            self.mover = task.key
        if intent.kind == "service" and action in ("run", "hold"):
            self.service = made
        return made

    def _action(self, task: Task, intent: Intent) -> tuple[Action, str]:
        if intent.kind == "none":
            return "none", intent.why
        if task.key not in self.chosen.keys:
            return "skip", "not selected"
        named = task.key in self.chosen.named
        if task.state == "other" and not named:
            return "skip", f"[{task.mark}] is somebody's own mark; --only {task.id or 'ID'} runs it"
        if task.is_cancelled_by_person and not named:
            return "skip", "cancelled by a person"
        held = [step for step in intent.steps if step.hold and not self._allows(step, task)]
        if held:
            return "hold", f"{held[0].hold}: {held[0].command}"
        return "run", intent.why

    def _allows(self, step: Step, task: Task) -> bool:
        return step.hold in self.choices.allow or (task.id or task.key).lower() in self.choices.allow

    def _step(self, step: Step, action: Action) -> PlannedStep:
        where = self.current if step.cwd is None else directories.resolve(step.cwd, self.current)
        if step.moves and action == "run":
            self.current = directories.after(step.command, where)
        return _planned(step, action, where, self.choices.timeout)


def _has_parallel_neighbour(tasks: tuple[Task, ...], index: int) -> bool:
    """A task that runs beside others leaves nothing behind for those after it."""
    task = tasks[index]
    beside = [tasks[other] for other in (index - 1, index + 1) if 0 <= other < len(tasks)]
    return task.parallel and any(other.parallel and other.phase == task.phase for other in beside)


def _planned(step: Step, action: Action, where: str | None, timeout: float) -> PlannedStep:
    return PlannedStep(step, action, where, timeout, step.kind == "command" and _ends_in_viewer(step.command))


def _ends_in_viewer(command: str) -> bool:
    if "|" not in command:
        return False
    statements = read_statements(command)
    commands = statements[-1].commands if statements else ()
    return len(commands) > 1 and commands[-1].operator in ("|", "|&") and commands[-1].name in _VIEWERS


def _plan_guide(read: ReadSpec, choices: Choices, *, asked: bool) -> tuple[PlannedBlock, ...]:
    """The guide's blocks with the directory of each step; nothing runs unless somebody asks for the guide."""
    if read.guide is None:
        return ()
    planned: list[PlannedBlock] = []
    standing: dict[int, str | None] = {}
    for block in read.guide.blocks:
        if read.guide.cwd == "root":
            standing = {}
        action, why = block.action, block.why
        if action in ("run", "hold") and not asked:
            action, why = "skip", f'no task that runs asks for it; "spec-run quickstart {read.path}" does'
        steps, start = [], standing.get(1, directories.ROOT)
        blocked = False
        for step in block.steps:
            held = step.hold is not None and step.hold not in choices.allow
            blocked = blocked or held
            doing: Action = action if action not in ("run", "hold") else "hold" if blocked else "run"
            here = standing.get(step.terminal, directories.ROOT)
            here = here if step.cwd is None else directories.resolve(step.cwd, here)
            steps.append(_planned(step, doing, here, choices.timeout))
            if step.kind in ("command", "service") and doing == "run":
                standing[step.terminal] = directories.after(step.command, here)
        if action == "hold" and any(step.action == "run" for step in steps):
            action = "run"
        elif action == "run" and steps and all(step.action == "hold" for step in steps):
            action = "hold"
        planned.append(PlannedBlock(block, action, why, steps[0].cwd if steps else start, tuple(steps)))
    return tuple(planned)


def _warnings(document: Document, tasks: Iterable[PlannedTask]) -> Iterable[str]:
    known = {task.id: task for task in document.tasks if task.id}
    order = {task.key: index for index, task in enumerate(document.tasks)}
    for planned in tasks:
        task = planned.task
        for name in task.depends_on:
            other = known.get(name)
            if other is None:
                yield f"line {task.line}: {task.id} depends on {name}, which is not there"
            elif other.phase != task.phase and order[other.key] > order[task.key]:
                yield f"line {task.line}: {task.id} depends on {name}, which stands in a later phase"

"""Documents + selection + what earlier runs saw → Plan: all that would be done and why, before anything is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from spec_runner.core.decide.carried import with_values
from spec_runner.core.decide.once import was_for_then
from spec_runner.core.decide.proving import fails_by_pipe
from spec_runner.core.decide.steps import HOLDS, Action, Guide, GuideBlock, Intent, Step, TaskKind
from spec_runner.core.plan.events import Place
from spec_runner.core.plan.flow import Going, Machine, TaskGoing, walk, walk_tasks
from spec_runner.core.plan.partition import Part
from spec_runner.core.plan.schedule import Node, groups
from spec_runner.core.plan.selection import Chosen, Selection, choose
from spec_runner.core.text.document import Document, Task
from spec_runner.core.text.printable import typed
from spec_runner.errors import unknown

TASKS = "tasks.md"
GUIDE = "quickstart.md"
DEFAULT_TIMEOUT = 300.0
NOT_SELECTED = "not selected"
NOT_TICKED = "not ticked"
TICKED_BEFORE = "ticked before"
RUN_COMMENT = "<!-- spec-run: run -->"
PROVEN = "proven by an earlier run in this work tree"


class ReadSpec(NamedTuple):
    """A spec as it was read: its documents, parsed."""

    path: str
    """As the user named it, or below the folder that they named."""
    tasks: Document | None = None
    tasks_name: str = TASKS
    guide: Guide | None = None
    guide_name: str = GUIDE
    sources: tuple[tuple[str, bytes], ...] = ()
    """The name and the bytes of each document."""
    error: str | None = None
    """Why it could not be read."""


class Choices(NamedTuple):
    """What the user chose for the whole run."""

    selection: Selection = Selection()
    allow: frozenset[str] = frozenset()
    """Reasons for holding, and task IDs in lower case, that may run."""
    timeout: float = DEFAULT_TIMEOUT
    jobs: int = 1
    keep_going: bool = False
    guide_only: bool = False


class PlannedStep(NamedTuple):
    """A step with the place and the limits that were decided for it."""

    step: Step
    action: Action
    cwd: str | None
    """Relative to the root; None where only running can tell."""
    timeout: float
    wanted: str = ""
    """The file that ``cwd`` was found by, or that the folders ``places`` have."""
    places: tuple[str, ...] = ()
    """Where it may be meant to run, where nothing says which of these it is."""
    once: bool = False
    """Its words ask for what is so only before what comes after it, and that is ticked."""
    pipefail: bool = False
    """The last command of its pipe only shows what another one says, so that one's failure counts."""
    returns: bool = False
    """It starts in ``cwd``, wherever the step before it ended."""
    because: int | None = None
    """The line of the held step that it is held with."""
    sources: tuple[tuple[str, str | None], ...] = ()
    """The names that it needs values for, each with the source of its value; None where there is none."""


class PlannedTask(NamedTuple):
    task: Task
    kind: TaskKind
    action: Action
    why: str
    state: str
    steps: tuple[PlannedStep, ...] = ()
    needs: tuple[str, ...] = ()
    left_out: Literal["run", "hold"] | None = None
    """What it would be, had it been selected; None for one that was, and for one that is not run anyhow."""
    is_first: bool = False
    """It was not selected, and runs because one that was needs it."""
    took: float | None = None
    """Seconds that it took when it last ran, where the journal knows it; so has a step of the setup."""


class PlannedBlock(NamedTuple):
    block: GuideBlock
    action: Action
    why: str
    cwd: str | None
    steps: tuple[PlannedStep, ...] = ()


class SetupStep(NamedTuple):
    """One command that makes the work tree ready."""

    command: str
    cwd: str
    """Relative to the root."""
    why: str
    ecosystem: str = ""
    """What cannot be judged where it fails; nothing: all of it."""
    took: float | None = None


class Setup(NamedTuple):
    """How a work tree is made ready, and what of it is left to the tasks."""

    steps: tuple[SetupStep, ...] = ()
    notes: tuple[str, ...] = ()
    """What is not done, and why."""
    declared: frozenset[str] = frozenset()
    """The names of packages that the repository's manifests ask for, in lower case with ``-``."""
    own: frozenset[str] = frozenset()
    """The ecosystems that steps set up themselves."""
    content: str = ""
    """Stands for the bytes of the manifests and lock files: where they change, it is done again."""


class PlannedSpec(NamedTuple):
    read: ReadSpec
    tasks: tuple[PlannedTask, ...] = ()
    blocks: tuple[PlannedBlock, ...] = ()
    runs_guide: bool = False
    """The guide itself is what is run, not a task that asks for it."""
    warnings: tuple[str, ...] = ()
    error: str | None = None
    jobs: int = 1
    """How many neighbours marked parallel run at once."""
    keep_going: bool = False
    """A failure stops only what depends on it."""
    again: frozenset[str] = frozenset()
    """The tasks that the user asked for by name: they run, proven or not."""
    start: str | None = None
    """Where the state is kept that the first task starts from; None: a fresh shell at the root."""
    variables: tuple[tuple[str, str], ...] = ()
    """The variables that every command is given, each with its source."""
    mirrors: tuple[tuple[str, str], ...] = ()
    """The addresses that Git fetches from elsewhere, each with the place."""
    setup: Setup | None = None
    """What makes the work tree ready first; None: nothing does."""
    guide_setup: Setup | None = None
    """What makes the guide's own work tree ready."""
    took: float | None = None
    """Seconds that what is to be run took when it last ran; None where the journal does not know it of all of it."""
    standing: frozenset[str] = frozenset()
    """Tasks that are proven in the work tree that the run goes on in: what they did is there."""
    unsupported: frozenset[str] = frozenset()
    """Tasks that come after one that was left out and is not proven: that they fail says nothing of them."""

    @property
    def steps(self) -> Iterator[PlannedStep]:
        """Every step of its tasks and of its guide."""
        for task in self.tasks:
            yield from task.steps
        for block in self.blocks:
            yield from block.steps

    @property
    def has_work(self) -> bool:
        """Something in it would run."""
        if self.runs_guide:
            return any(block.action == "run" for block in self.blocks)
        return any(task.action == "run" for task in self.tasks)


class Offer(NamedTuple):
    """A level of isolation, and what stands in its way on this machine."""

    level: str
    problem: str | None = None
    todo: str | None = None


class Plan(NamedTuple):
    specs: tuple[PlannedSpec, ...]
    level: str
    network: str
    missing: str | None = None
    """Why there is no isolation, where there is none."""
    at_once: int = 1
    """How many specs may run beside each other."""
    where: str | None = None
    """The cluster that runs it, as it was named; None for this machine."""
    part: Part | None = None
    """Which part of a run on several machines it is."""

    def by_key(self) -> list[dict[str, PlannedTask]]:
        """The tasks of each spec by their keys."""
        return [{task.task.key: task for task in spec.tasks} for spec in self.specs]


def plan_spec(
    read: ReadSpec,
    choices: Choices,
    decide: Callable[[Task], Intent],
    proven: Callable[[tuple[PlannedTask, ...]], Collection[str]] = lambda tasks: (),
    machine: Machine = Machine(),  # noqa: B008
) -> PlannedSpec:
    """All that a run of this spec would do. ``proven`` gives the keys of those tasks that have evidence.

    Raises SpecError for a selection that the document does not know, and for tasks that wait for each other.
    """
    runs_guide = read.guide is not None and (choices.guide_only or read.tasks is None)
    if read.tasks is None or choices.guide_only:
        return PlannedSpec(read, blocks=_plan_guide(read, choices, machine, asked=True), runs_guide=runs_guide)
    chosen = choose(read.tasks, choices.selection)
    tasks = _with_evidence(_Planner(choices, chosen, machine).tasks(read.tasks, decide), proven)
    asked = any(task.kind == "quickstart" and "run" in (task.action, task.left_out) for task in tasks)
    blocks = _plan_guide(read, choices, machine, asked=asked)
    tasks = _with_past(tasks)
    warnings = tuple(_warnings(read.tasks, tasks))
    return PlannedSpec(
        read, tasks, blocks, warnings=warnings, jobs=choices.jobs, keep_going=choices.keep_going, again=chosen.again
    )


def _with_evidence(
    tasks: tuple[PlannedTask, ...], proven: Callable[[tuple[PlannedTask, ...]], Collection[str]]
) -> tuple[PlannedTask, ...]:
    """The tasks, those that are ticked with evidence as ``done``."""
    found = proven(tasks)
    if not found:
        return tasks
    return tuple(
        task._replace(state="done") if task.state == "claimed" and task.task.key in found else task for task in tasks
    )


def _with_past(tasks: tuple[PlannedTask, ...]) -> tuple[PlannedTask, ...]:
    """The tasks; what a ticked one asks for that is so only before what is ticked after it cannot be seen any more."""
    last = max((number for number, task in enumerate(tasks) if task.task.is_ticked), default=-1)
    return tuple(
        task._replace(steps=tuple(step._replace(once=_is_past(step.step, task.task)) for step in task.steps))
        if task.task.is_ticked and number < last
        else task
        for number, task in enumerate(tasks)
    )


def _is_past(step: Step, task: Task) -> bool:
    return step.kind == "command" and was_for_then(task.text.prose[task.title_start :], step.expect)


def step_at(spec: PlannedSpec, tasks: Mapping[str, PlannedTask], place: Place) -> PlannedStep:
    """The step at a place of a spec, in a task or in the guide; ``tasks`` are the spec's by their keys."""
    if place.block is None:
        return tasks[place.task].steps[place.step]
    return next(block for block in spec.blocks if block.block.line == place.block).steps[place.step]


def nodes(spec: PlannedSpec) -> list[Node]:
    """The tasks as the schedule sees them; a guide that is run by itself is one task."""
    if spec.runs_guide:
        return [Node(GUIDE, 1, runs=spec.has_work)]
    return _nodes(spec.tasks)


def whole_order(tasks: Iterable[PlannedTask]) -> tuple[tuple[Node, ...], ...]:
    """The groups of all tasks that would run if nothing had been left out."""
    tasks = list(tasks)
    left_out = {task.task.key for task in tasks if task.left_out == "run"}
    return groups(node._replace(runs=node.runs or node.key in left_out) for node in _nodes(tasks))


def _nodes(tasks: Iterable[PlannedTask]) -> list[Node]:
    tasks = list(tasks)
    walls = {phase: number for number, phase in enumerate(dict.fromkeys(task.task.phase for task in tasks))}
    ids = {task.task.id: task.task.key for task in reversed(tasks) if task.task.id}
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
        for planned in tasks
    ]


class _Planner:
    """Decides first what runs, and then, in the order in which it will run, where."""

    def __init__(self, choices: Choices, chosen: Chosen, machine: Machine) -> None:
        self.choices, self.chosen, self.machine = choices, chosen, machine

    def tasks(self, document: Document, decide: Callable[[Task], Intent]) -> tuple[PlannedTask, ...]:
        intents = with_values({task.key: decide(task) for task in document.tasks})
        drafts = {task.key: self._draft(task, intents[task.key]) for task in document.tasks}
        _need_services(drafts)
        # What was left out moves the others as if it had run: where a task runs is no matter of the selection.
        going = {key: draft.left_out or draft.action for key, draft in drafts.items()}
        order = groups(node._replace(runs=going[node.key] in ("run", "hold")) for node in _nodes(drafts.values()))
        held = {key for key, action in going.items() if action == "hold"}
        free = {key for key, draft in drafts.items() if self._is_allowed(draft.task)}
        keys = [[node.key for node in group] for group in order]
        goings = walk_tasks(keys, intents, held, free, document.source.text, self.machine)
        lines = {going.step.line: drafts[key] for key in goings for going in goings[key].steps}
        return tuple(self._finished(draft, goings[key], lines) for key, draft in drafts.items())

    def _draft(self, task: Task, intent: Intent) -> PlannedTask:
        action, why = self._action(task, intent)
        if task.key in self.chosen.keys:
            return PlannedTask(task, intent.kind, action, why, task.state)
        left_out = action if action in ("run", "hold") else None
        action = "none" if action == "none" else "skip"
        return PlannedTask(task, intent.kind, action, NOT_SELECTED, task.state, left_out=left_out)

    def _finished(self, draft: PlannedTask, going: TaskGoing, lines: Mapping[int, PlannedTask]) -> PlannedTask:
        if going.because is not None:
            other = lines[going.because].task
            why = f"{other.word} is held"
            draft = draft._replace(left_out="hold") if draft.left_out else draft._replace(action="hold", why=why)
        if not going.steps and not going.mover:
            return draft
        steps = tuple(_planned(each, draft.action, self.choices.timeout) for each in going.steps)
        return draft._replace(steps=steps, needs=(*draft.needs, going.mover) if going.mover else draft.needs)

    def _action(self, task: Task, intent: Intent) -> tuple[Action, str]:
        if intent.kind == "none":
            return "none", intent.why
        named = task.key in self.chosen.named
        if task.state == "other" and not named:
            return "skip", f"[{task.mark}] is somebody's own mark; --only {task.word} runs it"
        if task.is_cancelled_by_person and not named:
            return "skip", "cancelled by a person"
        held = [step for step in intent.steps if step.hold and not self._allows(step, task)]
        if held:
            if held[0].hold == "unsure":
                return "hold", f"{reasons(held[0])}: {held[0].why}; put {RUN_COMMENT} before it, or skip"
            return "hold", f"{reasons(held[0])}: {held[0].command}"
        return "run", intent.why

    def _allows(self, step: Step, task: Task) -> bool:
        return allows(step, self.choices.allow) or self._is_allowed(task)

    def _is_allowed(self, task: Task) -> bool:
        return not {task.word.lower(), task.key.lower()}.isdisjoint(self.choices.allow)


def reasons(step: Step) -> str:
    """Why a step is held, as the words that --allow takes."""
    return ", ".join(step.holds) or str(step.hold)


def allows(step: Step, allowed: Collection[str]) -> bool:
    """Whether every reason that holds a step is among these; one of several does not release it."""
    return all(reason in allowed for reason in step.holds or (step.hold,))


def refuse_unknown(allowed: Iterable[str], specs: Iterable[ReadSpec]) -> None:
    """Raises SpecError for a word of --allow that is no reason and no task of any spec, with the nearest one."""
    tasks = [name for spec in specs if spec.tasks for task in spec.tasks.tasks for name in (task.word, task.key)]
    known = {word.lower() for word in (*HOLDS, *tasks)}
    for word in sorted(allowed):
        if word not in known:
            raise unknown("reason or task", word, (*HOLDS, *tasks))


def _need_services(drafts: dict[str, PlannedTask]) -> None:
    """A probe needs the service before it."""
    service: PlannedTask | None = None
    for key, draft in drafts.items():
        if draft.kind == "service" and (draft.left_out or draft.action in ("run", "hold")):
            service = draft
        elif draft.kind == "url" and (draft.action == "run" or draft.left_out == "run") and service:
            drafts[key] = draft._replace(needs=(service.task.key,))


def _planned(going: Going, action: Action, timeout: float) -> PlannedStep:
    step = going.step
    shows = step.kind == "command" and fails_by_pipe(step.command)
    return PlannedStep(
        step, action, going.cwd, step.timeout or timeout, pipefail=shows, returns=going.returns, because=going.because,
        wanted=going.wanted, places=going.places,
    )  # fmt: skip


def _plan_guide(read: ReadSpec, choices: Choices, machine: Machine, *, asked: bool) -> tuple[PlannedBlock, ...]:
    """The guide's blocks with the directory of each step; nothing runs unless somebody asks for the guide."""
    if read.guide is None:
        return ()
    text = next((data.decode("utf-8", "replace") for name, data in read.sources if name == GUIDE), "")
    walked = walk(read.guide, lambda step: allows(step, choices.allow), text, machine)
    blocks = tuple(
        _planned_block(block, start, goings, choices.timeout)
        for block, (start, goings) in zip(read.guide.blocks, walked, strict=True)
    )
    return blocks if asked else tuple(without(block, unasked(read)) for block in blocks)


def _planned_block(block: GuideBlock, start: str | None, goings: list[Going], timeout: float) -> PlannedBlock:
    action = block.action
    if action in ("run", "hold") and goings:
        action = "hold" if all(going.action == "hold" for going in goings) else "run"
    steps = tuple(_planned(going, going.action, timeout) for going in goings)
    return PlannedBlock(block, action, block.why, steps[0].cwd if steps else start, steps)


def without(block: PlannedBlock, why: str) -> PlannedBlock:
    """A block of a guide that does not run."""
    if block.action not in ("run", "hold"):
        return block
    return block._replace(action="skip", why=why, steps=tuple(step._replace(action="skip") for step in block.steps))


def unasked(read: ReadSpec) -> str:
    """Why nothing of a guide runs."""
    return f"no task that runs asks for it; spec-run quickstart {typed(read.path)} does"


def _warnings(document: Document, tasks: Iterable[PlannedTask]) -> Iterable[str]:
    known = {task.id: task for task in document.tasks if task.id}
    order = {task.key: index for index, task in enumerate(document.tasks)}
    for planned in tasks:
        task = planned.task
        for name in task.depends_on:
            other = known.get(name)
            if other is None:
                yield f"line {task.line}: {task.word} depends on {name}, which is not there"
            elif other.phase != task.phase and order[other.key] > order[task.key]:
                yield f"line {task.line}: {task.word} depends on {name}, which stands in a later phase"

"""Ticks are claims: which of them are proven, which are false, and of which nothing can be told here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from spec_runner.core.decide.claims import Claim
from spec_runner.core.evidence.effects import by_effect
from spec_runner.core.evidence.looking import DocumentLooked, Looked, Tree, look, said
from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import NOT_TICKED, TICKED_BEFORE, Plan, PlannedSpec, PlannedTask
from spec_runner.core.plan.resume import resumed, with_guide
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import Judged, JudgedClaim, Verdict, counted, of_claims
from spec_runner.core.text.document import Task
from spec_runner.errors import ExitCode

if TYPE_CHECKING:
    from spec_runner.core.plan.needed import World

_LOOK = "it is in the tree"
_STATUS: Mapping[Verdict, str] = {"proven": "passed", "false": "failed", "nothing to go by": "no evidence"}
"""What a tick counts as in the reports of a run; each other verdict by its own name."""


class Tick(NamedTuple):
    """A ticked task, and what a replay says of it."""

    task: PlannedTask
    judged: Judged

    @property
    def verdict(self) -> Verdict:
        return self.judged.verdict


class Replayed(NamedTuple):
    """The tree that the ticks of a spec are judged in."""

    commit: str | None
    tree: Tree | None = None
    """None where it cannot be looked into."""
    document: str = ""
    """The document of the ticks, relative to the repository."""
    asked: frozenset[str] | None = None
    """The keys of the ticks that are asked about; None for all."""
    world: World | None = None
    """What is known of where they are judged, where only some are asked about; None: none is left out."""

    def asks_about(self, task: Task) -> bool:
        """Whether a task is a tick that is asked about."""
        return task.is_ticked and (self.asked is None or task.key in self.asked)


def only_ticks(plan: Plan, trees: Sequence[Replayed | None]) -> Plan:
    """The plan that runs the ticks that are asked about, and what they need; ``trees`` are those of the specs."""
    specs = zip(plan.specs, trees, strict=True)
    return plan._replace(specs=tuple(_replayed(spec, tree or Replayed(None)) for spec, tree in specs))


def _replayed(spec: PlannedSpec, tree: Replayed) -> PlannedSpec:
    """The plan of a spec without what no tick asks for."""
    spec = spec._replace(tasks=tuple(_ticked(task, tree) for task in spec.tasks), runs_guide=False)
    if tree.world is not None:
        # What was ticked before and left nothing in the tree is not what a new tick fails for.
        spec = resumed(spec, (), world=tree.world).spec._replace(warnings=spec.warnings, unsupported=frozenset())
    return with_guide(spec)


def _ticked(task: PlannedTask, tree: Replayed) -> PlannedTask:
    if tree.asks_about(task.task):
        return task
    if task.action not in ("run", "hold"):
        # What is not ticked says of nothing that it is done: no tick stands on it.
        return task if task.task.is_ticked else task._replace(left_out=None)
    if not task.task.is_ticked:
        return task._replace(action="skip", why=NOT_TICKED, is_first=False)
    left_out: Literal["run"] | None = "run" if task.action == "run" else None
    return task._replace(action="skip", why=TICKED_BEFORE, left_out=left_out, is_first=False)


class Verification(Summary):
    """What a replay has seen, and what it says of each tick: the summary of a run whose ticks are claims."""

    def __init__(self, plan: Plan, trees: Sequence[Replayed | None]) -> None:
        """``trees`` are those of the specs, in their order; None for one that could not be found."""
        super().__init__(only_ticks(plan, trees))
        self.trees = trees
        self._ticks: dict[int, Mapping[str, Tick]] = {}
        self._looked: dict[int, DocumentLooked] = {}

    def hear(self, event: Event) -> None:
        """Take one event in."""
        self._ticks.clear()
        super().hear(event)

    def ticks(self, number: int) -> Mapping[str, Tick]:
        """What the replay says of each tick of a spec so far, by the keys of the tasks."""
        if number not in self._ticks:
            tree = self.trees[number]
            found = judge_ticks(number, self.plan.specs[number], self, tree) if tree else []
            looked = self.looked(number).tasks
            self._ticks[number] = {
                tick.task.task.key: with_looked(tick, looked.get(tick.task.task.key, ())) for tick in found
            }
        return self._ticks[number]

    def looked(self, number: int) -> DocumentLooked:
        """What looking into the tree says of the ticks of a spec; it is looked once."""
        if number not in self._looked:
            replayed, read = self.trees[number], self.plan.specs[number].read
            self._looked[number] = (
                look(read.tasks, replayed.document, replayed.tree, replayed.asks_about)
                if replayed and replayed.tree and read.tasks
                else DocumentLooked({})
            )
        return self._looked[number]

    def looked_for(self, spec: int) -> int | None:
        """Of how many ticks that have nothing to run the files are looked for."""
        idle = {task.task.key for task in self.plan.specs[spec].tasks if task.action == "none"}
        return len(idle.intersection(self.looked(spec).tasks))

    def all_ticks(self) -> list[Tick]:
        """What the replay says of each tick."""
        return [tick for number in range(len(self.plan.specs)) for tick in self.ticks(number).values()]

    def status(self, spec: int, task: PlannedTask | None) -> str:
        """What a task counts as: a tick as what the replay says of it."""
        tick = self.ticks(spec).get(task.task.key) if task else None
        return _STATUS.get(tick.verdict, tick.verdict) if tick else super().status(spec, task)

    def judged(self, spec: int, task: PlannedTask) -> Judged:
        """What the replay and looking say of a tick; of another task what a run would."""
        tick = self.ticks(spec).get(task.task.key)
        return tick.judged if tick else super().judged(spec, task)

    def unproven(self) -> list[PlannedTask]:
        """The ticks that are not proven."""
        return [tick.task for tick in self.all_ticks() if tick.verdict != "proven"]

    def exit_code(self, *, strict: bool = False, allow_empty: bool = False) -> ExitCode:
        """The exit code of a replay: 1 if a tick is false, with ``strict`` also if one is not proven."""
        code = super().exit_code(allow_empty=True)
        if code not in (ExitCode.PASSED, ExitCode.FAILED):
            return code
        found = counts(self.all_ticks())
        if found["false"] or (strict and sum(found.values()) > found["proven"]):
            return ExitCode.FAILED
        is_empty = sum(found.values()) == found["nothing to go by"]
        return ExitCode.EMPTY if is_empty and not allow_empty else ExitCode.PASSED


def judge_ticks(number: int, spec: PlannedSpec, summary: Summary, tree: Replayed) -> list[Tick]:
    """What a replay says of each ticked task that is asked about."""
    asked = [task for task in spec.tasks if tree.asks_about(task.task) and task.action != "skip"]
    texts = {task.task.key: task.task.text.text for task in spec.tasks if task.action != "none" or task.task.is_ticked}
    return [
        Tick(task, by_effect(Summary.judged(summary, number, task), task, tree.tree, _others(texts, task.task.key)))
        for task in asked
    ]


def _others(texts: Mapping[str, str], key: str) -> Callable[[], list[str]]:
    return lambda: [text for other, text in texts.items() if other != key]


def with_looked(tick: Tick, looked: Sequence[Looked]) -> Tick:
    """A tick with what looking says of the files that its words name: further claims of the task."""
    if not looked:
        return tick
    claims = [JudgedClaim(Claim(each.path, "file", _LOOK, each.line), each.sight, said(each)) for each in looked]
    judged = tick.judged
    found = of_claims([*judged.claims, *claims])
    if judged.verdict == "nothing to go by" or (found.verdict == "missing" and judged.verdict != "false"):
        return tick._replace(judged=found)
    return tick._replace(judged=judged._replace(claims=found.claims))


def counts(ticks: Sequence[Tick]) -> Mapping[Verdict, int]:
    """How many ticks there are of each verdict, in their order."""
    return counted(tick.judged for tick in ticks)

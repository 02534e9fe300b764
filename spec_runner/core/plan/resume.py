"""Where a run goes on: what an earlier run proved in the same work tree is not run again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from spec_runner.core.plan.model import PROVEN, PlannedBlock, PlannedSpec, PlannedTask, whole_order

_AGAIN = "proven, and started again for the tasks after it"
_MOST_NAMED = 8
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Resumed(NamedTuple):
    """A plan that goes on where an earlier run ended."""

    spec: PlannedSpec
    last: tuple[str, ...] = ()
    """Of the tasks that are not run again those that leave their state to others, the last one first."""


def resumed(spec: PlannedSpec, proven: Collection[str], stale: Mapping[str, str] = _NOTHING) -> Resumed:
    """The plan without the tasks that are proven, up to the first one that is not or that the user asked for by name.

    What comes after a task that runs is run too, proven or not: it may stand on what that task changes. A service is
    gone with its run, so it is started again where something comes after it. Tasks that were left out are passed by.
    ``stale`` are the tasks that were proven before the file changed that each has: they give their state, and no more.
    """
    order = whole_order(spec.tasks)
    kept = {task.task.key for task in spec.tasks if task.task.key in proven and _is_claimed(task)} - spec.again
    passed_by = kept | {task.task.key for task in spec.tasks if task.left_out == "run"}
    count = 0
    while count < len(order) and all(node.key in passed_by for node in order[count]):
        count += 1
    before = {node.key for group in order[:count] for node in group}
    goes_on = any(task.action == "run" and task.task.key not in before for task in spec.tasks)
    tasks = tuple(
        _without(task, goes_on) if task.task.key in before and task.task.key in proven else task for task in spec.tasks
    )
    ran = {*proven, *stale}
    alone = tuple(group[0].key for group in reversed(order[:count]) if len(group) == 1 and group[0].key in ran)
    again = _run_again(spec, stale)
    standing = frozenset(before & set(proven))
    spec = spec._replace(
        tasks=tasks, blocks=_blocks(spec, tasks), warnings=(*spec.warnings, *again), standing=standing
    )  # fmt: skip
    return Resumed(_supported(spec, standing), alone)


def _run_again(spec: PlannedSpec, stale: Mapping[str, str]) -> Iterator[str]:
    """What the plan says of the first task that runs again because of an edit."""
    for task in spec.tasks:
        if task.task.key in stale and task.action == "run" and task.task.key not in spec.again:
            yield f"run again from {task.task.word} on: {stale[task.task.key]} has changed since it was proven"
            return


def _supported(spec: PlannedSpec, proven: Collection[str]) -> PlannedSpec:
    """The plan with what it says of tasks that stand on others that were left out and are not proven."""
    left_out = {task.task.key: task for task in spec.tasks if task.left_out == "run"}
    lacking: list[str] = []
    unsupported: set[str] = set()
    before = 0
    for group in whole_order(spec.tasks):
        chosen = {node.key for node in group if node.key not in left_out}
        if lacking and chosen:
            unsupported |= chosen
            before = len(lacking)
        lacking += [node.key for node in group if node.key in left_out and node.key not in proven]
    if not unsupported:
        return spec
    names = [left_out[key].task.word for key in lacking[:before]]
    names = names[:_MOST_NAMED] + (["…"] if len(names) > _MOST_NAMED else [])
    warning = f"left out and not proven: {', '.join(names)}; a failure after that is not marked"
    return spec._replace(unsupported=frozenset(unsupported), warnings=(*spec.warnings, warning))


def _is_claimed(task: PlannedTask) -> bool:
    """Only a tick without a note is left standing: one that was taken away is somebody's wish to see it run."""
    return task.task.is_ticked and not task.task.note


def _without(task: PlannedTask, goes_on: bool) -> PlannedTask:
    if goes_on and task.kind == "service":
        return task._replace(action="run", why=_AGAIN, left_out=None)
    return task if task.left_out else task._replace(action="skip", why=PROVEN)


def _blocks(spec: PlannedSpec, tasks: tuple[PlannedTask, ...]) -> tuple[PlannedBlock, ...]:
    """The guide's blocks run only if a task still asks for them."""
    if tasks == spec.tasks or any(task.kind == "quickstart" and task.action == "run" for task in tasks):
        return spec.blocks
    return tuple(
        block._replace(action="skip", why=PROVEN) if block.action in ("run", "hold") else block for block in spec.blocks
    )

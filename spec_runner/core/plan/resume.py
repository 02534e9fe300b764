"""Where a run goes on: what an earlier run proved in the same work tree is not run again."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from spec_runner.core.plan.model import PROVEN, PlannedBlock, PlannedSpec, PlannedTask, nodes
from spec_runner.core.plan.schedule import groups

_AGAIN = "proven, and started again for the tasks after it"


class Resumed(NamedTuple):
    """A plan that goes on where an earlier run ended."""

    spec: PlannedSpec
    last: tuple[str, ...] = ()
    """Of the tasks that are not run again those that leave their state to others, the last one first."""


def resumed(spec: PlannedSpec, proven: Collection[str]) -> Resumed:
    """The plan without the tasks that are proven, up to the first one that is not or that the user asked for by name.

    What comes after a task that runs is run too, proven or not: it may stand on what that task changes. A service is
    gone with its run, so it is started again where something comes after it.
    """
    order = groups(nodes(spec))
    kept = {task.task.key for task in spec.tasks if task.task.key in proven and _is_claimed(task)} - spec.again
    count = 0
    while count < len(order) and all(node.key in kept for node in order[count]):
        count += 1
    if count == 0:
        return Resumed(spec)
    left_out, goes_on = {node.key for group in order[:count] for node in group}, count < len(order)
    tasks = tuple(_without(task, goes_on) if task.task.key in left_out else task for task in spec.tasks)
    alone = tuple(group[0].key for group in reversed(order[:count]) if len(group) == 1)
    return Resumed(spec._replace(tasks=tasks, blocks=_blocks(spec, tasks)), alone)


def _is_claimed(task: PlannedTask) -> bool:
    """Only a tick without a note is left standing: one that was taken away is somebody's wish to see it run."""
    return task.task.is_ticked and not task.task.note


def _without(task: PlannedTask, goes_on: bool) -> PlannedTask:
    if goes_on and task.kind == "service":
        return task._replace(why=_AGAIN)
    return task._replace(action="skip", why=PROVEN)


def _blocks(spec: PlannedSpec, tasks: tuple[PlannedTask, ...]) -> tuple[PlannedBlock, ...]:
    """The guide's blocks run only if a task still asks for them."""
    if any(task.kind == "quickstart" and task.action == "run" for task in tasks):
        return spec.blocks
    return tuple(
        block._replace(action="skip", why=PROVEN) if block.action in ("run", "hold") else block for block in spec.blocks
    )

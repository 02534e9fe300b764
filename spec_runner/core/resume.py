"""Where a run goes on: what an earlier run proved in the same work tree is not run again."""

# Annotations are evaluated here: for named tuples that is quicker than keeping them as texts.
from collections.abc import Collection
from typing import NamedTuple

from spec_runner.core.plan import PlannedSpec, PlannedTask, nodes
from spec_runner.core.schedule import groups

PROVEN = "proven by an earlier run in this work tree"
_AGAIN = "proven, and started again for the tasks after it"


class Resumed(NamedTuple):
    """A plan that goes on where an earlier run ended."""

    spec: PlannedSpec
    last: str | None = None
    """The last task that is not run again: what runs next starts from the state that it left."""


def resumed(spec: PlannedSpec, proven: Collection[str], named: Collection[str] = ()) -> Resumed:
    """The plan without the tasks that are proven, up to the first one that is not; ``named`` ones run in any case.

    What comes after a task that runs is run too, proven or not: it may stand on what that task changes. A service is
    gone with its run, so it is started again where something comes after it.
    """
    rest = _first_to_run(spec, proven, named)
    if rest == 0:
        return Resumed(spec)
    order = [node.key for group in groups(nodes(spec)) for node in group]
    left_out, goes_on = order[:rest], rest < len(order)
    tasks = tuple(_without(task, goes_on) if task.task.key in left_out else task for task in spec.tasks)
    return Resumed(spec._replace(tasks=tasks), _last_alone(spec, left_out))


def _first_to_run(spec: PlannedSpec, proven: Collection[str], named: Collection[str]) -> int:
    """How many tasks, in the order in which they run, need not."""
    count = 0
    for group in groups(nodes(spec)):
        if any(node.key not in proven or node.key in named for node in group):
            return count
        count += len(group)
    return count


def _without(task: PlannedTask, goes_on: bool) -> PlannedTask:
    if goes_on and task.kind == "service":
        return task._replace(why=_AGAIN)
    return task._replace(action="skip", why=PROVEN)


def _last_alone(spec: PlannedSpec, left_out: Collection[str]) -> str | None:
    """Of these tasks the last one that leaves its state to others: those that run side by side do not."""
    alone = [group[0].key for group in groups(nodes(spec)) if len(group) == 1 and group[0].key in left_out]
    kinds = {task.task.key: task.kind for task in spec.tasks}
    return next((key for key in reversed(alone) if kinds[key] == "command"), None)

"""Where a run goes on: what an earlier run proved in the same work tree is not run again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from spec_runner.core.plan.model import PROVEN, PlannedSpec, PlannedTask, unasked, whole_order, without

if TYPE_CHECKING:
    from spec_runner.core.plan.needed import World

_AGAIN = "proven, and started again for the tasks after it"
_MOST_NAMED = 8
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Resumed(NamedTuple):
    """A plan that goes on where an earlier run ended."""

    spec: PlannedSpec
    last: tuple[str, ...] = ()
    """Of the tasks that are not run again those that leave their state to others, the last one first."""
    there: frozenset[str] = frozenset()
    """The tasks whose work is in the tree, proven or, for an edit of the repository, not any more."""


def resumed(
    spec: PlannedSpec, proven: Collection[str], stale: Mapping[str, str] = _NOTHING, world: World | None = None
) -> Resumed:
    """The plan that goes on, with what was left out of the selection and is needed before it."""
    found = _gone_on(spec, proven, stale)
    if not any(task.left_out == "run" for task in spec.tasks):
        return found
    from spec_runner.core.plan.needed import World, is_set_up_by, needs, only_looks, running_first

    world = world or World()
    while True:
        # What runs first may stand on more, and ends what is gone on with where it stands.
        edges = needs(found.spec, found.there, world)
        wanted = {key for needed in edges.values() for key in needed}
        is_whole = not any(task.task.key in wanted and task.left_out == "run" for task in spec.tasks)
        spec = running_first(spec, edges)
        found = _gone_on(spec, proven, stale)
        if is_whole:
            tasks = [task for task in spec.tasks if task.left_out == "run"]
            idle = {task.task.key for task in tasks if only_looks(task) or is_set_up_by(task, world)}
            return found._replace(spec=_supported(found.spec, idle))


def _gone_on(spec: PlannedSpec, proven: Collection[str], stale: Mapping[str, str]) -> Resumed:
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
    there = before & ran - {task.task.key for task in spec.tasks if task.kind == "service"}
    spec = with_guide(spec._replace(tasks=tasks, warnings=(*spec.warnings, *again), standing=standing))
    return Resumed(spec, alone, frozenset(there))


def _run_again(spec: PlannedSpec, stale: Mapping[str, str]) -> Iterator[str]:
    """What the plan says of the first task that runs again because of an edit."""
    for task in spec.tasks:
        if task.task.key in stale and task.action == "run" and task.task.key not in spec.again:
            yield f"run again from {task.task.word} on: {stale[task.task.key]} has changed since it was proven"
            return


def _supported(spec: PlannedSpec, idle: Collection[str]) -> PlannedSpec:
    """The plan with what it says of tasks that may stand on others that were left out and are not proven.

    ``idle`` are those that leave nothing behind.
    """
    left_out = {task.task.key: task for task in spec.tasks if task.left_out == "run"}
    lacking: list[str] = []
    unsupported: set[str] = set()
    before = 0
    for group in whole_order(spec.tasks):
        chosen = {node.key for node in group if node.key not in left_out}
        if lacking and chosen:
            unsupported |= chosen
            before = len(lacking)
        lacking += [
            node.key
            for node in group
            if node.key in left_out and node.key not in spec.standing and node.key not in idle
        ]
    warnings, on_held = list[str](), dict(_on_held(spec))
    for word, held in on_held.values():
        warnings.append(f"{word} depends on {held}, which is held (--allow {held} runs it): a failure is not marked")
    if unsupported:
        names = [left_out[key].task.word for key in lacking[:before]]
        are = "it is" if len(names) == 1 else "they are"
        names = names[:_MOST_NAMED] + (["…"] if len(names) > _MOST_NAMED else [])
        shown = f"nothing shows that {are} needed; a failure is not marked"
        warnings.append(f"left out and not proven: {', '.join(names)}; {shown}")
    return spec._replace(unsupported=frozenset({*unsupported, *on_held}), warnings=(*spec.warnings, *warnings))


def _on_held(spec: PlannedSpec) -> Iterator[tuple[str, tuple[str, str]]]:
    """The tasks that run and depend on one that was left out and would be held: by key, each with the other's name."""
    held = {task.task.id: task.task.word for task in spec.tasks if task.left_out == "hold"}
    for task in spec.tasks if held else ():
        name = next((name for name in task.task.depends_on if name in held), None)
        if task.action == "run" and name is not None:
            yield task.task.key, (task.task.word, held[name])


def _is_claimed(task: PlannedTask) -> bool:
    """Only a tick without a note is left standing: one that was taken away is somebody's wish to see it run."""
    return task.task.is_ticked and not task.task.note


def _without(task: PlannedTask, goes_on: bool) -> PlannedTask:
    if goes_on and task.kind == "service":
        return task._replace(action="run", why=_AGAIN, left_out=None)
    return task if task.left_out else task._replace(action="skip", why=PROVEN)


def with_guide(spec: PlannedSpec) -> PlannedSpec:
    """The guide's blocks run only if a task still asks for them."""
    asking = [task for task in spec.tasks if task.kind == "quickstart"]
    if spec.runs_guide or any(task.action == "run" for task in asking):
        return spec
    why = PROVEN if any(task.why == PROVEN for task in asking) else unasked(spec.read)
    return spec._replace(blocks=tuple(without(block, why) for block in spec.blocks))

"""What an event says of a task's mark."""

from __future__ import annotations

from spec_runner.core.plan.events import TaskCancelled, TaskFinished
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.core.text.document import Task
from spec_runner.core.text.marks import NewMark


def new_mark_of(event: TaskFinished | TaskCancelled, spec: PlannedSpec, task: Task | None) -> NewMark | None:
    """What an event says of a task's mark; an interruption, a held step or a fault of ours says nothing.

    A fault of the machine takes no tick away; a task that stands on others that were left out and are not proven may
    have failed for want of them. ``[C]`` is written only where it is known.
    """
    if isinstance(event, TaskCancelled):
        is_foreign = spec.read.tasks is not None and spec.read.tasks.is_foreign
        return None if is_foreign else NewMark(event.task, "cancelled")
    if event.outcome == "passed" and event.is_partial:
        return None
    if event.outcome == "passed":
        return NewMark(event.task, "passed")
    if event.fault or event.outcome in ("cancelled", "held"):
        return None
    if event.task in spec.unsupported or (event.cause and task and task.is_ticked):
        return None
    return NewMark(event.task, "failed", event.reason or event.outcome)

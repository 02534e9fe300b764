"""What an event says of a task's mark."""

from __future__ import annotations

from spec_runner.core.plan.events import TaskCancelled, TaskFinished
from spec_runner.core.text.marks import Verdict


def verdict_of(
    event: TaskFinished | TaskCancelled, *, is_partial: bool = False, is_ticked: bool = False
) -> Verdict | None:
    """What an event says of a task's mark; an interruption, a held step or a fault of ours says nothing.

    ``is_partial``: some tasks of the document were left out. A fault of the machine takes no tick away.
    """
    if isinstance(event, TaskCancelled):
        return Verdict(event.task, "cancelled")
    if event.outcome == "passed":
        return Verdict(event.task, "passed")
    if event.fault or event.outcome in ("cancelled", "held"):
        return None
    if event.cause and is_ticked:
        return None
    # Without the tasks that were left out, a task that could not even start has proven nothing.
    if event.outcome == "not-started" and is_partial:
        return None
    return Verdict(event.task, "failed", event.reason or event.outcome)

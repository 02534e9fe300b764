"""Which checkboxes were ticked between a document then and the document now."""

from __future__ import annotations

from spec_runner.core.evidence.match_tasks import match_tasks
from spec_runner.core.text.document import Document


def ticked_since(then: Document | None, now: Document) -> frozenset[str]:
    """The keys of the tasks of ``now`` that are ticked and were not; all ticks where there was no document.

    A tick whose words somebody changed is a new one: what it claims now was not ticked before.
    """
    ticks = frozenset(task.key for task in now.tasks if task.is_ticked)
    if then is None:
        return ticks
    again = match_tasks(then, now)
    return ticks - {again[task.key].key for task in then.tasks if task.is_ticked and task.key in again}

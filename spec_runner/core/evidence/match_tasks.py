"""A document that was read, and the same document after somebody edited it → which task of now is which of then.

A task is known by its words, not by its line: it may have been moved or renumbered. Where its words are not enough to
tell it from another one, it counts as gone: a mark on the wrong task is worse than none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable

from spec_runner.core.evidence.records import words
from spec_runner.core.text.document import Document, Task


def match_tasks(before: Document, now: Document) -> dict[str, Task]:
    """The tasks of ``now`` by the keys that they had in ``before``; without those that are gone or were edited."""
    if now is before:
        return {task.key: task for task in now.tasks}
    found: dict[str, Task] = {}
    named_then, named_now = (_grouped(document.tasks, with_id=True) for document in (before, now))
    for like, tasks in named_then.items():
        again = named_now.get(like, [])
        # Twins of which one is gone: nobody can tell which.
        if len(again) == len(tasks):
            found |= {task.key: other for task, other in zip(tasks, again, strict=True)}
    worded_then, worded_now = (_grouped(document.tasks, with_id=False) for document in (before, now))
    for like, tasks in worded_then.items():
        again = worded_now.get(like, [])
        if len(tasks) == len(again) == 1:
            found.setdefault(tasks[0].key, again[0])
    return found


def _grouped(tasks: Iterable[Task], *, with_id: bool) -> dict[Hashable, list[Task]]:
    groups: dict[Hashable, list[Task]] = defaultdict(list)
    for task in tasks:
        groups[(task.id if with_id else None, words(task))].append(task)
    return groups

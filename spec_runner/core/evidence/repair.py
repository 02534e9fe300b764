"""What a check finds and a program may put right: lines that are nearly tasks, and nothing that somebody decided."""

from __future__ import annotations

import re
from collections.abc import Sequence

from spec_runner.core.evidence.check import nearly_tasks
from spec_runner.core.text.document import Document, Task, read_document

_BOX = re.compile(rb"^([ \t>]*[-*+])[ \t]*\[([ xX]?)\][ \t]*(?=\S)")


def repaired(document: Document) -> tuple[bytes, list[int]]:
    """The document with blanks around the checkboxes that lack them, and the lines that are tasks by that.

    A line is left alone where it is no task even so. All are where another task would become something else, but for
    one that such a line was taken to go on.
    """
    lines = [line for line in nearly_tasks(document) if _BOX.match(document.source.span(line).of(document.source.data))]
    while lines:
        data = _with_blanks(document, lines)
        again = read_document(data)
        here = {task.line for task in again.tasks}
        if all(line in here for line in lines):
            others = [task for task in again.tasks if task.line not in lines]
            return (data, lines) if _are_the_same(document.tasks, others) else (document.source.data, [])
        lines = [line for line in lines if line in here]
    return document.source.data, []


def _are_the_same(before: Sequence[Task], now: Sequence[Task]) -> bool:
    return len(before) == len(now) and all(
        (then.line, then.id, then.mark) == (task.line, task.id, task.mark) and then.title.startswith(task.title)
        for then, task in zip(before, now, strict=True)
    )


def _with_blanks(document: Document, lines: list[int]) -> bytes:
    data = document.source.data
    for number in sorted(lines, reverse=True):
        start, end = document.source.span(number)
        text = _BOX.sub(lambda found: found[1] + b" [" + (found[2] or b" ") + b"] ", data[start:end])
        data = data[:start] + text + data[end:]
    return data

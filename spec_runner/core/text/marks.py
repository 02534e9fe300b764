"""Document + what was seen → new bytes, nothing else moved."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from spec_runner.core.text.document import Document, Task
from spec_runner.core.text.printable import without_hidden
from spec_runner.core.text.source import Span

LONGEST_NOTE = 160
"""Characters of a whole note, brackets included."""

_UNBREAKABLE = re.compile(r"\s+")
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class NewMark(NamedTuple):
    """What a run saw of one task: it passed, it failed with a reason, or it was cancelled."""

    key: str
    seen: Literal["passed", "failed", "cancelled"]
    reason: str = ""


def letter_after(task: Task, new_mark: NewMark | None, done: str) -> str:
    """The task's mark after a run; ``done`` is the letter that its document ticks with."""
    if new_mark is None or (new_mark.seen == "cancelled" and task.state != "open"):
        return task.mark
    if new_mark.seen == "passed":
        return task.mark if task.is_ticked else done
    return "C" if new_mark.seen == "cancelled" else " "


class Marking:
    """A document's bytes while one task after the other is marked in it; nothing is read or rendered again for it."""

    def __init__(self, document: Document) -> None:
        self._data = bytearray(document.source.data)
        self._done = document.done_letter
        self._cuts: dict[str, list[tuple[Span, bytes]]] = {}
        """The edits that change the length, by task; the others are made at once, for they move nothing."""

    def set(self, task: Task, new_mark: NewMark) -> None:
        """Mark a task of this document; what was set for it before is forgotten."""
        edits = _edits(task, new_mark, self._done)
        for span, new in edits:
            if len(new) == span.end - span.start:
                self._data[span.start : span.end] = new
        cuts = [(span, new) for span, new in edits if len(new) != span.end - span.start]
        if cuts or task.key in self._cuts:
            self._cuts[task.key] = cuts

    @property
    def data(self) -> bytes:
        """The bytes as they are now."""
        return _spliced(self._data, [cut for cuts in self._cuts.values() for cut in cuts])


def mark(document: Document, new_marks: tuple[NewMark, ...]) -> bytes:
    """The document's bytes with the marks and notes of these tasks; one on no task of it is left out."""
    tasks, marking = {task.key: task for task in document.tasks}, Marking(document)
    for new_mark in new_marks:
        if new_mark.key in tasks:
            marking.set(tasks[new_mark.key], new_mark)
    return marking.data


def unmarked(document: Document) -> bytes:
    """The document's bytes with every checkbox empty and without notes: what is the same for every outcome."""
    edits = [(task.mark_span, b" ") for task in document.tasks]
    edits += [(note.span, b"") for task in document.tasks for note in task.notes]
    return _spliced(document.source.data, edits)


def _spliced(data: bytes | bytearray, edits: list[tuple[Span, bytes]]) -> bytes:
    pieces: list[bytes | bytearray] = []
    at = 0
    for span, new in sorted(edits, key=lambda edit: (edit[0].start, edit[0].end)):
        pieces += [data[at : span.start], new]
        at = span.end
    return b"".join([*pieces, data[at:]])


def _edits(task: Task, new_mark: NewMark, done: str) -> list[tuple[Span, bytes]]:
    letter = letter_after(task, new_mark, done).encode()
    if new_mark.seen == "cancelled":
        return [(task.mark_span, letter)] if task.state == "open" else []
    removed = [(note.span, b"") for note in task.notes]
    if new_mark.seen == "passed":
        return [(task.mark_span, letter), *removed]
    end = Span(task.note_at, task.note_at)
    return [(task.mark_span, letter), *removed, (end, f" {note_text(new_mark.reason)}".encode())]


def note_text(reason: str) -> str:
    """``(FAILED: reason)`` on one line of at most LONGEST_NOTE characters, which reads back as this one note."""
    drawn = without_hidden("".join(" " if char.isspace() else char for char in reason))
    shown = "".join(char for char in drawn if _is_visible(char))
    shown = _UNBREAKABLE.sub(" ", shown.replace("`", "'").replace("<!--", "<--")).strip()
    room = LONGEST_NOTE - len("(FAILED: )")
    if len(shown) > room:
        shown = shown[: room - 1].rstrip() + "…"
    if not _is_balanced(shown):
        shown = shown.replace("(", "[").replace(")", "]")
    return f"(FAILED: {shown or 'no reason given'})"


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in _HIDDEN_CATEGORIES


def _is_balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0

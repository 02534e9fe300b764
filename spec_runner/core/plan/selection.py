"""The words that choose tasks: IDs and ranges, phases, stories, ``mvp``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from spec_runner.core.text.document import Document, Phase, Task
from spec_runner.core.text.printable import typed
from spec_runner.errors import SpecError, unknown

_RANGE = re.compile(r"(.*?\d[a-z]?)\s*(?:-|–|—|\.\.)\s*([A-Za-z]*\d.*)$")
_STORY = re.compile(r"(?:US|story|user story)[\s-]?(\d+)$", re.IGNORECASE)
_PHASE_NUMBER = re.compile(r"(?:phase\s*)?(\d+|n)$", re.IGNORECASE)


class Selection(NamedTuple):
    """What the user named; everything when nothing is named."""

    only: tuple[str, ...] = ()
    start: str | None = None
    """``--from``: this task and what comes after it."""
    until: str | None = None
    """``--until``: this task and what comes before it."""
    phases: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()


class Chosen(NamedTuple):
    """The keys of the chosen tasks, and those among them that were named one by one."""

    keys: frozenset[str]
    named: frozenset[str]
    again: frozenset[str] = frozenset()
    """Those that a run starts with because the user said so, proven or not."""


def choose(document: Document, selection: Selection) -> Chosen:
    """The tasks that a selection means in a document.

    Raises SpecError for an unknown task, phase or story, with the nearest one that there is.
    """
    keys = {task.key for task in document.tasks}
    named: set[str] = set()
    if selection.only:
        keys = set()
        for word in _words(selection.only):
            found = _tasks_for(document, word)
            keys |= {task.key for task in found}
            named |= {task.key for task in found if task.is_called(word)}
    if selection.phases:
        keys &= {task.key for word in selection.phases for task in _in_phase(document, word)}
    if selection.stories:
        keys &= {task.key for word in _words(selection.stories) for task in _in_story(document, word)}
    order = [task.key for task in document.tasks]
    again = set(named)
    if selection.start and selection.until:
        _refuse_backward(document, selection.start, selection.until)
    if selection.start:
        first = _tasks_for(document, selection.start)[0].key
        keys &= set(order[order.index(first) :])
        again.add(first)
    if selection.until:
        keys &= set(order[: order.index(_tasks_for(document, selection.until)[-1].key) + 1])
    return Chosen(frozenset(keys), frozenset(named), frozenset(again))


def _words(texts: Iterable[str]) -> list[str]:
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def _tasks_for(document: Document, word: str) -> list[Task]:
    """What one word means: a task, else a range of tasks, a story, ``mvp``, or a phase."""
    found = [task for task in document.tasks if _same_id(task.id, word)]
    found = found or [task for task in document.tasks if task.is_called(word)]
    if found:
        return found
    ends = _RANGE.match(word)
    if ends:
        first, last = (_position(document, end) for end in ends.groups())
        if first > last:
            raise SpecError(
                f"{ends.group(1)} comes after {ends.group(2)}", todo=f"write {ends.group(2)}-{ends.group(1)}"
            )
        return list(document.tasks[first : last + 1])
    if _STORY.match(word) or word.lower() == "mvp":
        return _in_story(document, word)
    matching = _matching_phases(document, word)
    if matching:
        return [task for task in document.tasks if task.phase in matching]
    raise unknown("task", word, [task.id for task in document.tasks if task.id])


def _same_id(identifier: str | None, word: str) -> bool:
    return identifier is not None and identifier.lower() == word.lower()


def _position(document: Document, word: str) -> int:
    for index, task in enumerate(document.tasks):
        if _same_id(task.id, word):
            return index
    for index, task in enumerate(document.tasks):
        if task.is_called(word):
            return index
    raise unknown("task", word, [task.id for task in document.tasks if task.id])


def _in_phase(document: Document, word: str) -> list[Task]:
    matching = _matching_phases(document, word)
    if not matching:
        raise unknown("phase", word, [phase.title for phase in document.phases])
    return [task for task in document.tasks if task.phase in matching]


def _matching_phases(document: Document, word: str) -> list[Phase]:
    """Phases with this number, else those whose title holds the word."""
    number = _PHASE_NUMBER.match(word)
    if number:
        wanted = re.compile(rf"\W*(?:phase\s*)?{number.group(1)}\b", re.IGNORECASE)
        return [phase for phase in document.phases if wanted.match(phase.title)]
    return [phase for phase in document.phases if word.lower() in phase.title.lower()]


def _in_story(document: Document, word: str) -> list[Task]:
    if word.lower() == "mvp":
        return _mvp(document)
    number = _STORY.match(word)
    story = f"US{number.group(1)}" if number else word.upper()
    found = [task for task in document.tasks if task.story == story]
    if not found:
        raise unknown("story", word, sorted({task.story for task in document.tasks if task.story}))
    return found


def _refuse_backward(document: Document, start: str, until: str) -> None:
    first, last = (_tasks_for(document, word)[place] for word, place in ((start, 0), (until, -1)))
    if document.tasks.index(first) > document.tasks.index(last):
        raise SpecError(f"{start} comes after {until}", todo=f"write --from {typed(until)} --until {typed(start)}")


def _mvp(document: Document) -> list[Task]:
    """Everything up to the end of the phase marked MVP, else of the phase of the first user story."""
    marked = [phase for phase in document.phases if re.search(r"\bMVP\b", phase.title)]
    first = [task.phase for task in document.tasks if task.story]
    last = marked[-1] if marked else first[0] if first else None
    if last is None:
        raise SpecError("nothing is marked MVP and there is no user story", todo="name tasks or phases instead")
    return [task for task in document.tasks if task.phase is None or task.phase.line <= last.line]

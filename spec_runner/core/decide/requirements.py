"""The requirements that tasks name, as Kiro writes it (``_Requirements: 1.1, 2.3_``), and those that a document has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.text.document import Task
from spec_runner.core.text.inline import Paragraph

_NAMED = re.compile(r"(?:^|[\s(])[*_]{1,3}Requirements?:?[*_]{0,3}:?(?P<list>[^*_`]{1,400})(?:[*_]|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:R|REQ-?)?(\d{1,4}(?:\.\d{1,4})?)")
_LIST_BREAK = re.compile(r"[,;、，\s–-]+")
_HEADING = re.compile(r" {0,3}#{2,6}\s+[^\d\n]{0,60}?(\d{1,4})(?:\.(\d{1,4}))?(?![\w])")
_CRITERION = re.compile(r"\s*(?:[-*+]\s+)?\**(?:(?:R|REQ-?)?(\d{1,4})\.(\d{1,4})|(\d{1,4})[.)](?=\s))")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")


class Reference(NamedTuple):
    """A requirement, or a criterion of one, that a task names."""

    number: str
    line: int


def references_of(task: Task) -> Iterator[Reference]:
    """The requirements that a task names by number; never anything to run."""
    for paragraph in (task.text, *(detail.paragraph for detail in task.details)):
        if paragraph is not None and "equirement" in paragraph.text:
            yield from _references(paragraph)


def _references(paragraph: Paragraph) -> Iterator[Reference]:
    for found in _NAMED.finditer(paragraph.text):
        line = paragraph.line_at(found.start("list"))
        for word in _LIST_BREAK.split(found["list"].strip()):
            if number := _NUMBER.fullmatch(word):
                yield Reference(number[1], line)


def requirements_of(text: str) -> frozenset[str]:
    """The numbers that a document of requirements gives: ``1`` for each requirement, ``1.2`` for its criteria."""
    known: set[str] = set()
    number, is_open = "", False
    for row in text.splitlines():
        if _FENCE.match(row):
            is_open = not is_open
        heading = None if is_open else _HEADING.match(row)
        criterion = None if is_open or heading else _CRITERION.match(row)
        if heading:
            number = heading[1]
            known |= {number, f"{number}.{heading[2]}"} if heading[2] else {number}
        elif criterion and criterion[1]:
            known |= {criterion[1], f"{criterion[1]}.{criterion[2]}"}
        elif criterion and number:
            known.add(f"{number}.{criterion[3]}")
    return frozenset(known)


def is_unknown(number: str, known: frozenset[str]) -> bool:
    """Whether a document that has numbered requirements has not this one; criteria without numbers are not judged."""
    if not known or number in known:
        return False
    whole = number.partition(".")[0]
    return whole not in known or any(each.startswith(f"{whole}.") for each in known)

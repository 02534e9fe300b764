"""Hidden comments that speak to spec-run: ``<!-- spec-run: skip -->``, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.text.inline import Paragraph, blanked
from spec_runner.core.text.source import Source

SIGN = "spec-run:"
_COMMENT = re.compile(r"<!--\s*spec-run:((?:(?!-->).){0,1000})-->", re.DOTALL)


class HiddenComment(NamedTuple):
    """What stands in a hidden comment for spec-run, and its line."""

    text: str
    line: int
    start: int = -1
    """Where it starts and ends in its paragraph; -1 for one on lines of its own."""
    end: int = -1


def comments_in(paragraph: Paragraph) -> tuple[HiddenComment, ...]:
    """The comments in a paragraph; what stands in code is none."""
    if SIGN not in paragraph.text:
        return ()
    return tuple(
        HiddenComment(" ".join(found.group(1).split()), paragraph.line_at(found.start()), *found.span())
        for found in _COMMENT.finditer(paragraph.text)
        if not any(code.start < found.start() < code.end for code in paragraph.codes)
    )


def comments_of(text: str, first: int) -> Iterator[HiddenComment]:
    """The comments in a text that starts on line ``first`` and is no paragraph: hidden lines, what opens a fence."""
    for found in _COMMENT.finditer(text) if SIGN in text else ():
        yield HiddenComment(" ".join(found.group(1).split()), first + text.count("\n", 0, found.start()))


def comments_on(source: Source, first: int, last: int) -> Iterator[HiddenComment]:
    """The comments on these lines of a document."""
    return comments_of("\n".join(source.rows[first - 1 : last]), first)


def without_comments(paragraph: Paragraph) -> Paragraph:
    """The paragraph with its comments for spec-run blank, every position unchanged."""
    found = comments_in(paragraph)
    return blanked(paragraph, [(each.start, each.end) for each in found]) if found else paragraph

"""The text of a paragraph, unwrapped: its code spans, and which characters are hidden in comments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from spec_runner.core.text.source import Source, Span

_TICK = re.compile("`")
_TICKS = re.compile(r"\\?`+")


class Code(NamedTuple):
    """A code span: ``text`` is what stands between the backticks, ``start``/``end`` enclose them in the paragraph."""

    text: str
    start: int
    end: int
    line: int


class Paragraph(NamedTuple):
    """Wrapped lines joined by one space each, without their indentation and trailing blanks."""

    text: str
    codes: tuple[Code, ...]
    lines: tuple[int, ...]
    """The number of each line."""
    offsets: tuple[int, ...]
    """Where each line starts in ``text``."""
    starts: tuple[int, ...]
    """The byte of the document at which the text of each line starts."""

    def line_at(self, position: int) -> int:
        """The document's line that holds character ``position`` of ``text``."""
        return self.lines[max(bisect_right(self.offsets, position) - 1, 0)]

    def byte_at(self, position: int) -> int:
        """The document's byte at which character ``position`` of ``text`` starts."""
        index = max(bisect_right(self.offsets, position) - 1, 0)
        if self.text.isascii():
            return self.starts[index] + position - self.offsets[index]
        inside = self.text[self.offsets[index] : position]
        return self.starts[index] + len(inside.encode("utf-8"))

    def span(self, start: int, end: int) -> Span:
        """The document's bytes for the characters ``start`` to ``end`` of ``text``."""
        return Span(self.byte_at(start), self.byte_at(end - 1) + len(self.text[end - 1 : end].encode("utf-8")))

    @property
    def prose(self) -> str:
        """The text with code spans and comments blanked out, every position unchanged."""
        if not self.codes and "<!--" not in self.text:
            return self.text
        pieces, at = [], 0
        for start, end in _hidden(self.text, self.codes):
            if start >= at:
                pieces += [self.text[at:start], " " * (end - start)]
                at = end
        return "".join(pieces) + self.text[at:]


def cut_paragraph(paragraph: Paragraph, longest: int) -> Paragraph:
    """The paragraph up to ``longest`` characters, with the code spans that end within them."""
    if len(paragraph.text) <= longest:
        return paragraph
    codes = tuple(code for code in paragraph.codes if code.end <= longest)
    return Paragraph(paragraph.text[:longest], codes, paragraph.lines, paragraph.offsets, paragraph.starts)


def blanked(paragraph: Paragraph, parts: Sequence[tuple[int, int]]) -> Paragraph:
    """The paragraph with some parts of its text blank, every position unchanged."""
    text = paragraph.text
    for start, end in parts:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    codes = tuple(code for code in paragraph.codes if not any(start <= code.start < end for start, end in parts))
    return paragraph._replace(text=text.rstrip(), codes=codes)


def join_lines(source: Source, numbers: range, skip: int = 0) -> Paragraph:
    """The paragraph that stands on these lines; ``skip`` characters of the first one are left out."""
    offsets, starts, at = [], [], 0
    texts: list[str] = []
    rows = source.rows
    for number in numbers:
        raw = rows[number - 1]
        rest = raw.lstrip(" \t>") if texts else raw[skip:].lstrip(" \t")
        text = rest.rstrip(" \t")
        offsets.append(at)
        before = len(raw) - len(rest)
        starts.append(source.starts[number - 1] + (before if raw.isascii() else len(raw[:before].encode("utf-8"))))
        texts.append(text)
        at += len(text) + 1
    joined = " ".join(texts)
    paragraph = Paragraph(joined, (), tuple(numbers), tuple(offsets), tuple(starts))
    if "`" not in joined:
        return paragraph
    codes = tuple(Code(text, start, end, paragraph.line_at(start)) for text, start, end in _code_spans(joined))
    return Paragraph(joined, codes, paragraph.lines, paragraph.offsets, paragraph.starts)


def _code_spans(text: str) -> list[tuple[str, int, int]]:
    """Code spans as CommonMark pairs them: a run of backticks with the next run of the same length."""
    if not ("``" in text or "\\`" in text or "<!--" in text):
        ticks = [found.start() for found in _TICK.finditer(text)]
        return [(_inner(text[at + 1 : end]), at, end + 1) for at, end in zip(ticks[::2], ticks[1::2], strict=False)]
    runs = []
    for found in _TICKS.finditer(text):
        escaped = found.group().startswith("\\")
        runs.append((found.start() + escaped, found.end(), escaped))
    later: dict[int, list[int]] = defaultdict(list)
    for index in range(len(runs) - 1, -1, -1):
        later[runs[index][1] - runs[index][0]].append(index)
    comments = _comments(text)
    spans, at, comment = [], 0, 0
    for index, (start, end, escaped) in enumerate(runs):
        same = later[end - start]
        while same and same[-1] <= index:
            same.pop()
        while comment < len(comments) and comments[comment][1] <= start:
            comment += 1
        commented = comment < len(comments) and comments[comment][0] <= start
        if start < at or escaped or commented or not same:
            continue
        close_start, close_end, _ = runs[same[-1]]
        spans.append((_inner(text[end:close_start]), start, close_end))
        at = close_end
    return spans


def _inner(text: str) -> str:
    """What stands between backticks, without one blank at each end."""
    return text[1:-1] if text[0] == text[-1] == " " and text.strip() else text


def _hidden(text: str, codes: tuple[Code, ...]) -> list[tuple[int, int]]:
    return sorted([*((code.start, code.end) for code in codes), *_comments(text)])


def _comments(text: str) -> list[tuple[int, int]]:
    """Where comments stand that are closed; looking for each one's end by a pattern would cost the square of many."""
    spans, start = [], text.find("<!--")
    while start >= 0 and (end := text.find("-->", start + 4) + 3) > 2:
        spans.append((start, end))
        start = text.find("<!--", end)
    return spans

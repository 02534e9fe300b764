"""The bytes of a document, cut into lines that add up to every byte."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from spec_runner.errors import SpecError

BOM = b"\xef\xbb\xbf"

_LINE_ENDING = re.compile(rb"\r\n|\r|\n")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Span(NamedTuple):
    """A half-open range of bytes in a document."""

    start: int
    end: int

    def of(self, data: bytes) -> bytes:
        """The bytes it stands for."""
        return data[self.start : self.end]


class Source(NamedTuple):
    """A document's bytes and where its lines are (UTF-8, any mix of line endings, an optional BOM).

    ``starts[i]`` is the first byte of line ``i + 1`` and ``ends[i]`` the byte behind its text, before its line ending.
    """

    data: bytes
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    text: str
    """The whole document as text with ``\\n`` for every line ending and without the BOM."""
    rows: list[str]
    """The text of each line, without its ending."""

    @property
    def line_count(self) -> int:
        return len(self.starts)

    def line(self, number: int) -> str:
        """The text of line ``number`` (1-based) without its ending."""
        return self.rows[number - 1]

    def span(self, number: int) -> Span:
        """The bytes of line ``number`` without its ending."""
        return Span(self.starts[number - 1], self.ends[number - 1])


def read_source(data: bytes) -> Source:
    """Cut ``data`` into lines.

    Raises SpecError for bytes that are no UTF-8 text, with the line of the first bad byte.
    """
    if data.startswith(_UTF16):
        raise SpecError("the file is UTF-16, not UTF-8", todo="save it as UTF-8", line=1)
    zero = data.find(b"\0")
    if zero >= 0:
        raise SpecError(
            "a NUL byte shows that this is not a text file", todo="remove the byte", line=_line_at(data, zero)
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise SpecError(wrong, todo="save the file as UTF-8", line=_line_at(data, error.start)) from None
    lines = data.splitlines(keepends=True) or [b""]
    behind = list(accumulate(map(len, lines)))
    starts = [len(BOM) if data.startswith(BOM) else 0, *behind[:-1]]
    ends = [end - len(line) + len(line.rstrip(b"\r\n")) for end, line in zip(behind, lines, strict=True)]
    plain = text.removeprefix("\ufeff")
    if "\r" in plain:
        plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    return Source(data, tuple(starts), tuple(ends), plain, plain.split("\n"))


def _line_at(data: bytes, position: int) -> int:
    return len(_LINE_ENDING.findall(data, 0, position)) + 1

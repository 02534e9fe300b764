"""Markdown text → blocks, each with the lines it stands on.

mistune decides what is a list, a fence, a quote or a comment; it gives no positions, so its parser is watched while it
works: every block is stamped with the line at which its rule matched, and the text of a list item or a quote is parsed
line for line, so that a line inside it has a known line in the document. Inline text is never parsed here.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from mistune.block_parser import BlockParser
from mistune.core import BlockState

from spec_runner.core.patterns import Lazy
from spec_runner.core.source import Source
from spec_runner.errors import SpecError

DEEPEST = 16
"""Lists and quotes may be nested this deep; beyond it readers of markdown disagree on what is what."""

_MARKER = r"(?:[-*+>]|\d{1,9}[.)])"
_TOO_DEEP = Lazy(rf"^[ \t]*(?:{_MARKER}[ \t]*){{{DEEPEST + 1}}}", re.MULTILINE)
_RULE = Lazy(r"^[ \t]*(?:[-*_][ \t]*)+$|^[ \t]*[-*]{3}")
_EMPTY_ITEM = Lazy(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]*\n?$")
_FRONT_MATTER = Lazy(r"---[ \t]*\n(?=[ \t]*(?:[\w\"'-]+[ \t]*:|#|-{3}|\n))(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)")
_KINDS = {
    "block_code": "fence",
    "block_quote": "quote",
    "list_item": "item",
    "block_html": "html",
    "block_text": "paragraph",
}


class Block(NamedTuple):
    """A block of markdown on the lines ``first`` to ``last`` (1-based, both included)."""

    kind: str
    """``heading``, ``paragraph``, ``list``, ``item``, ``fence``, ``code`` (indented), ``quote``, ``html``,
    ``thematic_break``."""
    first: int
    last: int
    children: tuple[Block, ...] = ()
    text: str = ""
    """A heading's title, or the content of a fence with the indentation of its list taken off."""
    level: int = 0
    info: str = ""
    closed: bool = True
    ordered: bool = False


def read_blocks(source: Source) -> tuple[Block, ...]:
    """The top-level blocks of a document, in order; front matter and blank lines belong to none.

    Raises SpecError where lists or quotes are nested deeper than DEEPEST.
    """
    text = _without_front_matter(source.text)
    _refuse_depth(text)
    if text and not text.endswith("\n"):
        text += "\n"
    state = _PlacedState()
    state.process(text)
    _parser().parse(state)
    return _blocks(state.tokens, source.line_count)


@cache
def _parser() -> _PlacedParser:
    """One parser for all documents: it keeps nothing but its compiled rules."""
    return _PlacedParser()


def _without_front_matter(text: str) -> str:
    """The text with the lines of its YAML front matter blank, so that the lines after it keep their numbers."""
    found = _FRONT_MATTER.match(text)
    return "\n" * found.group().count("\n") + text[found.end() :] if found else text


def _refuse_depth(text: str) -> None:
    for found in _TOO_DEEP.finditer(text):
        end = text.find("\n", found.start())
        line = text[found.start() : end if end >= 0 else len(text)]
        if not _RULE.match(line):
            number = text.count("\n", 0, found.start()) + 1
            raise SpecError(
                f"nested more than {DEEPEST} levels deep", todo="flatten the list or the quote", line=number
            )


class _PlacedState(BlockState):
    """A BlockState that knows which line of the document each position of its text is."""

    def __init__(self, parent: _PlacedState | None = None) -> None:
        super().__init__(parent)
        self.base = 1
        self.frames: list[_Frame] = []
        self._at = 0
        self._newlines = 0

    def line_at(self, position: int) -> int:
        if position >= self._at:
            self._newlines += self.src.count("\n", self._at, position)
        else:
            self._newlines -= self.src.count("\n", position, self._at)
        self._at = position
        return self.base + self._newlines

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> BlockState:
        child = super().child_state(src, lazy_line_starts)
        assert isinstance(child, _PlacedState)
        frame = self.frames[-1]
        child.base = self.line_at(frame.next_item)
        if frame.rule == "list":
            frame.items.append(child.base)
            if _EMPTY_ITEM.match(self.get_line(frame.next_item)):
                child.base += 1
            # The parser has read the first line of the next item by now, if there is one.
            frame.next_item = self.src.rfind("\n", 0, max(self.cursor - 1, 0)) + 1
        return child

    def append_token(self, token: dict[str, Any]) -> None:
        if token["type"] == "block_code":
            token["line"] = self.line_at(self.cursor)
        super().append_token(token)

    def add_paragraph(self, text: str) -> None:
        # The text is read from the source later; adding it up here would cost the square of the lines.
        last = self.last_token()
        if not last or last["type"] != "paragraph":
            self.tokens.append({"type": "paragraph", "text": "", "line": self.line_at(self.cursor)})

    def append_paragraph(self) -> int | None:
        last = self.last_token()
        return self.find_line_end() if last and last["type"] == "paragraph" else None


class _Frame:
    """A rule at work: where its text starts, and the items of a list met so far."""

    def __init__(self, rule: str, start: int) -> None:
        self.rule, self.next_item = rule, start
        self.items: list[int] = []


class _PlacedParser(BlockParser):
    state_cls = _PlacedState

    def parse_method(self, m: re.Match[str], state: BlockState) -> int | None:
        assert isinstance(state, _PlacedState) and m.lastgroup
        before = len(state.tokens)
        frame = _Frame(m.lastgroup, m.start())
        state.frames.append(frame)
        end = super().parse_method(m, state)
        state.frames.pop()
        line = state.line_at(m.start())
        for token in state.tokens[max(before - 1, 0) :]:
            if token["type"] == "list" and "items" not in token and frame.items:
                token["items"] = frame.items
                token["line"] = line
            elif token["type"] == "block_code" and "closed" not in token:
                token["closed"] = end is not None and _is_closed(state.src[m.start() : end], token)
            token.setdefault("line", line)
        return end


def _is_closed(text: str, token: dict[str, Any]) -> bool:
    lines = text.rstrip("\n").split("\n")
    mark = token.get("marker", "")
    last = lines[-1].strip()
    return not mark or (len(lines) > 1 and len(last) >= len(mark) and set(last) == {mark[0]})


def _blocks(tokens: list[dict[str, Any]], last: int) -> tuple[Block, ...]:
    """The tokens of one level as blocks; each ends where the next one starts, the last one at line ``last``."""
    found = []
    shown = [token for token in tokens if token["type"] != "blank_line"]
    starts = [token["line"] for token in tokens] + [last + 1]
    ends = {id(token): starts[index + 1] - 1 for index, token in enumerate(tokens)}
    for token in shown:
        found.append(_block(token, max(ends[id(token)], token["line"])))
    return tuple(found)


def _block(token: dict[str, Any], last: int) -> Block:
    kind = _KINDS.get(token["type"], token["type"])
    attrs = token.get("attrs", {})
    if token["type"] == "list":
        items = [{**item, "line": line} for item, line in zip(token["children"], token["items"], strict=True)]
        return Block("list", token["line"], last, _blocks(items, last), ordered=attrs.get("ordered", False))
    if token["type"] == "block_code":
        if token["style"] == "indent":
            return Block("code", token["line"], last, text=token["raw"])
        return Block(
            "fence", token["line"], last, text=token["raw"], info=attrs.get("info", ""), closed=token["closed"]
        )
    children = _blocks(token["children"], last) if "children" in token else ()
    return Block(kind, token["line"], last, children, token.get("text", ""), attrs.get("level", 0))

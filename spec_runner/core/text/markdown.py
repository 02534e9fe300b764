"""Markdown text → blocks, each with the lines it stands on.

mistune decides what is a list, a fence, a quote or a comment; it gives no positions, so its parser is watched while it
works: every block is stamped with the line at which its rule matched, and the text of a list item or a quote is parsed
line for line, so that a line inside it has a known line in the document. Inline text is never parsed here.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

from spec_runner.core.text.source import Source
from spec_runner.errors import SpecError


@contextmanager
def _without_its_package() -> Iterator[None]:
    """Modules of mistune are imported by themselves: its package also imports renderers, plugins and inline rules."""
    found = find_spec("mistune")
    if "mistune" in sys.modules or found is None:
        yield
        return
    sys.modules["mistune"] = package = ModuleType("mistune")
    package.__path__ = found.submodule_search_locations or []
    try:
        yield
    finally:
        del sys.modules["mistune"]


with _without_its_package():
    from mistune.block_parser import BlockParser
    from mistune.core import BlockState

DEEPEST = 16
"""Lists and quotes may be nested this deep; beyond it readers of markdown disagree on what is what."""

_MARKER = r"(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t\n]|\Z))"
_TOO_DEEP = re.compile(rf"^[ \t]*(?:{_MARKER}[ \t]*){{{DEEPEST + 1}}}", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*)+$|^[ \t]*[-*]{3}")
_EMPTY_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]*\n?$")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[ \t]*(?:[\w\"'-]+[ \t]*:|#|-{3}|\n))(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)")
_TEXT = r"(?:[^\s\d`~#=_*>+\[<-]|\d{1,9}[^\s\d.)]|\[[^\\\[\]\n]*\](?!:)|[*_]{1,2}[^\s*_]|`{1,2}[^\s`])"
"""How a line starts that can be nothing but text: a word, a checkbox, bold, code. No rule of mistune matches there."""
_NO_RULE = r"[ \t]+(?!(?:[-*][ \t]*)+(?:\n|\Z))\S"
_PLAIN_ITEM = re.compile(
    rf"(?:([-*+])|\d{{1,9}}([.)])) {{1,4}}{_TEXT}[^\n]*\n(?: *{_TEXT}[^\n]*\n)*(?:[ \t]*\n)*"
    rf"(?:(?=(?:\1|\d{{1,9}}\2){_NO_RULE})"
    r"|(?=(?P<over>\Z|#{1,6} |(?<=\n\n)(?:[^\s\d*+>-]|\*\*[^\s*]|-{3,}\n))))"
)
"""An item that is a paragraph, with the next item or the end of the list right behind it."""
_NEXT_ITEM = {
    sign: re.compile(rf"\n{number}{re.escape(sign)}{_NO_RULE}")
    for sign, number in (("-", ""), ("*", ""), ("+", ""), (".", r"\d{1,9}"), (")", r"\d{1,9}"))
}
"""The next line that is an item of a list without indentation, as long as the list goes on, whatever stands between."""
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


def read_indented(source: Source, block: Block) -> tuple[Block, ...]:
    """The blocks in an indented block of code, read as if it were not indented."""
    rows = source.rows[block.first - 1 : block.last]
    width = min((len(row) - len(row.lstrip(" \t")) for row in rows if row.strip()), default=0)
    state = _PlacedState()
    state.process("\n" * (block.first - 1) + "".join(f"{row[width:]}\n" for row in rows))
    _parser().parse(state)
    return _blocks(state.tokens, block.last)


@cache
def _parser() -> _PlacedParser:
    """One parser for all documents: it keeps nothing but its compiled rules."""
    return _PlacedParser()


def _without_front_matter(text: str) -> str:
    """The text with the lines of its YAML front matter blank, so that the lines after it keep their numbers."""
    found = _FRONT_MATTER.match(text) if text.startswith("---") else None
    return "\n" * found.group().count("\n") + text[found.end() :] if found else text


def front_matter(text: str) -> str:
    """The YAML front matter of a document, from its first line on; nothing where there is none."""
    found = _FRONT_MATTER.match(text) if text.startswith("---") else None
    return found.group() if found else ""


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

    def compile_sc(self, rules: list[str] | None = None) -> Any:
        return _AtLineStart(super().compile_sc(rules))

    def parse_method(self, m: re.Match[str], state: BlockState) -> int | None:
        assert isinstance(state, _PlacedState) and m.lastgroup
        before = len(state.tokens)
        frame = _Frame(m.lastgroup, m.start())
        state.frames.append(frame)
        state.cursor_max = len(state.src)
        end = super().parse_method(m, state)
        state.frames.pop()
        line = state.line_at(m.start())
        for token in state.tokens[max(before - 1, 0) :]:
            if token["type"] == "list" and "line" not in token:
                token["items"] = frame.items
            elif token["type"] == "block_code" and "closed" not in token:
                token["closed"] = end is not None and _is_closed(state.src[m.start() : end], token)
            token.setdefault("line", line)
        return end

    def parse_list(self, m: re.Match[str], state: BlockState) -> int:
        """Read a list; only items that hold more than a paragraph are given to mistune.

        Most tasks are one: taking them as they stand halves the time for a document.
        """
        assert isinstance(state, _PlacedState)
        ordered = m.group("list_2")[-1] in ".)"
        if m.group("list_1") or not m.group("list_3").strip() or (ordered and state.append_paragraph()):
            return super().parse_list(m, state)
        token = {"type": "list", "children": [], "tight": False, "attrs": {"ordered": ordered}}
        token |= {"items": state.frames[-1].items, "line": state.line_at(m.start())}
        place = len(state.tokens)
        at, over = _take_plain_items(token, state, m.start())
        while not over:
            at, over = self._parse_other_item(token, state, at)
            if not over:
                at, over = _take_plain_items(token, state, at)
        # What ends a list without a blank line was read with its last item, and stands behind it.
        state.tokens.insert(place, token)
        state.cursor = at
        return at

    def _parse_other_item(self, token: dict[str, Any], state: _PlacedState, start: int) -> tuple[int, bool]:
        """Let mistune read from one item up to the next for certain: where that ends, and whether the list is over."""
        item = self.compile_sc(self.list_rules).match(state.src, start)
        following = _NEXT_ITEM[item.group("list_2")[-1]].search(state.src, item.end())
        until = following.start() + 1 if following else len(state.src)
        state.frames[-1].next_item = state.cursor = start
        state.cursor_max = until
        after = len(state.tokens)
        end = super().parse_list(item, state)
        state.cursor_max = len(state.src)
        token["children"] += state.tokens.pop(after)["children"]
        return end, end != until or following is None or len(state.tokens) > after


class _AtLineStart:
    """Compiled rules of mistune. All of them match at the start of a line alone, so they are tried nowhere else.

    Trying them at each character is a fifth of what mistune takes.
    """

    __slots__ = ("_pattern", "match")

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern, self.match = pattern, pattern.match

    def search(self, text: str, start: int) -> re.Match[str] | None:
        while start < len(text):
            found = self.match(text, start)
            if found:
                return found
            start = text.find("\n", start) + 1 or len(text)
        return None


def _take_plain_items(token: dict[str, Any], state: _PlacedState, at: int) -> tuple[int, bool]:
    """Add the items that stand here and are a paragraph: where they end, and whether the list does."""
    items, children = token["items"], token["children"]
    while found := _PLAIN_ITEM.match(state.src, at):
        line = state.line_at(at)
        items.append(line)
        children.append({"type": "list_item", "children": [{"type": "paragraph", "line": line}]})
        at = found.end()
        if found["over"] is not None:
            return at, True
    return at, False


def _is_closed(text: str, token: dict[str, Any]) -> bool:
    lines = text.rstrip("\n").split("\n")
    mark = token.get("marker", "")
    last = lines[-1].strip()
    return not mark or (len(lines) > 1 and len(last) >= len(mark) and set(last) == {mark[0]})


def _line_of(token: dict[str, Any]) -> int:
    line: int = token["line"]
    return line


def _blocks(tokens: list[dict[str, Any]], last: int) -> tuple[Block, ...]:
    """The tokens of one level as blocks; each ends where the next one starts, the last one at line ``last``."""
    if len(tokens) == 1:
        return () if tokens[0]["type"] == "blank_line" else (_block(tokens[0], max(last, tokens[0]["line"])),)
    found = []
    # A list right behind a quote, and what ends it, come before the quote: mistune puts that before the last token.
    for token in sorted(tokens, key=_line_of, reverse=True):
        line = token["line"]
        if token["type"] != "blank_line":
            found.append(_block(token, max(last, line)))
        last = line - 1
    return tuple(reversed(found))


def _block(token: dict[str, Any], last: int) -> Block:
    kind = _KINDS.get(token["type"], token["type"])
    attrs = token.get("attrs", {})
    if token["type"] == "list":
        for item, line in zip(token["children"], token["items"], strict=True):
            item["line"] = line
        return Block("list", token["line"], last, _blocks(token["children"], last), ordered=attrs["ordered"])
    if token["type"] == "block_code":
        if token["style"] == "indent":
            return Block("code", token["line"], last, text=token["raw"])
        return Block(
            "fence", token["line"], last, text=token["raw"], info=attrs.get("info", ""), closed=token["closed"]
        )
    children = _blocks(token["children"], last) if "children" in token else ()
    return Block(kind, token["line"], last, children, token.get("text", ""), attrs.get("level", 0))

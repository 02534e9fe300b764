"""A shell fence → its statements, each with the comments that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.decide.headings import other_system
from spec_runner.core.decide.interactive import opens_prompt
from spec_runner.core.decide.shape import shape_of
from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.grammar import read_statements

LONGEST = 50_000
"""Fences are read up to this many characters."""
_PROMPT_SIGNS = ("$", "%", "❯", "PS")
_PROMPTED = Lazy(r"(?:\$|%|❯|PS(?: [A-Z]:[^>\n]{0,80})?>)\s+(?=\S)", needs="$|%|ps|❯")
_OUTPUT_SIGNS = (*"→←✓✔✅❌│├└┌{}▶•", "[INFO", "[ERROR", "[WARN", "[DEBUG")
_FOLDER = Lazy(r"[~\w./-]*/\s*$")
_SLASH_COMMAND = Lazy(r"/[\w.:-]+(?:\s|$)", needs="/")
_COMMENT_OR = Lazy(
    r"\W*(?:or\b|alternatively\b|alternative\b|oder\b|ou\b|o bien\b|或|または)",
    re.IGNORECASE,
    needs="alternative|o bien|oder|or|ou|または|或",
)
_COMMENT_OPTIONAL = Lazy(
    r"\boptional(?:ly)?\b|\bonly if\b|\bif (?:needed|necessary|you (?:want|prefer))\b|オプション|可選|可选",
    re.IGNORECASE,
    needs="if necessary|if needed|if you|only if|optional|オプション|可选|可選",
)


class Line(NamedTuple):
    """A statement of a shell fence with the comments that belong to it."""

    command: str
    line: int
    """0-based in the fence."""
    comment: str
    """The comment above it and the one at its end."""
    after: str = ""
    """The comment below it."""
    left_out: str = ""
    """``alternative``, ``optional`` or the name of another operating system."""
    is_input: bool = False
    """Typed into a program that an earlier line opened."""
    is_prompted: bool = False


def read_script(text: str, system: str) -> Iterator[Line]:
    """The statements of a shell fence: prompts, output lines and what is typed into a program are told apart."""
    text = text[:LONGEST]
    prompted = any(row.startswith(_PROMPT_SIGNS) and _PROMPTED.match(row) for row in text.split("\n"))
    rows = _prompted_rows(text) if prompted else text
    comments = _Comments(text.split("\n"))
    inside = False
    for statement in read_statements(rows):
        last = statement.line + statement.text.count("\n")
        above, trailing, below = comments.around(statement.line, last)
        own = _without_comment(statement.text, trailing)
        inside = inside and shape_of(own.split("\n", 1)[0]) not in ("sure", "likely")
        noise = _is_printed(own) or _SLASH_COMMAND.match(own) or inside
        left_out = _left_out(above, trailing, system)
        yield Line(
            "" if noise else own, statement.line, f"{above} {trailing}".strip(), below, left_out, inside, prompted
        )
        inside = inside or (opens_prompt(own) and not statement.compound)


def _is_printed(text: str) -> bool:
    """Whether a line looks like what a program prints: a tree, a tick, a level of a log."""
    text = text.strip()
    return text.startswith(_OUTPUT_SIGNS) or (text.endswith("/") and _FOLDER.match(text) is not None)


def _prompted_rows(text: str) -> str:
    """A terminal's text with only what was typed in it, line for line."""
    rows, going_on = [], False
    for row in text.split("\n"):
        typed = _PROMPTED.match(row.lstrip())
        if typed:
            rows.append(row.lstrip()[typed.end() :])
        else:
            rows.append(re.sub(r"^\s*>\s?", "", row) if going_on else "")
        going_on = bool(typed or going_on) and rows[-1].endswith("\\")
    return "\n".join(rows)


class _Comments:
    """The comments of a shell fence by line."""

    __slots__ = ("rows",)

    def __init__(self, rows: list[str]) -> None:
        self.rows = rows

    def around(self, first: int, last: int) -> tuple[str, str, str]:
        """The comment above a statement (over other statements too), at its end, and directly below it."""
        row = self.rows[last] if last < len(self.rows) else ""
        found = re.search(r"(?:^|\s)#\s+(.*)$", row) if "#" in row else None
        return self._above(first), found.group(1) if found else "", self._below(last + 1)

    def _above(self, first: int) -> str:
        at = first - 1
        while at >= 0 and first - at < 12 and self.rows[at].strip() and not self.rows[at].lstrip().startswith("#"):
            at -= 1
        if at >= 0 and not self.rows[at].strip() and at != first - 1:
            return ""
        while at >= 0 and not self.rows[at].strip() and first - at < 4:
            at -= 1
        found = []
        while at >= 0 and self.rows[at].lstrip().startswith("#"):
            found.append(self.rows[at].lstrip(" \t#"))
            at -= 1
        return " ".join(reversed(found))

    def _below(self, at: int) -> str:
        found = []
        while at < len(self.rows) and self.rows[at].lstrip().startswith("#"):
            found.append(self.rows[at].lstrip(" \t#"))
            at += 1
        return " ".join(found)


def _without_comment(text: str, trailing: str) -> str:
    """The statement without the comment at its end."""
    if trailing and text.endswith(trailing):
        return re.sub(r"\s+#\s+$", "", text[: -len(trailing)])
    return text


def _left_out(above: str, trailing: str, system: str) -> str:
    for comment in (trailing, above):
        other = other_system(comment, system) if comment else None
        if other:
            return other
    if _COMMENT_OR.match(above) or _COMMENT_OR.match(trailing):
        return "alternative"
    return "optional" if _COMMENT_OPTIONAL.search(above) or _COMMENT_OPTIONAL.search(trailing) else ""

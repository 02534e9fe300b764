"""A shell fence, of a task or a guide → its statements, each with the comments that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from spec_runner.core.decide.headings import is_system_label, is_system_named_alone, option_number, other_system
from spec_runner.core.decide.interactive import opens_prompt
from spec_runner.core.decide.shape import program_is_known, shape_of
from spec_runner.core.shell.grammar import Statement, read_statements

POSIX = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "shellsession", "terminal"})
FOREIGN = frozenset({"fish", "nu", "nushell", "xonsh", "csh", "tcsh", "elvish"})
"""Shells that bash does not read."""
WINDOWS = frozenset({"powershell", "pwsh", "ps1", "ps", "cmd", "bat", "batch", "dos"})
LONGEST = 50_000
"""Fences are read up to this many characters."""
_PROMPT_SIGNS = ("$", "%", "❯", "PS")
_PROMPTED = re.compile(r"(?:\$|%|❯|PS(?: [A-Z]:[^>\n]{0,80})?>)\s+(?=\S)")
_NO_COMMAND = re.compile(
    r"[→←✓✔✅❌│├└┌{}▶•|\])]|\[(?:INFO|ERROR|WARN|DEBUG)|\[[ xX]\] |[-*+] |> \S+ \S|\*\*|```|\d+[.)]? |\.\.\.|…"
    r"|[A-Za-z]+['’](?:s|t|re|ll|ve|d|m)\b|[=─-]{3,}"
    r"|HTTP/\d|[A-Z]{3,} |[A-Z]\w*(?:-[A-Z]\w*)*: \S|\w[\w -]*:$|\"[^\"]*\"\s*:|\d+$"
    r"|/[\w.:-]+(?:\s|$)|[~\w./-]*/$|[A-Za-z]:\\[^\n]*\\$"
)
"""How no command begins: what a program prints, an item, a heading, a request, a field, a folder of a tree."""
_SENTENCE = re.compile(r"[A-Z][a-z]+(?: [\w'’,()-]+)+[.!:]?(?: https?://\S+)?$|[a-z]+ \d+ [a-z]+\b")
_PROSE = re.compile(
    r"(?!.* -|(?:for|case|select|if|while|until) )[a-z]+ (?:\w+ )?(?:the|is|are|and|or|in|of|with|for|that|to|on|at) \S"
)
_OR = re.compile(
    r"\W*(?:or\b|alternatively\b|alternative\b|oder\b|ou\b|o bien\b|或|または)(?!.{0,12}\b(?:else|more)\b)",
    re.IGNORECASE,
)
_IF_USING = re.compile(
    r"\W*if (?:you(?:'re| are)? )?(?:us(?:e|ing)|prefer)\b|\W*(?:using|with|via) (?!the\b)", re.IGNORECASE
)
_OPTION = re.compile(r"\W*(?:\w+ )?(?:option|method|approach|variant|choice|way)\b", re.IGNORECASE)
_OPTIONAL = re.compile(
    r"^\W*optional(?:ly)?\b|[(,–—-]\s*optional\b|^\W*only if\b|\bif (?:needed|necessary|you (?:want|prefer))\W*$"
    r"|オプション|可選|可选",
    re.IGNORECASE,
)
_TERMINAL = re.compile(r"\W*(?:in )?(?:a |another |new )*terminal\b", re.IGNORECASE)
_ROUNDS = 20
_FAR = 3
"""Blank rows between a comment and what it is about."""
_QUOTED_OR_COMMENT = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|(?:(?<=\s)|^)#[^\n]*", re.DOTALL)


class Line(NamedTuple):
    """A statement of a shell fence with the comments that belong to it."""

    command: str
    """Empty for what no shell is meant to read: output, words, what is typed into a program."""
    line: int
    """0-based in the fence."""
    above: str = ""
    """The comment above it, which may stand over other statements too."""
    beside: str = ""
    """The comment at its end."""
    below: str = ""
    """The comment directly below it."""
    left_out: str = ""
    """``alternative``, ``optional`` or the name of another operating system."""
    is_input: bool = False
    """Typed into a program that an earlier line opened."""
    is_prompted: bool = False
    printed: str = ""
    """What a terminal that is shown prints below it."""

    @property
    def comment(self) -> str:
        return f"{self.above} {self.beside}".strip()


def read_script(text: str, system: str) -> Iterator[Line]:
    """The statements of a shell fence: prompts, printed rows and what is typed into a program are told apart."""
    rows = list(takewhile(lambda row: not row.startswith("```"), text[:LONGEST].split("\n")))
    is_prompted = any(row.startswith(_PROMPT_SIGNS) and _PROMPTED.match(row) for row in rows)
    statements = _statements(_prompted_rows(rows) if is_prompted else rows)
    comments = _Comments(rows, statements, system)
    inside = False
    for statement in statements:
        own, beside = _cut_comment(statement.text)
        inside = inside and shape_of(own.split("\n", 1)[0]) not in ("sure", "likely")
        above, left_out = comments.above[statement.line]
        yield Line(
            "" if inside or _looks_printed(own) else own,
            statement.line,
            above,
            beside,
            comments.below(statement.line + statement.text.count("\n") + 1),
            _left_out_beside(beside, system) or left_out,
            inside,
            is_prompted,
            _printed_below(rows, statement.line + statement.text.count("\n")) if is_prompted else "",
        )
        inside = inside or (opens_prompt(own) and not statement.compound)


def _prompted_rows(rows: list[str]) -> list[str]:
    """A terminal's rows with only what was typed in it."""
    typed_rows: list[str] = []
    going_on = False
    for row in rows:
        typed = _PROMPTED.match(row.lstrip())
        if typed:
            typed_rows.append(row.lstrip()[typed.end() :])
        else:
            typed_rows.append(re.sub(r"^\s*>\s?", "", row) if going_on else "")
        going_on = bool(typed or going_on) and typed_rows[-1].endswith("\\")
    return typed_rows


def _printed_below(rows: list[str], at: int) -> str:
    """The rows of a terminal below one that was typed, up to the next one."""
    while rows[at].endswith("\\") and at + 1 < len(rows):
        at += 1
    below = takewhile(lambda row: not _PROMPTED.match(row.lstrip()), rows[at + 1 :])
    return "\n".join(below).strip("\n")


def _statements(rows: list[str]) -> list[Statement]:
    """What a shell would read, and the rows that it would take for a statement though nobody means them so.

    What such a row holds of quotes and brackets is not the shell's, and must not swallow the rows after it.
    """
    found = read_statements("\n".join(rows))
    printed: dict[int, Statement] = {}
    for _ in range(_ROUNDS):
        wide = [each for each in found if "\n" in each.text and _looks_printed(rows[each.line])]
        if not wide:
            break
        printed.update({each.line: each._replace(text=rows[each.line]) for each in wide})
        found = read_statements("\n".join("" if at in printed else row for at, row in enumerate(rows)))
    return sorted((*found, *printed.values()), key=lambda each: each.line)


def _looks_printed(text: str) -> bool:
    """Whether a row cannot be a command: a tree, a tick, a level of a log, a field, a request, a sentence."""
    text = text.strip()
    if _NO_COMMAND.match(text):
        return True
    if not (_SENTENCE.match(text) or _PROSE.match(text)):
        return False
    return not program_is_known(text.split(None, 1)[0])


class _Comments:
    """The comments of a shell fence by line, and which statements they leave out."""

    def __init__(self, rows: list[str], statements: list[Statement], system: str) -> None:
        self.rows, self.system = rows, system
        self.above: dict[int, tuple[str, str]] = {}
        """The comment above each statement, and what it says to leave out."""
        self._earlier: list[str] = []
        lengths = {statement.line: statement.text.count("\n") for statement in statements}
        above, comment, blanks, end = ("", ""), list[str](), 0, -1
        for at, row in enumerate(rows):
            if at in lengths:
                above = self._read(comment) if comment else above
                self.above[at], end, comment = above, at + lengths[at], []
            elif at > end and row.lstrip().startswith("#"):
                comment, blanks = [*comment, row.lstrip(" \t#")] if not blanks else [row.lstrip(" \t#")], 0
            elif at > end and not row.strip():
                blanks = blanks + 1 if comment else 0
                above, comment = ("", ""), comment if blanks <= _FAR else []

    def _read(self, comment: list[str]) -> tuple[str, str]:
        """A comment's text, and why what stands below it is left out."""
        text = " ".join(comment)
        before = [left_out for _, left_out in self.above.values()]
        if _TERMINAL.match(text) and before[-1:] == ["alternative"]:
            return text, "alternative"
        found = (_left_out_below(each, self._earlier, self.system) for each in (comment[-1], text))
        left_out = next(filter(None, found), "")
        self._earlier.append(text)
        # Where nothing was before it, it is the way that is here.
        return text, left_out if left_out != "alternative" or "" in before else ""

    def below(self, at: int) -> str:
        """The comment that starts in a row."""
        found = []
        while at < len(self.rows) and self.rows[at].lstrip().startswith("#"):
            found.append(self.rows[at].lstrip(" \t#"))
            at += 1
        return " ".join(found)


def _cut_comment(text: str) -> tuple[str, str]:
    """A statement without the comment at its end, and that comment."""
    if "#" not in text:
        return text, ""
    comment = next((found for found in _QUOTED_OR_COMMENT.finditer(text) if found.end() == len(text)), None)
    if comment is None or not comment.group().startswith("#") or comment.start() == 0:
        return text, ""
    return text[: comment.start()].rstrip(), comment.group().strip("# \t")


def _left_out_beside(comment: str, system: str) -> str:
    """What the comment at the end of a line says of it: it takes the line away only where it says nothing else."""
    if is_system_named_alone(comment):
        return other_system(comment, system) or ""
    return "optional" if _OPTIONAL.match(comment) else ""


def _left_out_below(comment: str, earlier: list[str], system: str) -> str:
    """Why what stands below a comment is not for here: it is one of several ways, or another system's."""
    if not comment or _brings_command(comment):
        return ""
    if is_system_label(comment):
        return other_system(comment, system) or ""
    number = option_number(comment) if _OPTION.match(comment) else None
    if (number and number > 1) or _OR.match(comment):
        return "alternative"
    if _IF_USING.match(comment) and any(_IF_USING.match(each) for each in earlier):
        return "alternative"
    return "optional" if _OPTIONAL.search(comment) else ""


def _brings_command(comment: str) -> bool:
    """A comment that holds the other command itself takes nothing of what stands below it."""
    head, colon, rest = comment.partition(": ")
    return (
        bool(colon) and len(head) < 60 and not rest[:1].isupper() and shape_of(rest.strip("` ")) in ("sure", "likely")
    )

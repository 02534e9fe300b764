"""Shell text → statements, and the simple commands in them; read as a shell reads it, never run.

Enough of the grammar of POSIX shells and bash to tell where a statement ends (quotes, substitutions, here-documents,
continued lines, compound commands) and which words each command consists of. What a shell would refuse is still read:
a statement that never ends is marked incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_OPENS = frozenset({"if", "for", "while", "until", "case", "select", "{"})
_CLOSES = frozenset({"fi", "done", "esac", "}"})
_BEFORE_COMMAND = frozenset({"then", "do", "else", "elif", "!", "time", "if", "while", "until", "{", "coproc"})
_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[;|()]|&(?![>])")
_REDIRECT = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_DEEPEST = 40
"""Quotes and substitutions nested deeper than this are taken as they stand: no person writes them."""
_POSIX_TIME = re.compile(r"[ \t]+-p(?=\s)")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "e": "\x1b", "E": "\x1b", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_PLAIN = re.compile(r"[^\s'\"\\$`;|&()<>#]+")
_WHOLE_WORD = re.compile(r"[^\s'\"\\$`;|&()<>#{\d][^\s'\"\\$`;|&()<>#]*(?=[ \t\r\n;|&)]|\Z)")
"""A word that is nothing else and has nothing to expand, as most have not."""
_ENDS_WORD = " \t\r\n;|&)"
_BETWEEN_QUOTES = {"'": re.compile(r"[^']+"), '"': re.compile(r'[^"\\$`]+')}
"""What stands for itself between quotes."""


class Command(NamedTuple):
    """A simple command: its words without quotes, and what stands around it."""

    words: tuple[str, ...]
    assignments: tuple[tuple[str, str], ...] = ()
    writes: tuple[str, ...] = ()
    """The files that its output is redirected to."""
    operator: str = ""
    """What stands before it in its statement: ``&&``, ``||``, ``|``, ``;`` or nothing."""
    ends: str = ""
    """What ends it: ``&`` for a background job."""
    fed: str = ""
    """The here-documents and here-strings that it reads."""

    @property
    def name(self) -> str:
        """The program: the first word without its folder."""
        return self.words[0].replace("\\", "/").rpartition("/")[2] if self.words else ""


class Statement(NamedTuple):
    """What a shell reads before it runs anything: one line, or all lines of a compound command."""

    text: str
    line: int
    """The line of its start, 0-based in the text that was read."""
    commands: tuple[Command, ...]
    """Every simple command in it, also inside compound commands, substitutions and here-documents."""
    compound: bool = False
    complete: bool = True

    @property
    def is_background(self) -> bool:
        """It ends with ``&``."""
        return bool(self.commands) and self.commands[-1].ends == "&"


def _unescaped(found: re.Match[str]) -> str:
    """What an escape between ``$'`` and ``'`` stands for."""
    if found.group(4):
        return _ESCAPED.get(found.group(4), found.group(4))
    number = found.group(1) or found.group(2)
    return chr(int(number, 16) if number else int(found.group(3), 8))


@lru_cache(maxsize=1024)
def read_statements(text: str) -> tuple[Statement, ...]:
    """The statements of a shell text, in order; comments and blank lines belong to none.

    Several questions are asked of the same text in a row.
    """
    return tuple(_Reader(text).statements())


def commands_of(text: str) -> tuple[Command, ...]:
    """Every simple command of a shell text, in order."""
    return tuple(command for statement in read_statements(text) for command in statement.commands)


class _Draft:
    """A simple command that is still being read."""

    __slots__ = ("assignments", "fed", "operator", "place", "words", "writes")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.assignments: list[tuple[str, str]] = []
        self.writes: list[str] = []
        self.operator = self.fed = ""
        self.place: int | None = None
        """Its number among the commands of its statement, once it is read."""

    def done(self, ends: str) -> Command:
        return Command(tuple(self.words), tuple(self.assignments), tuple(self.writes), self.operator, ends, self.fed)


class _Heredoc(NamedTuple):
    """A here-document whose body is still to come."""

    delimiter: str
    indented: bool
    literal: bool
    """Nothing in it is expanded."""
    reader: _Draft


class _Reader:
    def __init__(self, text: str, level: int = 0) -> None:
        self.text = text
        self.level = level
        """How many substitutions this text stands in."""
        self.skipping = False
        """Only the end of something is looked for: the commands in it are read elsewhere."""
        self.at = self.nesting = self.depth = self.cases = 0
        self.heredocs: list[_Heredoc] = []
        self.commands: list[Command] = []
        self.draft = _Draft()
        self.redirect = ""
        self.compound, self.complete = False, True

    def statements(self) -> Iterator[Statement]:
        start = None
        newlines, counted = 0, 0
        while self.at < len(self.text):
            position = self.at
            ended = self._next()
            if start is None and self.text[position : position + 1] not in (" ", "\t", "\n", "\r", "#", "", "\\"):
                start = position
            if ended and start is not None:
                newlines += self.text.count("\n", counted, start)
                counted = start
                yield self._statement(start, newlines)
                start = None
        if start is not None:
            self.complete = self.complete and self.depth == 0 and not self.heredocs
            self._end_command("")
            newlines += self.text.count("\n", counted, start)
            yield self._statement(start, newlines)

    def _statement(self, start: int, line: int) -> Statement:
        text = self.text[start : self.at].rstrip()
        made = Statement(text, line, tuple(self.commands), self.compound, self.complete)
        self.commands, self.draft, self.compound, self.complete = [], _Draft(), False, True
        self.depth, self.cases = 0, 0
        return made

    def _next(self) -> bool:
        """Read one token; True where a statement ended."""
        char = self.text[self.at]
        if char in " \t\r":
            self.at += 1
        elif word := _WHOLE_WORD.match(self.text, self.at):
            start, self.at = self.at, word.end()
            self._take(word.group(), start, plain=True)
        elif char == "\n":
            return self._newline()
        elif self.text.startswith("\\\n", self.at):
            self.at += 2
        elif char == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        elif redirect := _REDIRECT.match(self.text, self.at):
            self.redirect = redirect.group()
            self.at = redirect.end()
        elif operator := _OPERATOR.match(self.text, self.at):
            self.at = operator.end()
            self._operator(operator.group())
        else:
            self._word()
        return False

    def _newline(self) -> bool:
        self.at += 1
        if self.heredocs:
            self._read_heredocs()
        continued = (
            not self.draft.words and not self.draft.assignments and self.draft.operator in ("&&", "||", "|", "|&")
        )
        if continued and self.commands:
            return False
        self._end_command("")
        return self.depth == 0

    def _read_heredocs(self) -> None:
        bodies = [(heredoc, self._heredoc_body(heredoc)) for heredoc in self.heredocs]
        self.heredocs.clear()
        for heredoc, body in bodies:
            place = heredoc.reader.place
            if place is None:
                heredoc.reader.fed += body
            elif place < len(self.commands):
                self.commands[place] = self.commands[place]._replace(fed=self.commands[place].fed + body)
        expanded = [self._substituted(body) for heredoc, body in bodies if not heredoc.literal]
        self.commands[:0] = [command for commands in expanded for command in commands]

    def _heredoc_body(self, heredoc: _Heredoc) -> str:
        start = self.at
        while self.at < len(self.text):
            before = self.at
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end].rstrip("\r")
            self.at = min(end + 1, len(self.text))
            if (line.lstrip("\t") if heredoc.indented else line) == heredoc.delimiter:
                return self.text[start:before]
        self.complete = False
        return self.text[start:]

    def _operator(self, operator: str) -> None:
        if operator == "(" and not self.draft.words and not self.draft.assignments:
            self.depth += 1
            self.compound = True
        elif operator == "(":
            # `name()` declares a function, `name=(…)` was read as a word.
            self.at += self.text.startswith(")", self.at)
            self.draft = _Draft()
            return
        elif operator == ")" and not (self.cases and self.depth <= self.cases):
            self.depth = max(self.depth - 1, 0)
        self._end_command("&" if operator == "&" else "")
        self.draft.operator = {";;": ";", "(": "", ")": "", "&": ";"}.get(operator, operator)

    def _end_command(self, ends: str) -> None:
        if self.draft.words or self.draft.assignments or self.draft.writes:
            self.draft.place = len(self.commands)
            self.commands.append(self.draft.done(ends))
        elif ends and self.commands:
            self.commands[-1] = self.commands[-1]._replace(ends=ends)
        self.draft, self.redirect = _Draft(), ""

    def _word(self) -> None:
        start = self.at
        value, plain = self._read_word()
        self._take(value, start, plain=plain)

    def _take(self, value: str, start: int, *, plain: bool) -> None:
        """Put a word, which starts there, where it belongs."""
        if self.redirect:
            self._redirected(value, plain)
        elif not self.draft.words and plain and self._keyword(value):
            pass
        elif not self.draft.words and (found := _ASSIGNMENT.match(self.text, start)) and found.end() <= self.at:
            self.draft.assignments.append((found.group(1), value[value.index("=") + 1 :]))
        else:
            self.draft.words.append(value)

    def _redirected(self, value: str, plain: bool) -> None:
        if self.redirect.lstrip("0123456789") in ("<<", "<<-"):
            self.heredocs.append(_Heredoc(value, self.redirect.endswith("-"), not plain, self.draft))
        elif self.redirect.endswith("<<<"):
            self.draft.fed += value
        elif ">" in self.redirect and not self.redirect.endswith("&"):
            self.draft.writes.append(value)
        self.redirect = ""

    def _keyword(self, word: str) -> bool:
        """Handle a reserved word; True if it is one."""
        if word in _OPENS:
            self.depth += 1
            self.compound = True
            if word == "case":
                self.cases += 1
            if word in ("for", "case", "select"):
                self._skip_words_until_body()
            return True
        if word == "function":
            self._read_name()
            return True
        if word in _CLOSES:
            self.depth = max(self.depth - 1, 0)
            if word == "esac":
                self.cases = max(self.cases - 1, 0)
            return True
        if word == "time" and (found := _POSIX_TIME.match(self.text, self.at)):
            self.at = found.end()
        return word in _BEFORE_COMMAND

    def _read_name(self) -> None:
        """Past the name of a function that is declared."""
        while self.text.startswith((" ", "\t"), self.at):
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] != "\n":
            self._read_word()

    def _skip_words_until_body(self) -> None:
        """Past ``NAME in WORDS`` of a loop or ``WORD in`` of a case: they are no commands."""
        while self.at < len(self.text) and self.text[self.at] not in ";\n":
            if self.text[self.at] in " \t" or self.text[self.at] in "()<>&|":
                self.at += 1
            elif self._read_word()[0] == "in" and self.cases:
                return

    def _read_word(self) -> tuple[str, bool]:
        """The next word's value without quotes, and whether nothing in it was quoted."""
        parts, plain, start = [], True, self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if found := _PLAIN.match(self.text, self.at):
                parts.append(found.group())
                self.at = found.end()
            elif char in _ENDS_WORD:
                break
            elif char == "#" and self.at > start:
                parts.append(char)
                self.at += 1
            elif char == "\\":
                parts.append("" if self.text.startswith("\\\n", self.at) else self.text[self.at + 1 : self.at + 2])
                self.at += 2
                plain = False
            elif char in "'\"":
                parts.append(self._quoted(char))
                plain = False
            elif char in "$`":
                parts.append(self._expansion())
                plain = False
            elif char == "(" and parts and parts[-1].endswith("="):
                parts.append(self._balanced("(", ")"))
                self._note_substituted(parts[-1][1:])
            elif char in "<>" and self.text.startswith("(", self.at + 1):
                self.at += 1
                parts.append(char + self._substitution())
            else:
                break
        if self.at == start:
            self.at += 1
        return "".join(parts), plain

    def _quoted(self, quote: str) -> str:
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == quote:
                self.at += 1
                return "".join(parts)
            if plain := _BETWEEN_QUOTES[quote].match(self.text, self.at):
                parts.append(plain.group())
                self.at = plain.end()
            elif char == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                parts.append("" if following == "\n" else following if following in '"\\$`' else "\\" + following)
                self.at += 2
            else:
                parts.append(self._expansion())
        self.complete = False
        return "".join(parts)

    def _expansion(self) -> str:
        """A ``$…`` or backtick expansion as written; the commands inside a substitution are noted."""
        start = self.at
        if self.text[start] == "`":
            end = self.text.find("`", start + 1)
            self.complete = self.complete and end >= 0
            self.at = len(self.text) if end < 0 else end + 1
            self._inner(self.text[start + 1 : self.at - 1])
        elif self.text.startswith("$((", start):
            self.at += 1
            inner = self._balanced("(", ")")
            if inner.endswith("))"):
                self._note_substituted(inner[2:])
            else:
                # No arithmetic: a subshell at the start of a substitution.
                self._inner(inner[1:-1])
        elif self.text.startswith("$(", start):
            self.at += 1
            self._substitution()
        elif self.text.startswith("${", start):
            self.at += 1
            self._note_substituted(self._balanced("{", "}")[1:])
        elif self.text.startswith("$'", start):
            self.at += 1
            return self._ansi_quoted()
        else:
            self.at += 1
            name = re.compile(r"\w+|[@*#?$!-]").match(self.text, self.at)
            self.at = name.end() if name else self.at
        return self.text[start : self.at]

    def _ansi_quoted(self) -> str:
        found = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL).match(self.text, self.at)
        if not found:
            return self._quoted("'")
        self.at = found.end()
        return _ESCAPE.sub(_unescaped, found.group(1))

    def _substitution(self) -> str:
        """``(…)`` with a whole shell text in it."""
        inner = self._balanced("(", ")")
        self._inner(inner[1:-1])
        return inner

    def _inner(self, text: str) -> None:
        """Note the commands of a text inside this one."""
        if not self.skipping and self.level < 4:
            inner = _Reader(text, level=self.level + 1)
            self.commands.extend(command for statement in inner.statements() for command in statement.commands)

    def _note_substituted(self, text: str) -> None:
        if not self.skipping and self.level < 4:
            self.commands.extend(self._substituted(text))

    def _substituted(self, text: str) -> list[Command]:
        """The commands whose output a text takes in, where it is otherwise no shell text."""
        if "$(" not in text and "`" not in text:
            return []
        reader = _Reader(text, level=self.level + 1)
        while reader.at < len(text):
            char = text[reader.at]
            if char in "$`":
                reader._expansion()
            else:
                reader.at += 2 if char == "\\" else 1
        return reader.commands

    def _balanced(self, opening: str, closing: str) -> str:
        """From an opening bracket to its closing one, quotes respected."""
        start, depth, outer = self.at, 0, self.skipping
        self.skipping = True
        self.nesting += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self.at += 2
            elif char in "'\"" and self.nesting < _DEEPEST:
                self._quoted(char)
            else:
                depth += (char == opening) - (char == closing)
                self.at += 1
                if depth == 0:
                    break
        self.complete = self.complete and depth == 0
        self.skipping = outer
        self.nesting -= 1
        return self.text[start : self.at]

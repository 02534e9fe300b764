"""Candidate: a code span that looks like a command, with all around it that can say whether it is meant to be run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.decide.phrases import DIRECT, RUN_JUST_BEFORE
from spec_runner.core.decide.shape import Shape, program_is_known, shape_of, without_prompt
from spec_runner.core.decide.words import Verb, governor_of, head_verb, names_container
from spec_runner.core.shell.programs import programs_of
from spec_runner.core.text.inline import Code, Paragraph

_AFTER = 80
"""Characters behind a span that can speak of it."""
_FILE = re.compile(
    r"[\w./-]*\w\.[A-Za-z][\w]{0,9}$|(?:.*/)?(?:Makefile|Dockerfile|Justfile|Procfile|\.\w+rc|\.gitignore)$"
)
_FILE_IN_PROSE = re.compile(
    r"(?<![\w/.-])(?![A-Z]\w+\.js\b)[\w/.-]*\w\.(?:md|ya?ml|json|toml|py|tsx?|jsx?|sh|go|rs|rb|cs|ps1"
    r"|sql|txt|html)\b|\b(?:Makefile|Dockerfile|README)\b"
)
_WORD = re.compile(r"[a-z][a-z0-9_-]{1,30}$")
_SENTENCE = re.compile(r"[.;!?]\s+|[。；！？]")
_AND = re.compile(
    r"(?:\s|[,+&/、，→;)(]|->|=>|\b(?:and|then|und|et|y|e|и|以及|和|と)\b|\b(?:also|finally|followed by|plus|as"
    r" well as)\b)*$",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\W*\b(?:or|oder|ou|lub|или|または|或)\b\W*(?:with |via |using |just |simply |if you prefer )?\W*$"
    r"|[\s(]*(?:或|または|もしくは)\s*$",
    re.IGNORECASE,
)


class Around(NamedTuple):
    """What is known of the task around a bullet."""

    head: Verb
    holds_text: bool
    """The task makes a file that commands are written into."""


class Candidate(NamedTuple):
    """A span in its sentence. Of several that are one list ("`a`, `b` and `c`") each has the words around the list."""

    code: Code
    command: str
    """Its text without the prompt of a terminal."""
    shape: Shape
    program: str
    """The name of its first program."""
    operands: tuple[str, ...]
    """What stands behind the program, options too."""
    known: bool
    """The program is one that people have."""
    text: str
    """The text that it stands in, from its title on."""
    before: str
    """The prose up to the span, code blanked out."""
    after: str
    """The prose that follows, code blanked out."""
    verb: Verb
    """What kind of verb governs it, and which."""
    verb_word: str
    gap: str
    """What stands between the verb and the span."""
    direct: bool
    """Nothing of weight stands between them."""
    head: Verb
    """What kind of verb the text starts with."""
    makes: bool
    """The text makes something, or starts with the name of a file in which something is to be changed."""
    names_file: bool
    """A file is named before it that is none of its operands."""
    link: str
    """How it hangs together with the span before: ``and``, ``or``, nothing."""
    again: bool
    """The same command stands earlier in the task."""
    around: Around | None
    """For a span in a bullet: the task around it."""

    @property
    def quoted(self) -> str:
        """The words that lead to it: from the verb that governs it, or the last ones of the sentence."""
        whole = f"{self.verb_word}{self.gap}" if self.verb and len(self.gap) <= 40 else ""
        near = self.before[-len(whole) :] if whole else _SENTENCE.split(self.before)[-1]
        words = near.replace("*", "").strip(" _-([（").split()
        return '"' + " ".join(words if whole else words[-5:])[-60:] + '"'


def candidates_of(paragraph: Paragraph, start: int = 0, around: Around | None = None) -> Iterator[Candidate]:
    """Each span of a paragraph that looks like a command, in order."""
    prose, seen = "", set[str]()
    last: Candidate | None = None
    lead: Code | None = None
    for index, code in enumerate(paragraph.codes):
        if code.start < start:
            continue
        shape = shape_of(code.text)
        if not shape:
            shape = _shape_in_words(code, paragraph.text, last)
        if not shape:
            continue
        prose = prose or paragraph.prose
        link = _link(prose[last.code.end : code.start]) if last is not None else ""
        lead = lead if lead is not None and link == "and" else code
        last = _cut(paragraph, prose, start, code, lead, shape, link, index, code.text in seen, around)
        seen.add(code.text)
        yield last


def _link(between: str) -> str:
    return "or" if _OR.match(between) else "and" if _AND.match(between) else ""


def _cut(
    paragraph: Paragraph, prose: str, start: int, code: Code, lead: Code, shape: Shape, link: str, index: int,
    again: bool, around: Around | None,
) -> Candidate:  # fmt: skip
    command = without_prompt(code.text.strip())
    programs = programs_of(command)
    first = programs[0] if programs else None
    before, after = prose[start : lead.start], prose[_end_of_list(paragraph, prose, index) :][:_AFTER]
    text = paragraph.text[start:]
    verb, verb_word, end = governor_of(before)
    head = head_verb(text)
    spans = [other for other in paragraph.codes if start <= other.start < code.start]
    files = [other.text for other in spans if is_file(other.text)]
    operands = first.command.words[1:] if first else ()
    files += (match.group() for match in _FILE_IN_PROSE.finditer(before))
    named = any(file not in operands for file in files)
    return Candidate(
        code, command, shape, first.name if first else "", operands, first is not None and program_is_known(first.name),
        text, before, after, verb, verb_word, before[end:], verb != "" and DIRECT.match(before[end:]) is not None,
        head, head == "make" or edits_file(paragraph, start), named, link, again, around,
    )  # fmt: skip


def _end_of_list(paragraph: Paragraph, prose: str, index: int) -> int:
    """Where the list ends that a span stands in: "`a`, `b` and `c`"."""
    codes = paragraph.codes
    while index + 1 < len(codes) and _AND.match(prose[codes[index].end : codes[index + 1].start]):
        index += 1
    return codes[index].end


def holds_text(paragraph: Paragraph, start: int) -> bool:
    """Whether a text makes something that holds commands: "Create `ci.yml` with:"."""
    title = paragraph.text[start:]
    if head_verb(title) != "make":
        return False
    codes = (code for code in paragraph.codes if code.start >= start)
    named = any(is_file(code.text) for code in codes) or _FILE_IN_PROSE.search(title[:500]) is not None
    return named or names_container(title[:200])


def edits_file(paragraph: Paragraph, start: int) -> bool:
    """The text begins with the name of a file and a colon: what follows is what to change in it."""
    first = next((code for code in paragraph.codes if code.start >= start), None)
    if first is None or paragraph.text[start : first.start].strip(" *_[]") or not is_file(first.text):
        return False
    return re.match(r"\s*(?:\([^)]{0,80}\)\s*)?[:：—–-]", paragraph.text[first.end :]) is not None


def is_file(text: str) -> bool:
    """Whether a span is the name of a file."""
    return _FILE.match(text) is not None


def _shape_in_words(code: Code, text: str, last: Candidate | None) -> Shape:
    """Of the program of the command before ("`tool --fast`, `tool`"), or a lone word that the words say to run."""
    if last is not None and " " in last.command and code.text == last.command.split(" ", 1)[0]:
        return last.shape
    is_asked = _WORD.match(code.text) is not None and RUN_JUST_BEFORE.search(text[: code.start][-24:]) is not None
    return "maybe" if is_asked else ""

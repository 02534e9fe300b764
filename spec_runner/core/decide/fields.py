"""A command that stands in a field of a task without backticks: ``- Verify: npm test``, as several planners write it.

A field holds words as often as a command, so only what no sentence could be is one.
"""

from __future__ import annotations

import re
from itertools import pairwise

from spec_runner.core.decide.phrases import OUTCOME
from spec_runner.core.decide.shape import program_is_known, shape_of
from spec_runner.core.shell.grammar import Command, read_statements
from spec_runner.core.shell.programs import names
from spec_runner.core.text.inline import Code, Paragraph

_FIELD = re.compile(
    r"(?P<mark>[*_]{0,3})(?i:verify|verification|validate|validation|automated)\s?(?P<closed>(?P=mark):|:(?P=mark)|:)\s+"
    r"(?P<command>\S.*)$"
)
_TAGS = {"<verify>": "Verify: ", "<automated>": "Automated: ", "</automated>": " " * 12, "</verify>": " " * 9}
"""What tags say in words, each of the same length: every position stays where it is."""
_EMPHASIS = re.compile(r"^[*_]+|[*_]+$")
_SENTENCE = re.compile(r"[,;:!?…]$|(?<![/.])\.$|[—–→⇒✓✅]|^[+(]|^=+$")
"""A word that ends a part of a sentence, or stands between two."""
_PROSE = names(
    "a an the all any and or with without is are was be to of for from that this these it its on in by as at no not"
    " each every still only sure then when if through item pass passes passed passing succeed succeeds work works"
    " show shows print prints use uses exits green clean return returns report reports builds fail fails"
    " should must can load loads runs render renders display displays complete completes contains exists"
)
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
_IS_ARGUMENT = re.compile(r"[-/=$*:@~|&<>]|\w\.\w|^\.")
_MOST_WORDS = 2
"""Words that are neither options nor paths, behind a program: three in a row begin a sentence."""


def with_field(paragraph: Paragraph) -> Paragraph:
    """The paragraph with the command of its field as a code span, if it is such a field."""
    if paragraph.codes or len(paragraph.lines) > 1:
        return paragraph
    text = paragraph.text
    for tag, words in _TAGS.items() if text.startswith("<") else ():
        text = text.replace(tag, words)
    text = text.replace("Verify: Automated: ", "        Automated: ")
    found = _FIELD.match(text.lstrip())
    if not found:
        return paragraph
    command = found["command"].rstrip()
    command = command.removesuffix(found["mark"]) if found["mark"] and found["closed"] == ":" else command
    if not _is_command(command):
        return paragraph
    start = found.start("command") + len(text) - len(text.lstrip())
    if found["mark"] and found["closed"] == ":":
        text = _EMPHASIS.sub(lambda each: " " * len(each[0]), text)
    return paragraph._replace(text=text, codes=(Code(command, start, start + len(command), paragraph.lines[0]),))


_CONDITION = re.compile(
    r"(?:^|[.;:(—–-]\s*|\n)\W{0,4}(?:it is |this is |task is )?"
    r"(?P<words>(?:done|completed?|finished|accepted|satisfied) (?:when|once)\s)(?:running )?$",
    re.IGNORECASE,
)
"""What stands before a command that a sentence makes the end of its task."""


def with_condition(paragraph: Paragraph) -> Paragraph:
    """The paragraph with "Done when `x` passes" as the field "Done when: `x`": what is awaited behind it is judged."""
    text = paragraph.text
    for code in paragraph.codes:
        found = _CONDITION.search(text, max(code.start - 80, 0), code.start)
        if found and _comes(text, code):
            words = "Done when:".rjust(len(found["words"]))
            text = f"{text[: found.start('words')]}{words}{text[found.end('words') :]}"
    return paragraph if text is paragraph.text else paragraph._replace(text=text)


_SAID_OF = re.compile(r"\W*(?:is|are)\s+(?!green|clean|empty|ok\b|silent)", re.IGNORECASE)
"""What is said of a command that does not come of it: "is described"."""
_ACCEPTANCE = re.compile(
    r"\W*(?:acceptance(?: (?:criteria|checks?|tests?))?|definition of done|done when|success criteria)\W*$",
    re.IGNORECASE,
)


def is_acceptance(paragraph: Paragraph | None) -> bool:
    """Whether a paragraph is no more than the heading of a list of what must be so: "Acceptance criteria:"."""
    return paragraph is not None and _ACCEPTANCE.match(paragraph.text) is not None


def states_outcome(paragraph: Paragraph, code: Code) -> bool:
    """Whether a paragraph begins with a command and says what comes of it."""
    return not paragraph.text[: code.start].strip(" *_[]") and _comes(paragraph.text, code)


def _comes(text: str, code: Code) -> bool:
    return OUTCOME.match(text, code.end) is not None and not _SAID_OF.match(text, code.end)


def _is_command(text: str) -> bool:
    if any(_SENTENCE.search(word) for word in _QUOTED.sub("x", text).split()):
        return False
    statements = read_statements(text)
    if len(statements) != 1 or not statements[0].complete or statements[0].compound:
        return False
    commands = [each for each in statements[0].commands if each.words]
    return bool(commands) and shape_of(text) in ("sure", "likely", "maybe") and all(map(_is_plain, commands))


def _is_plain(command: Command) -> bool:
    first, *operands = command.words
    if not (program_is_known(command.name) or "/" in first) or first != first.lower():
        return False
    words = [each for each in operands if not (_IS_ARGUMENT.search(each) or " " in each)]
    values = [each for before, each in pairwise(operands) if before.startswith("-")]
    most = {"make": 1, "test": 0}.get(command.name, _MOST_WORDS)
    return len(words) <= most + sum(each in values for each in words) and not _PROSE & {each.lower() for each in words}

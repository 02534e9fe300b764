"""Which outcomes the words around the commands of a task state, and of which: behind a command, before it, below it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce

from spec_runner.core.decide.outcomes import judges_itself, outcomes_before, outcomes_behind, unjudged_behind
from spec_runner.core.decide.predicate import is_of_the_machine
from spec_runner.core.decide.readings import Reading
from spec_runner.core.decide.steps import Expectation, Step
from spec_runner.core.text.document import Detail, Task

_SHARED = re.compile(r"[^.`]{0,30}?\b(?:all|both|each|every one|none|neither)\b", re.IGNORECASE)
"""What is said behind the last of several commands is said of them all."""
_LABELLED = re.compile(
    r"[\s*_(]*(?:(?:expect(?:ed|s)?|acceptance|success)(?: (?:output|result|outcome|criteri(?:a|on)|exit code))?s?"
    r"|output|result|verify|confirm|ensure|check|assert|it|must|should|prints?|outputs?|shows?|contains?|exits?"
    r"|exit code|→|=>)"
    r"(?=[\s:*_→=])",
    re.IGNORECASE,
)
"""How a line begins that says what comes of the command above it."""
_SHOWS = frozenset({"", "text", "txt", "json", "output", "console", "plaintext"})
"""The languages of fences that show what is printed."""
_ACCEPTS = re.compile(r"[\s*_(]*(?:expect(?:ed|s)?|acceptance)\b[^:]{0,30}:[\s*_]*(?=\S)", re.IGNORECASE)


def with_outcomes(steps: list[Step], readings: Iterable[Reading], text: str, start: int) -> list[Step]:
    """The commands of a paragraph with the outcomes that its words state; what they print is no command.

    ``readings`` are those of its spans, ``text`` is the paragraph's, ``start`` where its words begin.
    """
    sure = [reading for reading in readings if reading.certainty == "run"]
    stated = [_behind(reading, sure[at + 1 :], text) for at, reading in enumerate(sure)]
    if len(sure) == 1 and stated:
        stated[0] = stated[0] or outcomes_before(text[start : sure[0].code.start], sure[0].code.line)
    elif stated and (
        any(each.text == "any" for each in stated[-1]) or (stated[-1] and _SHARED.match(text[sure[-1].code.end :]))
    ):
        stated = [each or stated[-1] for each in stated]
    by_command = {reading.command: each for reading, each in zip(sure, stated, strict=True) if each}
    texts = {each.text for found in by_command.values() for each in found if each.kind == "text"}
    return [
        stating(step, by_command[step.command]) if step.command in by_command and step.kind == "command" else step
        for step in steps
        if step.command in by_command or step.command not in texts
    ]


def _behind(reading: Reading, rest: Sequence[Reading], text: str) -> tuple[Expectation, ...]:
    return outcomes_behind(text[reading.code.end : rest[0].code.start if rest else len(text)], reading.code.line)


def stating(step: Step, outcomes: tuple[Expectation, ...]) -> Step:
    """A command with outcomes that words state of it besides."""
    if step.expect not in ("ok", "other", "fail"):
        return step
    heard = (
        each._replace(checked=False) if each.kind == "text" and is_of_the_machine(step.command, each.text) else each
        for each in outcomes
    )
    stated = [each for each in heard if each not in step.expectations]
    if not stated:
        return step
    numbers = {each.text for each in stated if each.kind == "number"}
    # A number that stands alone is compared, not looked for: 5 is in 15.
    kept = (each for each in step.expectations if each.kind != "words" and f"output = {each.text}" not in numbers)
    told = (*kept, *stated)
    fails = any(each.kind == "exit" and each.checked and each.text != "0" for each in stated)
    expect = "fail" if fails and step.expect in ("ok", "other") else step.expect
    if expect == "ok" and any(each.kind in ("text", "number") for each in stated) and not judges_itself(step.command):
        expect = "other"
    return step._replace(expectations=told, expect=expect)


def with_lines_below(steps: list[Step], details: Iterable[Detail]) -> list[Step]:
    """The only command of a task with the outcomes that the lines below it state: "- prints `ready`"."""
    if len(steps) != 1 or steps[0].kind != "command":
        return steps
    step = steps[0]
    for detail in details:
        paragraph = detail.paragraph
        if paragraph is None or detail.line < step.line or not _LABELLED.match(paragraph.text):
            continue
        stated = outcomes_behind(f": {paragraph.text}", detail.line)
        accepted = _ACCEPTS.match(paragraph.text)
        if not stated and accepted and not step.expectations and not judges_itself(step.command):
            words = " ".join(paragraph.text[accepted.end() :].split())
            stated = (Expectation("words", words[:200], detail.line, False),)
        step = stating(step, stated)
    return [step]


def with_unjudged(steps: list[Step], readings: Iterable[Reading], task: Task) -> list[Step]:
    """The steps, the last with what the words ask besides, where that it passes does not say it."""
    if not steps or any(step.expect != "ok" or step.expectations for step in steps):
        return steps
    if steps[-1].kind == "service" and "://" in task.text.text:
        return steps
    planned = [reading.code.end for reading in readings if reading.certainty != "leave"]
    start = planned[-1] if planned else task.title_start
    under = [detail.paragraph for detail in task.details if detail.paragraph]
    prose = _joined((task.text.prose[start:], *(each.prose for each in under)))
    text = _joined((task.text.text[start:], *(each.text for each in under)))
    words = unjudged_behind(prose, text, (step.command for step in steps))
    if not words:
        return steps
    said = Expectation("words", words[:200], steps[-1].line, False)
    return [*steps[:-1], steps[-1]._replace(expect="other", expectations=(said,))]


def _joined(parts: Iterable[str]) -> str:
    """The sentences of a title and of the bullets under it; what a colon ends with goes on in the first of these."""
    return reduce(lambda before, part: before + (" " if before.rstrip().endswith(":") else " . ") + part, parts)


_BODY = re.compile(
    r"(?:→|=>|:|\b(?:returns?|responds?(?: with)?|answers?(?: with)?|body|with|and|json))\s*"
    r"(?:\d{3}(?: [A-Z]\w+){0,2}(?: and| with|,)? )?(?:(?:the|a|body|json|object) ){0,3}"
    r"`?([{\[][^`]*?[}\]])`?(?=\W*$|[\s,.;)])",
    re.IGNORECASE,
)
"""What an address is said to answer."""


def with_content(step: Step, words: str) -> Step:
    """An address with what words behind it say that it answers: JSON, a text."""
    from spec_runner.core.decide.expectation import read_json

    found = _BODY.search(words[:400])
    if found and isinstance(read_json(found[1]), (dict, list)) and read_json(found[1]):
        return step._replace(expectations=(Expectation("json", found[1], step.line, True),))
    texts = [each for each in outcomes_behind(f": {words}", step.line) if each.kind == "text"]
    return step._replace(expectations=tuple(texts))


_PORT = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b"
    r"|\b(?:listen\w*|runs?|running|starts?|serv\w+|available|exposed|up|accessible) (?:\w+ ){0,2}?(?:on|at) port"
    r" (\d{2,5})\b"
    r"|^[`'\")\s,]{0,4}\(?(?:on|at) (?:the )?port (\d{2,5})\b",
    re.IGNORECASE,
)


def with_ports(steps: list[Step], words: str) -> list[Step]:
    """The only service of a task with the ports on which ``words`` behind it say that it listens."""
    services = [step for step in steps if step.kind == "service"]
    if len(services) != 1:
        return steps
    ports = tuple(dict.fromkeys(int(next(filter(None, found.groups()))) for found in _PORT.finditer(words[:2000])))
    return [step._replace(ports=ports) if step is services[0] else step for step in steps]


def with_printed(step: Step, printed: str) -> Step:
    """A step with what a terminal that is shown prints below it."""
    if not printed or step.kind != "command":
        return step
    from spec_runner.core.decide.expecting import expect_below

    return expect_below(step, printed)


def with_block(steps: list[Step], detail: Detail, before: Detail | None) -> list[Step]:
    """The steps with what a fence under their task shows of their output, where the words above it say so."""
    fence, lead = detail.fence, before.paragraph if before else None
    if fence is None or lead is None or not steps or not fence.closed or fence.language not in _SHOWS:
        return steps
    from spec_runner.core.decide.expecting import expect_printed, opens_output

    return expect_printed(steps, fence.text, fence.line) if opens_output(lead.text) else steps

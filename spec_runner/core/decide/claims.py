"""What the words of a task say will be so, and how that can be judged: one claim for each thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from spec_runner.core.decide.proving import proves_nothing
from spec_runner.core.decide.steps import Expectation, Step
from spec_runner.core.shell.programs import names

ClaimKind = Literal[
    "command", "service", "url", "env", "quickstart", "status", "exit", "text", "output", "json", "number", "words",
    "file", "symbol",
]  # fmt: skip
_CHECKS = {
    "fail": "it fails by what it does",
    "empty": "it prints nothing",
    "nonempty": "it prints something",
    "reachable": "it answers",
}


_SUCCESS = names(
    "pass passes passed passing succeed succeeds green work works complete completes successful successfully clean"
    " cleanly compile compiles regression regressions"
)
_AROUND = names(
    "and then to verify confirm ensure check expect expected must should that all everything it they the test tests"
    " checks build builds suite result output each both of them is are be still no without any errors failures"
)
_WORD = re.compile(r"[^\W_]+")
_GOES_ON = re.compile(
    r"[\s→=>–-]{0,6}(?:then |and )?(?:`[^` ]+ |(?:capture|record|save|write|store|log|paste|archive|note)\b"
    r"|output (?:or|of|in|to)\b)",
    re.IGNORECASE,
)


def claims_more(words: str) -> bool:
    """Whether words behind a command state more of it than that it succeeds, and what is done next."""
    found = {word.lower() for word in _WORD.findall(words)}
    says_success = bool(found & _SUCCESS) and found <= _SUCCESS | _AROUND
    return not says_success and not _GOES_ON.match(words)


class Claim(NamedTuple):
    """One thing that words say will be so."""

    text: str
    """The command, the address, or what the words say of it."""
    kind: ClaimKind
    check: str | None
    """How it is judged; None where nothing judges it."""
    line: int
    step: int | None = None
    """Which step of the task bears it; None where none does."""
    expectation: int | None = None
    """Which of the step's expectations it is."""


def claims_of(steps: Sequence[Step], title: str = "") -> tuple[Claim, ...]:
    """The claims of a task's steps, in their order: that each does what it should, and what is said to come of it.

    ``title`` is the task's: what its words compare, and no step does, is a claim as well.
    """
    found = [claim for number, step in enumerate(steps) for claim in _of_step(step, number, title)]
    told = [claim for claim in found if claim.kind != "command" or not is_idle(steps[claim.step or 0])]
    return tuple(told or (claim._replace(check=None) for claim in found))


def is_idle(step: Step) -> bool:
    """A command that ends well whatever there is, and of which nothing is said that could be judged."""
    is_judged = step.expect not in ("ok", "other") or any(each.checked for each in step.expectations)
    return step.kind == "command" and not is_judged and proves_nothing(step.command)


def _of_step(step: Step, number: int, title: str) -> Iterator[Claim]:
    kind: ClaimKind = step.kind
    excepted = any(each.kind == "exit" and each.text == "any" for each in step.expectations)
    yield Claim(step.command, kind, None if excepted else _check(step), step.line, number)
    told = [(index, each) for index, each in enumerate(step.expectations) if each.checked or claims_more(each.text)]
    for index, each in told if not excepted else ():
        yield Claim(each.text, each.kind, _check_of(each), each.line, number, index)
    if step.expect == "other" and step.kind == "command" and not step.expectations:
        yield Claim(title or step.command, "words", None, step.line, number)


def _check(step: Step) -> str:
    match step.kind:
        case "service":
            return "it listens and answers"
        case "env":
            return "each name has a value"
        case "quickstart":
            return "all its steps pass"
        case "file":
            return "it can be written"
        case "url":
            return _CHECKS.get(step.expect) or f"status {step.expect if step.expect.isdigit() else '2xx or 3xx'}"
        case _:
            return _CHECKS.get(step.expect, "exit 0")


def _check_of(expected: Expectation) -> str | None:
    """How an expectation is judged, if it is."""
    if not expected.checked:
        return None
    match expected.kind:
        case "status":
            return f"status {expected.text}"
        case "exit":
            return "exit not 0" if expected.text == "nonzero" else f"exit {expected.text}"
        case "json":
            return "the JSON has it"
        case _:
            return "the output has it"

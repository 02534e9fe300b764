"""What is said of a command right behind it, where the command is what the sentence speaks of: "`wc -l a` is 12"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec_runner.core.decide.shape import program_is_known
from spec_runner.core.decide.steps import Expectation

_MUST = (
    r"(?:(?:it|this|the (?:output|result|count|number|answer)|output|result) )?"
    r"(?:(?:should|must|will|has to|needs to|now) )*"
)
_SAYS = (
    r"(?:is|be|equals?|==?|gives?|returns?|prints?|outputs?|reports?|shows?|displays?|yields?|reads?|says?|counts?|lists?"
    r"|expect(?:ed|s)?|→|=>|->|[:：])"
)
_MORE_OR_LESS = (
    (r"(?:at least|≥|>=|no less than|a minimum of)", ">="),
    (r"(?:more than|greater than|above|over|>)", ">"),
    (r"(?:at most|≤|<=|no more than|a maximum of)", "<="),
    (r"(?:less than|fewer than|below|under|<)", "<"),
    (r"(?:exactly|only|just)?", "="),
)
_END = r"(?=\s*(?:$|[;,)–—]|\.(?:\s|$)|(?:and|before|after|on|for|in)\b))"
_VALUE = r"`?((?!0\d)\d+(?:\.\d+)?)`?"
_NUMBERS = tuple(
    (re.compile(rf"[\s*_(,–—-]*(?:and )?{_MUST}{said} *{words} ?{_VALUE}{_END}", re.IGNORECASE), sign)
    for words, sign in _MORE_OR_LESS
    for said in (_SAYS if sign == "=" else f"{_SAYS}?",)
)
_TEXT = re.compile(
    rf"[\s*_(,–—-]*(?:and )?{_MUST}(?:{_SAYS}|contains?|includes?|mentions?|logs?|ends with|fails? with|exits with"
    r"|(?:lists?|shows?|prints?) (?:the )?\w+) *(?:(?:the|a|an|text|message|error|string|word|line|value|version) )*"
    r"(?:\"([^\"\n]{1,120})\"|“([^”\n]{1,120})”|`([^`\n]{1,120})`|(v?\d+\.\d+\.\d+))" + _END,
    re.IGNORECASE,
)
NO_LITERAL = re.compile(r"^[/.~$]|[<>{}*]|\.{3}|…|^[\w.-]+/|^--?\w|\(\)$")
"""Quoted, but a path, an option, a placeholder: no text that is printed as it stands."""
_COUNTED = re.compile(
    rf"[\s*_(,:–—-]*{_MUST}(?:{_SAYS} *)?(?:all )?(\d+) (?:\w+ )?(?:tests?|specs?|cases)?\s*(?:,? all )?"
    r"(?:passed|passing|pass(?:es)?|green)\b",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"[\s*_]*(?:(?:now|still|also|correctly) )?fails(?=\s*(?:[.,;)(]|$|(?:and|before|with|because|loudly|cleanly)\b))"
    r"|[\s*_,–—-]*(?:it )?(?:should|must|will) (?:\w+ )?fail\b(?! to)",
    re.IGNORECASE,
)
_FAILS_THERE = re.compile(r"[\s*_]*fails\b(?=[^.;]{0,80}\b(?:when|if|unless)\b)", re.IGNORECASE)
_OWN_VERSION = re.compile(r"(\S+) (?:--version|-v|-V|version)$")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*$")


def said_right_behind(words: str, line: int) -> Iterator[Expectation]:
    """The outcomes that begin with the first words behind a command: a number, a text, a count of tests."""
    if _FAILS.match(words):
        yield Expectation("exit", "nonzero", line, True)
    counted = _COUNTED.match(words)
    if counted:
        # Suites grow: what was all of them then is some of them now.
        yield Expectation("number", f"tests >= {counted[1]}", line, True)
        return
    for pattern, sign in _NUMBERS:
        found = pattern.match(words)
        if found:
            yield Expectation("number", f"output {sign} {found[1]}", line, True)
            return
    said = _TEXT.match(words)
    text = next(filter(None, said.groups()), "") if said else ""
    if re.search(r"\w", text) and not NO_LITERAL.search(text):
        yield Expectation("text", text, line, True)


def fails_elsewhere(words: str) -> bool:
    """Whether a command is said to fail where something is so that need not be so: "fails when the port is taken"."""
    return _FAILS_THERE.match(words) is not None


def is_of_the_machine(command: str, text: str) -> bool:
    """Whether a text is the version that a tool of the machine tells of itself, which is another one elsewhere."""
    asked = _OWN_VERSION.match(command)
    return asked is not None and program_is_known(asked[1]) and _VERSION.match(text) is not None

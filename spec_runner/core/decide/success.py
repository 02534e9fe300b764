"""How the words judge the success of a command."""

from __future__ import annotations

import re
from functools import lru_cache

from spec_runner.core.shell.programs import names, programs_of

_FAIL = (
    re.compile(
        r"\b(?:must|should|will|expect(?:ed)?(?: to)?|confirm(?: \w+){0,3}|verify(?: \w+){0,4}|ensure(?: \w+){0,3}"
        r"|and|to|they|it|tests?|now|correctly) (?:FAIL\b|fail(?!ing)\b|exits? non-?zero|be red|error out)",
    ),
    re.compile(r"\bexits? (?:with )?(?:a )?non-?zero\b"),
    re.compile(
        r"\b(?:verify|confirm|check|ensure)(?: that)?\s{3,}fails(?=\s*(?:[.,;)]|$|\(|and\b|before\b))",
        re.IGNORECASE,
    ),
    re.compile(r"\bFAILS?\b(?= (?:before|first|\())"),
    re.compile(r"\bexpect(?:ed|ing)? (?:a )?failures?\b"),
    re.compile(r"\(red\)|\bRED (?:state|phase|first)\b"),
    re.compile(r"(?:失敗|失败)(?:を確認|すること)"),
)
_NO_FAIL = re.compile(r"\b(?:if|when|any|no|fix|without|not) (?:\w+ ){0,3}$", re.IGNORECASE)
_EMPTY = re.compile(
    r"\b(?:expect(?:ed|ing)?:?|returns?|finds?|shows?|prints?|yields?|has|is|are|with|gives?|outputs?"
    r"|produces?|→|->|=)\W{0,3}(?:no|zero|0|nothing|empty)\b(?: (?:results?|matches|hits|output|lines"
    r"|occurrences|references|rows))?"
    r"|\bno (?:\S+ ){0,4}(?:exist|remain|left|found|references|imports|usages?|occurrences|hits|matches)\b"
    r"|\b(?:is|be|stays?|returns?|must be|output is) empty\b|\bclean\W+(?=git\b)|無結果|没有结果|結果なし",
    re.IGNORECASE,
)
_PARTLY = re.compile(
    r"\bnothing or\b|\bexactly (?:one|two|three|\d+)\b|\b(?:any|each|every) (?:\w+ )?(?:hit|match|result)\b"
    r"|\bfind(?:s|ing)? (?:all|every)\b|\bonly (?:the|those|fixtures?)\b",
    re.IGNORECASE,
)
"""What a search finds is to be looked at one by one."""
_STATUS_CLEAN = re.compile(r"\b(?:clean|empty|nothing)\b|\bno (?:changes|output)\b", re.IGNORECASE)
_NONEMPTY = re.compile(
    r"\b(?:returns?|finds?|shows?) (?:at least|one or more|≥ ?1|some)\b|\bnon-?empty\b",
    re.IGNORECASE,
)
_OTHER = (
    re.compile(
        r"\b(?:visually|compar(?:e|ison)\b|diff(?:ed)? (?:\w+ )?(?:against|with)\b|(?<!no )pre-?existing|pass rate"
        r"|except\b|back-to-back|eyeball"
        r"|screenshots?)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bmanual(?:ly)? (?:verif|check|inspect)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bno (?:\w+ ){0,3}(?:warnings|migrations)\b|\berrors or warnings\b",
        re.IGNORECASE,
    ),
    re.compile(r"[≥≤><]=? ?\d|\d ?%|以上"),
    re.compile(
        r"\b(?:under|below|less than|within|at least|over|above|exceeds?) \d+",
        re.IGNORECASE,
    ),
    re.compile(
        r"\(should\b|\bshould (?:connect|display|show|print|list|return)\b|\bexpected (?:output|result)"
        r"|\bstarts both\b",
        re.IGNORECASE,
    ),
)
_TELLS = names("list ls help inspect version --help info status tree show config ps")
_STATUS = re.compile(
    r"\b(?:return(?:s|ing)?|respond(?:s|ing)?(?: with)?|status(?: code)?|HTTP|expect(?:ed|s)?|gives?"
    r"|answers?|→|->|=>|with)\W{0,4}(?:HTTP |status |code |a )*([1-5]\d\d)\b(?!\s*(?:ms|s\b|MB|KB|%|lines"
    r"|tests|rows|items))",
    re.IGNORECASE,
)

_MUST_FAIL = re.compile(
    r"\b(?:must|should|will|expect(?:ed)?(?: to)?) (?:\w+ )?(?:fail|exit non-?zero|exit 1)\b|\bexits?"
    r" non-?zero\b|\bexpected? (?:a )?failure\b",
    re.IGNORECASE,
)
_FINDS_NOTHING = re.compile(
    r"\b(?:no|zero|empty) (?:output|results?|matches|hits|lines)\b|\breturns? nothing\b|\bmust be empty\b",
    re.IGNORECASE,
)

_NOT_QUITE = re.compile(r"\b(?:except|ideally|apart from|other than)\b", re.IGNORECASE)


_SHOWS = re.compile(
    r"\b(?:compose ps|docker (?:ps|images|stats|inspect)|kubectl (?:get|top|describe)"
    r"|git (?:status|diff|log|ls-files|show)|(?:pip|helm|npm|pnpm) (?:list|ls|outdated)"
    r"|alembic (?:current|history)|gh (?:api|run view|pr view))\b|--vulnerable\b"
    r"|^(?:find|ls|du|wc|cat|head|tail) |\bSELECT\b(?! 1\b)|--list\b"
)
"""Commands that show something for somebody to look at: they pass whatever it is."""
_ASKS = re.compile(
    r"\b(?:verif\w+|check\w*|confirm\w*|ensur\w+|test|validat\w+|assert|review|audit|contains|shows|running|healthy|vérifi\w+)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=128)
def says_failure(text: str) -> bool:
    """Whether the words beside a command want it to fail."""
    return _MUST_FAIL.search(text) is not None


@lru_cache(maxsize=128)
def says_nothing(text: str) -> bool:
    """Whether the words beside a search want it to find nothing."""
    return _FINDS_NOTHING.search(text) is not None and not _NOT_QUITE.search(text)


def expected_of(prose: str, command: str, *, service: bool = False) -> str:
    """How the success of ``command`` is judged by the words around it: ``ok`` is exit status 0."""
    prose = prose[:4000]
    searches = any(program.row.has("searches") for program in programs_of(command))
    failed = min((found.start() for part in _FAIL if (found := part.search(prose))), default=-1)
    if failed >= 0 and not service and not _NO_FAIL.search(prose[max(failed - 30, 0) : failed]):
        return "fail"
    looks = "git status" in command and _ASKS.search(prose) and not _STATUS_CLEAN.search(prose)
    if searches and (_PARTLY.search(prose) or looks):
        return "other"
    if searches and _EMPTY.search(prose):
        return "empty"
    if searches and _NONEMPTY.search(prose):
        return "nonempty"
    if any(each.search(prose) for each in _OTHER) or _is_baseline(prose) or _only_tells(prose, command):
        return "other"
    if _SHOWS.search(command) and not re.search(r"[|&]|\btest\b", command) and _ASKS.search(prose):
        return "other"
    return "ok"


_RECORDED = re.compile(r"\b(?:record|captur|measur|compar)\w*", re.IGNORECASE)
_GOOD = re.compile(r"\b(?:green|clean|pass(?:es|ing)?|healthy)\b", re.IGNORECASE)


def _is_baseline(prose: str) -> bool:
    """What is recorded to be compared with later, good or bad."""
    return "aseline" in prose and _RECORDED.search(prose) is not None and not _GOOD.search(prose)


def _only_tells(prose: str, command: str) -> bool:
    """A command that only tells something, under a verb of checking: its exit status says little."""
    words = command.split()
    tells = any(word in _TELLS for word in words[1:4]) and not words[0].endswith("env")
    return (
        tells
        and re.match(r"[^a-z]*\b(?:verify|check|confirm|ensure|test)\b", prose.lstrip(" *_[]:"), re.IGNORECASE)
        is not None
    )


def expected_status(text: str) -> str | None:
    """The HTTP status that a text names, if it names one."""
    found = _STATUS.search(text[:400])
    return found.group(1) if found else None

"""How the words judge the success of a command."""

from __future__ import annotations

import re

from spec_runner.core.patterns import Lazy
from spec_runner.core.programs import names, programs_of

_FAIL = Lazy(
    r"\b(?:must|should|will|expect(?:ed)?(?: to)?|confirm(?: \w+){0,3}|verify(?: \w+){0,4}|ensure(?:"
    r" \w+){0,3}|and|to|they|it|tests?|now|correctly) (?:FAIL\b|fail(?!ing)\b|exits? non-?zero|be red|error"
    r" out)"
    r"|\bexits? (?:with )?(?:a )?non-?zero\b|\bFAILS?\b(?= (?:before|first|\())|\bexpect(?:ed|ing)? (?:a"
    r" )?failures?\b|\(red\)|\bRED (?:state|phase|first)\b|(?:失敗|失败)(?:を確認|すること)",
    needs="(red)|be red|error out|exit|expect|fail|red|失",
)
_NO_FAIL = Lazy(
    r"\b(?:if|when|any|no|fix|without|not) (?:\w+ ){0,3}$", re.IGNORECASE, needs="any|fix|if|no|not|when|without"
)
_EMPTY = Lazy(
    r"\b(?:expect(?:ed|ing)?:?|returns?|finds?|shows?|prints?|yields?|has|is|are|with|gives?|outputs?"
    r"|produces?|→|->|=)\W{0,3}(?:no|zero|0|nothing|empty)\b(?: (?:results?|matches|hits|output|lines"
    r"|occurrences|references|rows))?"
    r"|\bno (?:\S+ ){0,4}(?:exist|remain|left|found|references|imports|usages?|occurrences|hits|matches)\b"
    r"|\b(?:is|be|stays?|returns?|must be|output is) empty\b|\bclean\W+(?=git\b)|無結果|没有结果|結果なし",
    re.IGNORECASE,
    needs="0|clean|empty|exist|found|hits|imports|left|matches|no|occurrences|references|remain|usage|zero|"
    "没有结果|無結果|結果なし",
)
_NONEMPTY = Lazy(
    r"\b(?:returns?|finds?|shows?) (?:at least|one or more|≥ ?1|some)\b|\bnon-?empty\b",
    re.IGNORECASE,
    needs="empty|find|return|show",
)
_OTHER = Lazy(
    r"\b(?:visually|manual(?:ly)? (?:verif|check|inspect)\w*|compar(?:e|ison)\b|pre-?existing|pass rate"
    r"|baseline\b(?! \()|except\b|back-to-back|eyeball|screenshots?)"
    r"|\bno (?:\w+ ){0,3}(?:warnings|migrations)\b|\berrors or warnings\b|[≥≤><]=? ?\d|\b(?:under|below"
    r"|less than|within|at least|over|above|exceeds?) \d+|\d ?%|以上|\(should\b"
    r"|\bshould (?:connect|display|show|print|list|return)\b|\bexpected (?:output|result)|\bstarts both\b",
    re.IGNORECASE,
    needs="%|(should|<|>|above|at least|back-to-back|baseline|below|compar|exceed|except|existing|expected|"
    "eyeball|less than|manual|migrations|over|pass rate|screenshot|should|starts both|under|visually|"
    "warnings|within|≤|≥|以上",
)
_TELLS = names("list ls help inspect version --help info status tree show config ps")
_SEARCHES = names("grep rg ag egrep git find fd ls")
_STATUS = Lazy(
    r"\b(?:return(?:s|ing)?|respond(?:s|ing)?(?: with)?|status(?: code)?|HTTP|expect(?:ed|s)?|gives?"
    r"|answers?|→|->|=>|with)\W{0,4}(?:HTTP |status |code |a )*([1-5]\d\d)\b(?!\s*(?:ms|s\b|MB|KB|%|lines"
    r"|tests|rows|items))",
    re.IGNORECASE,
    needs="->|=>|answer|expect|give|http|respond|return|status|with|→",
)


def expected_of(prose: str, command: str, *, service: bool = False) -> str:
    """How the success of ``command`` is judged by the words around it: ``ok`` is exit status 0."""
    prose = prose[:4000]
    names = {program.name for program in programs_of(command)}
    searches = bool(names & _SEARCHES)
    failed = _FAIL.search(prose)
    if failed and not service and not _NO_FAIL.search(prose[max(failed.start() - 30, 0) : failed.start()]):
        return "fail"
    if searches and _EMPTY.search(prose):
        return "empty"
    if searches and _NONEMPTY.search(prose):
        return "nonempty"
    if _OTHER.search(prose) or _only_tells(prose, command):
        return "other"
    return "ok"


def _only_tells(prose: str, command: str) -> bool:
    """A command that only tells something, under a verb of checking: its exit status says little."""
    words = command.split()
    told = any(word in _TELLS for word in words[1:4]) and not words[0].endswith("env")
    return (
        told
        and re.match(r"[^a-z]*\b(?:verify|check|confirm|ensure|test)\b", prose.lstrip(" *_[]:"), re.IGNORECASE)
        is not None
    )


def expected_status(text: str) -> str | None:
    """The HTTP status that a text names, if it names one."""
    found = _STATUS.search(text[:400])
    return found.group(1) if found else None

"""The outcomes that the words of a task state of its command: exit codes, texts, numbers compared.

A purpose ("to make sure that everything works") claims nothing. An outcome that nothing can judge is kept as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from spec_runner.core.decide.predicate import NO_LITERAL, fails_elsewhere, said_right_behind
from spec_runner.core.decide.steps import Expectation

_STATES = re.compile(
    r"\b(?:confirm|verify|check|ensure|expect|assert|see|validate)\w*(?: that)?\b|[;:–—]|\s-\s|->|→|=>"
    r"|\b(?:should|must|with|which|and it)\b"
    r"|[.,]\s",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"^\W*(?:to|in order to|so that|so)\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(?:if|unless|or|either|about|approximately|around|roughly|may|might|could|when|e\.g|such as|like"
    r"|similar|ideally|likely)\b"
    r"|[~≈]|\bn't\b",
    re.IGNORECASE,
)
_EXIT = re.compile(r"\bexit(?:s|ed)?(?: (?:with|code|status|is|of|be|=))*[ :=]*`?(\d{1,3})`?(?![\d.%])", re.IGNORECASE)
_PRINTS = re.compile(
    r"\b(?:prints?|outputs?|shows?|displays?|contains?|includes?|reports?|says?)(?: (?:the|a|text"
    r"|message|string|word|line|value)){0,3}:? "
    r"(?:\"([^\"\n]{1,120})\"|“([^”\n]{1,120})”|`([^`\n]{1,120})`)",
    re.IGNORECASE,
)
_NUMBER = r"(?:of )?`?(\d+(?:\.\d+)?)`?"
_COMPARED = (
    (re.compile(rf"(?:at least|≥|>=|no less than|minimum(?: of)?) ?{_NUMBER}", re.IGNORECASE), ">="),
    (re.compile(rf"(?:above|over|more than|greater than|exceeds?|(?<![=-])>(?!=)) ?{_NUMBER}", re.IGNORECASE), ">"),
    (re.compile(rf"(?:at most|≤|<=|no more than|maximum(?: of)?) ?{_NUMBER}", re.IGNORECASE), "<="),
    (re.compile(rf"(?:below|under|less than|fewer than|(?<![=-])<(?!=)) ?{_NUMBER}", re.IGNORECASE), "<"),
)
_COVERAGE = re.compile(r"\bcoverage\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;]\s+(?=[A-Z*`])")
_GOES_ON = re.compile(r"\W*(?:expect|verify|confirm|ensure|check|must|should|it\b|output|the output)", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]+`")
_LITERAL_CUE = re.compile(
    r"(?:prints?|outputs?|shows?|displays?|contains?|includes?|reports?|says?|is|exits?|code|with|message|text|least"
    r"|than"
    r"|[≥≤<>=]|→)(?: (?:the|a|text|message|string|word|line|value))*:? ?$",
    re.IGNORECASE,
)
_ITSELF = re.compile(r"\b(?:it|count|result|output|number|value|total|score)\b[^.;]{0,20}$", re.IGNORECASE)
_OF_A_PART = re.compile(r"\s*%?(?: \w+)? (?:on|for|in|of)\b")
"""Coverage of some of the code: what a report tells is that of all."""
_UNIT = re.compile(r"\.\d|/|\s*(?:ms|s\b|sec|min|hours?|MB|KB|GB|kB|px)", re.IGNORECASE)
_ZERO = re.compile(r"\b(?:no|zero|0) (failures?|failed tests?|failing tests?|warnings?|errors?)\b", re.IGNORECASE)
_ALL_TESTS = re.compile(
    r"\ball (\d+)(?: \w+){0,2} tests? (?:pass|are green|succeed)|(?<![\w-])(\d+) tests? (?:pass(?!ed?\))|passing)",
    re.IGNORECASE,
)
_EQUALS = re.compile(
    r"(?:\b(?:count|number|output|result|value|total|it)(?: of \w+)? (?:is|equals|=|==|prints)|→|=>|->)"
    r" `?(\d+(?:\.\d+)?)`?(?=\s*(?:$|[;,)]|\.(?:\s|$)|and\b))",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:^:?|\b(?:expects?|expected|returns?|prints?|outputs?|shows?|finds?|exactly|gives|has|yields))"
    r"(?:\s+(?:exactly|only|just))?\s+(\d+) (?:lines?|match(?:es)?|hits?|results?)\b"
    r"(?! per| of code|\s*(?:or|max|min))",
    re.IGNORECASE,
)
"""How many lines are printed."""
_EXCEPTION = re.compile(
    r"\b(?:only the (?:known|expected|pre-?existing)"
    r"|(?<!no )(?<!zero )pre-?existing (?:[\w`-]+ ){0,2}(?:failures?|errors?|issues?)"
    r"|known failures?"
    r"|except(?: for)? (?:the|known|pre)|unrelated failures?)",
    re.IGNORECASE,
)  # fmt: skip
_SUBJECT_OF = {
    "failure": "failures",
    "failed": "failures",
    "failing": "failures",
    "warning": "warnings",
    "error": "errors",
}


_ASKS = re.compile(
    r"(?<![\w-])(?<!\bto )(?<!\bthen )(?:verify(?:ing)?|confirm(?:ing)?|ensur(?:e|ing)|assert(?:ing)?|check(?:ing)?"
    r"|make sure|compare|inspect(?:ing)?|observe|(?:scan|look)(?:ing)? for"
    r"|verifi(?:car|que|cando|er|ez)|vérifi(?:er|ez|e)|confirm(?:ar|ando|er|e)|comprobar|compruebe|certifi(?:car|que)"
    r"|prüfe\w*|überprüfe\w*|sprawd[zź]\w*|убеди\w+|провер[иья]\w*)(?![\w-])"
    r"([^.;]*(?:\.(?=\w)[^.;]*)*)|(?:并|並)?(?:验证|驗證|确认|確認)(?=[^。；，;,]{4})([^。；;]*)",
    re.IGNORECASE,
)
"""What is asked to be so besides that the command passes; "to verify" says only what the command is for."""
_PASSES = re.compile(
    r"\W*(?:[\w/'-]+\s+){0,6}?(?:pass\w*|succe\w*|works?|working|complet\w*|compil\w*|builds?|green|clean\w*|exits?|ok"
    r"|(?:regress|error|fail|issue|break|problem|warning)\w*|broke\w*|start\w*|install\w*|boots?|runs?|running|lint)\b"
    r"|[^。；，;,]{0,60}(?:通過|通过|成功|正常|启动|啟動|起動|无错误|無錯誤|没有错误|沒有錯誤)",
    re.IGNORECASE,
)
"""That the command passes, in other words."""
_JUDGES = re.compile(
    r"\b(?:tests?|pytest|vitest|jest|lint|check|validate|verify|type-?check|tsc|vet|fmt|format|clippy|mypy|ruff|pyright"
    r"|rustfmt|audit|playwright|cypress|quality|pre-commit)\b|--collect-only",
    re.IGNORECASE,
)
"""A command that judges by itself: what is to be confirmed is what it says."""


_DO = (
    "(?:use|produce|generate|create|write|contain|list|resolve|remove|delete|install|download|update|add|log|mention"
    "|print|show|report|return|display|include|exclude|prevent|reject|refuse|accept|detect|keep|leave|render|record|emit"
    "|find|fail|yield|give)"
)
_WORDS = re.compile(r"[^\W\u3000-\u9fff]+|[\u3000-\u9fff]{2}")
"""Words, and pairs of signs where none are parted by blanks."""
_DOES = re.compile(
    rf"[\s*_)]*((?:(?:it|now|also|still|only|correctly) +)*(?:{_DO}s|(?:should|must|will) (?:\w+ )?{_DO})\b"
    r"(?!\s*(?:[,;)]|\.\s|\.?$|and\b))(?:[^.;]|\.(?=\w))*"
    r"|(?:(?:finish|complet)es|runs|takes|stays) (?:in|under|within|below|less)\b(?:[^.;]|\.(?=\w))*"
    r"|(?:does(?: not|n't)|never|twice)\b(?:[^.;]|\.(?=\w))*"
    r"|(?:is|stays|remains) (?:idempotent|deterministic|reproducible|identical|unchanged|stable)\b[^.;]*)",
    re.IGNORECASE,
)
"""What a command is said to do, right behind it."""
_FINDS_NO_FAULT = re.compile(
    r"\b(?:no|zero|0|without)(?: any)? (?:\w+ ){0,3}(?:issue|error|finding|problem|warning|violation|vulnerabilit"
    r"|failure|regression|complaint)",
    re.IGNORECASE,
)
"""That it finds no fault: its exit status says so."""


def judges_itself(command: str) -> bool:
    """Whether a command is a check, so that it passes says what there is to say."""
    return _JUDGES.search(command) is not None


def unjudged_behind(prose: str, text: str, commands: Iterable[str]) -> str:
    """What words ask to be so besides that commands pass: "and verify the bundle is small"; empty for nothing.

    ``prose`` is ``text`` with its code blank, every position unchanged.
    """
    if any(map(judges_itself, commands)):
        return ""
    does = _DOES.match(text)
    if does and not _FINDS_NO_FAULT.search(does[1]):
        return " ".join(does[1].split())
    for found in _ASKS.finditer(prose[:4000]):
        start, end = found.span(found.lastindex or 0)
        words = text[start:end].strip(" :*_(").removeprefix("that ")
        # A command that is to be verified is no outcome: there must be words.
        has_words = len(_WORDS.findall(prose[start:end])) > 1 and re.match(r"[`\w.]", words)
        if has_words and not _PASSES.match(prose[start:end]):
            return " ".join(words.split())
    return ""


def outcomes_behind(words: str, line: int) -> tuple[Expectation, ...]:
    """What the words behind the only command of a task state of it."""
    if _EXCEPTION.search(words[:400]) or fails_elsewhere(words):
        return (Expectation("exit", "any", line, False),)
    return tuple(dict.fromkeys(_outcomes(_about_it(words[:400]), line)))


_BEFORE = re.compile(
    r"(?:\b(?:confirm|verify|check|ensure|expect|assert|validate)(?:ing|s|ed)?(?: that)?\b|^\W*(?=exit|coverage))"
    r"(?P<said>[^`]*?)(?:[:：]|\b(?:with|using|via|by running|from running|when running|on)|[(→])[\s*_(]*$",
    re.IGNORECASE,
)
"""What is asked before the command that shows it: "Verify coverage > 80 % with …", "Expect 3 lines: …"."""


def outcomes_before(words: str, line: int) -> tuple[Expectation, ...]:
    """What the words before the only command of a task state of it."""
    said = _BEFORE.search(_SENTENCE.split(words[-400:])[-1])
    if said is None or _EXCEPTION.search(words[-400:]):
        return ()
    return tuple(dict.fromkeys(_outcomes(f": {said['said']}", line)))


def _about_it(words: str) -> str:
    """The words up to where they speak of something else: another sentence, another command."""
    sentences = _SENTENCE.split(words)
    kept = [sentences[0], *takewhile(_GOES_ON.match, sentences[1:])]
    text = ". ".join(kept)
    for code in _CODE.finditer(text):
        if not _LITERAL_CUE.search(text[: code.start()]):
            return text[: code.start()]
    return text


def _outcomes(words: str, line: int) -> Iterator[Expectation]:
    if _PURPOSE.match(words) or _HEDGED.search(words):
        return
    yield from said_right_behind(words, line)
    if not _STATES.search(words):
        return
    for each in _EXIT.finditer(words):
        yield Expectation("exit", each.group(1), line, True)
    for each in _PRINTS.finditer(words):
        text = each.group(1) or each.group(2) or each.group(3)
        if not NO_LITERAL.search(text):
            yield Expectation("text", text, line, True)
    yield from _numbers(words, line)


def _numbers(words: str, line: int) -> Iterator[Expectation]:
    for each in _ZERO.finditer(words):
        subject = next(value for key, value in _SUBJECT_OF.items() if each.group(1).lower().startswith(key))
        yield Expectation("number", f"{subject} = 0", line, True)
    tests = _ALL_TESTS.search(words)
    if tests:
        # Suites grow: what was all of them then is some of them now.
        yield Expectation("number", f"tests >= {tests.group(1) or tests.group(2)}", line, True)
    for pattern, sign in _COMPARED:
        for each in pattern.finditer(words):
            before, after = words[: each.start()], words[each.end() :]
            subject = "coverage" if _COVERAGE.search(words) else _subject(before, after)
            if subject and not _UNIT.match(after) and not (subject == "coverage" and _OF_A_PART.match(after)):
                yield Expectation("number", f"{subject} {sign} {each.group(1)}", line, True)
    counted = _COUNTED.search(words)
    if counted:
        yield Expectation("number", f"lines = {counted.group(1)}", line, True)
    equal = _EQUALS.search(words)
    if equal and not tests:
        yield Expectation("number", f"output = {equal.group(1)}", line, True)


def _subject(before: str, after: str) -> str:
    """What is counted: tests, failures, warnings, errors, or the only number of the output; nothing for all else."""
    named = re.match(r"\s*(?:\w+ )?(tests?|failures?|warnings?|errors?)\b", after, re.IGNORECASE)
    if named:
        return f"{named.group(1).lower().rstrip('s')}s"
    return "output" if _ITSELF.search(before) and not re.match(r"\s*%", after) else ""


# Judged.

_TOTALS = {
    "coverage": (
        r"^TOTAL\b.*?(\d+(?:\.\d+)?)%", r"^All files\s*\|\s*(\d+(?:\.\d+)?)",
        r"\bcoverage: (\d+(?:\.\d+)?)% of statements", r"^(?:Lines|Statements)\s*:\s*(\d+(?:\.\d+)?)%",
        r"^total:\s+\(statements\)\s+(\d+(?:\.\d+)?)%", r"(\d+(?:\.\d+)?)% coverage",
        r"[Cc]overage:? +(\d+(?:\.\d+)?)%",
    ),
    "tests": (
        r"^Tests:.*?\b(\d+) passed", r"\b(\d+) passed\b", r"^\s*(\d+) passing\b", r"^Ran (\d+) tests?\b",
        r"^ℹ pass (\d+)", r"^# pass (\d+)", r"Passed: +(\d+)", r"^(\d+) examples?, 0 failures",
    ),
    "failures": (
        r"\b(\d+) failed\b", r"^\s*(\d+) failing\b", r"\bfailures=(\d+)", r"^ℹ fail (\d+)", r"^# fail (\d+)",
        r"Failed: +(\d+)", r"\b(\d+) failures?\b",
    ),
    "warnings": (r"\b(\d+) [Ww]arning(?:s|\(s\)|\b)",),
    "errors": (r"\b(\d+) [Ee]rror(?:s|\(s\)|\b)",),
}  # fmt: skip
_PASSED = re.compile(r"\b\d+ (?:passed|passing)\b|^OK$|^ok\s", re.MULTILINE)
_WARNING = re.compile(r"^(?:.*: )?warning\b", re.IGNORECASE | re.MULTILINE)
_ERROR = re.compile(r"^(?:.*: )?error\b", re.IGNORECASE | re.MULTILINE)


def number_seen(subject: str, output: str) -> float | None:
    """The number that an output tells of a subject; None where nobody can say which one it is."""
    if subject == "lines":
        rows = [row for row in output.splitlines() if row.strip()]
        only = number_seen("output", output) if len(rows) == 1 else None
        return only if only is not None and re.match(r"\s*\d+\b", output) else float(len(rows))
    if subject == "output":
        found = re.findall(r"(?<![\w.:/-])-?\d+(?:\.\d+)?(?![\w.:/-])", output)
        return float(found[0]) if len(found) == 1 else None
    for pattern in _TOTALS.get(subject, ()):
        found = re.findall(pattern, output, re.MULTILINE)
        if found:
            return sum(map(float, found)) if subject != "coverage" else float(found[-1])
    if subject == "failures":
        return 0.0 if _PASSED.search(output) else None
    if subject in ("warnings", "errors"):
        return float(len((_WARNING if subject == "warnings" else _ERROR).findall(output)))
    return None


def unmet_number(wanted: str, output: str) -> str | None:
    """What was expected and what came instead; None where it came."""
    subject, sign, limit = wanted.split()
    seen, bound = number_seen(subject, output), float(limit)
    assert seen is not None, "asked only where it was seen"
    holds = {">=": seen >= bound, ">": seen > bound, "<=": seen <= bound, "<": seen < bound, "=": seen == bound}[sign]
    name = "" if subject == "output" else f"{subject} "
    return None if holds else f"expected {name}{sign} {limit}, got {seen:g}"

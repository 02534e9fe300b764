"""The comments in a fence, the words and the output below it → what its commands are expected to print or answer.

Most expectations are prose: they are kept to be shown. One is checked only where its words are plain: a status for one
request, an exit status, a quoted text, a block of output, the fields of a JSON object. A check that is wrong is worse
than one that is not made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from spec_runner.core.decide.answers import HTTPIE
from spec_runner.core.decide.expectation import literal_lines, read_json
from spec_runner.core.decide.headings import says
from spec_runner.core.decide.shape import program_is_known
from spec_runner.core.decide.steps import Expectation, Step
from spec_runner.core.decide.success import says_failure, says_nothing
from spec_runner.core.shell.grammar import read_statements
from spec_runner.core.shell.programs import Program, names, programs_of

_LEAD = re.compile(
    r"\W*(?:expect(?:s|ed)?\b|should\b|must\b|→|=>|output\b|response\b|returns?\b|prints?\b|预期|預期|期待)",
    re.IGNORECASE,
)
"""A comment that speaks of the command above it."""
_OPENS_BLOCK = re.compile(
    r"\bexpected\b(?: \w+){0,2}"
    r"|\b(?:should|must|will)(?: also)? (?:see|print|show|output|return|display|read|contain|look like)"
    r"(?: \w+){0,3}|\byou(?:'ll)? see|预期\w*|預期\w*|期待\w*",
    re.IGNORECASE,
)
_ROUGH = re.compile(
    r"\b(?:if|unless|when(?:ever)?|otherwise|or|either|examples?|e\.g|like|similar|such as|about|approximately|around"
    r"|may|might|could|can|depend\w*|something|some|any|not|no|never|without|sample|typical(?:ly)?|partial|excerpt|simplified"
    r"|abbreviated|truncated|until|before|after|then|once|each|all|every|both|first|second)\b|n't\b|[~≈≥≤]|或",
    re.IGNORECASE,
)
"""Words that make an expectation one of several, or not meant to the letter."""
_ROUGH_BLOCK = re.compile(
    r"\b(?:examples?|e\.g|similar|like|may|might|could|can|depend\w*|something|sample|typical(?:ly)?|partial|excerpt"
    r"|simplified|abbreviated|truncated|if|unless|when|format|structure|schema|shape|types?|behaviou?r|fields?|tables?"
    r"|columns?|files?|packages|times?|results?|outcomes?|metrics|includes?|contains?|including)\b|[~≈]",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"(?:\b(?:http|status|code|returns?|responds?|responds? with|answers?(?: with)?|be|with|get|receive|expected"
    r"|expect|response)\b|→|=>"
    r"|预期|預期|期待)[^\w{\[]{0,6}(?:(?:an?|http|status|code|response|is|be|with|of)[^\w{\[]{1,4}){0,4}"
    r"(?:\(\s*)?([1-5]\d\d)\b(?!\s*(?:ms|s\b|MB|KB|GB|%|lines|tests?|rows|items|records|files|px|[-–]\s*\d)|[.,:/]\d|\+)",
    re.IGNORECASE,
)
_STATUSES = names(
    "100 101 200 201 202 203 204 205 206 301 302 303 304 307 308 400 401 402 403 404 405 406 408 409 410 411 412 413"
    " 414 415 416 417 418 422 423 424 425 426 428 429 431 451 500 501 502 503 504 505 507 511"
)
_EXIT = re.compile(
    r"^\W*(?:(?:expected|must|should|expect)\W+)*(?:exits?|exit code|exit status)\b"
    r"(?: (?:with|code|status|is|be|should be))*"
    r"[:=]? ?(\d{1,3})\b(?! (?:on|for|of))",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"(?:^\W{0,3}expected(?: output)?(?:\*\*)?:(?:\*\*)?\s*(?:output )?"
    r"|\b(?:should|must|will|to|and)? ?(?:print|output|see|show|display|echo|return)s?"
    r"(?: the (?:text|line|message))?:? )(?:`([^`]+)`|\"([^\"]+)\"|“([^”]+)”)\s*[.!)]*\s*"
    r"(?:\([^()]*\)\s*)?$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^\W*(?:(?:should|must|will) (?:print|output|echo)|prints|outputs):? ([A-Za-z]{2,20}|[✓✔✅] ?\w+)\s*[.!)]*$"
    r"|^\W*(?:it )?(?:prints|outputs|shows) (\d{1,6})\W*$",
    re.IGNORECASE,
)
_JSON_STATED = re.compile(
    r"(?:→|=>|[:：]|\b(?:returns?|responds?(?: with)?|answers?(?: with)?|prints?|outputs?))\s*"
    r"(?:\d{3}(?: \w+){0,2} )?`?([{\[].*[}\]])`?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^\W*(?:(?:you(?:'ll)?|it|this|that|command|the (?:command|script|program|output|terminal)|output|terminal)\W+)?"
    r"(?:expected|should|must|will|see|prints?|outputs?|shows?|returns?|→|=>)",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"^[/.~$]|[\\/]\w+[\\/]|\.{3}|…|<[^>]*>|\{|\[[A-Za-z]|\d{3,}|\bxx+|^[\w.-]+\.(?:\w{1,4})$|^[\w.-]+(?:/[\w.-]*)+$|^[\w-]+\(\)$",
    re.IGNORECASE,
)
"""Quoted, but a path, a file, a route, a placeholder: not a text that is printed as it stands."""
_ANSWERS = re.compile(
    r"\W*(?:you(?:'ll)?\b|it\b|this\b|that\b|the (?:response|request|server|api|endpoint|answer|call|command)\b|"
    r"expect(?:s|ed)?\b|should\b|must\b|responses?\b|returns?\b|http\b|status\b|→|=>|预期|預期|期待)",
    re.IGNORECASE,
)
_TWO_WAYS = re.compile(
    r"\b(?:if|unless|when(?:ever)?|otherwise|or|either|may|might|could|can|depend\w*|until|except|not|never|for|on)\b|n't\b|或",
    re.IGNORECASE,
)
_SAMPLE_IDENTITY = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b|\beyJ[\w-]{8,}"
    r"|\b(?:authorization|cookie|x-api-key|api-key): ?(?:\w+ )?(?![\w ]*\$)[\w.-]{3,}|/(?:[A-Z]+_)*ID\b",
    re.IGNORECASE,
)
"""A key, a token, an ID that some run gave out once: nobody else will be answered the same."""
_AFTER_STATUS = re.compile(r"\s*(?:$|[.,;:!)\]*—–→\"/-]|\(|[A-Z]|with\b|and\b|from\b|status\b|response\b|error\b|ok\b)")
_CHECKBOX = re.compile(r"\W*\[[ xX]\] ")
_CLAUSE = re.compile(r"(?<=[.;!?])\s|\s(?:and|then|but) (?=[a-z`])|,\s")
"""Where another clause begins, which may be of something else."""
_PIECE = re.compile(r"`[^`]*`|\"[^\"]*\"|\{[^{}]*\}")
_PLACE = re.compile(r"(?:in|from|at|inside|under) (?:the )?`[^`]*`$")
_BEGINS = re.compile(
    r"\W*(?:(?:and |to |that it |which |it )?(?:verify|confirm|ensure|expect|check)? ?(?:that )?(?:it )?)?"
    r"(?:should |must )?"
    r"(?:returns?|responds?|answers?|prints?|outputs?|shows?|exits?|expect(?:s|ed)?|status|HTTP|→|=>)",
    re.IGNORECASE,
)
_NO_OUTCOME = re.compile(
    r"\W*(?:→|=>)\s*(?:(?:then|and)\s+)?(?:(?:verify|confirm|ensure|check)\s+(?:that\s+)?(?:all|everything|it|tests?|no|zero)\s+"
    r"(?:pass\w*|regress\w*|errors?|failures?|works?)\W*$|(?:capture|save|record|write|copy|redirect)\b|`(?:\./|[\w.-]+/)\S*`\W*$)",
    re.IGNORECASE,
)
"""Behind an arrow: that it passes, or where its output goes."""
_SILENT = names(
    "cd pushd popd export source . set unset alias mkdir touch rm cp mv chmod chown sleep true test [ [[ umask ulimit"
    " wait"
)
_OWN = names(
    "python python3 py node ruby php perl bash sh zsh deno bun go cargo dotnet java tsx ts-node"
    " cat echo printf jq sed awk"
)
"""Programs that print what their files or words say, not what their makers do."""
_OUTPUTS = names("text txt json jsonc output console plaintext log") | {""}
"""The languages of fences that show what is printed."""
_INDENT = re.compile(r"[ \t>]*")
_LONGEST = 200


class Signs(NamedTuple):
    """What a command can be heard to say."""

    requests: int
    is_alone: bool
    """It is one command, so that what it answers is the answer."""
    shows_status: bool
    prints: bool
    """Its output is printed, not put into a file or a variable."""
    is_own: bool
    """What it prints is the project's own, not the layout of some tool."""


def signs_of(step: Step) -> Signs:
    """What can be heard of a step."""
    return _signs(step.command) if step.kind == "command" else Signs(0, False, False, False, False)


@lru_cache(maxsize=64)
def _signs(command: str) -> Signs:
    statements, programs = read_statements(command), programs_of(command)
    requests = [program for program in programs if program.row.kind == "request"]
    is_alone = len(statements) == 1 and not statements[0].compound and not statements[0].is_background
    is_sample = bool(requests) and _SAMPLE_IDENTITY.search(command) is not None
    last = programs[-1] if programs else None
    kept = bool(last and last.command.writes) or any(value.startswith(("$(", "`")) for value in _values(programs))
    return Signs(
        len(requests),
        is_alone,
        is_alone and len(requests) == 1 and not is_sample and _tells_status(requests[0]),
        is_alone
        and not kept
        and not is_sample
        and not any(program.has("-o", "-O", "--output", "-q", "--quiet") for program in requests),
        is_alone and last is not None and (last.name in _OWN or not program_is_known(last.name)),
    )


def _values(programs: Iterable[Program]) -> Iterator[str]:
    return (value for program in programs for _, value in program.command.assignments)


def _tells_status(program: Program) -> bool:
    if program.name == "curl":
        # Its answer is seen beside what it prints; only where it reads no settings it is not.
        return not program.has("-q", "--disable", "-Z", "--parallel") and program.command.words[:1] != ("xargs",)
    if program.name == "wget":
        return not program.has("-q", "--quiet", "-nv", "--no-verbose")
    return program.has("-h", "--headers", "-v", "--verbose") or program.name in HTTPIE


class Row(NamedTuple):
    """One row of text and its line in the document."""

    text: str
    line: int


def expect_in_fence(steps: tuple[Step, ...], rows: list[Row], below: list[Row]) -> tuple[Step, ...]:
    """The steps of a fence with what its comments and the words ``below`` it say of them."""
    expected = {index: list(_of_comments(step, index, steps, rows)) for index, step in enumerate(steps)}
    speaking = [index for index, step in enumerate(steps) if _speaks(step)]
    last = speaking[-1] if speaking else len(steps) - 1
    since = last if len(speaking) > 1 and _all_own(steps[: last + 1]) else 0
    expected[last] += _of_words(steps[last], below, is_clear=len(speaking) == 1, since=since)
    return tuple(_with(step, expected[index]) for index, step in enumerate(steps))


def _all_own(steps: Iterable[Step]) -> bool:
    """Each of them can be heard, and prints what is the project's own."""
    signs = [signs_of(step) for step in steps if _speaks(step)]
    return all(each.prints and each.is_own and not each.requests for each in signs)


def expect_printed(steps: list[Step], printed: str, line: int) -> list[Step]:
    """The steps of a task with a block below them that shows what they print, all together."""
    if not steps or any(step.kind != "command" for step in steps) or not _all_own(steps):
        return steps
    found = _of_block(printed, Row("expected output", line), steps[-1], is_clear=True)
    told = [each._replace(since=len(steps) - 1) for each in found if each.kind == "output" or len(steps) == 1]
    return [*steps[:-1], _with(steps[-1], told)]


def opens_output(text: str) -> bool:
    """Whether words say that what stands below them is what is printed."""
    is_plain = _OPENS_BLOCK.search(text) is not None and not _ROUGH_BLOCK.search(text)
    return is_plain or re.match(r"[\s*_]*(?:expected )?output[\s*_]*:?[\s*_]*$", text, re.IGNORECASE) is not None


def expect_below(step: Step, printed: str) -> Step:
    """The step with what a terminal that is shown prints below it."""
    row = Row("expected output", step.line)
    return _with(step, list(_of_block(printed, row, step, is_clear=True))) if printed else step


def expect_behind(step: Step, words: str) -> Step:
    """The step of a task with what the words behind its command plainly say of it; the rest is in its title."""
    if step.command.count("\n"):
        return step
    clauses = _clauses(words.lstrip(" ,:–—-"))
    sentence = clauses[1] if len(clauses) > 1 and _PLACE.match(clauses[0]) else clauses[0]
    if not _BEGINS.match(sentence) or _NO_OUTCOME.match(sentence):
        return step
    return _with(step, _said(Row(sentence, step.line), step, is_clear=True, is_comment=True))


def _clauses(words: str) -> list[str]:
    """The clauses of a sentence; what stands between quotes or in code is of one."""
    plain = _PIECE.sub(lambda found: "x" * len(found.group()), words)
    ends = [found.span() for found in _CLAUSE.finditer(plain)]
    starts, stops = (0, *(end for _, end in ends)), (*(start for start, _ in ends), len(words))
    return [words[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _speaks(step: Step) -> bool:
    programs = programs_of(step.command) if step.kind == "command" else ()
    return step.kind == "service" or any(program.name not in _SILENT for program in programs)


def _with(step: Step, expected: list[Expectation]) -> Step:
    once = tuple(_judged_already(each, step) for each in dict.fromkeys((*step.expectations, *expected)))
    statuses = {each.text for each in once if each.kind == "status" and each.checked}
    exits = {each.text for each in once if each.kind == "exit" and each.checked}
    if len(statuses) > 1 or len(exits) > 1:
        once = tuple(each._replace(checked=each.checked and each.kind not in ("status", "exit")) for each in once)
        statuses, exits = set(), set()
    expect = step.expect
    if expect in ("ok", "other") and statuses:
        expect = statuses.pop()
    if expect in ("ok", "other") and exits - {"0"}:
        expect = "fail"
    return step._replace(expect=expect, expectations=once)


def _judged_already(expected: Expectation, step: Step) -> Expectation:
    """A sentence that the judgement of the whole command stands for."""
    if expected.kind == "words" and (
        (step.expect == "fail" and says_failure(expected.text))
        or (step.expect == "empty" and says_nothing(expected.text))
    ):
        return expected._replace(checked=True)
    return expected


# Comments.


def _of_comments(step: Step, index: int, steps: tuple[Step, ...], rows: list[Row]) -> Iterator[Expectation]:
    first = step.line
    last = first + step.command.count("\n")
    before = steps[index - 1] if index else None
    above = _comments_above(rows, first, before)
    at_end = re.search(r"(?:^|\s)#\s+(.*)$", _at(rows, last)) if "#" in _at(rows, last) else None
    chunks = [above] if above and not (_LEAD.match(above[0].text) and _is_just_below(before, above)) else []
    chunks += [[Row(at_end.group(1), last)]] if at_end else []
    below, follows = _comments_below(rows, last)
    chunks += [below] if below and (not follows or _LEAD.match(below[0].text)) else []
    for chunk in chunks:
        is_lead = (
            chunk is not below or not follows or re.match(r"\W*(?:expect|→|=>|output|response)", chunk[0].text, re.I)
        )
        for each in _of_chunk(chunk, step):
            yield each if is_lead else each._replace(checked=False)


def _is_just_below(before: Step | None, above: list[Row]) -> bool:
    return before is not None and before.line + before.command.count("\n") == above[0].line - 1


def _at(rows: list[Row], line: int) -> str:
    index = line - rows[0].line if rows else -1
    return rows[index].text if 0 <= index < len(rows) else ""


def _comments_above(rows: list[Row], first: int, before: Step | None) -> list[Row]:
    """The comment rows directly above a line."""
    found, line = [], first - 1
    while _at(rows, line).lstrip().startswith("#"):
        found.append(Row(_uncommented(_at(rows, line)), line))
        line -= 1
    return found[::-1]


def _comments_below(rows: list[Row], last: int) -> tuple[list[Row], bool]:
    """The comment rows directly below a line, and whether a command follows them at once."""
    found, line = [], last + 1
    while _at(rows, line).lstrip().startswith("#"):
        found.append(Row(_uncommented(_at(rows, line)), line))
        line += 1
    return found, bool(_at(rows, line).strip())


def _uncommented(row: str) -> str:
    return re.sub(r"^\s*#+ ?", "", row)


def _of_chunk(chunk: list[Row], step: Step) -> Iterator[Expectation]:
    """What the rows of one comment say: a block below a lead, else each row for itself."""
    for index, row in enumerate(chunk):
        rest = chunk[index + 1 :]
        if rest and row.text.rstrip().endswith((":", "：")) and _OPENS_BLOCK.search(row.text):
            yield from _of_block("\n".join(each.text for each in rest), row, step, is_clear=True)
            return
        if says(row.text):
            yield from _said(row, step, is_clear=True, is_comment=True)


# Words and fences below.


def _of_words(step: Step, below: list[Row], *, is_clear: bool, since: int = 0) -> Iterator[Expectation]:
    """What the words and the output below a fence say; ``is_clear``: only one command can be meant.

    ``since`` is how many steps before this one may print part of it.
    """
    lead: Row | None = None
    for index, row in enumerate(below):
        text = row.text.strip()
        fence = re.match(r"(`{3,}|~{3,})\s*(\w*)", text)
        if fence:
            if lead and fence.group(2).lower() in _OUTPUTS:
                found = _of_block(_inside(below[index:], fence.group(1)), lead, step, is_clear=is_clear or since > 0)
                for each in found:
                    of_all = since if each.kind == "output" else 0
                    yield each._replace(checked=each.checked and (is_clear or of_all > 0), since=of_all)
            return
        if _is_over(text, lead, index):
            return
        yield from _of_row(Row(text, row.line), lead, step, is_clear=is_clear)
        if _ends_open(text) and says(text):
            lead = Row(_bare(text), row.line)
            yield from _statuses(lead, step, is_clear=is_clear)


def _is_over(text: str, lead: Row | None, index: int) -> bool:
    """Whether a row below a fence speaks of something else."""
    if not text:
        return lead is None and index > 0
    if lead is not None:
        return not _is_item(text)
    return index > 1 and not _is_item(text) and not _ends_open(text) and not says(text)


def _of_row(row: Row, lead: Row | None, step: Step, *, is_clear: bool) -> Iterator[Expectation]:
    if not says(row.text):
        if row.text and lead is not None:
            yield _words(row)
        return
    # What stands in a list without a lead is of the whole part, or to be ticked off by hand.
    clear = is_clear and (lead is not None or not _is_item(row.text))
    for sentence in _sentences(row.text) if not row.text.endswith((":", "：")) else ():
        if says(sentence):
            yield from _said(Row(sentence, row.line), step, is_clear=clear)


def _ends_open(text: str) -> bool:
    return re.search(r"[:：]\**\s*(?:\([^()]*\))?\**$|\*\*\s*(?:\([^()]*\))\s*:?\**$", text) is not None


def _is_item(text: str) -> bool:
    return re.match(r"[-*+] |\d+[.)] ", text) is not None


def _bare(text: str) -> str:
    return re.sub(r"\*\*|__|^[-*+] |^\d+[.)] ", "", text).strip()


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.;!?])\s+(?=[A-Z`*\"])", _bare(text)) if part]


def _inside(rows: list[Row], mark: str) -> str:
    """The text of the fence that opens on the first row, without the indentation of its mark."""
    found = _INDENT.match(rows[0].text)
    indent = found.end() if found else 0
    inside = []
    for row in rows[1:]:
        if row.text.strip().startswith(mark):
            break
        inside.append(row.text[indent:] if not row.text[:indent].strip(" \t>") else row.text)
    return "\n".join(inside)


def _of_block(block: str, lead: Row, step: Step, *, is_clear: bool) -> Iterator[Expectation]:
    signs = signs_of(step)
    plain = _OPENS_BLOCK.search(lead.text) is not None and not _ROUGH_BLOCK.search(lead.text)
    checked = plain and is_clear and signs.prints
    if block.lstrip().startswith(("{", "[")):
        value = read_json(block)
        if value:
            yield Expectation("json", block.strip(), lead.line, checked and isinstance(value, (dict, list)))
            return
    if block.strip():
        meant = checked and signs.is_own and not signs.requests and bool(literal_lines(block))
        yield Expectation("output", block.strip("\n"), lead.line, meant)


# Sentences.


def _said(row: Row, step: Step, *, is_clear: bool, is_comment: bool = False) -> list[Expectation]:
    """What one sentence expects."""
    stated = _JSON_STATED.search(row.text)
    around = Row(row.text[: stated.start(1)] if stated else row.text, row.line)
    found = list(_statuses(around, step, is_clear=is_clear, is_comment=is_comment))
    return found + _said_json(row, stated, step, is_clear=is_clear) or [
        _said_exit(row, step, is_clear=is_clear) or _said_text(row, step, is_clear=is_clear) or _words(row)
    ]


def _said_json(row: Row, stated: re.Match[str] | None, step: Step, *, is_clear: bool) -> list[Expectation]:
    value = read_json(stated.group(1)) if stated else None
    if not stated or not value:
        return []
    clear = is_clear and signs_of(step).prints and not _is_rough(row.text, stated)
    return [Expectation("json", stated.group(1), row.line, clear)]


def _said_exit(row: Row, step: Step, *, is_clear: bool) -> Expectation | None:
    found = _EXIT.match(row.text)
    if not found or step.kind != "command":
        return None
    return Expectation("exit", found.group(1), row.line, is_clear and not _is_rough(row.text, found))


def _said_text(row: Row, step: Step, *, is_clear: bool) -> Expectation | None:
    signs, text = signs_of(step), row.text.strip()
    clear = is_clear and signs.prints and not signs.requests
    answers = is_clear and signs.prints and signs.requests == 1 and re.search(r"\b(?:print|output|return)", text)
    quoted = _QUOTED.search(text)
    if quoted and _SUBJECT.match(text):
        wanted = quoted.group(1) or quoted.group(2) or quoted.group(3)
        if not _NO_TEXT.search(wanted) and not _is_rough(text, quoted):
            return Expectation("text", wanted, row.line, clear or bool(answers))
    bare = _BARE.match(text)
    if not bare:
        return None
    is_number = bare.group(2) is not None
    return Expectation("text", bare.group(1) or bare.group(2), row.line, clear and (signs.is_own or is_number))


def _words(row: Row) -> Expectation:
    return Expectation("words", _bare(row.text.strip())[:_LONGEST], row.line, False)


def _is_rough(text: str, found: re.Match[str]) -> bool:
    return _ROUGH.search(_without(text, found)) is not None


def _without(text: str, found: re.Match[str]) -> str:
    """The text without what was found at its end: a quoted text may say what it likes."""
    return text[: found.start(found.lastindex or 0)]


def _statuses(row: Row, step: Step, *, is_clear: bool, is_comment: bool = False) -> Iterator[Expectation]:
    """The status that a sentence names, if it names one; checked where this command's answer can be told to have it."""
    found = [
        each
        for each in _STATUS.finditer(row.text)
        if each.group(1) in _STATUSES and _AFTER_STATUS.match(row.text[each.end() :])
    ]
    if not found or not any(program.row.kind == "request" for program in programs_of(step.command)):
        return
    others = {each for each in re.findall(r"\b[1-5]\d\d\b", row.text) if each in _STATUSES}
    around = row.text[: found[0].start()] + re.sub(r"^(?: [A-Z][\w'-]*)+", "", row.text[found[0].end() :])
    meant = not _CHECKBOX.match(row.text) and (is_comment or _ANSWERS.match(row.text) is not None)
    clear = is_clear and meant and len(others) == 1 and not _TWO_WAYS.search(around)
    yield Expectation("status", found[0].group(1), row.line, clear and signs_of(step).shows_status)

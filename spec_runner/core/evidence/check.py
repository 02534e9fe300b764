"""Documents → findings: ticks that contradict themselves, the tree or the guide; commands that are not portable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from spec_runner.core.decide.headings import systems_named
from spec_runner.core.decide.portability import cannot_work
from spec_runner.core.plan.flow import only_leads_here
from spec_runner.core.plan.model import GUIDE, PlannedSpec, PlannedStep
from spec_runner.core.text.document import Document, Task

CODES = {
    "SR101": "a ticked task says itself that it failed, was skipped, deferred or not run",
    "SR102": "an ID stands on two tasks",
    "SR103": "an ID is lower than the one before it",
    "SR104": "a ticked task created a file that is not in the repository and never was",
    "SR105": "a ticked task validated a guide that cannot be followed as it stands: a placeholder",
    "SR106": "a fence is never closed",
    "SR107": "a line looks like a task and is none",
    "SR201": "a command cannot work on Windows",
    "SR202": "a command cannot work on macOS",
    "SR203": "a command cannot work on Linux",
}
"""Each code and what it means."""

_PORTABILITY = {"Windows": "SR201", "macOS": "SR202", "Linux": "SR203"}
_DENIED = re.compile(
    r"(?:[(\[*]|[—–-] |: )(?:(?:FAILED|SKIPPED|DEFERRED|BLOCKED|NOT (?:RUN|DONE|IMPLEMENTED|EXECUTED|VERIFIED))\b"
    r"|(?:skipped|deferred|not (?:yet )?(?:run|done|implemented|executed|verified|tested))"
    r"(?=\s*(?:[)\]*:;,.—–-]|$| (?:as|because|due|since|until|for now|to|in|on)\b)))"
    r"|, (?:skipped|deferred|not (?:yet )?run)(?=\))"
)
"""Where people write such a word for the whole task: in brackets, in bold, or behind a dash or a colon."""
_CREATES = re.compile(r"\W*(?:create|add|write|scaffold|generate)\b(?! (?:tests? )?(?:to|in|into)\b)", re.IGNORECASE)
_NO_NEW_FILE = re.compile(
    r"\b(?:to|in|into|inside|within|from|of|for|using|by|per|see|like|as|under|with|and|or)\s+$", re.IGNORECASE
)
_NEW_FILE = re.compile(
    r"(?:file|module|script|page|component|config\w*|test|suite|at|new)\s+$|^\W*\w+\s+(?:an? |the )?$", re.IGNORECASE
)
_FILE = re.compile(
    r"(?:\.?/)?(?:[\w.@+-]+/)+[\w.@+-]*\.[A-Za-z]\w{0,5}$|[\w-]+\.(?:md|ya?ml|toml|json|py|ts|tsx|js|go|rs|sh|sql)$"
)


_LINE = re.compile(
    r"^[ \t>]*(?:(?:[-*+] +)?(?P<mark>`{3,}|~{3,})(?P<rest>[^`\n]*)$"
    r"|(?P<bullet>[-*+])(?:\[[ xX]?\]|[ \t]+\[\]|[ \t]+\[[ xX]\](?=\w))(?![(\[:]))",
    re.MULTILINE,
)
"""A fence's first or last line, or a box without its blanks, or with nothing in it."""


class Finding(NamedTuple):
    """Something that a reader should look at."""

    document: str
    line: int
    code: str
    message: str


def check_spec(spec: PlannedSpec, has_file: Callable[[str], bool] | None) -> list[Finding]:
    """Every finding in a spec, in the order of its documents and lines.

    ``has_file`` says whether the repository has or ever had a file; None where nobody can say.
    """
    found: list[Finding] = []
    if spec.read.tasks is not None:
        name = spec.read.tasks_name
        for line, code, message in _check_tasks(spec, spec.read.tasks, has_file):
            found.append(Finding(name, line, code, message))
    for line, code, message in _check_guide(spec):
        found.append(Finding(GUIDE, line, code, message))
    return sorted(found, key=lambda each: (each.document == GUIDE, each.line, each.code))


_Told = Iterator[tuple[int, str, str]]


def _check_tasks(spec: PlannedSpec, document: Document, has_file: Callable[[str], bool] | None) -> _Told:
    yield from _check_ids(document)
    yield from _check_lines(document)
    for planned in spec.tasks:
        task = planned.task
        if task.is_ticked:
            denied = _DENIED.search(task.text.prose)
            if denied:
                yield task.line, "SR101", f"{_name(task)} is ticked and says {denied.group().strip(' ([*—–-:,')!r}"
            for path in claimed_files(task) if has_file else ():
                if has_file and not has_file(path):
                    yield (
                        task.line,
                        "SR104",
                        f"{_name(task)} is ticked, but {path} is not in the repository and never was",
                    )
        for step in planned.steps:
            yield from _check_portability(step, "")
    if spec.read.guide is not None:
        yield from _check_guide_claims(spec)


def _check_ids(document: Document) -> _Told:
    seen: dict[str, int] = {}
    last: tuple[str, int] | None = None
    for task in document.tasks:
        if task.id is None or not task.id.startswith("T"):
            continue
        if task.id in seen:
            yield task.line, "SR102", f"{task.id} stands on line {seen[task.id]} already"
            continue
        seen[task.id] = task.line
        number = re.fullmatch(r"T(\d+)", task.id)
        if number:
            if last and int(number.group(1)) < last[1]:
                yield task.line, "SR103", f"{task.id} comes after {last[0]}"
            last = task.id, int(number.group(1))


def _check_lines(document: Document) -> _Told:
    """Lines that markdown takes for something else than their author did."""
    text, fence, opened, number, at = document.source.text, "", 0, 1, 0
    for found in _LINE.finditer(text):
        number, at = number + text.count("\n", at, found.start()), found.start()
        mark, rest, bullet = found.group("mark", "rest", "bullet")
        if mark and not fence:
            fence, opened = mark, number
        elif mark and mark.startswith(fence) and not rest.strip():
            fence = ""
        elif bullet and not fence:
            yield number, "SR107", f"this is no task: write {bullet} [ ] with a blank on each side of the box"
    if fence:
        yield opened, "SR106", "the fence that opens here is never closed"


def claimed_files(task: Task) -> tuple[str, ...]:
    """The files that a task says it creates: those that a "create" is about, not those that it only mentions."""
    if not _CREATES.match(task.title):
        return ()
    prose = task.text.prose
    return tuple(
        code.text.removeprefix("./")
        for code in task.codes[:1]
        if _FILE.match(code.text)
        and (before := prose[task.title_start : code.start])
        and (_NEW_FILE.search(before) or not _NO_NEW_FILE.search(before))
    )


def _check_guide_claims(spec: PlannedSpec) -> _Told:
    """A guide with a placeholder cannot have been followed to its end as it stands; the way into the clone aside."""
    steps = (step for block in spec.blocks for step in block.steps)
    held = [step for step in steps if step.step.hold == "placeholder" and not only_leads_here(step.step)]
    for planned in spec.tasks if held else ():
        if planned.kind == "quickstart" and planned.task.is_ticked:
            where = f"{GUIDE}:{held[0].step.line} holds a placeholder"
            yield planned.task.line, "SR105", f"{_name(planned.task)} is ticked, but {where}"


def _check_guide(spec: PlannedSpec) -> _Told:
    for planned in spec.blocks:
        if "unclosed" in planned.block.flags:
            yield planned.block.line, "SR106", "the fence that opens here is never closed"
        for step in planned.steps if planned.block.label == "step" else ():
            yield from _check_portability(step, planned.block.language)


def _check_portability(planned: PlannedStep, language: str) -> _Told:
    if planned.step.kind in ("command", "service"):
        named = systems_named(planned.step.why)
        for system, why in cannot_work(planned.step.command, language).items():
            if named and system.lower() not in named:
                # Its own comment or heading says which system it is for.
                continue
            yield planned.step.line, _PORTABILITY[system], f"cannot work on {system}: {why}"


def _name(task: Task) -> str:
    return task.id or "the task"

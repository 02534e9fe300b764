"""Documents → findings: ticks that contradict themselves, the tree or the guide; commands that are not portable."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.decide.must_haves import lacks, must_haves
from spec_runner.core.decide.requirements import is_unknown, references_of, requirements_of
from spec_runner.core.evidence.looking import DocumentLooked, Sight, Tree, look, said
from spec_runner.core.evidence.stated import cannot_fail
from spec_runner.core.plan.flow import only_leads_here
from spec_runner.core.plan.model import GUIDE, PlannedSpec
from spec_runner.core.plan.portable import unportable_steps
from spec_runner.core.text.comments import HiddenComment
from spec_runner.core.text.document import Document, Task

CODES = {
    "SR101": "a ticked task says itself that it failed, was skipped, deferred or not run",
    "SR102": "an ID stands on two tasks",
    "SR103": "an ID is lower than the one before it",
    "SR104": "a ticked task names a file that is in no commit, and nothing like it is there",
    "SR105": "a ticked task validated a guide that cannot be followed as it stands: a placeholder",
    "SR106": "a fence is never closed",
    "SR107": "a line looks like a task and is none",
    "SR108": "a task is ticked, and a task under it is open",
    "SR109": "a ticked task says itself that not all of its tests passed",
    "SR110": "a hidden comment for spec-run has a word that it does not know, or speaks of nothing",
    "SR111": "a task names a requirement that requirements.md does not have",
    "SR112": "a plan is done, and a file that its must-haves name is in no commit",
    "SR201": "a command cannot work on Windows",
    "SR202": "a command cannot work on macOS",
    "SR203": "a command cannot work on Linux",
    "SR301": "what a ticked task names is not found where it says",
    "SR302": "a file that a ticked task made was renamed or deleted since",
    "SR303": "many files that the ticks of a document name never existed",
    "SR304": "what a ticked task made is named nowhere but where it is defined",
    "SR305": "a task states no check",
    "SR306": "the check of a task cannot fail",
    "SR307": "a plan is done, and something that its must-haves name is not found",
}
"""Each code and what it means."""

REQUIREMENTS = "requirements.md"
_PORTABILITY = {"Windows": "SR201", "macOS": "SR202", "Linux": "SR203"}
_DENIED = re.compile(
    r"(?:[(\[*]|[—–-] |: )(?:(?:FAILED|SKIPPED|DEFERRED|BLOCKED|NOT (?:RUN|DONE|IMPLEMENTED|EXECUTED|VERIFIED))\b"
    r"|(?:skipped|deferred|not (?:yet )?(?:run|done|implemented|executed|verified|tested))"
    r"(?=\s*(?:[)\]*:;,.—–-]|$| (?:as|because|due|since|until|for now|to|in|on)\b)))"
    r"|, (?:skipped|deferred|not (?:yet )?run)(?=\))"
)
"""Where people write such a word for the whole task: in brackets, in bold, or behind a dash or a colon."""
_PASSED = re.compile(r"\b(\d{1,5})\s?/\s?(\d{1,5})\s+(?:\w+ ){0,2}(?:pass(?:ed|es|ing)?|green)\b", re.IGNORECASE)
_LOOKED: Mapping[Sight, str] = {"missing": "SR104", "not found": "SR301", "moved": "SR302"}


_LINE = re.compile(
    r"^[ \t>]*(?:(?:[-*+] +)?(?P<mark>`{3,}|~{3,})(?P<rest>[^`\n]*)$"
    r"|(?P<bullet>[-*+])(?:\[[ xX]?\]|[ \t]+\[\]|[ \t]+\[[ xX]\](?=\w))(?![(\[:]))",
    re.MULTILINE,
)
"""A fence's first or last line, or a checkbox without its blanks, or with nothing in it."""


class Finding(NamedTuple):
    """Something that a reader should look at."""

    document: str
    line: int
    code: str
    message: str

    @property
    def is_note(self) -> bool:
        """It is worth a look, and no fault."""
        return is_note(self.code)


class Checked(NamedTuple):
    """What a check found in a spec."""

    path: str
    """As the user would type it."""
    error: str | None
    findings: tuple[Finding, ...]


def is_note(code: str) -> bool:
    """Whether what has this code is worth a look, and no fault."""
    return code.startswith("SR3")


def check_spec(
    spec: PlannedSpec, tree: Tree | None, place: str = "", *, names_unchecked: bool = False
) -> list[Finding]:
    """Every finding in a spec, in the order of its documents and lines.

    ``tree`` is None where nobody can look into one; ``place`` is what is run, relative to the repository. With
    ``names_unchecked`` each task without a check is one: most tasks are.
    """
    found: list[Finding] = []
    if names_unchecked:
        bare = (each.task for each in spec.tasks if not each.steps and each.task.state in ("open", "claimed", "failed"))
        what = "states no check; a bullet below it, - **Verify**: and a command in backticks, is one"
        found += [Finding(spec.read.tasks_name, each.line, "SR305", f"{_name(each)} {what}") for each in bare]
    if spec.read.tasks is not None:
        name = spec.read.tasks_name
        for line, code, message in _check_tasks(spec, spec.read.tasks, tree, place):
            found.append(Finding(name, line, code, message))
    for line, code, message in _check_guide(spec):
        found.append(Finding(spec.read.guide_name, line, code, message))
    for each in unportable_steps(spec):
        name = spec.read.guide_name if each.in_guide else spec.read.tasks_name
        found.append(Finding(name, each.line, _PORTABILITY[each.system], f"cannot work on {each.system}: {each.why}"))
    return sorted(found, key=lambda each: (each.document == spec.read.guide_name, each.line, each.code))


_Found = Iterator[tuple[int, str, str]]


def _check_tasks(spec: PlannedSpec, document: Document, tree: Tree | None, place: str) -> _Found:
    yield from _check_ids(document)
    yield from _check_lines(document)
    yield from _check_parents(document)
    yield from _check_comments([each for task in document.tasks for each in task.all_comments], document.stray)
    for planned in spec.tasks:
        task = planned.task
        if task.is_ticked:
            denied = _DENIED.search(task.text.prose)
            if denied:
                yield task.line, "SR101", f"{_name(task)} is ticked and says {denied.group().strip(' ([*—–-:,')!r}"
            *_, last = (None, *_PASSED.finditer(task.text.prose))
            if last and int(last.group(1)) < int(last.group(2)):
                yield task.line, "SR109", f"{_name(task)} is ticked and says {last.group()!r}"
        idle = cannot_fail(planned, tree)
        if idle:
            yield task.line, "SR306", f"the check of {_name(task)} passes whatever is done: {idle}"
    if tree is not None:
        yield from _check_files(document, look(document, place, tree, _is_ticked))
        yield from _check_requirements(document, place, tree)
        yield from _check_must_haves(document, place, tree)
    if spec.read.guide is not None:
        yield from _check_guide_claims(spec)


def _is_ticked(task: Task) -> bool:
    return task.is_ticked


def _check_comments(comments: Collection[HiddenComment], stray: Collection[HiddenComment]) -> _Found:
    """What people say to spec-run that it does not understand, or does not know of what."""
    if not comments and not stray:
        return
    from spec_runner.core.decide.said import WORDS, unknown_words

    for comment in (*comments, *(each for each in stray if each not in comments)):
        for word in unknown_words(comment):
            what = f"does not know {word!r}" if word else "has no word"
            yield comment.line, "SR110", f"the hidden comment {what}: {WORDS}"
    for comment in stray:
        yield comment.line, "SR110", "the hidden comment speaks of nothing: put it before a task, a fence or a command"


def _check_parents(document: Document) -> _Found:
    """A tick says that all that stands under it is done; what is marked as optional need not be."""
    above: list[Task] = []
    reported: set[str] = set()
    for task in document.tasks:
        above = [each for each in above if each.depth < task.depth]
        if task.state == "open" and not re.search(r"\boptional\b|^\*", task.title, re.IGNORECASE):
            for parent in above:
                if parent.is_ticked and parent.key not in reported:
                    reported.add(parent.key)
                    yield (
                        parent.line,
                        "SR108",
                        f"{_name(parent)} is ticked, but {_name(task)} under it is open (line {task.line})",
                    )
        above.append(task)


def _check_files(document: Document, looked: DocumentLooked) -> _Found:
    """What looking says of the files that ticks name: each file once, at the first task that names it."""
    if looked.foreign:
        few, all_ = looked.foreign
        line = next(task.line for task in document.tasks if task.is_ticked)
        yield (
            line,
            "SR303",
            f"{few} of {all_} files that the ticks name are in no commit: is it the plan of another tree?",
        )
    seen: set[tuple[str, str]] = set()
    for task in document.tasks:
        for each in looked.tasks.get(task.key, ()):
            code = _LOOKED.get(each.sight)
            if code and (each.path, code) not in seen:
                seen.add((each.path, code))
                yield each.line, code, f"{_name(task)} is ticked, but {said(each)}"
            for name in each.unused:
                yield (
                    each.line,
                    "SR304",
                    f"{_name(task)} is ticked; {name} stands in {each.path} alone, where it is defined",
                )


def _check_requirements(document: Document, place: str, tree: Tree) -> _Found:
    """What tasks name of the requirements beside them, where those have numbers."""
    named = [(task, each) for task in document.tasks for each in references_of(task)]
    path = posixpath.join(posixpath.dirname(place), REQUIREMENTS)
    if not named or path not in tree.names.files:
        return
    known = requirements_of(tree.read([path]).get(path, b"").decode("utf-8", "replace"))
    for task, each in named:
        if is_unknown(each.number, known):
            yield each.line, "SR111", f"{_name(task)} names requirement {each.number}; {REQUIREMENTS} has none"


def _check_must_haves(document: Document, place: str, tree: Tree) -> _Found:
    """What must be there when a plan is done: all of it is ticked, or its summary stands beside it."""
    wanted = must_haves(document.source.text)
    summary = re.sub(r"PLAN\.md$", "SUMMARY.md", place)
    is_ticked = bool(document.tasks) and all(task.is_ticked for task in document.tasks)
    if not wanted or not (is_ticked or (summary != place and summary in tree.names.files)):
        return
    tree = tree._replace(names=tree.names.seen_from(place))
    for must in wanted:
        found = tree.names.find(must.path)
        if len(found) == 1:
            lacking = lacks(must, tree.read(found).get(found[0], b"").decode("utf-8", "replace"))
            if lacking:
                yield must.line, "SR307", f"the must-have {found[0]} {lacking}"
        elif not found:
            is_missing = tree.knows_past() and not tree.fates(must.path) and not tree.is_ignored([must.path])
            sentence = "is in no commit" if is_missing else "is not there"
            yield must.line, "SR112" if is_missing else "SR307", f"the must-have {must.path} {sentence}"


def _check_ids(document: Document) -> _Found:
    seen: dict[str, int] = {}
    last: tuple[str, int] | None = None
    for task in document.tasks:
        if task.id is None or not task.id.startswith("T"):
            continue
        if task.id in seen:
            yield task.line, "SR102", f"{task.id} stands on line {seen[task.id]} already"
            continue
        seen[task.id] = task.line
        number = re.fullmatch(r"T(\d{1,9})", task.id)
        if number:
            if last and int(number.group(1)) < last[1]:
                yield task.line, "SR103", f"{task.id} comes after {last[0]}"
            last = task.id, int(number.group(1))


def nearly_tasks(document: Document) -> list[int]:
    """The lines that look like tasks and are none."""
    return [line for line, code, _ in _check_lines(document) if code == "SR107"]


def _check_lines(document: Document) -> _Found:
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
            yield number, "SR107", f"this is no task: write {bullet} [ ] with a blank on each side of the checkbox"
    if fence:
        yield opened, "SR106", "the fence that opens here is never closed"


def _check_guide_claims(spec: PlannedSpec) -> _Found:
    """A guide with a placeholder cannot have been followed to its end as it stands; the way into the clone aside."""
    steps = (step for block in spec.blocks for step in block.steps)
    held = [step for step in steps if step.step.hold == "placeholder" and not only_leads_here(step.step)]
    for planned in spec.tasks if held else ():
        if planned.kind == "quickstart" and planned.task.is_ticked:
            where = f"{GUIDE}:{held[0].step.line} holds a placeholder"
            yield planned.task.line, "SR105", f"{_name(planned.task)} is ticked, but {where}"


def _check_guide(spec: PlannedSpec) -> _Found:
    if spec.read.guide is not None:
        yield from _check_comments(spec.read.guide.comments, spec.read.guide.stray)
    for planned in spec.blocks:
        if "unclosed" in planned.block.flags:
            yield planned.block.line, "SR106", "the fence that opens here is never closed"


def _name(task: Task) -> str:
    return task.id or "the task"

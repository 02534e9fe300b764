"""What people say in hidden comments of how their document is to be read: ``<!-- spec-run: run timeout=5m -->``.

A comment speaks of what stands right beside it: a command in backticks, a task, a fence. It corrects a reading; it
never releases what is held for safety.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from spec_runner.core.decide.readings import Reading
from spec_runner.core.decide.shape import without_prompt
from spec_runner.core.decide.steps import Action, Expectation, GuideBlock, Label, Step
from spec_runner.core.text.comments import HiddenComment, comments_in, comments_of, comments_on
from spec_runner.core.text.document import Detail, Task, text_lines
from spec_runner.core.text.inline import Code, Paragraph, blanked, join_lines
from spec_runner.core.text.markdown import Block
from spec_runner.core.text.source import Source

WORDS = 'run, skip, output, service, timeout=5m, exit=3, expect="text", cwd=folder'
"""The words of a hidden comment, for people."""
_WORD = re.compile(r"([^\s=,]+)(?:=(\"[^\"]*\"|'[^']*'|“[^”]*”|[^\s,]*))?")
_TIME = re.compile(r"(\d{1,6}(?:\.\d+)?)(s|m|h|)$")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
_FOLDER = re.compile(r"(?!/|~|[A-Za-z]:)(?!(?:.*/)?\.\.(?:/|$))[^\0\\$`]+$")
_EMPTY = Paragraph("", (), (), (), ())
_BESIDE = " \t.,;:)*_"
"""What may stand between a command and its comment."""


class Said(NamedTuple):
    """What comments say of one thing, each word where it is named."""

    reading: Literal["run", "skip", "output", ""] = ""
    is_service: bool = False
    timeout: float | None = None
    """Seconds."""
    expect: str | None = None
    """A text that must be printed; of an address, the status."""
    exit: str | None = None
    cwd: str | None = None
    words: str = ""
    """The comments as they stand, for the plan."""

    @property
    def why(self) -> str:
        return f'a hidden comment says "{self.words}"'

    def of_block(self, block: GuideBlock) -> GuideBlock:
        """A fence or an address of a guide as the comments want it; its last step bears the outcome."""
        if self.reading in ("skip", "output"):
            label: Label = "output" if self.reading == "output" else "other"
            return block._replace(label=label, action="skip", why=self.why, steps=(), probability=None)
        if not block.steps:
            return block
        others = _without_outcome(self)
        steps = (*(as_said(step, others) for step in block.steps[:-1]), as_said(block.steps[-1], self))
        action: Action = "hold" if all(step.hold for step in steps) else "run"
        kept = block.why if block.action == "hold" and self.reading != "run" else self.why
        flags = block.flags if not self.is_service else tuple(dict.fromkeys((*block.flags, "service")))
        return block._replace(steps=steps, action=action, why=kept, flags=flags)

    def printing(self, block: GuideBlock, text: str, line: int) -> GuideBlock:
        """A fence whose last step prints this text."""
        return block._replace(steps=tuple(printing(block.steps, text, line)))


NOTHING = Said()


def said_by(comments: Iterable[HiddenComment]) -> Said:
    """What these comments say together; of two that differ the last one."""
    said = NOTHING
    for comment in comments:
        for name, value in _words_of(comment.text):
            said = _meaning(name, value, said) or said
        said = said._replace(words=f"{said.words} {comment.text}".strip())
    return said


def unknown_words(comment: HiddenComment) -> tuple[str, ...]:
    """The words of a comment that mean nothing, or whose value cannot be meant; an empty one has the empty word."""
    words = list(_words_of(comment.text))
    unknown = (each for each in words if _meaning(*each, NOTHING) is None)
    return tuple(name if value is None else f"{name}={value}" for name, value in unknown) if words else ("",)


def _words_of(text: str) -> Iterator[tuple[str, str | None]]:
    for found in _WORD.finditer(text):
        value = found.group(2)
        yield found.group(1), value.strip("\"'“”") if value is not None else None


def _meaning(name: str, value: str | None, said: Said) -> Said | None:
    """What is said with one word more; None for one that nobody knows."""
    match name, value:
        case ("run" | "skip" | "output") as reading, None:
            return said._replace(reading=reading)
        case "service", None:
            return said._replace(is_service=True)
        case "timeout", str() if (time := _TIME.match(value)) and float(time.group(1)) > 0:
            return said._replace(timeout=float(time.group(1)) * _SECONDS[time.group(2)])
        case "exit", str() if re.match(r"\d{1,3}$", value) and int(value) < 256:
            return said._replace(exit=value)
        case "expect", str() if value:
            return said._replace(expect=value)
        case "cwd", str() if _FOLDER.match(value):
            return said._replace(cwd=value.removeprefix("./").rstrip("/") or ".")
    return None


class Part(NamedTuple):
    """A paragraph without its comments, and what they say of it and of the code spans in it."""

    paragraph: Paragraph
    whole: Said = NOTHING
    codes: Mapping[Code, Said] = {}
    printed: tuple[Code, ...] = ()
    """Spans that are what a command prints."""

    def heeded(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings of the spans as the comments want them."""
        found = {reading.code: reading for reading in readings}
        # "run" lifts a doubt; where nothing else would run, it says that what is only mentioned is meant.
        lifts = {"unsure"} if any(each.certainty != "leave" for each in readings) else {"leave"}
        for code, reading in found.items():
            if self.whole.reading == "run" and reading.certainty in lifts:
                found[code] = reading._replace(certainty="run", why=self.whole.why)
        for code, said in self.codes.items():
            if said.reading == "run" and code not in found:
                found[code] = Reading(code, without_prompt(code.text.strip()), "run", 1.0, said.why)
            elif said.reading == "run" and found[code].certainty != "run":
                found[code] = found[code]._replace(certainty="run", why=said.why)
        return tuple(sorted(found.values(), key=lambda each: each.code.start))

    def applied(self, steps: Iterable[Step], readings: Iterable[Reading]) -> list[Step]:
        """The steps of these readings with what is said of each, and of all of them."""
        said = {reading.command: self._said_of(reading.code) for reading in readings}
        wide = _without_outcome(self.whole)
        return [as_said(step, said.get(step.command, wide)) for step in steps]

    def applied_to_last(self, steps: Sequence[Step]) -> list[Step]:
        """The steps, the last of which bears the outcome that is said of all."""
        outcome = Said(
            is_service=self.whole.is_service, expect=self.whole.expect, exit=self.whole.exit, words=self.whole.words
        )
        if not steps or outcome._replace(words="") == NOTHING:
            return list(steps)
        return [*steps[:-1], as_said(steps[-1], outcome)]

    def printed_by(self, steps: Sequence[Step], detail: Detail) -> list[Step]:
        """The steps, the last of which prints what stands under it."""
        text = detail.fence.text if detail.fence else detail.paragraph.text if detail.paragraph else ""
        return printing(steps, text.strip("`\n"), detail.line)

    def _said_of(self, code: Code) -> Said:
        """What is said of one span: by the comment beside it, else of all; and what it prints."""
        said = _over(self.codes.get(code, NOTHING), _without_outcome(self.whole))
        following = min((each.start for each in self.paragraph.codes if each.start > code.start), default=None)
        printed = [each for each in self.printed if code.start < each.start < (following or each.start + 1)]
        return said._replace(expect=printed[0].text, words=f"{said.words} output".strip()) if printed else said


def _without_outcome(said: Said) -> Said:
    return said._replace(is_service=False, expect=None, exit=None)


def _over(said: Said, wider: Said) -> Said:
    """What is said of a thing, and where that says nothing, of what it is in."""
    found = {name: value for name, value in said._asdict().items() if value}
    return wider._replace(**{**found, "words": f"{said.words} {wider.words}".strip()})


def hear(paragraph: Paragraph, beside: Iterable[HiddenComment] = ()) -> Part:
    """What the comments in a paragraph, and those on lines of their own ``beside`` it, say."""
    inside = comments_in(paragraph)
    bare = blanked(paragraph, [(each.start, each.end) for each in inside])
    codes: dict[Code, list[HiddenComment]] = {}
    whole = list(beside)
    for comment in inside:
        code = _code_beside(bare, comment) if len(bare.codes) > 1 else None
        (whole if code is None else codes.setdefault(code, [])).append(comment)
    said = {code: said_by(comments) for code, comments in codes.items()}
    gone = [code for code in said if said[code].reading in ("skip", "output")]
    bare = blanked(bare, [(code.start, code.end) for code in gone])
    printed = tuple(code for code in gone if said[code].reading == "output")
    return Part(bare, said_by(whole), {code: each for code, each in said.items() if code not in gone}, printed)


def _code_beside(paragraph: Paragraph, comment: HiddenComment) -> Code | None:
    """The span right before a comment, else the one right behind it."""
    for code in paragraph.codes:
        if code.end <= comment.start and not paragraph.text[code.end : comment.start].strip(_BESIDE):
            return code
    for code in paragraph.codes:
        if code.start >= comment.end and not paragraph.text[comment.end : code.start].strip(_BESIDE):
            return code
    return None


def as_said(step: Step, said: Said) -> Step:
    """The step as its comments want it; what holds it for safety holds it still."""
    if said == NOTHING:
        return step
    comment = said.words if said.words.startswith(step.comment) else f"{step.comment} {said.words}"
    step = step._replace(comment=comment, cwd=said.cwd or step.cwd, timeout=said.timeout or step.timeout)
    if said.reading == "run":
        step = sure(step)
    if said.is_service and step.kind == "command":
        return step._replace(kind="service", expect="ok", expectations=(), moves=False)
    if step.kind == "url" and said.expect:
        return step._replace(expect=said.expect if re.match(r"[1-5]\d\d$", said.expect) else step.expect)
    if step.kind != "command" or (said.exit is None and said.expect is None):
        return step
    stated = [Expectation("exit", said.exit, step.line, True)] if said.exit is not None else []
    stated += [Expectation("text", said.expect, step.line, True)] if said.expect is not None else []
    fails = said.exit != "0" if said.exit is not None else step.expect == "fail"
    return step._replace(expect="fail" if fails else "ok", expectations=tuple(stated))


def sure(step: Step) -> Step:
    """The step without the doubt whether it is meant to be run."""
    holds = tuple(reason for reason in step.holds if reason != "unsure")
    return step._replace(holds=holds, hold=next(iter(holds), None) if step.hold == "unsure" else step.hold)


def printing(steps: Sequence[Step], text: str, line: int) -> list[Step]:
    """The steps, the last of which prints this text."""
    if not steps or not text.strip() or steps[-1].kind != "command":
        return list(steps)
    printed = Expectation("output", text.strip("\n"), line, True)
    return [*steps[:-1], steps[-1]._replace(expectations=(printed,), comment=f"{steps[-1].comment} output".strip())]


class HeardTask(NamedTuple):
    """A task without its comments, and what they say."""

    task: Task
    title: Part
    details: Mapping[int, Part]
    """What is said of the fences and bullets under it, by their lines."""

    @property
    def whole(self) -> Said:
        return self.title.whole


def hear_task(task: Task) -> HeardTask:
    """What the comments in and around a task say of it."""
    title = hear(task.text, task.comments)
    wide = _without_outcome(title.whole)._replace(reading="")
    details, parts = [], {}
    for detail in task.details:
        inside = comments_of(detail.fence.info, detail.line) if detail.fence else ()
        part = hear(detail.paragraph or _EMPTY, (*detail.comments, *inside))
        part = part._replace(whole=_over(part.whole, wide))
        if part.whole.reading != "skip":
            parts[detail.line] = part
            details.append(detail._replace(paragraph=part.paragraph) if detail.paragraph else detail)
    return HeardTask(task._replace(text=title.paragraph, details=tuple(details)), title, parts)


class HeardGuide(NamedTuple):
    """What the comments of a guide say."""

    lines: Mapping[int, Said]
    """Of each fence, or paragraph with an address, by its line."""
    comments: tuple[HiddenComment, ...]
    stray: tuple[HiddenComment, ...]
    """Those beside which nothing stands that they could speak of."""


def hear_guide(source: Source, blocks: tuple[Block, ...]) -> HeardGuide:
    """What the comments of a guide say: of what stands below them, else of what stands above."""
    leaves = list(_leaves(blocks))
    found: dict[int, list[HiddenComment]] = {}
    heard, stray = list[HiddenComment](), list[HiddenComment]()
    for index, block in enumerate(leaves):
        comments = _comments_of(source, block)
        heard += comments
        target = _spoken_of(source, leaves, index) if comments else None
        if target is None:
            stray += comments
        else:
            found.setdefault(target.first, []).extend(comments)
    return HeardGuide({line: said_by(comments) for line, comments in found.items()}, tuple(heard), tuple(stray))


def _leaves(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if block.children:
            yield from _leaves(block.children)
        elif block.kind in ("fence", "paragraph", "html", "heading"):
            yield block


def _comments_of(source: Source, block: Block) -> list[HiddenComment]:
    if block.kind == "html":
        return list(comments_on(source, block.first, block.last))
    if block.kind == "fence":
        return list(comments_on(source, block.first, block.first))
    return list(comments_in(join_lines(source, text_lines(source, block))))


def _spoken_of(source: Source, leaves: list[Block], index: int) -> Block | None:
    """What a comment at a leaf speaks of: the leaf itself, the next fence or address, or the one before."""
    if leaves[index].kind == "fence" or _has_address(source, leaves[index]):
        return leaves[index]
    for block in leaves[index + 1 :]:
        if block.kind == "fence" or _has_address(source, block):
            return block
        if block.kind == "heading" or (block.kind == "paragraph" and leaves[index].kind == "paragraph"):
            break
    before = next((block for block in reversed(leaves[:index]) if block.kind != "html"), None)
    return before if before and (before.kind == "fence" or _has_address(source, before)) else None


def _has_address(source: Source, block: Block) -> bool:
    return block.kind == "paragraph" and any("://" in source.line(at) for at in range(block.first, block.last + 1))

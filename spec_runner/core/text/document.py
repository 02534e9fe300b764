"""Blocks → Document: phases and tasks, each with its place in the bytes."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from spec_runner.core.text.comments import HiddenComment, comments_in, comments_of, comments_on, without_comments
from spec_runner.core.text.inline import Code, Paragraph, blanked, join_lines
from spec_runner.core.text.markdown import Block, read_blocks, read_indented
from spec_runner.core.text.source import Source, Span, read_source

_BOX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+\[([^\[\]\s]\ufe0f?| )\](?=\s|$)")
_LEGEND = re.compile(r"\s*(?:=|:|→|->|–|—)\s")
_LEGEND_MARKS = frozenset("PS")
_TASK_ID = re.compile(
    r"(T(?:\d[\dX]*|X{2,}|(?:-[A-Z]{0,4}\d+)+)(?:[.-]\d+)*[a-zA-Z]?['’′]?(?:[–—-]T?\d+[a-z]?|-[A-Z]{2,12})?|[A-Z]{2,10}(?:-[A-Z]{1,10})*-\d+[a-z]?)"
    r"(?![\w/])"
)
_NUMBER_ID = re.compile(r"(\d{1,4}(?:\.\d{1,4})+[a-z]?(?=[.)]?(?:[\s*_]|$))|\d{1,4}(?=[.)](?:[\s*_]|$)))")
_OWN_ID = re.compile(r"([A-Z][A-Za-z]{0,7}(?:-[A-Za-z]{1,10})*-?)(\d{1,6}(?:\.\d+)*[a-z]?)(?![\w/]|[.-]\w)")
_OWN_IDS = re.compile(
    r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[^\[\]\n]\][ \t*_~]*(?:\[[^\[\]`\n]{1,40}\][ \t*]*)*" + _OWN_ID.pattern,
    re.MULTILINE,
)
_COUNTED = 3
"""So many checkboxes with different numbers behind the same letters make these letters the document's own."""
_LIKE_ID = re.compile(_OWN_ID.pattern + r"[*_]*[:.)]?\s+(?=[A-Z`])")
"""What may be an ID that nothing else in the document is like: a name, but nothing that the task is told by."""
_DECORATION = re.compile(r"[\s*_~:.)\-–—]*")
_TAG = re.compile(r"[\s*]*\[([^\[\]`]{1,40})\](?!\()[\s*]*")
_STORY = re.compile(r"(?:US|story)[\s-]?(\d+)$", re.IGNORECASE)
_STORY_HEADING = re.compile(r"\b(?:user story|US)[\s-]?(\d+)", re.IGNORECASE)
_DEPENDS = re.compile(
    r"\bdepends on:?\s+((?:T[\w.'-]*\d[\w.'-]*(?:\s*[–—-]\s*T[\w.'-]+)?(?:\s*(?:,|&|\+|and)\s*)*)+)",
    re.IGNORECASE,
)
_DEPENDENCY = re.compile(r"T[\w.'-]*\d[\w']*")
_BRACKET = re.compile(r"[()]")
_NOTE = re.compile(r"\(FAILED:\s?")
_PERSON_CANCELLED = re.compile(
    r"~~|\bCANCELL?ED\b|\b[Cc]ancell?ed:|\bN/A\b|\bDEFERRED\b|\bSKIPPED\b"
    r"|(?:[(\[*]|[—–-] )\s*(?:cancell?ed|n/a|deferred|skipped)\b|\b(?:deferred|skipped|cancell?ed)\W*$",
)
"""Where people give their reason: crossed out, in capitals, in brackets, behind a dash, at the end."""


class Fence(NamedTuple):
    """A fenced code block: ``line`` is its opening, ``text`` its content without the indentation of its list."""

    line: int
    info: str
    text: str
    closed: bool = True

    @property
    def language(self) -> str:
        """The first word of the info string in lower case, ``""`` if there is none."""
        words = self.info.split()
        return words[0].lower().strip("{}.") if words else ""


class Detail(NamedTuple):
    """What stands under a task's own text: a nested bullet, a further paragraph or a fence."""

    line: int
    paragraph: Paragraph | None = None
    fence: Fence | None = None
    comments: tuple[HiddenComment, ...] = ()
    """Those on lines of their own beside it."""


class Note(NamedTuple):
    """A ``(FAILED: reason)`` with the blank before it: its characters in the task's text and its bytes."""

    start: int
    end: int
    span: Span
    reason: str


class Phase(NamedTuple):
    """A heading with tasks under it."""

    title: str
    line: int


class Task(NamedTuple):
    """One checkbox line with what belongs to it."""

    id: str | None
    key: str
    """Unique in its document: the ID, or the title where there is none, with ``#2`` for the second of the same."""
    line: int
    mark: str
    mark_span: Span
    text: Paragraph
    """The task's own text behind the checkbox, notes included."""
    title: str
    """The own text without ID, tags and notes."""
    title_start: int
    """Where in ``text.text`` the words start that say what is to be done."""
    notes: tuple[Note, ...]
    phase: Phase | None
    heading: str
    """The nearest heading above it."""
    story: str | None
    parallel: bool
    depends_on: tuple[str, ...]
    details: tuple[Detail, ...]
    depth: int
    comments: tuple[HiddenComment, ...] = ()
    """Those on lines of their own beside it."""

    @property
    def all_comments(self) -> tuple[HiddenComment, ...]:
        """Every hidden comment for spec-run in and beside the task and what stands under it."""
        found = [*self.comments, *comments_in(self.text)]
        for detail in self.details:
            found += detail.comments
            found += comments_in(detail.paragraph) if detail.paragraph else ()
            found += comments_of(detail.fence.info, detail.fence.line) if detail.fence else ()
        return tuple(found)

    @property
    def word(self) -> str:
        """What it is called and what people type for it: its ID, or ``L`` and the line it stands at."""
        return self.id or f"L{self.line}"

    def is_called(self, word: str) -> bool:
        """Whether a word means this task: its ID, its line, or its key."""
        return word == self.key or word.lower() in ((self.id or "").lower(), f"l{self.line}")

    @property
    def note(self) -> str | None:
        """The reason of the last note."""
        return self.notes[-1].reason if self.notes else None

    @property
    def written(self) -> Paragraph:
        """The text as its author wrote it, every position unchanged: what a run noted must not change what it means."""
        return blanked(self.text, [(note.start, note.end) for note in self.notes]) if self.notes else self.text

    @property
    def note_at(self) -> int:
        """The byte at which a note is put: behind the last character of the own text."""
        return self.text.byte_at(len(self.text.text))

    @property
    def codes(self) -> tuple[Code, ...]:
        """The code spans of the title, in order."""
        return tuple(code for code in self.text.codes if code.start >= self.title_start)

    @property
    def is_ticked(self) -> bool:
        return self.mark in ("x", "X")

    @property
    def is_cancelled_by_person(self) -> bool:
        """``[C]`` with a reason that somebody wrote: it stays."""
        return self.mark in ("C", "c") and _PERSON_CANCELLED.search(self.text.prose) is not None

    @property
    def state(self) -> str:
        """``open``, ``claimed``, ``cancelled``, ``failed`` or ``other``, as the document says it."""
        if self.mark not in (" ", "x", "X", "C", "c"):
            return "other"
        if self.notes:
            return "failed"
        return "claimed" if self.is_ticked else "open" if self.mark == " " else "cancelled"


class Document(NamedTuple):
    """A ``tasks.md`` as it was read."""

    source: Source
    tasks: tuple[Task, ...]
    phases: tuple[Phase, ...]
    dialect: str
    """``speckit``, ``openspec``, ``kiro`` or ``plain``."""
    stray: tuple[HiddenComment, ...] = ()
    """Hidden comments that speak of no task."""

    @property
    def done_letter(self) -> str:
        """The letter this file ticks its tasks with: ``x`` where most of its done tasks have it, else ``X``."""
        letters = Counter(task.mark for task in self.tasks if task.is_ticked)
        return "x" if letters["x"] > letters["X"] else "X"

    @property
    def is_foreign(self) -> bool:
        """Its list is nobody's dialect, or most of its marks are its own: ``[C]`` would say nothing to who reads it."""
        own = sum(task.state == "other" for task in self.tasks)
        return self.dialect == "plain" or own > sum(task.mark != " " for task in self.tasks) - own


class _Head(NamedTuple):
    id: str | None
    end: int
    parallel: bool
    story: str | None


def read_document(data: bytes) -> Document:
    """Read the tasks of a markdown document. Raises SpecError with the line for bytes that cannot be read."""
    source = read_source(data)
    reader = _Reader(source, _own_prefixes(source.text))
    reader.read(read_blocks(source))
    tasks = tuple(reader.tasks)
    phases = tuple(dict.fromkeys(task.phase for task in tasks if task.phase))
    return Document(source, tasks, phases, _dialect(tasks, source), tuple(reader.stray))


class _Reader:
    """Walks the blocks in order with the headings above them."""

    __slots__ = ("keys", "own", "path", "phase", "source", "stray", "tasks", "title_line", "waiting")

    def __init__(self, source: Source, own: frozenset[str]) -> None:
        self.source, self.own = source, own
        self.tasks: list[Task] = []
        self.keys: Counter[str] = Counter()
        """How many tasks have the same ID, or the same title without one."""
        self.path: list[tuple[int, Phase]] = []
        self.phase: Phase | None = None
        self.title_line = 0
        self.waiting: list[HiddenComment] = []
        """The hidden comments since the last task, which speak of the next one."""
        self.stray: list[HiddenComment] = []

    def read(self, blocks: tuple[Block, ...]) -> None:
        tops = [block.first for block in blocks if block.kind == "heading" and block.level == 1]
        self.title_line = tops[0] if len(tops) == 1 else 0
        above = ""
        for block in blocks:
            if block.kind == "html" and (found := [*comments_on(self.source, block.first, block.last)]):
                self.waiting += found
                # What stood before the comment may be what it speaks of.
                continue
            if block.kind == "heading":
                self._enter(block)
            if self.waiting and block.kind != "list":
                self._give_back(above)
            if block.kind == "list":
                self.stray += (comment for detail in self._list(block, 0) for comment in detail.comments)
            elif block.kind == "code" and above == "heading" and _BOX.match(self.source.line(block.first)):
                # Indented by four under a heading: code by the rules of markdown, a list of tasks for people.
                for inner in read_indented(self.source, block):
                    self._list(inner, 0)
            above = block.kind
        self._give_back(above)

    def _give_back(self, above: str) -> None:
        """Comments that no task came behind speak of the task before them, if it stands right there."""
        if self.waiting and above == "list" and self.tasks:
            last = self.tasks[-1]
            self.tasks[-1] = last._replace(comments=(*last.comments, *self.waiting))
        else:
            self.stray += self.waiting
        self.waiting = []

    def _take_waiting(self) -> tuple[HiddenComment, ...]:
        if not self.waiting:
            return ()
        taken, self.waiting = tuple(self.waiting), []
        return taken

    def _enter(self, block: Block) -> None:
        self.path = [(level, phase) for level, phase in self.path if level < block.level]
        self.path.append((block.level, Phase(heading_title(self.source, block), block.first)))
        self.phase = self._phase()

    def _phase(self) -> Phase | None:
        """The heading that stands for a phase: one that says so, else the outermost below the document's title."""
        inner = [phase for _, phase in self.path if phase.line != self.title_line]
        named = [phase for phase in inner if re.match(r"\W*phase\b", phase.title, re.IGNORECASE)]
        return next(iter(named or inner), None)

    def _list(self, block: Block, depth: int) -> list[Detail]:
        """Read a list's tasks; what is no task is handed back, for the task around it."""
        details: list[Detail] = []
        for item in block.children:
            box = _BOX.match(self.source.line(item.first))
            if box and not _is_legend(box, self.source.line(item.first)):
                self._task(item, box, depth)
            else:
                details += self._details(item.children, depth)
        return details

    def _details(self, blocks: tuple[Block, ...], depth: int) -> list[Detail]:
        details: list[Detail] = []
        for block in blocks:
            if block.kind == "html":
                self.waiting += comments_on(self.source, block.first, block.last)
            elif block.kind == "fence":
                fence = Fence(block.first, block.info, block.text, block.closed)
                details.append(Detail(block.first, fence=fence, comments=self._take_waiting()))
            elif block.kind == "list":
                details += self._list(block, depth + 1)
            elif block.kind == "paragraph":
                lines = text_lines(self.source, block)
                if lines:
                    skip = _bullet_width(self.source.line(block.first))
                    paragraph = join_lines(self.source, lines, skip)
                    details.append(Detail(block.first, paragraph, comments=self._take_waiting()))
        return details

    def _task(self, item: Block, box: re.Match[str], depth: int) -> None:
        body = item.children[0] if item.children else None
        lines = text_lines(self.source, body) if body and body.kind in ("paragraph", "heading") else range(0)
        if not lines or lines.start != item.first:
            lines = range(item.first, item.first + 1)
        paragraph = join_lines(self.source, lines, box.end())
        place = len(self.tasks)
        self.tasks.append(self._placed(paragraph, box, item.first, depth))
        rest = item.children[1:] if body and body.kind in ("paragraph", "heading") else item.children
        details = tuple(self._details(rest, depth))
        if details or self.waiting:
            task = self.tasks[place]
            self.tasks[place] = task._replace(details=details, comments=(*task.comments, *self._take_waiting()))

    def _placed(self, paragraph: Paragraph, box: re.Match[str], line: int, depth: int) -> Task:
        head, notes = _read_head(paragraph.text, self.own), _notes(paragraph)
        start = self.source.starts[line - 1]
        mark_start = start + len(box.string[: box.start(1)].encode("utf-8"))
        unknown = None if head.id else _LIKE_ID.match(paragraph.text, head.end)
        in_heading = _STORY_HEADING.search(self.phase.title) if self.phase and not head.story else None
        title = _without(without_comments(paragraph).text, notes)[head.end :].strip()
        return Task(
            id=head.id,
            key=self._key(head.id or title),
            line=line,
            mark=box.group(1),
            mark_span=Span(mark_start, mark_start + len(box.group(1).encode("utf-8"))),
            text=paragraph,
            title=title,
            title_start=unknown.end() if unknown else head.end,
            notes=notes,
            phase=self.phase,
            heading=self.path[-1][1].title if self.path else "",
            story=head.story or (f"US{in_heading.group(1)}" if in_heading else None),
            parallel=head.parallel,
            depends_on=_depends_on(paragraph, notes),
            details=(),
            depth=depth,
            comments=self._take_waiting(),
        )

    def _key(self, name: str) -> str:
        self.keys[name] += 1
        return name if self.keys[name] == 1 else f"{name}#{self.keys[name]}"


def heading_title(source: Source, block: Block) -> str:
    """A heading's text; an underlined heading keeps it on its first line."""
    return block.text or source.line(block.first).strip(" \t#")


def text_lines(source: Source, block: Block) -> range:
    """The lines that a paragraph's text stands on, without what follows it and without a heading's underline."""
    last = block.first
    while last < block.last and source.line(last + 1).strip(" \t>"):
        last += 1
    if block.kind == "heading" and last > block.first:
        last -= 1
    return range(block.first, last + 1)


def _bullet_width(line: str) -> int:
    found = re.match(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*", line)
    return found.end() if found else 0


def _is_legend(box: re.Match[str], line: str) -> bool:
    """``[P]`` in the place of a checkbox, and ``[x] = done``, explain a sign; they are no tasks."""
    return box.group(1) in _LEGEND_MARKS or _LEGEND.match(line, box.end()) is not None


def _own_prefixes(text: str) -> frozenset[str]:
    """What the document's own IDs begin with (``TB`` of ``TB105``): it counts its checkboxes with them.

    One that is like most of the others (``J002`` among ``A001``, ``A002``) is an ID as well. A name with a number in
    it, such as HTTP2 or ED25519, stands before one checkbox or two and is like none.
    """
    heads = {found.groups() for found in _OWN_IDS.finditer(text)}
    counts = Counter(prefix for prefix, _ in heads)
    looks = Counter((len(prefix), len(number)) for prefix, number in heads)
    (usual, often), *_ = (*looks.most_common(1), ((0, 0), 0))
    like = {prefix for prefix, number in heads if (len(prefix), len(number)) == usual}
    is_usual = often >= _COUNTED and 2 * often > len(heads) and usual[1] > 1
    return frozenset(prefix for prefix in counts if counts[prefix] >= _COUNTED or (is_usual and prefix in like))


def _read_head(text: str, own: frozenset[str]) -> _Head:
    """The ID and the tags at the start of a task's text, in any order in which people write them."""
    at, identifier, parallel, story = _skip_decoration(text, 0), None, False, None
    while True:
        tag = _TAG.match(text, at)
        if tag:
            parallel = parallel or tag.group(1).strip() == "P"
            named = [_STORY.match(part.strip()) for part in tag.group(1).split(",")]
            story = story or next((f"US{found.group(1)}" for found in named if found), None)
            at = tag.end()
            continue
        found = None if identifier else _identifier(text, at, own)
        if not found:
            break
        identifier = found.group()
        rest = _DECORATION.match(text, found.end())
        at = rest.end() if rest else found.end()
    return _Head(identifier, at, parallel, story)


def _identifier(text: str, at: int, own: frozenset[str]) -> re.Match[str] | None:
    found = _TASK_ID.match(text, at) or _NUMBER_ID.match(text, at)
    if found or not own:
        return found
    counted = _OWN_ID.match(text, at)
    return counted if counted and counted.group(1) in own else None


def _skip_decoration(text: str, at: int) -> int:
    """Past bold, strike-through and the symbols (✅, ⚠️) that stand before an ID."""
    while at < len(text) and (text[at] in " \t*_~\ufe0f\u200d" or (not text[at].isascii() and _is_symbol(text[at]))):
        at += 1
    return at


def _is_symbol(char: str) -> bool:
    import unicodedata

    return unicodedata.category(char) == "So"


def _notes(paragraph: Paragraph) -> tuple[Note, ...]:
    """Every ``(FAILED: …)`` outside code and comments, up to its closing bracket, else to the end of the text."""
    if "(FAILED:" not in paragraph.text:
        return ()
    prose, notes, at = paragraph.prose, [], 0
    while found := _NOTE.search(prose, at):
        at = _closing(paragraph.text, found.start())
        start = found.start() - (found.start() > 0 and prose[found.start() - 1] == " ")
        reason = paragraph.text[found.end() : at].removesuffix(")").strip()
        notes.append(Note(start, at, paragraph.span(start, at), reason))
    return tuple(notes)


def _closing(text: str, opening: int) -> int:
    depth = 0
    for bracket in _BRACKET.finditer(text, opening):
        depth += 1 if bracket.group() == "(" else -1
        if depth == 0:
            return bracket.end()
    return len(text)


def _without(text: str, notes: tuple[Note, ...]) -> str:
    if not notes:
        return text
    starts, ends = (0, *(note.end for note in notes)), (*(note.start for note in notes), len(text))
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _depends_on(paragraph: Paragraph, notes: tuple[Note, ...]) -> tuple[str, ...]:
    if "depends on" not in paragraph.text.lower():
        return ()
    found = _DEPENDS.search(_without(paragraph.prose, notes))
    return tuple(dict.fromkeys(_DEPENDENCY.findall(found.group(1)))) if found else ()


def _dialect(tasks: tuple[Task, ...], source: Source) -> str:
    identifiers = [task.id for task in tasks if task.id]
    if any(not identifier[0].isdigit() for identifier in identifiers):
        return "speckit"
    if not identifiers:
        return "plain"
    kiro = re.search(r"^\s*[-*] _Requirements?:", source.text, re.MULTILINE) or any(
        re.match(r"\d+\.(?!\d)", task.text.text) for task in tasks
    )
    return "kiro" if kiro else "openspec"

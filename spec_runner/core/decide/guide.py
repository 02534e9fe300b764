"""Blocks → a quickstart: its fences, what each is for, and the steps in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.decide.answers import limit_of_answer
from spec_runner.core.decide.fence_features import FenceCandidate
from spec_runner.core.decide.fences import FOREIGN, LONGEST, POSIX, WINDOWS, Line, read_script
from spec_runner.core.decide.headings import (
    goes_on,
    is_numbered,
    is_output,
    is_quick_start,
    is_running,
    last_sentence,
    option_number,
    other_system,
    role_of_heading,
    role_of_words,
    says,
)
from spec_runner.core.decide.holds import holds_of
from spec_runner.core.decide.interactive import watches
from spec_runner.core.decide.location import place_of
from spec_runner.core.decide.readings import read_fence
from spec_runner.core.decide.shape import is_move, is_service
from spec_runner.core.decide.stating import with_printed
from spec_runner.core.decide.steps import Action, Guide, GuideBlock, GuideCwd, Hold, Label, Step
from spec_runner.core.decide.success import expected_status, says_failure, says_nothing
from spec_runner.core.decide.tasks import ADDRESS
from spec_runner.core.shell.grammar import read_statements
from spec_runner.core.shell.programs import assignments_of, names, programs_of
from spec_runner.core.text.comments import SIGN, without_comments
from spec_runner.core.text.document import heading_title, text_lines
from spec_runner.core.text.inline import Paragraph, cut_paragraph, join_lines
from spec_runner.core.text.markdown import Block, read_blocks
from spec_runner.core.text.source import Source, read_source
from spec_runner.errors import unknown

if TYPE_CHECKING:
    from spec_runner.core.decide.said import HeardGuide, Said

_UNNAMED = frozenset({"", "text", "txt", "plaintext"})
"""Languages of a fence that does not say what it holds."""
_ENV_LANGUAGES = frozenset({"env", "dotenv", "properties", "ini", ""})
_CODE = names(
    "python py typescript ts tsx javascript js jsx ruby rb go rust rs java kotlin kt swift csharp cs c cpp c++"
    " php dart elixir scala sql r lua "
    "fsharp vue svelte html css scss graphql proto prisma haskell diff"
)
_CONFIG = names(
    "yaml yml toml json jsonc json5 ini conf dockerfile docker makefile make xml nginx editorconfig gitignore"
    " properties cfg"
)
_ASSIGNED = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$")
_FILLED_IN = re.compile(
    r"\breplace\b(?=.{0,100}(?:\b(?:your|actual|real|own|correct|valid)\b|[<{\[`$]|(?-i:\b[A-Z][A-Z_]{2,}\b)))"
    r".{0,60}\b(?:with|by)\b|\bfill in\b|\bsubstitute\b",
    re.IGNORECASE,
)
"""Words that ask to put something in; "replace the old config with the new one" tells what a command does."""
_TERMINAL = re.compile(r"\bterminal\s*#?(\d)\b")
_NEW_TERMINAL = re.compile(r"\b(?:new|another|second|separate|different) (?:terminal|shell|tab|window|console)\b")
_PATH = re.compile(
    r"(?:~/)?(?:[\w@.-]+/)*[\w@-]*\.?[\w-]*\.[A-Za-z][\w]{0,9}$|(?:[\w@.-]+/)*(?:Makefile|Dockerfile|Procfile"
    r"|Justfile|\.\w[\w.-]*)$"
)
_COMMENT_PATH = re.compile(
    r"\s*(?:#|//|--|/\*|<!--|;)\s*(?:file(?:name)?:\s*)?((?:[\w@.~{}-]+/)*[\w@.{}-]*\.[\w.]+"
    r"|(?:[\w@.-]+/)*(?:Makefile|Dockerfile))\s*(?:\*/|-->)?\s*$",
    re.IGNORECASE,
)
_ENV_PATH = re.compile(r"(?<![\w.])((?:[\w-]+/)*\.env(?:\.[\w-]+)*)\b")
_CREATES = re.compile(
    r"\b(?:create|creating|save|write|put|place|new file|with the following|paste|make a|criar|crear|créer"
    r"|erstell\w+|utw[óo]rz)\b|作成|创建|新建|建立|생성",
    re.IGNORECASE,
)
_EDITS = re.compile(
    r"\b(?:edit|update|modify|change|append|extend|replace|existing|ensure|check|add (?:the |this |these "
    r"|to|an? )|includes?|contains?|register|in your)\b|編集|更新|修改|수정",
    re.IGNORECASE,
)
_MANIFEST = re.compile(
    r"(?:^|/)(?:package\.json|pyproject\.toml|Cargo\.toml|pubspec\.yaml|composer\.json|pom\.xml|Gemfile"
    r"|go\.mod|tsconfig\.json|appsettings\.json)$",
)
"""Files that a project has long before its guide: a fence shows the part to change."""
_CUT_SHORT = re.compile(r"^[ \t]*(?://|#|/\*|--|<!--|\{/\*)?[ \t]*(?:\.\.\.|…)", re.MULTILINE)
_LOOKS = re.compile(
    r"\b(?:open|navigate|visit|browse|go|access|point|head|load)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\bprompts? (?:you|for)\b|\b(?:follow|answer)\b[^.]{0,20} prompts?\b|\bprompted\b|\basks? (?:you|for)\b"
    r"|\binteractive(?:ly)?\b"
    r"|\bwizard\b|\byou(?:'ll| will) be asked\b|\b(?:log|sign) ?in (?:with|to|via|when)\b"
)
_WINDOW = re.compile(r"\bsdl\d?\b|(?<!browser )(?<!terminal )\bwindow (?:opens|appears|pops up)\b")
"""A window that the command itself opens: somebody looks at it."""
_BY_HAND = re.compile(
    r"\b(?:navigate to|click|press(?!\W{0,3}(?:ctrl|control|cmd|\^))|scan|drag|tap|log ?in|sign ?in)\b"
    r"|登入|登录|點擊|点击|クリック|ログイン"
)
_EXPECTS = re.compile(r"\b(?:expect\w*|should|must)\b|→|期待|預期|预期")
_NEXT_PART = re.compile(
    r"[ \t>]*(?:#{1,6} |(?:```+|~~~+)[ \t]*(?:bash|sh|shell|zsh|console|powershell|pwsh)\b|(?:---+|\*\*\*+)$)"
)
"""A heading, the next commands, or a rule: what stands below is said of something else."""
_MARKS = frozenset("#`~-*")
_BELOW = 40
"""Rows below a fence that are read for what comes of its commands."""
_LONGEST_ROW = 1_000
_NAMES_PLACE = re.compile(r"\b(?:root|directory|folder|dir)\b|目录|目錄")
_LEADS_TO_PLACE = re.compile(r"\b(?:from|in|inside|within|relative)\b|在")
_ANYWHERE = names(
    "curl wget http https kubectl minikube psql redis-cli mongosh mysql echo export lsof kill pkill open sudo ssh brew"
    " apt apt-get which cd pushd popd ps sleep jq grep source . claude gh az aws gcloud test [ true"
)
"""Programs that do the same wherever they run, or say nothing of it."""
_ELSEWHERE = re.compile(r"\bgit clone\b|(?m:^\s*cd\s+[^\s\w.])|(?m:^\s*cd\s+(?:[A-Za-z]:|your\b))")
"""A clone is entered, or a folder that is named by a path from elsewhere."""
_AT_ROOT = re.compile(r"(?m)^\s*#.*\b(?:from|at|in) (?:the )?(?:repo(?:sitory)?|project)? ?root\b", re.IGNORECASE)
_FOREIGN = re.compile(r"[`$@{(^\n]|%\w+%|\b-(?:eq|ne|not|and|or|match)\b")
"""What another shell than ours would understand by itself, or understand otherwise."""
_LOCAL_CLUSTER = re.compile(r"\b(?:minikube|kind create|k3d)\b")
_LONGEST_WORDS = 8_000
_FLAG_OF: dict[str, str] = {
    "placeholder": "placeholder",
    "interactive": "interactive",
    "privileged": "privileged",
    "outward": "outward",
    "production": "outward",
    "destructive": "destructive",
    "os": "mixed-os",
    "hidden": "hidden",
}


class _Place(NamedTuple):
    """Where a fence stands: the headings above it and the words before it."""

    headings: tuple[str, ...]
    words: Paragraph | None
    role: Label | None
    why: str
    follows_shell: bool
    """The block before it is a shell fence and nothing stands between them but the words."""

    @property
    def section(self) -> str:
        return self.headings[-1] if self.headings else ""

    @property
    def prose(self) -> str:
        return self.words.text if self.words else ""


def fence_candidates(data: bytes, *, system: str = "linux") -> list[tuple[int, FenceCandidate]]:
    """The line of each shell fence of a guide that could be a step, and what is known of it."""
    return _read(data, system).candidates


def _refuse_unknown(sections: tuple[str, ...], titles: list[str]) -> None:
    for word in sections:
        if not any(word.lower() in title.lower() for title in titles):
            raise unknown("section", word, titles)


def _within(block: GuideBlock, titles: list[tuple[int, str, bool]]) -> GuideBlock:
    """The block, which is skipped unless it stands in a section that was chosen."""
    chosen = next((is_chosen for line, _, is_chosen in reversed(titles) if line <= block.line), False)
    if chosen or block.action not in ("run", "hold"):
        return block
    return block._replace(action="skip", why="not in the section that was chosen")


def _read(data: bytes, system: str, sections: tuple[str, ...] = ()) -> _Reader:
    source = read_source(data)
    reader = _Reader(source, system)
    reader.sections = tuple(word.lower() for word in sections)
    blocks = read_blocks(source)
    languages = [fence_language(block) for block in _fences(blocks)]
    reader.posix_parts = frozenset(_parts_with_posix(blocks))
    reader.shells = sum(language in POSIX or language in WINDOWS for language in languages)
    if SIGN in source.text:
        from spec_runner.core.decide.said import hear_guide

        reader.heard = hear_guide(source, blocks)
    reader.read(blocks)
    return reader


def read_guide(data: bytes, system: str = "linux", sections: tuple[str, ...] = ()) -> Guide:
    """Read a quickstart and decide what each of its fences is for. Raises SpecError for bytes that cannot be read.

    ``sections`` are parts of titles: what stands under none of these is not followed, and those are whatever their
    titles say. Raises SpecError for a section that is not there.
    """
    reader = _read(data, system, sections)
    blocks = tuple(sorted(reader.found, key=lambda block: block.line))
    if sections:
        _refuse_unknown(sections, [title for _, title, _ in reader.titles])
        blocks = tuple(_within(block, reader.titles) for block in blocks)
    heard = reader.heard
    return Guide(blocks, _cwd_style(reader.scripts), heard.comments if heard else (), heard.stray if heard else ())


def fence_language(block: Block) -> str:
    """The first word of a fence's info string, in lower case."""
    words = block.info.split()
    return words[0].lower().strip("{}.").partition(":")[0] if words else ""


def _fences(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if block.kind == "fence":
            yield block
        yield from _fences(block.children)


_PART = 2
"""The level of the headings that part a guide: what stands under two of them is no other way to do the same."""


def _parts_with_posix(blocks: tuple[Block, ...]) -> Iterator[int]:
    part = 0
    for block in _in_order(blocks):
        if block.kind == "heading":
            part += block.level <= _PART
        elif fence_language(block) in POSIX:
            yield part


def _in_order(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The headings and the fences."""
    for block in blocks:
        if block.kind in ("heading", "fence"):
            yield block
        else:
            yield from _in_order(block.children)


class _Reader:
    """Walks the blocks in order with the headings above them and the words before them."""

    def __init__(self, source: Source, system: str) -> None:
        self.source, self.system = source, system
        self.posix_parts: frozenset[int] = frozenset()
        """The parts of the guide, by number, that have a fence for a shell of this system."""
        self.part = 0
        self.found: list[GuideBlock] = []
        self.scripts: list[tuple[str, bool]] = []
        """The text of each shell fence, and whether it is a step."""
        self.path: list[tuple[int, str, Label | None, str]] = []
        self.words: Paragraph | None = None
        self.follows_shell = False
        self.terminal = 1
        self.variables: dict[str, str] = {}
        """What the commands so far have set."""
        self.line = 0
        """The line of the heading."""
        self.sections: tuple[str, ...] = ()
        """Parts of the titles that were chosen."""
        self.titles: list[tuple[int, str, bool]] = []
        """The line and the text of each heading, and whether it is in a section that was chosen."""
        self.shells = 0
        """How many shell fences there are."""
        self.candidates: list[tuple[int, FenceCandidate]] = []
        """The line of each shell fence that could be a step, and what is known of it."""
        self.commands: set[str] = set()
        """The commands of the shell fences so far."""
        self.quick_level = 0
        """The level of a "Quick Start" section that has been passed, 0 before."""
        self.heard: HeardGuide | None = None
        """What its hidden comments say."""

    def read(self, blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if block.kind == "heading":
                self._enter(block)
            elif block.kind == "fence":
                self._fence(block)
            elif block.kind == "paragraph":
                self._paragraph(block)
            else:
                self.read(block.children)

    def _enter(self, block: Block) -> None:
        title, self.line = heading_title(self.source, block), block.first
        self.part += block.level <= _PART
        self.path = [entry for entry in self.path if entry[0] < block.level]
        # A quick start makes reference of what follows it beside it, not of the parts around.
        self.quick_level = self.quick_level if block.level >= self.quick_level else 0
        role, why = self._role_of_title(title, block.level)
        if any(word in title.lower() for word in self.sections):
            # Whoever names a section wants it followed, whatever its title and those above say of it.
            role, self.path = None, [(level, above, None, "") for level, above, _, _ in self.path]
        self.path.append((block.level, title, role, why))
        is_chosen = any(word in above.lower() for _, above, _, _ in self.path for word in self.sections)
        self.titles.append((block.first, title, is_chosen))
        self.words, self.follows_shell = None, False
        self._turn_to_terminal(title)

    def _role_of_title(self, title: str, level: int) -> tuple[Label | None, str]:
        number = option_number(title)
        if number and number > 1:
            return "alternative", f'"{title}" is another way'
        other = other_system(title, self.system)
        if other:
            return "alternative", f'"{title}" is for {other}'
        if level == 1 and not self.path:
            return None, ""
        role = role_of_heading(title)
        if role == "deploy" and is_numbered(title) and self._is_for_here(title):
            role = None
        if role is None and level == self.quick_level and not goes_on(title):
            return "reference", f'"{title}" comes after the quick start'
        if role is None and level > 1 and is_quick_start(title):
            self.quick_level = level
        return role, f'under "{title}"'

    def _is_for_here(self, title: str) -> bool:
        """Whether what is deployed goes to this machine: to its own cluster, which was named before."""
        if re.search(r"\b(?:rollback|production|staging|cloud)\b", title, re.IGNORECASE):
            return False
        if re.search(r"\blocal(?:host)?\b", title, re.IGNORECASE):
            return True
        return any(_LOCAL_CLUSTER.search(row.lower()) for row in self.source.rows[: self.line])

    def _paragraph(self, block: Block) -> None:
        lines = text_lines(self.source, block)
        marker = re.match(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*", self.source.line(block.first))
        words = without_comments(join_lines(self.source, lines, marker.end() if marker else 0))
        self.words = cut_paragraph(words, _LONGEST_WORDS)
        self._turn_to_terminal(self.words.text)
        self._addresses(self.words)

    def _turn_to_terminal(self, words: str) -> None:
        if not words:
            return
        words = words[:300].lower()
        named = _TERMINAL.search(words)
        if named:
            self.terminal = int(named.group(1)) or 1
        elif _NEW_TERMINAL.search(words):
            self.terminal += 1

    def _place(self) -> _Place:
        headings = tuple(title for _, title, _, _ in self.path)
        role, why = next(((role, why) for _, _, role, why in reversed(self.path) if role), (None, ""))
        if role == "reference" and self.path[-1][2] is None and is_running(self.path[-1][1]):
            role, why = None, ""
        if role is None and self.words is not None:
            role, why = self._role_of_words(self.words.text)
        return _Place(headings, self.words, role, why, self.follows_shell)

    def _role_of_words(self, words: str) -> tuple[Label | None, str]:
        quoted = words if len(words) < 60 else "…" + words[-56:]
        number = option_number(words)
        if number and number > 1:
            return "alternative", f'"{quoted}" is another way'
        other = other_system(words, self.system)
        if other and len(words) < 80:
            return "alternative", f'"{quoted}" is for {other}'
        return role_of_words(words), f'after "{quoted}"'

    def _addresses(self, words: Paragraph) -> None:
        """An address in prose that somebody is asked to open, in a section of steps."""
        if "://" not in words.text or not self.path:
            return
        place = self._place()
        if place.role not in (None, "output"):
            return
        steps = []
        for found in ADDRESS.finditer(words.text):
            before = re.split(r"(?<=[.;!?])\s", words.text[max(found.start() - 160, 0) : found.start()])[-1]
            looks = _LOOKS.search(before)
            if not looks or re.search(r"\b(?:if|should|will|or|when|can)\b", before, re.IGNORECASE):
                continue
            address = found.group().rstrip(".,;:!?*")
            hold: Hold | None = "placeholder" if re.search(r"[{}<>$]|\[", address.partition("//")[2]) else None
            status = expected_status(words.text[found.end() : found.end() + 100])
            why = f'"{looks.group()}" with an address'
            steps.append(
                Step(
                    "url",
                    address,
                    words.line_at(found.start()),
                    expect=status or "ok",
                    hold=hold,
                    why=why,
                    terminal=self.terminal,
                )
            )
        if steps:
            action: Action = "hold" if all(step.hold for step in steps) else "run"
            made = GuideBlock(words.lines[0], "", place.section, "step", action, steps[0].why, (), tuple(steps))
            said = self.heard.lines.get(words.lines[0]) if self.heard else None
            self.found.append(made if said is None else said.of_block(made))

    def _fence(self, block: Block) -> None:
        language = fence_language(block)
        place = self._place()
        shell = language in POSIX or language in WINDOWS
        if self.heard and block.first in self.heard.lines:
            shell, made = self._as_said(block, language, place, self.heard.lines[block.first])
        else:
            made = self._shell(block, language, place) if shell else _other(block, language, place)
        if not block.closed:
            # What follows was swallowed by it: nobody meant that to be run or written.
            why = "the fence is never closed"
            made = made._replace(flags=(*made.flags, "unclosed"), action="skip" if shell else "none", why=why, steps=())
        self.found.append(made)
        if shell:
            self.scripts.append((block.text, made.label == "step" and made.action in ("run", "hold")))
        self.follows_shell = shell
        self.words = None if shell or made.label != "output" else self.words

    def _as_said(self, block: Block, language: str, place: _Place, said: Said) -> tuple[bool, GuideBlock]:
        """What a fence is that a hidden comment speaks of, and whether it is one for a shell."""
        shell = language in POSIX or language in WINDOWS
        if said.reading == "output":
            before = next((at for at in range(len(self.found) - 1, -1, -1) if self.found[at].steps), None)
            if before is not None:
                self.found[before] = said.printing(self.found[before], block.text, block.first)
        elif said.reading == "run" and (shell or language in _UNNAMED):
            lines = [line._replace(left_out="") for line in read_script(block.text, self.system)]
            return True, said.of_block(self._step_block(block, language, place, lines))
        return shell, said.of_block(self._shell(block, language, place) if shell else _other(block, language, place))

    def _shell(self, block: Block, language: str, place: _Place) -> GuideBlock:
        nothing = GuideBlock(block.first, language, place.section, "other", "none", "")
        if _is_env_text(block.text, place):
            return self._env_in_shell(_env_block(block, language, place), place)
        lines = list(read_script(block.text, self.system))
        if not any(line.command for line in lines):
            return nothing._replace(label=place.role or "request", why="nothing in it is a shell command")
        if place.role == "output":
            # Output is not written as a script; what is printed in one is told row by row.
            place = place._replace(role=None)
        if place.role == "alternative":
            return nothing._replace(label="alternative", action="skip", why=place.why)
        if language in WINDOWS and self.system != "windows" and self.part in self.posix_parts:
            why = f"{language} where others are for this system"
            return nothing._replace(label="alternative", action="skip", why=why)
        if all(line.left_out for line in lines if line.command):
            optional = all(line.left_out == "optional" for line in lines if line.command)
            label: Label = "optional" if optional else "alternative"
            return nothing._replace(label=label, action="skip", why="its comments say so")
        return self._weighed(block, language, place, lines)

    def _weighed(self, block: Block, language: str, place: _Place, lines: list[Line]) -> GuideBlock:
        """A fence with commands: a step, one that is unsure, or none."""
        fence = self._candidate(block, place, lines)
        self.candidates.append((block.first, fence))
        reading = read_fence(fence)
        if self.titles and self.titles[-1][2]:
            return self._step_block(block, language, place, lines)._replace(probability=reading.probability)
        if reading.certainty == "leave":
            flags = _flags_of(tuple(self._steps(block, lines, place)), lines, block.text)
            label = place.role if place.role not in (None, "output") else reading.label
            made = GuideBlock(block.first, language, place.section, label, "skip", reading.why, flags)
        else:
            made = self._step_block(block, language, place, lines)
        if reading.certainty == "unsure":
            steps = tuple(_unsure(step) for step in made.steps)
            made = made._replace(action="hold", why=f"unsure: {reading.why}", steps=steps)
        return made._replace(probability=reading.probability)

    def _candidate(self, block: Block, place: _Place, lines: list[Line]) -> FenceCandidate:
        titles = [title for level, title, _, _ in self.path if level > 1] or list(place.headings[-1:])
        commands = tuple(line.command for line in lines if line.command)
        found = FenceCandidate(
            heading=titles[-1] if titles else "",
            outer=" / ".join(titles[:-1]),
            sentence=last_sentence(place.prose)[-200:],
            role=place.role,
            role_why=place.why,
            commands=commands,
            text=block.text,
            before=frozenset(self.commands),
            place=len(self.scripts) / max(self.shells, 1),
        )
        self.commands.update(commands)
        return found

    def _env_in_shell(self, made: GuideBlock, place: _Place) -> GuideBlock:
        """The text of an environment file in a shell fence: it is written where the file is named, not run."""
        if not made.steps:
            return made
        named = made.steps[0].command
        line = place.words.lines[0] if place.words and named in place.prose else made.line + 1
        self.found.append(made._replace(line=line, language=""))
        return made._replace(action="none", why=f"no script, but the text of `{named}`", steps=())

    def _step_block(self, block: Block, language: str, place: _Place, lines: list[Line]) -> GuideBlock:
        taken = [line for line in lines if line.command and not line.left_out]
        steps = tuple(self._steps(block, taken, place))
        steps = self._expecting(block, steps)
        action: Action = "hold" if all(step.hold for step in steps) else "run"
        why = f'under "{place.section}"' if place.section else "a shell fence"
        flags = _flags_of(steps, lines, block.text)
        return GuideBlock(block.first, language, place.section, "step", action, why, flags, steps)

    def _steps(self, block: Block, lines: list[Line], place: _Place) -> Iterator[Step]:
        where = _named_place(place.prose)
        after = self._words_after(block)
        is_foreign = fence_language(block) in WINDOWS
        for line in lines:
            if not line.command:
                continue
            self.variables.update(assignments_of(line.command))
            self._turn_to_terminal(line.comment)
            words = f"{place.section}. {place.prose[-300:]} {line.comment}"
            is_last = line is lines[-1]
            leaves = is_last and _NEW_TERMINAL.search(after[:100].lower()) is not None
            service = is_service(line.command, f"{words} {after}" if is_last else words, needs_terminal=leaves)
            holds = holds_of(line.command, system=self.system, variables=self.variables)
            hold = holds[0] if holds else None
            by_hand = service and _BY_HAND.search(f"{line.comment} {line.below}".lower()) is not None
            asks = is_last and not line.command.startswith("curl") and _ASKS.search(after.lower()) is not None
            asks = asks or (is_last and _WINDOW.search(f"{place.section} {after}".lower()) is not None)
            if hold is None and is_foreign and _FOREIGN.search(line.command):
                hold, holds = "os", ("os",)
            if hold is None and _FILLED_IN.search(line.comment):
                hold = "placeholder"
            if hold is None and (by_hand or asks):
                hold = "interactive"
            step = Step(
                "service" if service else "command",
                line.command,
                block.first + 1 + line.line,
                cwd=_named_place(line.comment) or where,
                expect=_expected(line, place.section),
                hold=hold,
                why=line.comment or place.section,
                moves=is_move(line.command),
                terminal=self.terminal,
                holds=holds,
                answer=0 if service else limit_of_answer(line.command, f"{words} {line.below} {after}"),
            )
            yield with_printed(step, line.printed)

    def _expecting(self, block: Block, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps with what is said to come of them; what reads that is imported where something is."""
        first = block.first + block.text.count("\n") + 2
        below: list[str] = []
        for at in range(first, min(first + _BELOW, self.source.line_count + 1)):
            row = self.source.line(at).rstrip("\r\n")[:_LONGEST_ROW]
            if row.lstrip(" \t>")[:1] in _MARKS and _NEXT_PART.match(row):
                break
            below.append(row)
        if not says(block.text) and not any(map(says, below)):
            return steps
        from spec_runner.core.decide.expecting import Row, expect_in_fence

        rows = [Row(row, block.first + 1 + at) for at, row in enumerate(block.text.split("\n"))]
        return expect_in_fence(steps, rows, [Row(row, first + at) for at, row in enumerate(below)])

    def _words_after(self, block: Block) -> str:
        """The prose just below a fence, up to the next fence or heading."""
        found: list[str] = []
        at = block.first + block.text.count("\n") + 2
        while at <= self.source.line_count and len(found) < 8:
            row = self.source.line(at).strip()[:300]
            if row.startswith(("```", "~~~", "#")):
                break
            found += [row] if row else []
            at += 1
        return " ".join(found)


def _unsure(step: Step) -> Step:
    """The step, held as unsure beside whatever else holds it."""
    holds = step.holds or ((step.hold,) if step.hold else ())
    return step._replace(hold=step.hold or "unsure", holds=(*holds, "unsure"))


def _expected(line: Line, section: str) -> str:
    """How the comments around a command and its heading judge it."""
    said = f"{line.comment} {line.below if _EXPECTS.search(line.below.lower()) else ''}"
    if says_failure(said) or says_failure(section):
        return "fail"
    if says_nothing(said) and re.match(r"\s*(?:grep|rg|git|find)\b", line.command):
        return "empty"
    return "other" if _EXPECTS.search(said.lower()) else "ok"


def _flags_of(steps: tuple[Step, ...], lines: list[Line], text: str) -> tuple[str, ...]:
    goes_on = any(step.kind == "service" or any(map(watches, programs_of(step.command))) for step in steps)
    flags = ["service"] if goes_on else []
    flags += [_FLAG_OF[step.hold] for step in steps if step.hold]
    flags += ["repl"] if any(line.is_input for line in lines) else []
    flags += ["prompt"] if any(line.is_prompted for line in lines) else []
    flags += ["mixed-os"] if any(line.left_out in ("windows", "macos", "linux") for line in lines) else []
    flags += ["output-inside"] if any(not line.command and not line.is_input for line in lines) else []
    flags += ["expects"] if any(step.expect != "ok" for step in steps) or _EXPECTS.search(text.lower()) else []
    return tuple(dict.fromkeys(flags))


@lru_cache(maxsize=64)
def _named_place(words: str) -> str | None:
    """A directory that words before a fence name plainly: "From the repository root", "In the `backend` directory"."""
    near = words[:300].lower()
    if not _NAMES_PLACE.search(near) or not _LEADS_TO_PLACE.search(near):
        return None
    return place_of(paragraph_of(words[-300:]))


def paragraph_of(text: str) -> Paragraph:
    """A text on its own as a paragraph."""
    return join_lines(read_source(text.replace("\n", " ").replace("\0", " ").encode("utf-8", "replace")), range(1, 2))


def _is_env_text(text: str, place: _Place) -> bool:
    """Whether a fence holds ``KEY=value`` lines for an environment file."""
    rows = [row.strip() for row in text.split("\n") if row.strip() and not row.strip().startswith("#")]
    if not rows or not all(
        re.match(r"[A-Z][A-Z0-9_]*=(?!\$\()\S*", row)
        and not re.search(r"\s(?!#)[a-z./]", row.partition("=")[2].partition("#")[0].strip("\"'"))
        for row in rows
    ):
        return False
    said = f"{place.section} {place.prose} {text[:200]}"
    return len(rows) > 1 or ".env" in said or re.search(r"\benv(?:ironment)?\b", said, re.IGNORECASE) is not None


def _env_block(block: Block, language: str, place: _Place) -> GuideBlock:
    first = block.text.lstrip().split("\n", 1)[0]
    named = next(
        (
            found.group(1)
            for said in (first if first.startswith("#") else "", place.prose, place.section)
            if (found := _ENV_PATH.search(said))
        ),
        None,
    )
    made = GuideBlock(
        block.first, language, place.section, "env", "none", place.why or "an example of an environment file"
    )
    if place.role is not None or named is None or re.search(r"\.(?:example|sample|template|dist)$", named):
        return made._replace(
            label="env" if place.role in (None, "optional", "reference", "alternative") else place.role
        )
    keys = tuple(dict.fromkeys(found.group(1) for row in block.text.split("\n") if (found := _ASSIGNED.match(row))))
    why = f"`{named}` is named for it"
    where = _named_place(place.prose.partition(named)[2].lstrip("`"))
    step = Step("env", named, block.first, cwd=where, why=why, keys=keys, content=block.text)
    return made._replace(action="run", why=why, steps=(step,))


def _other(block: Block, language: str, place: _Place) -> GuideBlock:
    """A fence that no shell reads."""
    made = GuideBlock(block.first, language, place.section, "other", "none", place.why)
    if language in FOREIGN:
        return made._replace(
            label="alternative", action="skip", why=f"a script of {language}, which bash does not read"
        )
    if place.role not in (None, "output"):
        return made._replace(label=place.role or "other")
    if place.role == "output" or is_output(place.prose):
        return made._replace(label="output")
    if language in ("env", "dotenv") or (language in _ENV_LANGUAGES and _is_env_text(block.text, place)):
        return _env_block(block, language, place)
    if language in ("http", "rest") or re.match(r"\s*(?:GET|POST|PUT|PATCH|DELETE) (?:/|http)", block.text):
        return made._replace(label="request", why="a request")
    path, source = _file_path(block, place)
    if path:
        return _file_block(made, block, language, place, path, source)
    if language in _CODE:
        return made._replace(label="code", why="code without a file")
    return made._replace(
        label="output" if place.follows_shell and not place.prose and language in ("", "text", "json") else "other",
        why="not a shell fence",
    )


def _file_path(block: Block, place: _Place) -> tuple[str, str]:
    """The file that a fence is the text of, and where it is named: in the info string, a comment, or the words."""
    titled = re.search(r"(?:title|file(?:name)?|path)=[\"']?([^\"'\s}]+)", block.info)
    tail = block.info.split()[0].partition(":")[2] if ":" in block.info.split(" ")[0] and block.info.split() else ""
    if titled or (tail and _PATH.match(tail)):
        return (titled.group(1) if titled else tail), "info"
    comment = _COMMENT_PATH.match(block.text.split("\n", 1)[0][:300])
    if comment:
        return comment.group(1), "comment"
    for words in (place.words, paragraph_of(place.section) if place.section else None):
        codes = [code.text for code in words.codes if _PATH.match(code.text)] if words else []
        if codes:
            return codes[-1], "words"
    return "", ""


def _file_block(made: GuideBlock, block: Block, language: str, place: _Place, path: str, source: str) -> GuideBlock:
    said = f"{place.section}. {place.prose}"
    creates, edits = _CREATES.search(said), _EDITS.search(said)
    whole = (creates and not (edits and source == "words" and edits.start() > creates.start())) or (
        not edits and language in _CONFIG and source != "words"
    )
    if (
        not whole
        or path.startswith(("/", "~"))
        or ".." in path
        or re.search(r"[{}<>*]|XX|YY", path)
        or not block.closed
        or _CUT_SHORT.search(block.text)
        or (source == "comment" and not creates and _MANIFEST.search(path))
    ):
        return made._replace(label="file", why=f"`{path}` is named, but not to be written as it stands here")
    why = f"`{path}` is named for it"
    return made._replace(
        label="file",
        action="run",
        why=why,
        steps=(Step("file", path, block.first, cwd=_named_place(place.prose), why=why, content=block.text),),
    )


def _cwd_style(scripts: list[tuple[str, bool]]) -> GuideCwd:
    """Whether each fence starts at the root; told by going through the guide as if each went on where the last ended.

    For the root speak fences that enter a folder from where it cannot be, and those that name paths from above the
    folder where they would stand; against it all others that depend on where they run, and those that go back.
    """
    for_root = against = 0
    standing, is_elsewhere = directories.ROOT, False
    for text, is_step in scripts:
        text = text[:LONGEST]
        target = _entered(text)
        for_root += is_step and standing == directories.ROOT and _AT_ROOT.search(text) is not None
        if standing != directories.ROOT and (is_step or target):
            for_root += bool(target) or (is_step and _names_from_above(text, standing))
            against += is_step and not target and _depends_on_place(text) and not _names_from_above(text, standing)
        if is_step:
            is_elsewhere = is_elsewhere or _ELSEWHERE.search(text) is not None
            standing = _left(text, directories.ROOT if target else standing)
    if for_root or against:
        return "root" if for_root >= against else "carry"
    return "carry" if is_elsewhere else "root"


def _left(text: str, standing: str) -> str:
    """Where a fence leaves the shell; a clone or a path from elsewhere is the repository."""
    is_clone = False
    for statement in read_statements(text):
        for command in () if statement.compound else statement.commands:
            is_clone = is_clone or command.words[1:2] == ("clone",)
            if command.name in ("cd", "pushd", "popd"):
                standing = directories.after(" ".join(command.words), standing) or directories.ROOT
                standing, is_clone = directories.ROOT if is_clone else standing, False
    return standing


def _depends_on_place(text: str) -> bool:
    """Whether what a shell fence runs may depend on where it runs: requests and the machine's own tools do not."""
    commands = [command for statement in read_statements(text[:LONGEST]) for command in statement.commands]
    return any(command.name and command.name not in _ANYWHERE for command in commands)


def _names_from_above(text: str, standing: str) -> bool:
    """Whether a fence names paths that begin with the folder where it would stand, or says that it is at the root."""
    first = re.escape(standing.split("/")[0])
    rows = re.sub(r"(?m)(?:^|\s)#.*$", "", text)
    return re.search(rf"(?m)(?:^|[\s\"'=])(?:\./)?{first}/", rows) is not None or _AT_ROOT.search(text) is not None


def _entered(text: str) -> str:
    """The folder that a shell fence goes to first, seen from where it starts; empty if it goes back or to a clone."""
    if "cd" not in text:
        return ""
    commands = [command for statement in read_statements(text[:LONGEST]) for command in statement.commands]
    moves = [command.words[1].rstrip("/") for command in commands if command.name == "cd" and len(command.words) > 1]
    if not moves or any(command.words[:2] == ("git", "clone") for command in commands):
        return ""
    if any(move.startswith(("..", "-")) for move in moves) or moves[0].startswith(("~", "/", "$")):
        return ""
    return moves[0]

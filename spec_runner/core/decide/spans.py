"""A code span in a sentence → whether the sentence asks to run it, and the words that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spec_runner.core.decide.shape import Shape, is_value, shape_of
from spec_runner.core.decide.words import (
    Verb,
    governing_verb,
    head_verb,
    is_condition,
    is_connector,
    is_labelled_report,
    is_report,
    names_container,
)
from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.programs import names
from spec_runner.core.text.inline import Code, Paragraph

_FILE = Lazy(r"[\w./-]*\w\.[A-Za-z][\w]{0,9}$|(?:.*/)?(?:Makefile|Dockerfile|Justfile|Procfile|\.\w+rc|\.gitignore)$")
_FILE_IN_PROSE = Lazy(
    r"(?<![\w/.])(?![A-Z]\w+\.js\b)[\w.-]*[\w/.-]*\w\.(?:md|ya?ml|json|toml|py|tsx?|jsx?|sh|go|rs|rb|cs|ps1"
    r"|sql|txt|html)\b|\b(?:Makefile|Dockerfile|README)\b",
    needs=".cs|.go|.html|.js|.md|.ps1|.py|.rb|.rs|.sh|.sql|.toml|.ts|.txt|.y|dockerfile|makefile|readme",
)
_JOINED = Lazy(
    r"(?:\s|[,+&/、，→;)(]|->|=>|\b(?:and|then|und|et|y|e|и|以及|和|と)\b|\b(?:also|finally|followed by|plus|as"
    r" well as)\b)*$",
    re.IGNORECASE,
)
_CHOICE = Lazy(
    r"\W*\b(?:or|oder|ou|lub|или|または|或)\b\W*(?:with |via |using |just |simply |if you prefer )?\W*$"
    r"|[\s(]*(?:或|または|もしくは)\s*$",
    re.IGNORECASE,
    needs="lub|oder|or|ou|или|または|もしくは|或",
)
_OUTCOME = Lazy(
    r"\s*[*\"'”)]*\s*(?:command |again |still |now |all |both |also |in \S+ )*(?:pass|succeed|work|exit"
    r"|return|complete|run|start|is |are |report|produce|build|finish|green|clean|install|show|print|output"
    r"|find|compile|boot|launch|emit|generate|create|yield|fail|must|should|を|で|が)",
    re.IGNORECASE,
    needs="are|boot|build|clean|compile|complete|create|emit|exit|fail|find|finish|generate|green|install|is|"
    "launch|must|output|pass|print|produce|report|return|run|should|show|start|succeed|work|yield|が|で|を",
)
_THAT = Lazy(
    r"\s*(?:that|the|if|whether|both|all|a|de|que|dass|,|existing|full|complete|local|clean|final|\"|'|\*|:)*\s*$",
    re.IGNORECASE,
)
_RUN_AFTER = Lazy(
    r"\s*(?:コマンド)?\s*(?:を|を再|を順に|로|을|를)?\s*(?:実行|실행|確認|확인|執行|运行|通過|通过)",
    needs="執行|実行|確認|运行|通过|通過|실행|확인",
)
_MAKES_NOUN = Lazy(
    r"\s*(?:command|targets?|workflow|scripts?|step|job|section|subcommand|flag|option|helper|support"
    r"|parity|wrapper|usage|hook|recipe|alias|canonicali\w+|fixture)\b",
    re.IGNORECASE,
    needs="alias|canonicali|command|fixture|flag|helper|hook|job|option|parity|recipe|script|section|step|"
    "support|target|usage|workflow|wrapper",
)
_AFTER_CLAUSE = names("and then to in from on at for with until before after so over using inside against once under")
_IS_THERE = Lazy(
    r"\W*(?:is|are|be) (?:installed|available|on the path|present|there)|\W*exists?\b",
    re.IGNORECASE,
    needs="available|exist|installed|on the path|present|there",
)
_DESCRIBES = Lazy(
    r"(?<!by )\b(?:running|executing|invoking|launching)\W*$",
    re.IGNORECASE,
    needs="executing|invoking|launching|running",
)
_BY_MEANS = Lazy(
    r"\b(?:via|with|using|by running|by executing|by means of)\W*$",
    re.IGNORECASE,
    needs="by executing|by means of|by running|using|via|with",
)
_CHANGES = Lazy(
    r"\W*(?:add|create|rename|move|bump|upgrade|update|set up|refresh)\b",
    re.IGNORECASE,
    needs="add|bump|create|move|refresh|rename|set up|update|upgrade",
)
_PREPOSITION = Lazy(r"\b(?:in|from|of|for|into|to|on|under|at|as|per|the|a|an|by)\s*[\"'*(]*$", re.IGNORECASE)
_TAKES_AWAY = Lazy(
    r"\b(?:remove|delete|rename|replace|move|copy|record|capture|search|find|grep|tag|commit|use|using|lock"
    r"|pin|find)\s*(?:the |all |any )*$",
    re.IGNORECASE,
    needs="capture|commit|copy|delete|find|grep|lock|move|pin|record|rename|replace|search|tag|use|using",
)
_STRONG = Lazy(r"(?:[.;]|\band|\bthen|\bby)\W*[\w ]{0,14}$|執行|执行|运行|運行|実行")
"""A clause of its own leads to the command, so that it is asked for and not part of a text."""
_SWAPS = Lazy(r"\W*(?:replace|swap|change|convert|switch)\b", re.IGNORECASE, needs="change|convert|replace|swap|switch")
_PURPOSE = Lazy(r"\bto (?:re-?)?(?:run|execute|invoke|launch)\W*$", re.IGNORECASE, needs="to")
_CHECK_LABEL = Lazy(
    r"\W*(?:verify|verification|test|check|run|execute|acceptance|validate|gate|验证|驗證|確認|検証)\b",
    re.IGNORECASE,
    needs="acceptance|check|execute|gate|run|test|validate|verification|verify|検証|確認|驗證|验证",
)
_NUMBER = Lazy(r"[\s*_:\[\]()—-]*(?:[A-Z]{0,3}\d{0,3}[.):]*\s*)?$")
_ALONE = names("pytest make tox nox tsc mypy ruff")


class Reading(NamedTuple):
    """A span that looks like a command, and what the words say about it."""

    code: Code
    runs: bool
    why: str


class Around(NamedTuple):
    """What is known of the task around a bullet."""

    head: Verb
    holds_text: bool
    """The task makes a file that commands are written into."""


class _Span(NamedTuple):
    """A span in its sentence: the words before it from the start of the text, and those after it."""

    code: Code
    shape: Shape
    paragraph: Paragraph
    start: int
    before: str
    after: str
    gap: str
    """What stands between the verb that governs the span and the span."""
    around: Around | None

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start :]

    @property
    def head(self) -> Verb:
        return "make" if edits_file(self.paragraph, self.start) else head_verb(self.text)

    @property
    def in_file(self) -> bool:
        """A file or another thing that holds text is named before it, and what stands here is written into it."""
        if self.around is not None:
            return self.around.holds_text
        if self.head != "make" or head_verb(_last_sentence(self.before)) == "act":
            return False
        spans = (other for other in self.paragraph.codes if self.start <= other.start < self.code.start)
        named = any(is_file(other.text) for other in spans) or _FILE_IN_PROSE.search(self.before) is not None
        return named or names_container(self.before[:200])

    @property
    def leads(self) -> bool:
        return is_connector(self.before)

    @property
    def direct(self) -> bool:
        return _THAT.match(self.gap) is not None

    @property
    def has_outcome(self) -> bool:
        return _OUTCOME.match(self.after) is not None

    @property
    def starts(self) -> bool:
        """The text begins with it, a number aside."""
        return _NUMBER.match(self.before) is not None

    def read(self, runs: bool, why: str, otherwise: str) -> Reading:
        return Reading(self.code, runs, why if runs else otherwise)

    @property
    def quoted(self) -> str:
        return '"' + " ".join(self.before.strip(" *_").split()[-5:])[-48:] + '"'


def readings_of(paragraph: Paragraph, start: int = 0, around: Around | None = None) -> Iterator[Reading]:
    """Each span of a paragraph that looks like a command, in order, with the decision on it."""
    prose, end = "", start
    last: Reading | None = None
    for code in paragraph.codes:
        if code.start < start:
            continue
        shape = shape_of(code.text)
        if last is None and not shape:
            continue
        prose = prose or paragraph.prose
        between = prose[end : code.start]
        shape = shape or ("maybe" if last and last.runs and _repeats(code.text, last.code.text) else "")
        if shape:
            last = _joined(code, shape, between, last) or _read(code, shape, paragraph, prose, start, around)
            end = code.end
            yield last
        elif last is not None and between.strip(" ,/、"):
            last = None if re.search(r"[.;。；]\s", between) else last
            end = end if last else code.end


def holds_text(paragraph: Paragraph, start: int) -> bool:
    """Whether a text makes something that holds commands: "Create `ci.yml` with:"."""
    title = paragraph.text[start:]
    if head_verb(title) != "make":
        return False
    codes = (code for code in paragraph.codes if code.start >= start)
    named = any(is_file(code.text) for code in codes) or _FILE_IN_PROSE.search(title[:500]) is not None
    return named or names_container(title[:200])


def edits_file(paragraph: Paragraph, start: int) -> bool:
    """The text begins with the name of a file and a colon: what follows is what to change in it."""
    first = next((code for code in paragraph.codes if code.start >= start), None)
    if first is None or paragraph.text[start : first.start].strip(" *_[]") or not is_file(first.text):
        return False
    return re.match(r"\s*(?:\([^)]{0,80}\)\s*)?[:：—–-]", paragraph.text[first.end :]) is not None


def is_file(text: str) -> bool:
    """Whether a span is the name of a file."""
    return _FILE.match(text) is not None


def _repeats(text: str, command: str) -> bool:
    """A lone word that is the program of the command before it: "`tool --fast` and `tool`"."""
    return text == command.split(" ", 1)[0] and " " in command


def _joined(code: Code, shape: Shape, between: str, last: Reading | None) -> Reading | None:
    """A span that is one of several: the same decision as for the one before it, unless it is the other choice."""
    if last is None:
        return None
    if _CHOICE.match(between):
        short = last.code.text if len(last.code.text) <= 40 else last.code.text[:37] + "…"
        return Reading(code, False, f"an alternative to `{short}`")
    if _JOINED.match(between) and (shape != "maybe" or last.runs):
        return Reading(code, last.runs, last.why)
    return None


def _read(code: Code, shape: Shape, paragraph: Paragraph, prose: str, start: int, around: Around | None) -> Reading:
    """Decide one span by the words before and after it."""
    before, after = prose[start : code.start], prose[code.end : code.end + 60]
    if _RUN_AFTER.match(after):
        return Reading(code, True, f'"{after.strip()[:12]}" after the command')
    refusal = _refusal(before, after, code.text)
    if refusal:
        return Reading(code, False, refusal)
    verb, end = governing_verb(before)
    return _judge(_Span(code, shape, paragraph, start, before, after, before[end:], around), verb)


def _refusal(before: str, after: str, text: str) -> str:
    if is_report(before):
        return f'the words speak about the command: "{before.strip()[-30:].strip()}"'
    if is_labelled_report(before):
        return "it stands in a result, a note or a reference"
    if " " not in text and _IS_THERE.match(after):
        return "the words ask whether it is there"
    return "it is to be run only under a condition" if is_condition(before) else ""


def _last_sentence(before: str) -> str:
    return re.split(r"[.!?]\s+(?=[A-Z])", before)[-1]


def _judge(span: _Span, verb: Verb) -> Reading:
    """By the verb that governs the span."""
    if verb == "run":
        return _under_run(span)
    sentence = _last_sentence(span.before)
    if verb == "make" and len(sentence) < len(span.gap) and span.leads and re.search(r"(?i)\bcommands?\W*$", sentence):
        return Reading(span.code, True, f'"{sentence.strip()[-48:]}" leads to it')
    if span.shape == "maybe" and not _is_sure_enough(span, verb):
        return Reading(span.code, False, "nothing asks for this to be run")
    judges = {"verify": _under_verify, "act": _under_act, "make": _under_make}
    return judges.get(verb, _without_verb)(span)


def _is_sure_enough(span: _Span, verb: Verb) -> bool:
    """Whether a lone script or program is meant to be run although no word says "run"."""
    if is_value(span.code.text):
        return False
    by_means = _BY_MEANS.search(span.before) is not None
    asked = verb in ("verify", "act") and ((span.direct and span.has_outcome) or by_means)
    whole = span.code.text.split(" ")[0] in _ALONE or span.code.text.startswith("./")
    return (asked and not span.code.text.endswith(".py")) or (whole and (span.leads or not span.before.strip()))


def _under_run(span: _Span) -> Reading:
    """As in "Run `x`"; not what a thing that is made will run."""
    purpose = _PURPOSE.search(span.before) is not None
    if span.in_file and (purpose or not _STRONG.search(span.before[-24:])):
        return Reading(span.code, False, "it is text for something that is written")
    if span.head == "make" and (purpose or _DESCRIBES.search(span.before)):
        return Reading(span.code, False, "it is what the thing that is made will run")
    asked = span.direct or span.leads or span.shape != "maybe"
    return span.read(asked, f"{span.quoted} before the command", "nothing asks for this to be run")


def _under_verify(span: _Span) -> Reading:
    """As in "Verify with `x`", "Ensure `x` passes"; not "Verify that the guide mentions `x`"."""
    runs = span.direct or span.leads or span.has_outcome
    if span.around is not None and span.around.holds_text:
        runs = runs and _CHECK_LABEL.match(span.text) is not None
    return span.read(runs, f"{span.quoted} asks to verify it", "it is only mentioned in what is to be verified")


def _under_act(span: _Span) -> Reading:
    """As in "Install the packages: `x`", "Delete the old files `x`"; not "Remove `x` from the list"."""
    ends = _ends_clause(span.after)
    before = span.text[: len(span.before)][-40:]
    apposed = span.gap.strip() != "" and ends and _PREPOSITION.search(before) is None
    runs = span.leads or apposed or (span.direct and _TAKES_AWAY.search(span.before) is None)
    return span.read(runs and not span.in_file, f"{span.quoted} with a command", "it is only mentioned")


def _ends_clause(after: str) -> bool:
    """Whether a clause ends here: with the text, at a sign, or before a word that leads on."""
    rest = after.lstrip()
    if not rest or rest[0] in ".,;:()—–→<*-。，；（）":
        return True
    end = next((at for at, letter in enumerate(rest) if not (letter.isalnum() or letter == "_")), len(rest))
    return rest[:end].lower() in _AFTER_CLAUSE


def _under_make(span: _Span) -> Reading:
    """As in "Create a superuser: `x`", "Add the package via `x`"; not "Create `ci.yml` with `x`"."""
    runs = span.leads and not span.in_file and not names_container(span.gap) and not _MAKES_NOUN.match(span.after)
    by_means = _BY_MEANS.search(span.before) is not None and _CHANGES.match(span.text) is not None
    runs = (runs or (by_means and " " in span.code.text)) and not _SWAPS.match(span.text)
    return span.read(runs, f"{span.quoted} is done by the command", "it is text for something that is written")


def _without_verb(span: _Span) -> Reading:
    """As in "`x` passes" and "Linting: `x`"."""
    made = span.around is not None and (span.around.holds_text or span.around.head == "make")
    why = "the task begins with it" if span.starts else "the words before it lead to it"
    return span.read((span.starts or span.leads) and not made, why, "nothing asks for this to be run")

"""What the words of a task mean to be run: which of its code spans, where, and how success is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spec_runner.core.document import Detail, Fence, Task
from spec_runner.core.holds import gravest, has_placeholder, hold_of
from spec_runner.core.inline import Code, Paragraph
from spec_runner.core.place import place_of
from spec_runner.core.programs import assignments_of
from spec_runner.core.shape import Shape, is_move, is_service, shape_of, without_prompt
from spec_runner.core.shellread import read_statements
from spec_runner.core.steps import Hold, Intent, Step
from spec_runner.core.success import expected_of, expected_status
from spec_runner.core.words import (
    Verb,
    governing_verb,
    head_verb,
    is_condition,
    is_connector,
    is_labelled_report,
    is_report,
    names_container,
)

SHELL_LANGUAGES = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "terminal", "accept"})
_LONGEST = 20_000
"""Texts longer than this are read up to here: no sentence of a person is longer."""
_FILE = re.compile(r"[\w./-]*\w\.[A-Za-z][\w]{0,9}$|(?:.*/)?(?:Makefile|Dockerfile|Justfile|Procfile|\.\w+rc|\.gitignore)$")
_FILE_IN_PROSE = re.compile(r"(?<![\w/.])(?![A-Z]\w+\.js\b)[\w.-]*[\w/.-]*\w\.(?:md|ya?ml|json|toml|py|tsx?|jsx?|sh|go|rs|rb|cs|ps1|sql|txt|html)\b|\b(?:Makefile|Dockerfile|README)\b")
_JOINED = re.compile(r"(?:\s|[,+&/、，→;)(]|->|=>|\b(?:and|then|und|et|y|e|и|以及|和|と)\b|\b(?:also|finally|followed by|plus|as well as)\b)*$", re.IGNORECASE)
_CHOICE = re.compile(r"\W*\b(?:or|oder|ou|lub|или|または|或)\b\W*(?:with |via |using |just |simply |if you prefer )?\W*$|[\s(]*(?:或|または|もしくは)\s*$", re.IGNORECASE)
_OUTCOME = re.compile(r"\s*[*\"'”)]*\s*(?:command |again |still |now |all |both |also |in \S+ )*(?:pass|succeed|work|exit|return|complete|run|start|is |are |report|produce|build|finish|green|clean|install|show|print|output|find|compile|boot|launch|emit|generate|create|yield|fail|must|should|を|で|が)", re.IGNORECASE)
_THAT = re.compile(r"\s*(?:that|the|if|whether|both|all|a|de|que|dass|,|existing|full|complete|local|clean|final|\"|'|\*|:)*\s*$", re.IGNORECASE)
_RUN_AFTER = re.compile(r"\s*(?:コマンド)?\s*(?:を|を再|を順に|로|을|를)?\s*(?:実行|실행|確認|확인|執行|运行|通過|通过)")
_MAKES_NOUN = re.compile(r"\s*(?:command|targets?|workflow|scripts?|step|job|section|subcommand|flag|option|helper|support|parity|wrapper|usage|hook|recipe|alias|canonicali\w+|fixture)\b", re.IGNORECASE)
_ENDS_CLAUSE = re.compile(r"\s*(?:$|[.,;:()—–→<*]|-|\b(?:and|then|to|in|from|on|at|for|with|until|before|after|so|over|using|inside|against|once|under)\b|[。，；（）])", re.IGNORECASE)
_BY_MEANS = re.compile(r"\b(?:via|with|using|by running|by executing|by means of)\W*$", re.IGNORECASE)
_CHANGES = re.compile(r"\W*(?:add|create|rename|move|bump|upgrade|update|set up|refresh)\b", re.IGNORECASE)
_LEFT_OUT = re.compile(r"\(\s*(?:skip(?:ped)?|deferred|not run|n/a)\b(?! if)|\bskip(?:ped)? for now\b|\b(?:SKIPPED|DEFERRED)\b|\bnot run(?: here| yet| locally)?\b(?=[.;)])")
_PRESS = re.compile(r"\bpress(?:ing)? (?:\w+|`)|\b(?:scan|type) the (?:QR|code)\b", re.IGNORECASE)
_PRODUCTION = re.compile(r"\b(?:on|in|to|against|for) (?:the )?(?:production|prod|live)\b(?! (?:build|mode|bundle|ready))", re.IGNORECASE)
_PREPOSITION = re.compile(r"\b(?:in|from|of|for|into|to|on|under|at|as|per|the|a|an|by)\s*[\"'*(]*$", re.IGNORECASE)
_TAKES_AWAY = re.compile(r"\b(?:remove|delete|rename|replace|move|copy|record|capture|search|find|grep|tag|commit|use|using|lock|pin|find)\s*(?:the |all |any )*$", re.IGNORECASE)
ADDRESS = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::\d{1,5})?(?:/[^\s`'\"<>)\]，。；、（）]*)?", re.IGNORECASE)
_LOOKS = re.compile(r"\b(?:navigate|open|visit|browse|access\w*|verify|verif\w+|check|confirm|ensure|reach\w*|load|test|go to|ping|hit|get|validate|view|probe|smoke|curl|see)\b|驗證|验证|確認|确认|檢查|检查|访问|訪問|打开|開啟|アクセス|провер|открой|sprawd|vérifi|ouvrir|acessar|verific|abrir", re.IGNORECASE)
_GUIDE = re.compile(r"(?<![\w-])quick[ -]?starts?(?![\w-])(?:\.md\b)?", re.IGNORECASE)
_GUIDE_CHECKED = re.compile(
    r"\b(?:re-?)?(?:run|execut(?:e|ing|ar)|validat(?:e|ing)|verify|verifying|test|follow|walk|check|perform|confirm|complete|exercise|smoke|try|dry-?run|ejecut\w+|valid(?:ar|er)"
    r"|przeprowad\w+|sprawd\w+|провер\w+|выполн\w+|запуст\w+|prüf\w+|tester)\b|執行|执行|運行|运行|驗證|验证|確認|实行|実行|検証|测试|測試|검증|실행",
    re.IGNORECASE,
)
_CHECK_NOUN = re.compile(
    r"[`*\s]*(?:guide |manual |smoke |end-to-end |full |all )*(?:validation|verification|walk-?through|scenarios?|smoke|checks?|test|run|dry run|checklist)\b|.{0,4}(?:驗證|验证|検証)", re.IGNORECASE
)
_MEASURE = re.compile(
    r"\b(?:checks?|tests?|testing|validation|verification|smoke|walk-?through|e2e|testy|run)\b[^.;]{0,40}\b(?:per|following|against|via|using|according to|zgodnie z)\s+(?:the\s+|all\s+)?[`\w./-]*$", re.IGNORECASE
)
_PARTS = re.compile(r"\b(?:steps?|scenarios?|instructions|checks?|flows?|commands|recipes?|procedures?|examples?|matrix|checklists?)\s+(?:\w+\s+)?(?:from|in|of)\s+(?:the\s+)?[`*\w./-]*$", re.IGNORECASE)
_ENV_FILE = re.compile(r"(?:[\w.-]+/)*\.env(?:\.(?:local|development|dev|test))?$")
_ENV_IN_PROSE = re.compile(r"(?<![\w.])((?:[\w-]+/)*\.env(?:\.(?:local|development|dev|test))?)(?![\w.-]*\w)")
_KEY = re.compile(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:\s*=.*)?$", re.DOTALL)
_KEY_IN_PROSE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_SETS_ENV = re.compile(r"\W*(?:\w+\s+){0,2}?(?:configure|set|setup|add|create|define|provide|fill|populate|copy|put|prepare|export|supply|specify|konfigur\w+|configur\w+|crear|criar|設定|设置|配置|创建|建立|настро\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A command-shaped span and what the words say about it."""

    code: Code
    runs: bool
    why: str


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of the task around one of its paragraphs."""

    head: Verb
    holds_text: bool
    """The task makes a file that commands are written into."""


def decide(task: Task, *, system: str = "linux", has_guide: bool = True) -> Intent:
    """What this task means to be run, and the words that say so."""
    steps, refused = _commands(task, system)
    steps = _held_together(_once(steps))
    left_out = _LEFT_OUT.search(task.text.prose[:_LONGEST], task.title_start)
    if left_out and not task.notes:
        return Intent("none", f'the task says itself that it was left out: "{left_out.group().strip()}"')
    if _checks_guide(task):
        why = "the words ask to go through the quickstart" + ("" if has_guide else "; the spec has no quickstart.md")
        guide = Step("quickstart", "quickstart.md", task.line, cwd=place_of(task.text, task.title_start), why=why)
        return Intent("quickstart", why, (*_asked_beside_guide(steps), guide))
    if steps:
        kind = "service" if any(step.kind == "service" for step in steps) else "command"
        return Intent("service" if kind == "service" else "command", steps[0].why, tuple(steps))
    for found in (_env(task), _address(task)):
        if found:
            return found
    return Intent("none", refused or "no command, address or quickstart in its words")


def _once(steps: list[Step]) -> list[Step]:
    """A command that the words name twice is run once, with the judgement that says more."""
    found: dict[str, Step] = {}
    for step in steps:
        known = found.get(step.command)
        found[step.command] = step if known is None else replace(known, expect=step.expect if known.expect == "ok" else known.expect)
    return list(found.values())


def _held_together(steps: list[Step]) -> list[Step]:
    """A task with a step that waits for a person waits as a whole: half of it is no evidence, and may leave half a change."""
    hold = gravest(step.hold for step in steps)
    return [replace(step, hold=step.hold or hold) for step in steps]


def _commands(task: Task, system: str) -> tuple[list[Step], str]:
    """The steps of a task's own text, its bullets and its fences; and why a command in it is not one."""
    steps: list[Step] = []
    refused = ""
    title = task.text.text[task.title_start : _LONGEST]
    context = _Context(head_verb(title), _holds_text(task, title))
    for reading in _readings(task.text, task.title_start, None):
        refused = refused if reading.runs else refused or reading.why
        if reading.runs:
            steps.append(_step(reading, task.text, task.title_start, system))
    for detail in task.details:
        for step in _detail_steps(detail, task, context, system):
            steps.append(step)
    return steps, refused


def _holds_text(task: Task, title: str) -> bool:
    """Whether the task makes something that holds commands: "Create `ci.yml` with:"."""
    if head_verb(title) != "make":
        return False
    named = any(_FILE.match(code.text) for code in task.codes) or _FILE_IN_PROSE.search(title[:500])
    return bool(named) or names_container(title[:200])


def _readings(paragraph: Paragraph, start: int, context: _Context | None) -> Iterator[_Reading]:
    """Each command-shaped span of a paragraph with the decision on it."""
    prose, end = paragraph.prose[:_LONGEST], start
    last: _Reading | None = None
    for code in paragraph.codes:
        if code.start < start or code.end > _LONGEST:
            continue
        shape = shape_of(code.text)
        between = prose[end : code.start]
        if last is not None and not shape and last.runs and _is_repeat(code.text, last.code.text):
            shape = "maybe"
        if shape:
            reading = _read(code, shape, paragraph, prose, start, between, last, context)
            last = reading
            end = code.end
            yield reading
        elif last is not None and prose[end : code.start].strip(" ,/、"):
            last = None if re.search(r"[.;。；]\s", between) else last
            end = end if last else code.end


def _is_repeat(text: str, command: str) -> bool:
    """A lone word that is the program of the command before it: "`tool --fast` and `tool`"."""
    return text == command.split(" ", 1)[0] and " " in command


def _read(
    code: Code, shape: Shape, paragraph: Paragraph, prose: str, start: int, between: str, last: _Reading | None, context: _Context | None
) -> _Reading:
    """Decide one span by the words before and after it."""
    if last is not None and _CHOICE.match(between):
        return _Reading(code, False, f"an alternative to `{_short(last.code.text)}`")
    if last is not None and _JOINED.match(between) and shape != "maybe" or last is not None and _JOINED.match(between) and last.runs:
        return _Reading(code, last.runs, last.why)
    before, after = prose[start : code.start], prose[code.end : code.end + 60]
    if _RUN_AFTER.match(after):
        return _Reading(code, True, f'"{after.strip()[:12]}" after the command')
    refusal = _refusal(before, shape)
    if refusal:
        return _Reading(code, False, refusal)
    verb, verb_end = governing_verb(before)
    return _judge(code, shape, verb, before, before[verb_end:], after, context, paragraph, start)


def _refusal(before: str, shape: Shape) -> str:
    if is_report(before):
        return f'the words speak about the command: "{before.strip()[-30:].strip()}"'
    if is_labelled_report(before):
        return "it stands in a result, a note or a reference"
    return "it is to be run only under a condition" if is_condition(before) else ""


def _judge(
    code: Code, shape: Shape, verb: Verb, before: str, gap: str, after: str, context: _Context | None, paragraph: Paragraph, start: int
) -> _Reading:
    """By the verb that governs the span: ``gap`` is what stands between the two."""
    direct = _THAT.match(gap) is not None
    leads = is_connector(before)
    sentence = re.split(r"[.!?]\s+(?=[A-Z])", before)[-1]
    if verb == "make" and len(sentence) < len(gap) and leads and re.search(r"\bcommands?\W*$", sentence, re.IGNORECASE):
        return _Reading(code, True, f'"{_quoted(sentence)}" leads to it')
    head = "make" if _edits_file(paragraph, start) else head_verb(paragraph.text[start : start + 200])
    inside_text = (head == "make" and _names_file(before, paragraph, start, code)) or (context is not None and context.holds_text)
    if head_verb(sentence) == "act" and context is None:
        inside_text = False
    if verb == "run":
        return _judge_run(code, shape, before, direct, leads, inside_text, head)
    if shape == "maybe" and not (not before.strip(" *_:[]()") and context is None and shape_of(code.text) != "maybe"):
        sure = verb in ("verify", "act") and (direct and _OUTCOME.match(after) is not None or _BY_MEANS.search(before) is not None)
        lone = code.text.split(" ")[0] in ("pytest", "make", "tox", "nox", "tsc", "mypy", "ruff") or code.text.startswith("./")
        if not (sure or (lone and (leads or not before.strip()))):
            return _Reading(code, False, "nothing asks for this to be run")
    if verb == "verify":
        runs = direct or leads or _OUTCOME.match(after) is not None
        runs = runs and not (context is not None and context.holds_text and not _is_check_label(paragraph.text[start:]))
        return _Reading(code, runs, f'"{_quoted(before)}" asks to verify it' if runs else "it is only mentioned in what is to be verified")
    if verb == "act":
        runs = (leads or (bool(gap.strip()) and _ENDS_CLAUSE.match(after) is not None and not _PREPOSITION.search(paragraph.text[: code.start][-40:])) or (direct and not _TAKES_AWAY.search(before))) and not inside_text
        return _Reading(code, runs, f'"{_quoted(before)}" with a command' if runs else "it is only mentioned")
    if verb == "make":
        runs = leads and not inside_text and not names_container(gap) and not _MAKES_NOUN.match(after)
        runs = runs or (_BY_MEANS.search(before) is not None and _CHANGES.match(paragraph.text[start:]) is not None and " " in code.text)
        return _Reading(code, runs, f'"{_quoted(before)}" is done by the command' if runs else "it is text for something that is written")
    first = not before.strip(" *_:[]()-—") or re.match(r"\W*[A-Z]{0,3}\d{0,3}[.):]*\s*$", before) is not None
    runs = (first or leads) and not (context is not None and (context.holds_text or context.head == "make"))
    return _Reading(code, runs, "the task begins with it" if first and runs else "the words before it lead to it" if runs else "nothing asks for this to be run")


def _judge_run(code: Code, shape: Shape, before: str, direct: bool, leads: bool, inside_text: bool, head: Verb) -> _Reading:
    purpose = re.search(r"\bto (?:re-?)?(?:run|execute|invoke|launch)\W*$", before, re.IGNORECASE) is not None
    if inside_text and (purpose or not re.search(r"(?:[.;]|\band|\bthen|\bby|[,，]|[：:])\W*[\w ]{0,14}$|執行|执行|运行|運行|実行", before[-24:])):
        return _Reading(code, False, "it is text for something that is written")
    if purpose and head == "make":
        return _Reading(code, False, "it is what the thing that is made will run")
    if not (direct or leads) and shape == "maybe":
        return _Reading(code, False, "nothing asks for this to be run")
    return _Reading(code, True, f'"{_quoted(before)}" before the command')


def _is_check_label(text: str) -> bool:
    return re.match(r"\W*(?:verify|verification|test|check|run|execute|acceptance|validate|gate|验证|驗證|確認|検証)\b", text, re.IGNORECASE) is not None


def _names_file(before: str, paragraph: Paragraph, start: int, code: Code) -> bool:
    """Whether a file, or something else that holds text, is named before the span."""
    spans = (other for other in paragraph.codes if start <= other.start < code.start)
    return any(_FILE.match(other.text) for other in spans) or _FILE_IN_PROSE.search(before) is not None or names_container(before[:200])


def _edits_file(paragraph: Paragraph, start: int) -> bool:
    """The text begins with the name of a file and a colon: what follows is what to change in it."""
    first = next((code for code in paragraph.codes if code.start >= start), None)
    if first is None or paragraph.text[start : first.start].strip(" *_[]") or not _FILE.match(first.text):
        return False
    return re.match(r"\s*(?:\([^)]{0,80}\)\s*)?[:：—–-]", paragraph.text[first.end :]) is not None


def _quoted(before: str) -> str:
    words = before.strip(" *_").split()
    return " ".join(words[-5:])[-48:]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"


def _step(reading: _Reading, paragraph: Paragraph, start: int, system: str) -> Step:
    command = without_prompt(reading.code.text.strip())
    prose = paragraph.prose[start:_LONGEST]
    nearby = paragraph.text[max(reading.code.start - 160, start) : reading.code.end + 160]
    service = is_service(command, nearby)
    return Step(
        "service" if service else "command",
        command,
        reading.code.line,
        cwd=place_of(paragraph, start, reading.code),
        expect=expected_of(prose, command, service=service),
        hold=_hold(command, nearby, system),
        why=reading.why,
        moves=is_move(command),
    )


def _hold(command: str, nearby: str, system: str, variables: dict[str, str] | None = None) -> Hold | None:
    reasons: list[Hold | None] = [hold_of(command, system=system, variables=variables)]
    if _PRODUCTION.search(nearby):
        reasons.append("production")
    if _PRESS.search(nearby):
        reasons.append("interactive")
    return gravest(reasons)


def _detail_steps(detail: Detail, task: Task, context: _Context, system: str) -> Iterator[Step]:
    if detail.paragraph is not None:
        outer = place_of(task.text, task.title_start)
        for reading in _readings(detail.paragraph, 0, context):
            if reading.runs:
                step = _step(reading, detail.paragraph, 0, system)
                yield replace(step, cwd=step.cwd or outer)
    elif detail.fence is not None:
        yield from _fence_steps(detail.fence, task, context, system)


def _fence_steps(fence: Fence, task: Task, context: _Context, system: str) -> Iterator[Step]:
    """The statements of a shell fence under a task, unless it is the text of a file that the task makes."""
    if fence.language not in SHELL_LANGUAGES or not fence.closed or context.holds_text and "accept" not in fence.info:
        return
    where = place_of(task.text, task.title_start)
    prose = task.text.prose[task.title_start : _LONGEST]
    variables: dict[str, str] = {}
    for statement in read_statements(fence.text):
        command = without_prompt(statement.text)
        variables.update(assignments_of(command))
        service = is_service(command, prose)
        yield Step(
            "service" if service else "command",
            command,
            fence.line + 1 + statement.line,
            cwd=where,
            expect=expected_of(prose, command, service=service),
            hold=_hold(command, prose, system, variables),
            why="a shell fence under the task",
            moves=is_move(command),
        )


def _checks_guide(task: Task) -> bool:
    """Whether the task is to go through the quickstart: a verb of checking governs it, or it is the measure of a check."""
    text = task.text.text[task.title_start : _LONGEST]
    found = _GUIDE.search(text)
    if not found or found.start() > 220 or head_verb(text) == "make" or _edits_file(task.text, task.title_start):
        return False
    before, after = text[: found.start()], text[found.end() :]
    if re.search(r"[(（][^)）]*$", before) and not re.match(r"[^(（]{0,12}[(（]", before):
        return False
    if _MEASURE.search(before) or _guide_noun(after) and re.match(r"\W*(?:\w+\W+){0,3}$", before):
        return True
    verb, end = governing_verb(before)
    if verb not in ("run", "verify", "act") or _is_source(before):
        return False
    return _GUIDE_CHECKED.search(before[max(end - 20, 0) :]) is not None


def _guide_noun(after: str) -> bool:
    return _CHECK_NOUN.match(after) is not None


def _is_source(before: str) -> bool:
    """"results in quickstart.md": the guide is where something else goes to or comes from."""
    return re.search(r"\b(?:from|in|into|to|of)\s+(?:the\s+)?[`*\w./-]*$", before, re.IGNORECASE) is not None and not _PARTS.search(before)


def _asked_beside_guide(steps: list[Step]) -> tuple[Step, ...]:
    """The commands that are asked for by themselves, not those that name or stand in the guide."""
    return tuple(step for step in steps if not _GUIDE.search(step.command))


def _env(task: Task) -> Intent | None:
    """Keys that are to be set in an environment file."""
    prose = task.text.prose[task.title_start : _LONGEST]
    files = [code.text for code in task.codes if _ENV_FILE.match(code.text)]
    files += [found.group(1) for found in _ENV_IN_PROSE.finditer(prose)]
    if not files or not _SETS_ENV.match(prose):
        return None
    others = [code for code in task.codes if _FILE.match(code.text) and code.text not in files]
    keys = dict.fromkeys(found.group(1) for code in task.codes if (found := _KEY.match(code.text)))
    keys.update(dict.fromkeys(_KEY_IN_PROSE.findall(prose)))
    if not keys or others:
        return None
    why = f"keys to be set in `{files[0]}`"
    content = "\n".join(code.text for code in task.codes if _KEY.match(code.text) and "=" in code.text)
    step = Step("env", files[0], task.line, cwd=place_of(task.text, task.title_start), why=why, keys=tuple(keys), content=content)
    return Intent("env", why, (step,))


def _address(task: Task) -> Intent | None:
    """An address to look at."""
    text = task.text.text[task.title_start : _LONGEST]
    found = ADDRESS.search(text)
    before = text[: found.start()] if found else ""
    if not found or head_verb(text) == "make" or not _LOOKS.search(before):
        return None
    address = found.group().rstrip(".,;:!?*")
    why = f'"{_LOOKS.search(before).group()}" with an address'  # type: ignore[union-attr]
    status = expected_status(text[found.end() :])
    bare = re.match(r"https?://[^/]+/?$", address) is not None
    only_reach = bare and re.search(r"\b(?:accessib|reachab|availab|respond|is up|is running|starts|access\b)|可访问|可達", text, re.IGNORECASE)
    hold: Hold | None = "placeholder" if has_placeholder(address) or "$" in address else None
    line = task.text.line_at(task.title_start + found.start())
    return Intent("url", why, (Step("url", address, line, expect=status or ("reachable" if only_reach else "ok"), hold=hold, why=why),))

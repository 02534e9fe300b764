"""What the words of a task mean to be run: which of its code spans, where, and how success is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from spec_runner.core.decide.answers import limit_of_answer
from spec_runner.core.decide.candidate import Around, edits_file, holds_text, is_file
from spec_runner.core.decide.fences import POSIX, read_script
from spec_runner.core.decide.fields import is_acceptance, states_outcome, with_condition, with_field
from spec_runner.core.decide.holds import gravest, has_placeholder, holds_of, in_order
from spec_runner.core.decide.location import place_of
from spec_runner.core.decide.readings import Reading, readings_of
from spec_runner.core.decide.shape import is_move, is_service
from spec_runner.core.decide.stating import (
    with_block,
    with_content,
    with_lines_below,
    with_outcomes,
    with_ports,
    with_printed,
    with_unjudged,
)
from spec_runner.core.decide.steps import Hold, Intent, Step, TaskKind
from spec_runner.core.decide.success import expected_of, expected_status
from spec_runner.core.decide.words import governing_verb, head_verb
from spec_runner.core.shell.programs import assignments_of
from spec_runner.core.text.addresses import LOCAL_HOST
from spec_runner.core.text.document import Detail, Fence, Task
from spec_runner.core.text.inline import Paragraph, cut_paragraph

if TYPE_CHECKING:
    from spec_runner.core.decide.said import HeardTask, Part

SHELL_LANGUAGES = POSIX | {"accept"}
_LONGEST = 6_000
"""Texts longer than this are read up to here: no sentence of a person is longer."""
_LEFT_OUT = re.compile(
    r"\(\s*(?:skip(?:ped)?|deferred|not run|n/a)\b(?! if)|\bskip(?:ped)? for now\b|\b(?:SKIPPED|DEFERRED)\b"
    r"|\bnot run(?: here| yet| locally)?\b(?=[.;)])",
)
_PRESS = re.compile(r"\bpress(?:ing)? (?:\w+|`)|\b(?:scan|type) the (?:QR|code)\b", re.IGNORECASE)
_PRODUCTION = re.compile(
    r"\b(?:on|in|to|against|for) (?:the )?(?:production|prod|live)\b(?! (?:build|mode|bundle|ready))",
    re.IGNORECASE,
)
ADDRESS = re.compile(rf"https?://{LOCAL_HOST}(?::\d{{1,5}})?(?:/[^\s`'\"<>)\]，。；、（）]*)?", re.IGNORECASE)
_EDGES = " \t\r\n`*\"'()"
_PAGE = re.compile(
    r"[`'\")\s,]{0,4}(?:and )?(?:verify|confirm|check|see|expect|ensure)(?: that)?(?: it is)? (?:an? |the )?"
    r"([45]\d\d)(?= (?:page|error|response|status|not found)|\W*$)",
    re.IGNORECASE,
)
"""A refusal that is to be seen: "and verify 404 page"."""
_BETWEEN = 120
_JOINS = frozenset({"", ",", ";", "&", "and", ", and", "und", "y", "e", "et"})
_AS_WELL = re.compile(
    r"(?:(?:returns?|responds? with|answers?(?: with)?|gives|shows?) (?:\w{1,20} )?[^\s`]{1,40}`?\s?)?"
    r"(?:,|;|&|and|, and)(?: (?:that|also|the))?(?: [\w-]{1,20}){0,2}(?: (?:at|on))?$",
    re.IGNORECASE,
)
"""What stands between two addresses that are asked for together."""
_LOOKS = re.compile(
    r"\b(?:navigate|open|visit|browse|access\w*|verify|verif\w+|check|confirm|ensure|reach\w*|load|test|go"
    r" to|ping|hit|get|validate|view|probe|smoke|curl|see)\b|驗證|验证|確認|确认|檢查|检查|访问|訪問|打开"
    r"|開啟|アクセス|провер"
    r"|открой|sprawd|vérifi|ouvrir|acessar|verific|abrir",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:returns?|responds?|answers?|prints?|outputs?|shows?|exits?|expect(?:s|ed)?|status)\b|→|=>",
    re.IGNORECASE,
)
_GUIDE = re.compile(r"(?<![A-Za-z0-9_-])(?i:quick[ -]?starts?)(?![A-Za-z0-9_-])(?i:\.md)?")
_GUIDE_CHECKED = re.compile(
    r"\b(?:re-?)?(?:run|execut(?:e|ing|ar)|validat(?:e|ing)|verify|verifying|test|follow|walk|check|perform"
    r"|confirm|complete|exercise|smoke|try|dry-?run|rodar|rode|ejecut\w+|valid(?:ar|er)"
    r"|przeprowad\w+|sprawd\w+|провер\w+|выполн\w+|запуст\w+|prüf\w+|tester)\b|執行|执行|運行|运行|驗證|验证|確認|跑|核对|核對"
    r"|实行|実行|検証|测试|測試|검증|실행",
    re.IGNORECASE,
)
_CHECK_NOUN = re.compile(
    r"[`*\s]*(?:(?:all )?(?:examples?|instructions|steps|commands|scenarios?) (?:all )?(?:work|pass|run"
    r"|succeed|are (?:valid|accurate))|(?:guide |manual |smoke |end-to-end |full |all )*(?:validation"
    r"|verification|walk-?through|scenarios?|smoke|checks?|test|run|dry run|checklist))\b|.{0,4}(?:驗證|验证"
    r"|検証)",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"\b(?:checks?|tests?|testing|validation|verification|smoke|walk-?through|e2e|testy"
    r"|run)\b[^.;]{0,40}\b(?:per|following|against|via|using|according to|zgodnie z)\s+(?:the\s+"
    r"|all\s+)?[`\w./-]*$",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\b(?:steps?|scenarios?|instructions|checks?|flows?|commands|recipes?|procedures?|examples?|matrix"
    r"|checklists?|cen[áa]rios?|escenarios?|passos?|pasos?|[ée]tapes?|scénarios?)\s+(?:[\w–-]+\s+)?(?:from"
    r"|in|of|de|do|du|del)\s+(?:the\s+)?[`*\w./-]*$",
    re.IGNORECASE,
)
_ENV_FILE = re.compile(r"(?:[\w.-]+/)*\.env(?:\.(?:local|development|dev|test))?$")
_ENV_IN_PROSE = re.compile(r"(?<![\w.])((?:[\w-]+/)*\.env(?:\.(?:local|development|dev|test))?)(?![\w.-]*\w)")
_KEY = re.compile(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:\s*=.*)?$", re.DOTALL)
_KEY_IN_PROSE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_SETS_ENV = re.compile(
    r"\W*(?:\w+\s+){0,2}?(?:configure|set|setup|add|create|define|provide|fill|populate|copy|put|prepare"
    r"|export|supply|specify|konfigur\w+|configur\w+|crear|criar|設定|设置|配置|创建|建立|настро\w+)",
    re.IGNORECASE,
)


_SPEAKS = ("http", ".env", "quick")
"""One of these is in the words that name an address, an environment file or the guide."""
_NOTHING = Intent("none", "no command, address or quickstart in its words")


def decide(task: Task, *, system: str = "linux", has_guide: bool = True) -> Intent:
    """What this task means to be run, and the words that say so."""
    words = task.text.text.lower()
    speaks = any(word in words for word in _SPEAKS)
    if not speaks and not task.codes and not task.details:
        return _NOTHING
    text = with_condition(task.written)
    task, heard = _cut(task if text is task.text else task._replace(text=text)), None
    if task.all_comments:
        from spec_runner.core.decide.said import as_said, hear_task

        heard = hear_task(task)
        if heard.whole.reading == "skip":
            return Intent("none", heard.whole.why)
        task = heard.task
    intent = _decide(task, heard, system, has_guide, speaks=speaks)
    if heard is None:
        return intent
    # Commands were read with what is said of them; addresses, keys and guides are only said where and how long.
    own = ("command", "service")
    steps = tuple(step if step.kind in own else as_said(step, heard.whole) for step in intent.steps)
    return intent._replace(steps=steps)


def _decide(task: Task, heard: HeardTask | None, system: str, has_guide: bool, *, speaks: bool) -> Intent:
    steps, refused = _commands(task, heard, system)
    steps = _held_together(_once(steps, (detail.fence for detail in task.details if detail.fence)))
    left_out = _LEFT_OUT.search(task.text.prose, task.title_start) if steps else None
    if left_out:
        return Intent("none", f'the task says itself that it was left out: "{left_out.group().strip()}"')
    if speaks and _checks_guide(task):
        why = "the words ask to go through the quickstart" + ("" if has_guide else "; the spec has no quickstart.md")
        guide = Step("quickstart", "quickstart.md", task.line, cwd=place_of(task.text, task.title_start), why=why)
        return Intent("quickstart", why, (*_asked_beside_guide(steps), guide))
    if steps:
        asked = _addresses_behind(task, steps)
        kind: TaskKind = "service" if steps[-1].kind == "service" else "command"
        return Intent(kind, steps[0].why, (*(steps if asked else _listening(task, steps)), *asked))
    for find in (_env, _address) if speaks else ():
        if found := find(task):
            return found
    return Intent("none", refused) if refused else _NOTHING


def _cut(task: Task) -> Task:
    """The task without what is too long to be a sentence."""
    if len(task.text.text) <= _LONGEST and all(
        detail.paragraph is None or len(detail.paragraph.text) <= _LONGEST for detail in task.details
    ):
        return task
    details = tuple(
        detail._replace(paragraph=cut_paragraph(detail.paragraph, _LONGEST)) if detail.paragraph else detail
        for detail in task.details
    )
    return task._replace(text=cut_paragraph(task.text, _LONGEST), details=details)


def _once(steps: list[Step], fences: Iterable[Fence]) -> list[Step]:
    """A command that words name twice is run once, with the judgement that says more; a script runs as it stands."""
    scripts = [range(fence.line, fence.line + fence.text.count("\n") + 3) for fence in fences]
    found: dict[str | int, Step] = {}
    for number, step in enumerate(steps):
        key = number if any(step.line in script for script in scripts) else step.command
        known = found.get(key)
        found[key] = (
            step if known is None else known._replace(expect=step.expect if known.expect == "ok" else known.expect)
        )
    written = {step.command for key, step in found.items() if isinstance(key, int)}
    return [step for key, step in found.items() if key not in written]


def _held_together(steps: list[Step]) -> list[Step]:
    """A task with a step that waits for a person waits as a whole: half of it proves nothing."""
    hold = gravest(step.hold for step in steps)
    return [step._replace(hold=step.hold or hold) for step in steps]


def _commands(task: Task, heard: HeardTask | None, system: str) -> tuple[list[Step], str]:
    """The steps of a task's own text, its bullets and its fences; and why a command in it is not one."""
    readings = tuple(readings_of(task.text, task.title_start))
    if heard:
        readings = heard.title.heeded(readings)
    steps = [
        _step(reading, task.text, task.title_start, system) for reading in readings if reading.certainty != "leave"
    ]
    steps = with_outcomes(steps, readings, task.text.text, task.title_start)
    if heard:
        steps = heard.title.applied(steps, readings)
    if task.details:
        around = Around(head_verb(task.text.text[task.title_start :]), holds_text(task.text, task.title_start))
        accepts = False
        for before, detail in pairwise((None, *task.details)):
            assert detail is not None, "only the first one has none before it"
            part = heard.details[detail.line] if heard else None
            if part and part.whole.reading == "output":
                steps = part.printed_by(steps, detail)
            else:
                accepts = is_acceptance(detail.paragraph) or (accepts and not _is_heading(detail.paragraph))
                found = list(_detail_steps(detail, part, task, around, system, accepts=accepts))
                steps = steps + found if found else with_block(steps, detail, before)
        steps = with_lines_below(steps, task.details)
    steps = with_unjudged(steps, readings, task)
    if heard:
        steps = heard.title.applied_to_last(steps)
    return steps, next((reading.why for reading in readings if reading.certainty == "leave"), "")


def _step(reading: Reading, paragraph: Paragraph, start: int, system: str) -> Step:
    command = reading.command
    prose = paragraph.prose[start:]
    nearby = paragraph.text[max(reading.code.start - 160, start) : reading.code.end + 160]
    service = is_service(command, nearby)
    holds = _holds(command, nearby, system)
    if reading.certainty == "unsure":
        holds = (*holds, "unsure")
    step = Step(
        "service" if service else "command",
        command,
        reading.code.line,
        cwd=place_of(paragraph, start, reading.code),
        expect=expected_of(prose, command, service=service),
        hold=holds[0] if holds else None,
        why=reading.why,
        moves=is_move(command),
        holds=holds,
        probability=round(reading.probability, 2),
        answer=0 if service else limit_of_answer(command, prose),
    )
    after = paragraph.text[reading.code.end : reading.code.end + 200]
    return step if service else _expecting(step, after)


def _expecting(step: Step, after: str) -> Step:
    """The step with what the words behind its command plainly say that it prints or answers."""
    if step.expect not in ("ok", "other") or not _TELLS.search(after):
        return step
    from spec_runner.core.decide.expecting import expect_behind

    return expect_behind(step, after)


def _holds(command: str, nearby: str, system: str, variables: dict[str, str] | None = None) -> tuple[Hold, ...]:
    reasons: list[Hold] = [*holds_of(command, system=system, variables=variables)]
    if _PRODUCTION.search(nearby):
        reasons.append("production")
    if _PRESS.search(nearby):
        reasons.append("interactive")
    return in_order(reasons)


def _is_heading(paragraph: Paragraph | None) -> bool:
    return paragraph is not None and paragraph.text.rstrip(" *_").endswith(":")


def _accepted(reading: Reading, paragraph: Paragraph) -> Reading:
    """A command that a list of acceptance begins a bullet with, and says to succeed, is plainly asked for."""
    if reading.certainty != "unsure" or not states_outcome(paragraph, reading.code):
        return reading
    return reading._replace(certainty="run", why="it stands in a list of acceptance")


def _detail_steps(
    detail: Detail, part: Part | None, task: Task, around: Around, system: str, *, accepts: bool
) -> Iterable[Step]:
    steps: list[Step] = []
    if detail.paragraph is not None:
        paragraph = with_condition(with_field(detail.paragraph))
        readings = tuple(readings_of(paragraph, 0, around))
        readings = tuple(_accepted(each, paragraph) for each in readings) if accepts else readings
        readings = part.heeded(readings) if part else readings
        for reading in readings:
            if reading.certainty != "leave":
                step = _step(reading, paragraph, 0, system)
                steps.append(step._replace(cwd=step.cwd or place_of(task.text, task.title_start)))
        steps = with_outcomes(steps, readings, paragraph.text, 0)
        steps = part.applied(steps, readings) if part else steps
    elif detail.fence is not None:
        is_asked = part is not None and part.whole.reading == "run"
        if _is_script(detail.fence, around) or (is_asked and detail.fence.language in ("", *SHELL_LANGUAGES)):
            steps = list(_fence_steps(detail.fence, task, system))
            steps = part.applied(steps, ()) if part else steps
    return part.applied_to_last(steps) if part else steps


def _is_script(fence: Fence, around: Around) -> bool:
    """A shell fence under a task is to be run, unless it is the text of a file that the task makes."""
    return fence.language in SHELL_LANGUAGES and fence.closed and (not around.holds_text or "accept" in fence.info)


def _fence_steps(fence: Fence, task: Task, system: str) -> Iterator[Step]:
    """The statements of a shell fence under a task."""
    where = place_of(task.text, task.title_start)
    prose = task.text.prose[task.title_start :]
    variables: dict[str, str] = {}
    for line in read_script(fence.text, system):
        if not line.command or line.left_out:
            continue
        command = line.command
        variables.update(assignments_of(command))
        service = is_service(command, prose)
        holds = _holds(command, prose, system, variables)
        step = Step(
            "service" if service else "command",
            command,
            fence.line + 1 + line.line,
            cwd=where,
            expect=expected_of(prose, command, service=service),
            hold=holds[0] if holds else None,
            holds=holds,
            why="a shell fence under the task",
            moves=is_move(command),
            answer=0 if service else limit_of_answer(command, prose),
        )
        yield with_printed(step, line.printed)


def _checks_guide(task: Task) -> bool:
    """Whether the task is to go through the quickstart: a verb of checking governs it, or a check is measured by it."""
    text = task.text.text[task.title_start :]
    found = _GUIDE.search(text)
    if not found or found.start() > 220 or head_verb(text) == "make" or edits_file(task.text, task.title_start):
        return False
    before, after = text[: found.start()], text[found.end() :]
    if re.search(r"[(（][^)）]*$", before) and not re.match(r"[^(（]{0,12}[(（]", before):
        return False
    if _MEASURE.search(before) or (_guide_noun(after) and re.match(r"\W*(?:\w+\W+){0,3}$", before)):
        return True
    verb, end = governing_verb(before)
    if verb not in ("run", "verify", "act") or _is_source(before):
        return False
    return _GUIDE_CHECKED.search(before[max(end - 20, 0) :]) is not None


def _guide_noun(after: str) -> bool:
    return _CHECK_NOUN.match(after) is not None


def _is_source(before: str) -> bool:
    """As in "results in quickstart.md": the guide is where something else goes to or comes from."""
    return re.search(
        r"\b(?:from|in|into|to|of)\s+(?:the\s+)?[`*\w./-]*$", before, re.IGNORECASE
    ) is not None and not _PARTS.search(before)


def _asked_beside_guide(steps: list[Step]) -> tuple[Step, ...]:
    """The commands that are asked for by themselves, not those that name or stand in the guide."""
    return tuple(step for step in steps if not _GUIDE.search(step.command))


def _env(task: Task) -> Intent | None:
    """Keys that are to be set in an environment file."""
    if ".env" not in task.text.text:
        return None
    prose = task.text.prose[task.title_start :]
    files = [code.text for code in task.codes if _ENV_FILE.match(code.text)]
    files += [found.group(1) for found in _ENV_IN_PROSE.finditer(prose)]
    if not files or not _SETS_ENV.match(prose):
        return None
    others = [code for code in task.codes if is_file(code.text) and code.text not in files]
    keys = dict.fromkeys(found.group(1) for code in task.codes if (found := _KEY.match(code.text)))
    keys.update(dict.fromkeys(_KEY_IN_PROSE.findall(prose)))
    if not keys or others:
        return None
    why = f"keys to be set in `{files[0]}`"
    content = "\n".join(code.text for code in task.codes if _KEY.match(code.text) and "=" in code.text)
    step = Step(
        "env",
        files[0],
        task.line,
        cwd=place_of(task.text, max(task.text.text.find(files[0]) + len(files[0]), task.title_start)),
        why=why,
        keys=tuple(keys),
        content=content,
    )
    return Intent("env", why, (step,))


def _listening(task: Task, steps: list[Step]) -> list[Step]:
    """The steps, their service with the ports that the words behind it name."""
    text = task.text.text
    at = max((text.find(step.command) + len(step.command) for step in steps if step.kind == "service"), default=0)
    return with_ports(steps, text[at:]) if at else steps


def _addresses_behind(task: Task, steps: list[Step]) -> tuple[Step, ...]:
    """The addresses that a task with a service asks to look at as well."""
    if steps[-1].kind != "service":
        return ()
    found = _address(task)
    return tuple(
        step for step in (found.steps if found else ()) if not any(step.command in each.command for each in steps)
    )


def _address(task: Task) -> Intent | None:
    """The addresses to look at: the first one that words ask for, and those that are named with it."""
    text = task.text.text[task.title_start :]
    first = ADDRESS.search(text)
    looks = _LOOKS.search(text, 0, first.start()) if first else None
    if not first or not looks or head_verb(text) == "make":
        return None
    found = [first]
    for each in ADDRESS.finditer(text, first.end()):
        between = text[found[-1].end() : each.start()]
        if len(between) > _BETWEEN or not _AS_WELL.match(between.strip(_EDGES)):
            break
        found.append(each)
    why = f'"{looks.group()}" with an address'
    steps: list[Step] = []
    for each, after in reversed(list(zip(found, [*found[1:], None], strict=True))):
        words = text[each.end() : after.start() if after else None]
        is_shared = after is not None and steps and words.strip(_EDGES).lower() in _JOINS
        steps.insert(0, _asked(task, each, words, why, steps[0] if is_shared else None))
    return Intent("url", why, tuple(steps))


def _asked(task: Task, found: re.Match[str], words: str, why: str, alike: Step | None) -> Step:
    """One address to look at; ``alike`` is the next one where words speak of both."""
    text = task.text.text[task.title_start :]
    address = found.group().rstrip(".,;:!?*")
    bare = re.match(r"https?://[^/]+/?$", address) is not None
    only_reach = bare and re.search(
        r"\b(?:accessib|reachab|availab|respond|is up|is running|starts|access\b)|可访问|可達", text, re.IGNORECASE
    )
    hold: Hold | None = "placeholder" if has_placeholder(address) or "$" in address else None
    line = task.text.line_at(task.title_start + found.start())
    page = _PAGE.match(words)
    status = (
        expected_status(words) or (page and page[1]) or (alike.expect if alike and alike.expect.isdigit() else None)
    )
    expect = status or ("reachable" if only_reach else "ok")
    step = Step("url", address, line, expect=expect, hold=hold, why=why)
    return step._replace(expectations=alike.expectations) if alike else with_content(step, words)

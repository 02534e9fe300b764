"""A run as one page: it stands alone, runs no script, asks for nothing, and shows text that hides."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path

from spec_runner.core.evidence.verify import Verification
from spec_runner.core.plan.events import Event, Place, SpecFinished, StepFinished, StepStarted
from spec_runner.core.plan.model import Plan, PlannedSpec
from spec_runner.core.plan.portable import SYSTEMS, by_step, counted_systems
from spec_runner.core.result.summary import Summary
from spec_runner.views.html.cases import KINDS, anchor, case_row
from spec_runner.views.html.text import inline, shown
from spec_runner.views.html.timeline import Bar, Timeline, timeline_section
from spec_runner.views.report import Case, Facts, Put, block_cases, many, spec_error, task_cases, whole_guide
from spec_runner.views.text import took

STYLE = Path(__file__).with_name("style.css")
"""How the page looks: light and dark by what the reader's system says, on a phone and on paper."""
_FILTERS = (
    ("all", "All"),
    ("failed", "Failed"),
    ("passed", "Passed"),
    ("held", "Held"),
    ("idle", "Not run"),
    ("none", "No evidence"),
)


class HtmlView:
    """Notes when each step ran, and hands the page over when the run is over, however it ended."""

    def __init__(self, plan: Plan, facts: Facts, put: Put, clock: Callable[[], float] = time.monotonic) -> None:
        self._facts, self._put, self._clock = facts, put, clock
        self._began = clock()
        self._started: dict[Place, float] = {}
        self._bars: list[Bar] = []
        self._closed: dict[int, float] = {}

    def hear(self, event: Event) -> None:
        """Note when steps start and end."""
        match event:
            case StepStarted():
                self._started[event.place] = self._now()
            case StepFinished():
                start = self._started.pop(event.place, None)
                now = self._now()
                self._bars.append(Bar(event.place, now - event.result.seconds if start is None else start, now))
            case SpecFinished():
                self._closed[event.spec] = self._now()
            case _:
                pass

    def _now(self) -> float:
        return self._clock() - self._began

    def finish(self, summary: Summary, code: int) -> None:
        """Hand over the whole page."""
        now = self._now()
        bars = [*self._bars, *(Bar(place, start, now) for place, start in self._started.items())]
        timeline = Timeline(tuple(sorted(bars, key=lambda bar: bar.start)), self._closed, now)
        self._put(page(summary, code, self._facts, timeline))


def page(summary: Summary, code: int, facts: Facts, timeline: Timeline) -> str:
    """The whole page."""
    parts = [
        *_head(summary, code),
        '<a class="skip" href="#report">Skip to the report</a>',
        *_top(summary, code, facts, timeline),
        *_filters(_groups(summary), isinstance(summary, Verification)),
        '<main id="report">',
        *_notes(summary),
        *_first(summary),
    ]
    for number in range(len(summary.plan.specs)):
        parts += _spec(summary, number, facts, timeline)
    parts += ["</main>", *_foot(facts), "</body>", "</html>", ""]
    return "\n".join(parts)


def _head(summary: Summary, code: int) -> Iterator[str]:
    _, verdict = _verdict(summary, code)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{shown(verdict)} · {shown(_names(summary))} · spec-run</title>"
    yield f"<style>{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>"


def _names(summary: Summary) -> str:
    specs = summary.plan.specs
    return specs[0].read.path if len(specs) == 1 else f"{len(specs)} specs"


def _verdict(summary: Summary, code: int) -> tuple[str, str]:
    """How it went, in one word for the colour and one sentence."""
    counts = summary.counts()
    failed, passed = counts["failed"], counts["passed"] + counts["proven"]
    if isinstance(summary, Verification) and code in (0, 1):
        if failed:
            return "failed", f"{many(failed, 'tick')} {'is' if failed == 1 else 'are'} false"
        look = "failed" if code else "passed" if passed else "none"
        return look, f"{many(passed, 'tick')} proven, none false"
    match code:
        case 0:
            return ("passed", f"{many(passed, 'task')} passed") if passed else ("none", "Nothing ran")
        case 1 if failed:
            return "failed", f"{many(failed, 'task')} failed"
        case 1 if counts["cannot tell"]:
            return "held", f"{many(counts['cannot tell'], 'task')} could not be judged: what came before was left out"
        case 1:
            return "failed", "Not everything has evidence"
        case 4:
            return "none", "There was nothing to run"
        case 130:
            return "held", "Interrupted"
        case 2:
            return "failed", "Something could not be read or written"
        case _:
            return "failed", "spec-run itself failed"


def _top(summary: Summary, code: int, facts: Facts, timeline: Timeline) -> Iterator[str]:
    look, verdict = _verdict(summary, code)
    sign = {"passed": "✓", "failed": "✕", "held": "‖"}.get(look, "○")
    yield f'<header class="top {look}"><div class="wide">'
    what = "verify" if isinstance(summary, Verification) else "run"
    yield f'<p class="brand">spec-run <span>{what} report</span></p>'
    yield f'<h1><span class="seal" aria-hidden="true">{sign}</span>{shown(verdict)}</h1>'
    yield f'<p class="of">{shown(_names(summary))}</p>'
    yield from _tally(summary)
    yield '<dl class="facts">'
    for name, value in _facts(summary, code, facts, timeline):
        yield f"<div><dt>{name}</dt><dd>{shown(value)}</dd></div>"
    yield "</dl></div></header>"


def _facts(summary: Summary, code: int, facts: Facts, timeline: Timeline) -> Iterator[tuple[str, str]]:
    plan = summary.plan
    yield "Sandbox", plan.level
    yield "Network", plan.network
    commits = {commit[:12] for commit in facts.commits if commit}
    if commits:
        yield "Commit", ", ".join(sorted(commits))
    yield "Started", re.sub(r"T(.+?)([+-].*)?$", r" \1 \2", facts.started).strip()
    yield "Took", took(timeline.seconds)
    yield "Exit code", str(int(code))
    if unproven := len(summary.unproven()):
        yield "Ticks without evidence", str(unproven)


def _tally(summary: Summary) -> Iterator[str]:
    """The tasks by how they ended, as a bar; the numbers stand beside the filters."""
    is_replay = isinstance(summary, Verification)
    counts: Mapping[str, int] = summary.counts()
    if is_replay:
        counts = Counter(str(each.status) for each in _ticks(summary))
    names = (
        "passed", "proven", "failed", "missing", "in part", "cannot tell", "held", "cancelled", "claimed",
        "not reached", "skipped", "present", "not found", "moved", "no evidence",
    )  # fmt: skip
    shown = [(name, counts[name]) for name in names if counts[name]]
    if not shown:
        return
    yield '<div class="tally" aria-hidden="true">'
    yield "".join(f'<i class="{KINDS[name].look}" style="flex-grow:{count}"></i>' for name, count in shown)
    yield "</div>"


def _ticks(summary: Summary) -> Iterator[Case]:
    return (case for number in range(len(summary.plan.specs)) for case in task_cases(summary, number))


def _groups(summary: Summary) -> Counter[str]:
    """How much on the page belongs to each filter."""
    cases = (case for number in range(len(summary.plan.specs)) for case in _cases(summary, number))
    return Counter(KINDS[case.status].group for case in cases)


def _first(summary: Summary) -> Iterator[str]:
    """What failed, each with a link to its evidence."""
    failed = [
        (number, case)
        for number in range(len(summary.plan.specs))
        for case in _cases(summary, number)
        if KINDS[case.status].group == "failed"
    ]
    if not failed:
        return
    yield '<nav class="first" aria-label="What failed"><ol>'
    for number, case in failed:
        where = f"<small>{shown(case.file)}:{case.line}</small>"
        link = f'<a href="#{anchor(number, case.line, case.block is not None)}"><b>{shown(case.name)}</b></a>'
        yield f"<li>{link} <span>{inline(case.title)}</span><p>{shown(case.reason or case.status)}</p>{where}</li>"
    yield "</ol></nav>"


def _cases(summary: Summary, number: int) -> Iterator[Case]:
    yield from task_cases(summary, number)
    yield from _blocks(summary, number)


def _blocks(summary: Summary, number: int) -> list[Case]:
    """What is told of the guide: of a replay only where a tick asked for it."""
    is_walked = any(place.block is not None for place in summary.steps if place.spec == number)
    if isinstance(summary, Verification) and not is_walked:
        return []
    return [*block_cases(summary, number), *filter(None, [whole_guide(summary, number)])]


def _filters(groups: Counter[str], is_replay: bool) -> Iterator[str]:
    """Buttons that need no script, each with its number: style alone hides what was not chosen."""
    replayed = {"failed": "False or missing", "passed": "Proven", "held": "Not sure"} if is_replay else {}
    yield '<fieldset class="filters"><legend>Show</legend><div class="wide">'
    for name, label in _FILTERS:
        state = " checked" if name == "all" else "" if name in groups else " disabled"
        dot = f'<i class="{name}" aria-hidden="true"></i>' if name != "all" else ""
        count = groups.total() if name == "all" else groups[name]
        said = f"{replayed.get(name, label)} <b>{count}</b>"
        yield f'<label><input type="radio" name="show" value="{name}" id="show-{name}"{state}>{dot}{said}</label>'
    yield "</div></fieldset>"


def _notes(summary: Summary) -> Iterator[str]:
    missing = summary.plan.missing
    notes = [f"No isolation: {missing}"] if missing and summary.plan.level == "plain" else []
    notes += [warning.message for warning in summary.warnings]
    notes += ["Interrupted: what was not seen to its end counts for nothing."] if summary.interrupted else []
    notes += [text for spec in summary.plan.specs for text in spec.warnings]
    if notes:
        yield '<aside class="notes" aria-label="Notes"><ul>'
        yield from (f"<li>{shown(note)}</li>" for note in notes)
        yield "</ul></aside>"


def _foot(facts: Facts) -> Iterator[str]:
    yield f"<footer>spec-run {escape(facts.version)} ticks a checkbox only when it saw the command pass.</footer>"


def _spec(summary: Summary, number: int, facts: Facts, timeline: Timeline) -> Iterator[str]:
    spec = summary.plan.specs[number]
    yield f'<section class="spec" aria-labelledby="spec-{number}">'
    yield f'<h2 id="spec-{number}">{shown(spec.read.path)}</h2>'
    error = spec_error(summary, number)
    if error:
        yield f'<p class="lost">{shown(error.reason or "")}</p>'
    tasks = list(task_cases(summary, number))
    blocks = _blocks(summary, number)
    asking = summary.guide_task(number)
    is_inside = any(case.task and case.task.task.key == asking for case in tasks)

    def row(case: Case) -> str:
        below = blocks if case.task and case.task.task.key == asking else []
        rows = (case_row(each, number, summary, facts) for each in below)
        return case_row(case, number, summary, facts) + "".join(_guide(spec.read.guide_name, rows) if below else ())

    if tasks:
        yield from _document(spec.read.tasks_name, len(tasks), "task")
        for title, group in groupby(tasks, key=_phase):
            yield from _phase_section(title, map(row, group))
        yield "</section>"
    if blocks and not is_inside:
        yield from _document(spec.read.guide_name, len(blocks), "block")
        for title, group in groupby(blocks, key=lambda case: case.block.block.section if case.block else ""):
            yield from _phase_section(title, (case_row(each, number, summary, facts) for each in group))
        yield "</section>"
    yield from _elsewhere(spec)
    yield from timeline_section(summary, number, timeline)
    yield "</section>"


def _elsewhere(spec: PlannedSpec) -> Iterator[str]:
    """Which steps cannot work on which systems."""
    steps = by_step(spec)
    if not steps:
        return
    yield f'<details class="systems"><summary>{shown(counted_systems(steps))}</summary><table>'
    yield "<tr><th>Where</th>" + "".join(f"<th>{system}</th>" for system in SYSTEMS) + "</tr>"
    for (name, line), where in steps.items():
        cells = "".join(f"<td>{shown(where.get(system, ''))}</td>" for system in SYSTEMS)
        yield f"<tr><th>{shown(name)}:{line}</th>{cells}</tr>"
    yield "</table></details>"


def _guide(name: str, rows: Iterable[str]) -> Iterator[str]:
    """The steps of a guide, below the task that asks for it."""
    yield f'<section class="guide"><h5>{shown(name)}</h5>'
    yield from rows
    yield "</section>"


def _document(name: str, count: int, noun: str) -> Iterator[str]:
    yield f'<section class="document"><h3>{shown(name)} <small>{many(count, noun)}</small></h3>'


def _phase(case: Case) -> str:
    phase = case.task.task.phase if case.task else None
    return phase.title if phase else ""


def _phase_section(title: str, cases: Iterable[str]) -> Iterator[str]:
    yield '<section class="phase">'
    if title:
        yield f"<h4>{inline(title)}</h4>"
    yield from cases
    yield "</section>"

"""Tasks and blocks as rows, which open where there is more to say."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from spec_runner.core.evidence.looking import SIGHTS
from spec_runner.core.evidence.verify import Verification
from spec_runner.core.plan.events import StepResult
from spec_runner.core.plan.model import PlannedTask
from spec_runner.core.result.marking import new_mark_of
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.marks import letter_after, note_text
from spec_runner.views.html.text import inline, shown
from spec_runner.views.report import Case, Facts, StepSeen, many
from spec_runner.views.text import step_text, took


class Kind(NamedTuple):
    """How a status is shown: its class, its sign, its word, and the filter that it belongs to."""

    look: str
    sign: str
    word: str
    group: str


KINDS = {
    "passed": Kind("passed", "✓", "passed", "passed"),
    "proven": Kind("passed", "✓", "proven before", "passed"),
    "failed": Kind("failed", "✕", "failed", "failed"),
    "error": Kind("failed", "!", "error", "failed"),
    "missing": Kind("failed", "✕", "missing", "failed"),
    "in part": Kind("held", "◐", "in part", "held"),
    "cannot tell": Kind("held", "?", "cannot tell", "held"),
    "present": Kind("none", "○", "present", "none"),
    "not found": Kind("none", "○", "not found", "none"),
    "moved": Kind("none", "○", "moved", "none"),
    "held": Kind("held", "‖", "held", "held"),
    "cancelled": Kind("idle", "–", "cancelled", "idle"),
    "claimed": Kind("idle", "?", "claimed, not reached", "idle"),
    "skipped": Kind("idle", "–", "not run", "idle"),
    "not reached": Kind("idle", "–", "not reached", "idle"),
    "no evidence": Kind("none", "○", "nothing to go by", "none"),
}


def case_row(case: Case, number: int, summary: Summary, facts: Facts) -> str:
    """One row, which opens where there is more to say."""
    kind = KINDS[case.status]
    row = "".join(_row(case, summary, number, facts))
    inner = "".join(_inside(case, summary, number, facts))
    head = f'class="case {kind.group}" id="{anchor(number, case.line, case.block is not None)}"'
    if not inner:
        return f'<div {head}><div class="row">{row}</div></div>'
    opened = " open" if kind.look == "failed" else ""
    return f'<details {head}{opened}><summary class="row">{row}</summary><div class="inside">{inner}</div></details>'


def anchor(number: int, line: int, is_block: bool) -> str:
    """The name that links go to: a spec's number in the plan, and a line of its tasks or of its guide."""
    return f"s{number}-{'guide' if is_block else 'line'}-{line}"


def _row(case: Case, summary: Summary, number: int, facts: Facts) -> Iterator[str]:
    kind = KINDS[case.status]
    word = kind.word
    if case.shortfall and case.shortfall.result and case.status == "failed":
        word = case.shortfall.result.outcome.replace("-", " ")
    if isinstance(summary, Verification):
        word = {"passed": "proven", "failed": "false"}.get(case.status, kind.word)
    elif case.status == "no evidence" and case.task and case.task.task.is_ticked:
        word = "tick: nothing to go by"
    yield f'<span class="name">{shown(case.name)}</span>'
    yield _marks(case.task, summary, number, facts) if case.task else '<span class="marks"></span>'
    yield f'<span class="title">{_title(case)}</span>'
    yield f'<span class="end"><span class="time">{took(case.seconds) if case.seconds else ""}</span>'
    yield f'<span class="chip {kind.look}"><span aria-hidden="true">{kind.sign}</span> {word}</span></span>'


def _title(case: Case) -> str:
    if case.block is None:
        return inline(case.title)
    steps = case.block.steps
    first = f"<code>{shown(steps[0].step.command.partition(chr(10))[0])}</code>" if steps else ""
    label = case.block.block.label
    what = f'<span class="label">{escape(label)}</span> ' if label != "step" else ""
    return f"{what}{first or shown(case.block.block.language or 'a fence')}"


def _marks(planned: PlannedTask, summary: Summary, number: int, facts: Facts) -> str:
    before, after = planned.task.mark, _mark_after(planned, summary, number, facts)
    if before == after:
        return f'<span class="marks"><code>[{shown(before)}]</code></span>'
    said = f"marked {_spoken(before)} before, {_spoken(after)} now"
    arrow = f'<code class="was">[{shown(before)}]</code><i>→</i><code class="now">[{shown(after)}]</code>'
    return f'<span class="marks" title="{escape(said)}">{arrow}</span>'


def _spoken(mark: str) -> str:
    return "open" if mark == " " else f"[{mark}]"


def _mark_after(planned: PlannedTask, summary: Summary, number: int, facts: Facts) -> str:
    spec, event = summary.plan.specs[number], summary.tasks.get((number, planned.task.key))
    if event is None or not facts.writes or spec.read.tasks is None:
        return planned.task.mark
    return letter_after(planned.task, new_mark_of(event, spec, planned.task), spec.read.tasks.done_letter)


def _inside(case: Case, summary: Summary, number: int, facts: Facts) -> Iterator[str]:
    if case.reason and case.status != "no evidence":
        yield f'<p class="reason {KINDS[case.status].look}">{shown(case.reason)}</p>'
    yield from _unchecked(case, summary, number)
    yield from _note(case, facts)
    yield _looked(case, summary, number)
    if case.steps:
        yield f'<ol class="steps">{"".join(map(_step, case.steps))}</ol>'
    if case.steps or (case.reason and case.status != "no evidence"):
        yield f'<p class="place">{shown(case.file)}:{case.line}</p>'


def _looked(case: Case, summary: Summary, number: int) -> str:
    """What was only looked at, file by file."""
    claims = summary.judged(number, case.task).claims if case.task else ()
    others = (each for each in claims if each.verdict in SIGHTS and each.reason and each.reason != case.reason)
    found = "".join(f"<li>{each.verdict}: {shown(each.reason or '')}</li>" for each in others)
    return f'<ul class="looked">{found}</ul>' if found else ""


def _unchecked(case: Case, summary: Summary, number: int) -> Iterator[str]:
    """What the words of a task that passed say and nothing has checked."""
    judged = summary.judged(number, case.task) if case.task and case.status in ("passed", "in part") else None
    claims = [each.claim.text for each in judged.claims if each.verdict == "unchecked"] if judged else []
    yield from (f'<p class="note">Not checked: {inline(text)}</p>' for text in claims)


def _note(case: Case, facts: Facts) -> Iterator[str]:
    """The note that stood there, where it is gone now."""
    note = case.task.task.note if case.task else None
    if note and facts.writes and case.status in ("passed", "failed"):
        word = "Note removed" if case.status == "passed" else "Note before"
        yield f'<p class="note">{word}: <span>{shown(note_text(note))}</span></p>'


def look_of(result: StepResult | None) -> str:
    """The colour of a step: one that was not seen to its end has none."""
    if result is None or result.outcome == "cancelled":
        return "idle"
    return "passed" if result.outcome == "passed" else "failed"


def _step(seen: StepSeen) -> str:
    result, planned = seen.result, seen.planned
    look = "held" if planned.action == "hold" else look_of(result)
    inner = "".join((_meta(seen), _expected(seen), _printed(seen)))
    return f'<li class="{look}"><pre class="command">{_command(seen)}</pre>{inner}</li>'


def _command(seen: StepSeen) -> str:
    step = seen.planned.step
    if step.kind == "quickstart":
        return step_text(seen.planned)
    keys = f": {', '.join(step.keys)}" if step.keys else ""
    return shown(f"{step.command}{keys}")


def _meta(seen: StepSeen) -> str:
    result, planned = seen.result, seen.planned
    parts: list[str] = []
    if result:
        parts.append(f"<b>{result.outcome.replace('-', ' ')}</b>")
        parts += [f"exit {result.exit}"] if result.exit is not None else []
        parts += [f"signal {result.signal}"] if result.signal is not None else []
        parts += [f"listens on port {', '.join(map(str, result.ports))}"] if result.ports else []
        parts.append(took(result.seconds))
    elif planned.action == "hold":
        why = planned.step.hold or (f"with line {planned.because}" if planned.because else "")
        parts.append(f"<b>held</b>{': ' + why if why else ''}")
    else:
        parts.append("<b>not run</b>")
    if planned.step.kind not in ("command", "service", "quickstart"):
        parts.insert(
            0, {"url": "ask the address", "env": "write the values", "file": "write the file"}[planned.step.kind]
        )
    if planned.step.kind not in ("url", "quickstart"):
        parts.append(_where(planned.cwd))
    return f'<p class="meta">{" · ".join(parts)}</p>'


def _expected(seen: StepSeen) -> str:
    """What the document says that comes of a step, and whether that was looked at."""
    rows = "".join(
        f"<li>Expected, {'checked' if each.checked else 'not checked'}: <code>{shown(each.text)}</code></li>"
        for each in seen.planned.step.expectations
    )
    return f'<ul class="meta">{rows}</ul>' if rows else ""


def _where(cwd: str | None) -> str:
    if cwd == ".":
        return "in the root"
    return f"in <code>{shown(cwd)}</code>" if cwd else "where the one before ended"


def _printed(seen: StepSeen) -> str:
    output = seen.result.output.strip("\n") if seen.result else ""
    if not output.strip():
        return ""
    opened = " open" if seen.result and seen.result.outcome != "passed" else ""
    lines = many(output.count("\n") + 1, "line")
    return f'<details class="output"{opened}><summary>Output, {lines}</summary><pre>{shown(output)}</pre></details>'

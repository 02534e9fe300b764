"""When what ran, as bars on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.events import Place
from spec_runner.core.plan import PlannedStep
from spec_runner.core.summary import Summary
from spec_runner.views.html.cases import anchor
from spec_runner.views.html.text import shown
from spec_runner.views.report import took
from spec_runner.views.text import step_text

_MANY_BARS = 40


class Bar(NamedTuple):
    """When a step ran, in seconds since the first one started."""

    place: Place
    start: float
    end: float
    is_open: bool = False
    """It was still running when the run ended."""


class Timeline(NamedTuple):
    """All that ran, when, and when each spec was over."""

    bars: tuple[Bar, ...]
    closed: Mapping[int, float]
    seconds: float


def timeline_section(summary: Summary, number: int, timeline: Timeline) -> Iterator[str]:
    bars = [bar for bar in timeline.bars if bar.place.spec == number]
    if not bars:
        return
    start = bars[0].start
    end = max(timeline.closed.get(number, 0.0), max(bar.end for bar in bars))
    span = max(end - start, 0.001)
    opened = " open" if len(bars) <= _MANY_BARS else ""
    yield f'<details class="timeline"{opened}><summary>Timeline <small>{took(span)}</small></summary>'
    yield f'<div class="axis" aria-hidden="true">{"".join(_ticks(span))}</div><ol>'
    walks = {bar.place.task: bar.end for bar in bars if _is_walk(bar.place, summary)}
    for bar in bars:
        yield _bar(bar, summary, start, span, walks.get(bar.place.task, end) if bar.place.block else end)
    yield "</ol></details>"


def _ticks(span: float) -> Iterator[str]:
    step = next((each for each in _tick_steps() if span / each <= 6), span)
    count = int(span / step)
    for index in range(count + 1):
        label = "0" if index == 0 else f"{index * step:g} s"
        yield f'<span style="left:{100 * index * step / span:.3f}%">{label}</span>'


def _tick_steps() -> Iterator[float]:
    for power in range(-3, 6):
        yield from (round(base * 10.0**power, 6) for base in (1, 2, 5))


def _is_walk(place: Place, summary: Summary) -> bool:
    """The step of a task that walks the guide: what was started in there ends with it."""
    tasks = summary.plan.by_key()[place.spec]
    return place.block is None and tasks[place.task].steps[place.step].step.kind == "quickstart"


def _bar(bar: Bar, summary: Summary, start: float, span: float, end: float) -> str:
    """A row: what it was, and where its time lies; a service goes on, paler, until its box is gone at ``end``."""
    place, result = bar.place, summary.steps.get(bar.place)
    look = "idle" if result is None or result.outcome == "cancelled" else "passed"
    look = "failed" if result and result.outcome not in ("passed", "cancelled") else look
    left, width = 100 * (bar.start - start) / span, 100 * (bar.end - bar.start) / span
    marks = f'<i class="bar {look}" style="left:{left:.3f}%;width:{width:.3f}%"></i>'
    if result and result.ports:
        lasting = max(100 * (end - bar.end) / span, 0)
        marks += f'<i class="bar lasting" style="left:{left + width:.3f}%;width:{lasting:.3f}%"></i>'
    name, what, target = _named(place, summary)
    return (
        f'<li><a href="#{target}"><b>{shown(name)}</b> <span>{what}</span></a>'
        f'<span class="track" aria-hidden="true">{marks}</span>'
        f'<span class="time">{took(bar.end - bar.start)}</span></li>'
    )


def _named(place: Place, summary: Summary) -> tuple[str, str, str]:
    spec = summary.plan.specs[place.spec]
    if place.block is not None:
        block = next(each for each in spec.blocks if each.block.line == place.block)
        step = block.steps[place.step]
        return f"line {step.step.line}", _short(step), anchor(place.spec, place.block, True)
    planned = next(each for each in spec.tasks if each.task.key == place.task)
    name = planned.task.id or f"line {planned.task.line}"
    return name, _short(planned.steps[place.step]), anchor(place.spec, planned.task.line, False)


def _short(planned: PlannedStep) -> str:
    return shown(planned.step.command.partition("\n")[0] if planned.step.kind != "quickstart" else step_text(planned))

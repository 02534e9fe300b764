"""When what ran, as bars on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.plan.events import Place, StepResult
from spec_runner.core.plan.model import PlannedStep, PlannedTask, step_at
from spec_runner.core.result.summary import Summary
from spec_runner.views.html.cases import anchor, look_of
from spec_runner.views.html.text import shown
from spec_runner.views.text import step_text, took


class Bar(NamedTuple):
    """When a step ran, in seconds since the first one started."""

    place: Place
    start: float
    end: float


class Timeline(NamedTuple):
    """All that ran, when, and when each spec was over."""

    bars: tuple[Bar, ...]
    closed: Mapping[int, float]
    seconds: float


def timeline_section(summary: Summary, number: int, timeline: Timeline) -> Iterator[str]:
    """A spec's steps in the order in which they started, folded."""
    bars = [bar for bar in timeline.bars if bar.place.spec == number]
    if not bars:
        return
    start = bars[0].start
    end = max(timeline.closed.get(number, 0.0), max(bar.end for bar in bars))
    span = max(end - start, 0.001)
    yield f'<details class="timeline"><summary>Timeline <small>{took(span)}</small></summary>'
    yield f'<div class="axis" aria-hidden="true">{"".join(_ticks(span))}</div><ol>'
    tasks = summary.plan.by_key()[number]
    walks = {bar.place.task: bar.end for bar in bars if _is_walk(bar.place, tasks)}
    for bar in bars:
        until = walks.get(bar.place.task, end) if bar.place.block else end
        yield _bar(bar, _named(bar.place, summary, tasks), summary.steps.get(bar.place), start, span, until)
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


def _is_walk(place: Place, tasks: Mapping[str, PlannedTask]) -> bool:
    """The step of a task that walks the guide: what was started in there ends with it."""
    return place.block is None and tasks[place.task].steps[place.step].step.kind == "quickstart"


class _Named(NamedTuple):
    """What a bar stands for, and where more is said of it."""

    name: str
    what: str
    target: str


def _named(place: Place, summary: Summary, tasks: Mapping[str, PlannedTask]) -> _Named:
    step = step_at(summary.plan.specs[place.spec], tasks, place)
    if place.block is not None:
        return _Named(f"line {step.step.line}", _short(step), anchor(place.spec, place.block, True))
    task = tasks[place.task].task
    return _Named(task.word, _short(step), anchor(place.spec, task.line, False))


def _bar(bar: Bar, named: _Named, result: StepResult | None, start: float, span: float, until: float) -> str:
    """A row: what it was, and where its time lies; a service goes on, paler, ``until`` its sandbox is gone."""
    left, width = 100 * (bar.start - start) / span, 100 * (bar.end - bar.start) / span
    marks = f'<i class="bar {look_of(result)}" style="left:{left:.3f}%;width:{width:.3f}%"></i>'
    if result and result.ports:
        lasting = max(100 * (until - bar.end) / span, 0)
        marks += f'<i class="bar lasting" style="left:{left + width:.3f}%;width:{lasting:.3f}%"></i>'
    return (
        f'<li><a href="#{named.target}"><b>{shown(named.name)}</b> <span>{named.what}</span></a>'
        f'<span class="track" aria-hidden="true">{marks}</span>'
        f'<span class="time">{took(bar.end - bar.start)}</span></li>'
    )


def _short(planned: PlannedStep) -> str:
    return shown(planned.step.command.partition("\n")[0] if planned.step.kind != "quickstart" else step_text(planned))

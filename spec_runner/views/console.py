"""The plan and the run on a terminal: colour, and a line that shows what runs now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.cells import chop_cells
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from spec_runner.core.plan.events import (
    Event,
    OutputSeen,
    Place,
    SetupFinished,
    SetupStarted,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepStarted,
    TaskCancelled,
    TaskFinished,
)
from spec_runner.core.plan.model import Plan, PlannedSpec
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import exact, visible
from spec_runner.views.plan import PlanText
from spec_runner.views.text import EndLines, Line, Lines, RunText, before, step_text, took

_STYLES = {
    "title": "bold",
    "phase": "bold cyan",
    "passed": "green",
    "failed": "bold red",
    "held": "yellow",
    "faint": "bright_black",
}


_SHELL = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<variable>\$\{?\w+\}?|\b[A-Z_][A-Z0-9_]*(?==))|(?P<option>(?<=\s)--?[\w-]+)"""
    r"""|(?P<operator>&&|\|\||[|;&]|[<>]{1,2})"""
)
_SHELL_STYLES = {"text": "green", "variable": "magenta", "option": "cyan", "operator": "bold yellow"}


_SETUP = "setup"
"""What stands for a task while a work tree is made ready."""


class ConsoleLines(Lines):
    """Lines on a terminal, each in the style of its role, printed above whatever is live."""

    def __init__(self, console: Console, stream: TextIO) -> None:
        super().__init__(stream)
        self._console = console

    def _print(self, line: str, role: str) -> None:
        name, _, number = role.partition(" ")
        column = int(number) if name == "code" else None
        text = with_command(line, column) if column is not None else _styled(line, name, int(number or len(line)))
        for row in hanging(text, column, self._console):
            self._console.print(row, soft_wrap=True, highlight=False)


def _styled(line: str, role: str, columns: int) -> Text:
    """A line whose first columns are in the style of a role."""
    text = Text(line)
    text.stylize(_STYLES.get(role, ""), 0, columns)
    return text


_COLUMN = re.compile(r"\s{2,}(?=\S)")
_TYPED = re.compile(r"\bspec-run \S")


def hanging(text: Text, column: int | None, console: Console) -> Iterable[Text]:
    """A line in rows that fit, each of which begins in the column in which the last one of the line begins.

    What is there to be typed stays in one piece: a terminal that breaks it copies it whole.
    """
    width = console.width
    if text.cell_len <= width or _TYPED.search(text.plain):
        return [text]
    begins = [found.end() for found in _COLUMN.finditer(text.plain, 0, width // 2)]
    # The next line of a command begins where this one does; what is still the same one stands further in.
    indent = min(column + 2 if column else max(begins, default=2), width // 2)
    return _broken(text, indent, width)


def _broken(text: Text, indent: int, width: int) -> Iterator[Text]:
    """Rows that end at a blank, if that fills at least half of what there is."""
    row, room = 0, width
    while text.cell_len > room:
        pieces = chop_cells(text.plain[: 2 * room + 2], room)
        fits = max(len(pieces[0]) if pieces else 0, 1)
        if fits >= len(text.plain):
            break
        blank = text.plain.rfind(" ", 0, fits + 1)
        end = blank if blank - (0 if row else indent) > (room - (0 if row else indent)) // 2 else fits
        yield _margin(row, indent) + text[:end]
        text = text[end + (text.plain[end] == " ") :]
        row, room = row + 1, width - indent
    yield _margin(row, indent) + text


def _margin(row: int, indent: int) -> Text:
    return Text(" " * indent if row else "")


def with_command(line: str, column: int) -> Text:
    """A line that is a command from a column on: programs, options, texts and variables in colour."""
    text = Text(line)
    for found in _SHELL.finditer(line, column):
        if found.lastgroup:
            text.stylize(_SHELL_STYLES[found.lastgroup], *found.span(found.lastgroup))
    return text


def console_lines(stream: TextIO) -> ConsoleLines:
    """Lines for a terminal on which nothing is live."""
    return ConsoleLines(Console(file=stream), stream)


class ConsolePlan(PlanText):
    """The plan in colour."""

    def __init__(self, plan: Plan, out: TextIO, *, verbose: bool, again: str = "") -> None:
        super().__init__(plan, ConsoleLines(Console(file=out), out), verbose=verbose, again=again)


def _tasks_of(spec: PlannedSpec) -> int:
    """How many tasks of a spec can run; a guide is one."""
    return sum(task.action == "run" for task in spec.tasks) or int(spec.has_work)


class ConsoleRun(RunText):
    """The run on a terminal: a live line for each task that runs, which becomes its result, and a bar over all."""

    def __init__(self, plan: Plan, out: TextIO, err: TextIO, ending: EndLines | None = None) -> None:
        console = Console(file=err)
        super().__init__(plan, ConsoleLines(Console(file=out), out), ConsoleLines(console, err), ending)
        self._console = console
        self._progress = Progress(
            SpinnerColumn(style="cyan"), TextColumn("{task.description}"), TimeElapsedColumn(), console=console,
            transient=True,
        )  # fmt: skip
        self._total, self._over = 0, 0
        self._running: set[int] = set()
        """The specs that run now."""
        self._bar: TaskID | None = None
        self._rows: dict[tuple[int, str], TaskID] = {}
        self._lost: list[TaskCancelled] = []
        """Tasks that will not be reached, and are not shown yet."""

    def hear(self, event: Event) -> None:
        """Tell what happens, and keep the live lines true."""
        match event:
            case SpecStarted(spec):
                if self._specs is None or not self._total:
                    begun = self._plan.specs if self._specs else (self._plan.specs[spec],)
                    self._total = sum(_tasks_of(each) for each in begun)
                    self._over = 0
                self._running.add(spec)
                self._count()
                self._progress.start()
            case SetupStarted():
                self._progress.start()
                step = self._setup_step(event)
                self._describe(Place(event.spec, _SETUP), f"{exact(step.command)}{before(step.took)}")
            case SetupFinished():
                row = self._rows.pop((event.spec, _SETUP), None)
                if row is not None:
                    self._progress.remove_task(row)
            case StepStarted(place):
                planned = self._tasks[place.spec].get(place.task) if place.block is None else None
                self._describe(place, f"{step_text(self._step(place))}{before(planned.took) if planned else ''}")
            case OutputSeen(place, line):
                self._describe(
                    place, f"{self._cut(step_text(self._step(place)), self._console.width // 2)}  {visible(line)}"
                )
            case TaskFinished() | TaskCancelled():
                self._over += 1
                row = self._rows.pop((event.spec, event.task), None)
                if row is not None:
                    self._progress.remove_task(row)
                self._count()
            case SpecFinished(spec):
                self._running.discard(spec)
                for key in [key for key in self._rows if key[0] == spec]:
                    self._progress.remove_task(self._rows.pop(key))
                if not self._running:
                    self._progress.stop()
            case _:
                pass
        super().hear(event)

    def _lines_of(self, event: Event) -> Iterator[Line]:
        """What starts is a live line; only what has ended, or answers, is worth one that stays."""
        if isinstance(event, TaskCancelled):
            if self._lost and (event.spec, event.because) != (self._lost[0].spec, self._lost[0].because):
                yield from self._lost_lines()
            self._lost.append(event)
            return
        yield from self._lost_lines()
        match event:
            case StepStarted():
                return
            case StepFinished(place, result) if result.ports:
                answers = f"{step_text(self._step(place))}  answers on port {', '.join(map(str, result.ports))}"
                name = f"  ● {self._of(place.spec)}{self._word(place.spec, place.task):<6}"
                yield f"{name} {took(result.seconds):>8}  {answers}", f"phase {len(name)}"
            case TaskFinished() if event.outcome == "passed":
                name = f"  ✓ {self._called(event)}"
                yield f"{name} {took(event.seconds):>8}  {self._what(event)}", f"passed {len(name)}"
            case TaskFinished():
                # All of it is shown in the end.
                outcome, role = self._ended(event)
                name = f"  {'✗' if role == 'failed' else '?'} {self._called(event)}"
                what = f"{outcome}: {visible(event.reason or '')}"
                yield self._cut(f"{name} {took(event.seconds):>8}  {what}", 0), f"{role} {len(name)}"
            case _:
                yield from super()._lines_of(event)

    def _waits(self, event: Event) -> Iterator[Line]:
        """What runs is a live line with its time."""
        return iter(())

    def _lost_lines(self) -> Iterator[Line]:
        """The tasks that one failure keeps from being reached, in one line."""
        row, self._lost = self._lost, []
        if row:
            names = self._of(row[0].spec) + ", ".join(self._word(each.spec, each.task) for each in row)
            because = f"not reached: {self._word(row[0].spec, row[0].because)} failed"
            many = f"{self._of(row[0].spec)}{len(row)} tasks"
            yield self._cut(f"  - {names if len(row) < 3 else many} {because}", 0), "held"

    def _what(self, event: TaskFinished) -> str:
        planned = self._tasks[event.spec].get(event.task)
        return self._cut(step_text(planned.steps[-1]), 24) if planned and planned.steps else ""

    def _describe(self, place: Place, text: str) -> None:
        word = _SETUP if place.task == _SETUP else self._word(place.spec, place.task)
        name = f"{self._of(place.spec)}{word:<6}"
        description = Text(f"{name} {self._cut(text, len(name) + 18)}").markup
        row = self._rows.get((place.spec, place.task))
        if row is None:
            self._rows[place.spec, place.task] = self._progress.add_task(description, total=None)
        else:
            self._progress.update(row, description=description)

    def _count(self) -> None:
        """The bar over all the tasks that can run."""
        width = 24
        done = width * self._over // max(self._total, 1)
        bar = f"[green]{'━' * done}[/][bright_black]{'━' * (width - done)}[/]"
        description = f"{bar} {self._over} of {self._total}"
        if self._bar is None:
            self._bar = self._progress.add_task(description, total=None)
        self._progress.update(self._bar, description=description)

    def _cut(self, text: str, beside: int) -> str:
        room = max(self._console.width - beside, 20)
        return text if len(text) <= room else text[: room - 1] + "…"

    def finish(self, summary: Summary, code: int) -> None:
        """Stop the live lines, then print what came of it."""
        self._progress.stop()
        for line, role in self._lost_lines():
            self._err.write(line, role)
        super().finish(summary, code)

"""The plan and the run on a terminal: colour, and a line that shows what runs now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from spec_runner.core.events import (
    Event,
    OutputSeen,
    SpecFinished,
    SpecStarted,
    StepStarted,
    TaskCancelled,
    TaskFinished,
)
from spec_runner.core.output import visible
from spec_runner.core.plan import Plan
from spec_runner.core.summary import Summary
from spec_runner.views.text import Lines, PlanText, RunText, step_text

_STYLES = {
    "title": "bold",
    "phase": "bold cyan",
    "passed": "green",
    "failed": "bold red",
    "held": "yellow",
    "faint": "bright_black",
}


class ConsoleLines(Lines):
    """Lines on a terminal, each in the style of its role, printed above whatever is live."""

    def __init__(self, console: Console, stream: TextIO) -> None:
        super().__init__(stream)
        self._console = console

    def _print(self, line: str, role: str) -> None:
        self._console.print(Text(line, style=_STYLES.get(role, "")), soft_wrap=True, highlight=False)


class ConsolePlan(PlanText):
    """The plan in colour."""

    def __init__(self, plan: Plan, out: TextIO, *, verbose: bool) -> None:
        super().__init__(plan, ConsoleLines(Console(file=out), out), verbose=verbose)


class ConsoleRun(RunText):
    """The run in colour, with a progress bar over the tasks that can run and the last line that was printed."""

    def __init__(self, plan: Plan, out: TextIO, err: TextIO) -> None:
        console = Console(file=err)
        super().__init__(plan, ConsoleLines(Console(file=out), out), ConsoleLines(console, err))
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._bar = self._progress.add_task("making the work tree", total=None)

    def hear(self, event: Event) -> None:
        """Tell what happens, and keep the live line true."""
        match event:
            case SpecStarted(spec):
                total = sum(task.action == "run" for task in self._plan.specs[spec].tasks) or 1
                self._progress.reset(self._bar, total=total, description="")
                self._progress.start()
            case StepStarted(place):
                self._describe(f"{visible(place.task)} {step_text(self._step(place))}")
            case OutputSeen(place, line):
                self._describe(visible(f"{place.task} {line}"))
            case TaskFinished() | TaskCancelled():
                self._progress.advance(self._bar)
            case SpecFinished():
                self._progress.stop()
            case _:
                pass
        super().hear(event)

    def _describe(self, text: str) -> None:
        room = max(self._progress.console.width - 36, 20)
        shown = text if len(text) <= room else text[: room - 1] + "…"
        self._progress.update(self._bar, description=shown)

    def finish(self, summary: Summary, code: int, digests: Mapping[tuple[int, str], str]) -> None:
        """Take the live line away and print what came of it."""
        self._progress.stop()
        super().finish(summary, code, digests)

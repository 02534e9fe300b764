"""What anyone reads: a view hears what happens and tells it, on a terminal, in a pipe, as JSON."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TextIO

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import visible

if TYPE_CHECKING:
    from spec_runner.views.text import Line, Lines


class View(Protocol):
    """Hears every event of a run, in order, and its end."""

    def hear(self, event: Event) -> None:
        """Take one event in."""
        ...

    def finish(self, summary: Summary, code: int) -> None:
        """The run is over, with this exit code."""
        ...


class Conclusion(NamedTuple):
    """What is shown when all is over, where that is not what a run shows: as lines and as one object."""

    lines: Callable[[Summary, int], Iterator[Line]]
    made: Callable[[Summary, int], dict[str, Any]]


Form = Literal["text", "json", "events"]
"""What is printed: lines for people, one JSON object, or one for each event."""


def view_for(
    plan: Plan, out: TextIO, err: TextIO, *, dry_run: bool, form: Form, verbose: bool, on_github: bool = False,
    ending: Conclusion | None = None, again: str = "",
) -> View:  # fmt: skip
    """The view for what was asked: results go to ``out``, progress to ``err``; colour only where a terminal reads.

    ``again`` is what is typed to do what a dry run shows.
    """
    from spec_runner.views.text import RunText

    def lines(stream: TextIO) -> Lines:
        return plain_lines(stream, on_github=on_github, is_result=stream is out)

    end_lines = ending.lines if ending else None
    if form == "events":
        from spec_runner.views.events import JsonEvents

        return JsonEvents(plan, out, RunText(plan, lines(err), lines(err), end_lines))
    if form == "json":
        from spec_runner.views.json import JsonView, run_object

        progress = None if dry_run else RunText(plan, lines(err), lines(err))
        return JsonView(plan, out, progress, ending.made if ending else run_object)
    if _is_terminal(out if dry_run else err):
        from spec_runner.views.console import ConsolePlan, ConsoleRun

        return (
            ConsolePlan(plan, out, verbose=verbose, again=again) if dry_run else ConsoleRun(plan, out, err, end_lines)
        )
    if dry_run:
        from spec_runner.views.plan import PlanText

        return PlanText(plan, lines(out), verbose=verbose, again=again)
    return RunText(plan, lines(out), lines(err), end_lines)


def print_errors(errors: Iterable[str | None], err: TextIO) -> None:
    """Print why specs cannot be read, in the words and the place of every other error."""
    lines = lines_for(err, is_result=False)
    for error in errors:
        if error is not None:
            lines.write(f"spec-run: {visible(error)}", "failed")


def plain_lines(stream: TextIO, *, on_github: bool = False, is_result: bool = False) -> Lines:
    """Lines without colour; on GitHub none that its runner obeys, whatever a command printed."""
    if on_github:
        from spec_runner.views.github import DefusedLines

        return DefusedLines(stream, is_result=is_result)
    from spec_runner.views.text import Lines

    return Lines(stream, is_result=is_result)


def lines_for(stream: TextIO, *, is_result: bool = True) -> Lines:
    """Lines, in colour where a terminal reads them."""
    if not _is_terminal(stream):
        return plain_lines(stream, on_github=os.environ.get("GITHUB_ACTIONS") == "true", is_result=is_result)
    from spec_runner.views.console import console_lines

    return console_lines(stream)


def _is_terminal(stream: TextIO) -> bool:
    """A terminal that can move its cursor and knows every letter, and a user who has not said no to colour."""
    knows_all = (stream.encoding or "").lower().replace("-", "") == "utf8"
    return (
        knows_all and stream.isatty() and os.environ.get("TERM") not in ("dumb", "") and not os.environ.get("NO_COLOR")
    )

"""What anyone reads: a view hears what happens and tells it, on a terminal, in a pipe, as JSON."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary

if TYPE_CHECKING:
    from spec_runner.views.text import Lines


class View(Protocol):
    """Hears every event of a run, in order, and its end."""

    def hear(self, event: Event) -> None:
        """Take one event in."""
        ...

    def finish(self, summary: Summary, code: int, digests: Mapping[tuple[int, str], str]) -> None:
        """The run is over; ``digests`` are those of the documents that were marked, by spec and name."""
        ...


Form = Literal["text", "json", "events"]
"""What is printed: lines for people, one JSON object, or one for each event."""


def view_for(
    plan: Plan, out: TextIO, err: TextIO, *, dry_run: bool, form: Form, verbose: bool, on_github: bool = False
) -> View:
    """The view for what was asked: results go to ``out``, progress to ``err``; colour only where a terminal reads."""
    from spec_runner.views.text import PlanText, RunText

    def lines(stream: TextIO) -> Lines:
        return plain_lines(stream, on_github=on_github)

    if form == "events":
        from spec_runner.views.events import JsonEvents

        return JsonEvents(plan, out, RunText(plan, lines(err), lines(err)))
    if form == "json":
        from spec_runner.views.json import JsonView

        return JsonView(plan, out, None if dry_run else RunText(plan, lines(err), lines(err)))
    if _is_terminal(out if dry_run else err):
        from spec_runner.views.console import ConsolePlan, ConsoleRun

        return ConsolePlan(plan, out, verbose=verbose) if dry_run else ConsoleRun(plan, out, err)
    return PlanText(plan, lines(out), verbose=verbose) if dry_run else RunText(plan, lines(out), lines(err))


def plain_lines(stream: TextIO, *, on_github: bool = False) -> Lines:
    """Lines without colour; on GitHub none that its runner obeys, whatever a command printed."""
    if on_github:
        from spec_runner.views.github import DefusedLines

        return DefusedLines(stream)
    from spec_runner.views.text import Lines

    return Lines(stream)


def lines_for(stream: TextIO) -> Lines:
    """Lines for a stream, in colour where a terminal reads them."""
    from spec_runner.views.text import Lines

    if not _is_terminal(stream):
        return Lines(stream)
    from spec_runner.views.console import console_lines

    return console_lines(stream)


def _is_terminal(stream: TextIO) -> bool:
    """A terminal that can move its cursor and knows every letter, and a user who has not said no to colour."""
    knows_all = (stream.encoding or "").lower().replace("-", "") == "utf8"
    return (
        knows_all and stream.isatty() and os.environ.get("TERM") not in ("dumb", "") and not os.environ.get("NO_COLOR")
    )

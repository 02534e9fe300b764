"""A run on GitHub: failures where they stand in the documents, and a summary of the job.

The runner of GitHub obeys lines that look like its commands, whoever prints them; ``defused`` takes that away from text
that is not ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from spec_runner.errors import SpecError
from spec_runner.views.markdown import MOST_BYTES as MOST_BYTES
from spec_runner.views.markdown import step_summary
from spec_runner.views.report import Case, Facts, Put, cases_of, strict_reasons
from spec_runner.views.text import Lines, visible

MOST_ANNOTATIONS = 10
"""GitHub shows no more of a kind for each step of a job."""


class GithubView:
    """Prints annotations and hands over a summary when the run is over, however it ended."""

    def __init__(
        self, plan: Plan, facts: Facts, out: TextIO, shown_path: Callable[[str], str], put: Put | None, room: int
    ) -> None:
        """``shown_path`` makes a path one from the repository's root; ``room`` is what is left of MOST_BYTES."""
        self._plan, self._facts, self._out, self._shown, self._put, self._room = plan, facts, out, shown_path, put, room

    def hear(self, event: Event) -> None:
        """All is reported when it is over."""

    def finish(self, summary: Summary, code: int) -> None:
        """Print the annotations and hand over the summary."""
        lines = Lines(self._out)
        cases = [case for number in range(len(self._plan.specs)) for case in cases_of(summary, number)]
        for line in annotations_of(cases, self._shown, strict_reasons(summary) if self._facts.strict else None):
            lines.write(line)
        if self._put:
            try:
                self._put(step_summary(summary, code, self._facts, self._room))
            except SpecError as error:
                # Nobody asked for the summary by name: the run is not worse without it.
                lines.write(f"note: {visible(str(error))}")


def annotations_of(
    cases: list[Case], shown_path: Callable[[str], str], strict: Callable[[Case], str | None] | None = None
) -> list[str]:
    """At most MOST_ANNOTATIONS commands: failures first, then what is held."""
    failed = [case for case in cases if case.status in ("failed", "error")]
    lines = [_annotation("error", case, case.reason or case.status, shown_path) for case in failed]
    for case in cases if strict else ():
        reason = strict(case) if strict else None
        lines += [_annotation("error", case, reason, shown_path)] if reason else []
    if not strict:
        held = [case for case in cases if case.status == "held"]
        lines += [_annotation("warning", case, f"held, not run: {case.reason}", shown_path) for case in held]
    return lines[:MOST_ANNOTATIONS]


def _annotation(level: str, case: Case, reason: str, shown_path: Callable[[str], str]) -> str:
    title = f"spec-run: {visible(case.name)} {case.status}"
    file, message = visible(shown_path(case.file)), f"{visible(reason)}\n{visible(case.title)}"
    return f"::{level} file={_property(file)},line={case.line},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def defused(line: str) -> str:
    """A line that the runner of GitHub does not take for a command of its own."""
    line = line.replace("##[", "## [")
    start = line.lstrip()
    return line.replace("::", ": :", 1) if start.startswith("::") else line


class DefusedLines(Lines):
    """Lines that are read by the runner of GitHub as well as by people."""

    def write(self, line: str, role: str = "") -> None:
        """Write one line that is no command, whatever was printed by whom."""
        super().write(defused(line), role)

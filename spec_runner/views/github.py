"""A run on GitHub: failures where they stand in the documents, and a summary of the job.

The runner of GitHub obeys lines that look like its commands, whoever prints them; ``defused`` takes that away from text
that is not ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TextIO

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from spec_runner.errors import SpecError
from spec_runner.views.report import (
    Case,
    Facts,
    Put,
    guide_cases,
    spec_error,
    strict_reasons,
    task_cases,
)
from spec_runner.views.text import Lines, took, visible

MOST_ANNOTATIONS = 10
"""GitHub shows no more of a kind for each step of a job."""
MOST_BYTES = 1024 * 1024
"""GitHub drops a step's summary that is longer."""

_ICONS = {
    "passed": "✅",
    "proven": "✅",
    "failed": "❌",
    "error": "❌",
    "missing": "❌",
    "in part": "🟡",
    "cannot tell": "❔",
    "held": "✋",
    "claimed": "⚪",
    "cancelled": "⚪",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~&@$:^=-])")


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
        cases = [case for number in range(len(self._plan.specs)) for case in _cases(summary, number)]
        for line in annotations_of(cases, self._shown, strict_reasons(summary) if self._facts.strict else None):
            lines.write(line)
        if self._put:
            try:
                self._put(step_summary(summary, code, self._facts, self._room))
            except SpecError as error:
                # Nobody asked for the summary by name: the run is not worse without it.
                lines.write(f"note: {visible(str(error))}")


def _cases(summary: Summary, number: int) -> Iterator[Case]:
    error = spec_error(summary, number)
    if error:
        yield error
    yield from task_cases(summary, number)
    yield from guide_cases(summary, number)


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


# The summary of the job.


def step_summary(summary: Summary, code: int, facts: Facts, room: int = MOST_BYTES) -> str:
    """What came of the run, as markdown of at most ``room`` bytes: whole parts, as many as fit."""
    cut = "\n*More is in the log: this summary has reached the longest that GitHub shows.*\n"
    text, left = "", room - len(cut.encode())
    for part in _parts(summary, code, facts):
        left -= len(part.encode("utf-8", "replace"))
        if left < 0:
            return text + cut if room >= len(cut.encode()) else ""
        text += part
    return text


def _parts(summary: Summary, code: int, facts: Facts) -> Iterator[str]:
    plan = summary.plan
    yield f"## spec-run: {_counted(summary)}\n\n"
    yield f"Sandbox {_escaped(plan.level)}, network {_escaped(plan.network)}, exit code {int(code)}.\n\n"
    if summary.interrupted:
        yield "**Interrupted**: what was not seen to its end counts for nothing.\n\n"
    for number, spec in enumerate(plan.specs):
        yield f"### {_escaped(spec.read.path)}\n\n"
        cases = list(_cases(summary, number))
        yield from _table([case for case in cases if case.status != "no evidence"])
        none = sum(case.status == "no evidence" for case in cases)
        if none:
            yield f"{none} {'task has' if none == 1 else 'tasks have'} nothing to run, so no evidence.\n\n"
        for case in cases:
            if case.status in ("failed", "error"):
                yield _failure(case)
    for warning in summary.warnings:
        yield f"- {_escaped(warning.message)}\n"


def _counted(summary: Summary) -> str:
    counts = summary.counts()
    names = (
        "failed", "missing", "passed", "proven", "in part", "cannot tell", "held", "cancelled", "claimed",
        "not reached", "skipped", "present", "not found", "moved",
    )  # fmt: skip
    return ", ".join(f"{counts[name]} {name}" for name in names if counts[name]) or "nothing ran"


def _table(cases: list[Case]) -> Iterator[str]:
    if not cases:
        return
    yield "| | Where | What | Outcome | Time |\n|---|---|---|---|---:|\n"
    for case in cases:
        icon = _ICONS.get(case.status, "⚪")
        seconds = took(case.seconds) if case.seconds else ""
        outcome = case.status if case.status == "passed" or not case.reason else f"{case.status}: {case.reason}"
        yield f"| {icon} | {_escaped(case.name)} | {_escaped(case.title)} | {_escaped(outcome)} | {seconds} |\n"
    yield "\n"


def _failure(case: Case) -> str:
    """A failure with its command and the end of its output, folded."""
    head = f"{_html(case.name)} {_html(case.status)}: {_html(case.reason or '')}"
    # An empty line would end the block of HTML and let the rest be read as markdown.
    body = "\n".join(_html(line) or " " for part in case.story() for line in part.split("\n"))
    return f"<details><summary>{head}</summary><pre>{body}</pre></details>\n\n"


def _html(text: str) -> str:
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown if shown.strip() else "&#160;"


def _escaped(text: str) -> str:
    """One line of text in which markdown finds nothing to obey: no mark-up, no link, no mention, no cell."""
    return _MARKDOWN.sub(lambda found: f"&#{ord(found.group())};", visible(text))

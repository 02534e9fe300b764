"""What came of a run or a replay, as Markdown: for a comment on a pull request, and for the summary of a job."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from spec_runner.core.evidence.verify import Verification, counts
from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.core.plan.portable import SYSTEMS, by_step, counted_systems
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import visible
from spec_runner.views.report import Case, Facts, Put, cases_of
from spec_runner.views.text import took
from spec_runner.views.verify import counted_words

MOST_BYTES = 1024 * 1024
"""GitHub drops a step's summary that is longer."""
MOST_OF_A_COMMENT = 65_536
"""Letters that GitHub takes of a comment."""
_REPLAYED = {"passed": "proven", "failed": "false"}
"""What a replay calls it."""
_UNSURE = ("missing", "in part", "cannot tell", "held", "not found", "moved")
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


class MarkdownView:
    """Hands the text over when the run is over, however it ended."""

    def __init__(self, facts: Facts, put: Put) -> None:
        self._facts, self._put = facts, put

    def hear(self, event: Event) -> None:
        """What happened is told when it is over."""

    def finish(self, summary: Summary, code: int) -> None:
        """Hand over the whole text."""
        self._put(step_summary(summary, code, self._facts, MOST_OF_A_COMMENT))


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
    for number in range(len(plan.specs)):
        yield from _spec(summary, number)
    notes = [warning.message for warning in summary.warnings]
    notes += [warning for spec in plan.specs for warning in spec.warnings]
    yield from (f"- {_escaped(note)}\n" for note in notes)


def _spec(summary: Summary, number: int) -> Iterator[str]:
    """A spec: what failed with its evidence, what is not sure, and folded below it the rest."""
    yield f"### {_escaped(summary.plan.specs[number].read.path)}\n\n"
    cases = list(cases_of(summary, number))
    words = _REPLAYED if isinstance(summary, Verification) else {}
    failed = [case for case in cases if case.status in ("failed", "error")]
    unsure = [case for case in cases if case.status in _UNSURE]
    rest = [case for case in cases if case.status not in (*_UNSURE, "failed", "error", "no evidence")]
    yield from _table([*failed, *unsure], words)
    yield from (_failure(case, words) for case in failed)
    if rest:
        yield "".join(
            (f"<details><summary>{_tallied(rest, words)}</summary>\n\n", *_table(rest, words), "</details>\n\n")
        )
    yield _elsewhere(summary.plan.specs[number])
    none = sum(case.status == "no evidence" for case in cases)
    if none:
        yield f"{none} {'task has' if none == 1 else 'tasks have'} nothing to run, so no evidence.\n\n"


def _tallied(cases: list[Case], words: Mapping[str, str]) -> str:
    counted = Counter(words.get(case.status, case.status) for case in cases)
    return ", ".join(f"{count} {status}" for status, count in counted.items())


def _counted(summary: Summary) -> str:
    if isinstance(summary, Verification):
        return counted_words(counts(summary.all_ticks()))
    found = summary.counts()
    names = (
        "failed", "cannot tell", "passed", "proven", "in part", "held", "cancelled", "claimed", "not reached",
        "skipped",
    )  # fmt: skip
    return ", ".join(f"{found[name]} {name}" for name in names if found[name]) or "nothing ran"


def _table(cases: list[Case], words: Mapping[str, str]) -> Iterator[str]:
    if not cases:
        return
    yield "| | Where | What | Outcome | Time |\n|---|---|---|---|---:|\n"
    for case in cases:
        icon = _ICONS.get(case.status, "⚪")
        seconds = took(case.seconds) if case.seconds else ""
        word = words.get(case.status, case.status)
        outcome = word if case.status == "passed" or not case.reason else f"{word}: {case.reason}"
        yield f"| {icon} | {_escaped(case.name)} | {_escaped(case.title)} | {_escaped(outcome)} | {seconds} |\n"
    yield "\n"


def _elsewhere(spec: PlannedSpec) -> str:
    """Which steps cannot work on which systems, folded."""
    steps = by_step(spec)
    if not steps:
        return ""
    rows = (
        f"| {_escaped(name)}:{line} | " + " | ".join(_escaped(where.get(system, "")) for system in SYSTEMS) + " |\n"
        for (name, line), where in steps.items()
    )
    head = f"| Where | {' | '.join(SYSTEMS)} |\n|---|{'---|' * len(SYSTEMS)}\n"
    return f"<details><summary>{counted_systems(steps)}</summary>\n\n{head}{''.join(rows)}\n</details>\n\n"


def _failure(case: Case, words: Mapping[str, str]) -> str:
    """A failure with its command and the end of its output, folded."""
    head = f"{_html(case.name)} {_html(words.get(case.status, case.status))}: {_html(case.reason or '')}"
    # An empty line would end the block of HTML and let the rest be read as markdown.
    body = "\n".join(_html(line) or " " for part in case.story() for line in part.split("\n"))
    return f"<details open><summary>{head}</summary><pre>{body}</pre></details>\n\n"


def _html(text: str) -> str:
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown if shown.strip() else "&#160;"


def _escaped(text: str) -> str:
    """One line of text in which markdown finds nothing to obey: no mark-up, no link, no mention, no cell."""
    return _MARKDOWN.sub(lambda found: f"&#{ord(found.group())};", visible(text))

"""Events → counts and the exit code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spec_runner.core.plan.events import Interrupted, SpecAbandoned, TaskFinished, Warned
from spec_runner.core.plan.model import Choices, Plan, PlannedSpec, ReadSpec
from spec_runner.core.result.summary import Summary
from tests.core.scripted import ScriptedRunner, followed, plan, spec

ALL = "- [ ] T1 Run `make a`\n- [X] T2 Run `make b`\n- [ ] T3 Run `git push`\n- [X] T4 Think\n"
FAULT = TaskFinished(0, "T1", "not-started", "fault", fault=True)
UNREADABLE = PlannedSpec(ReadSpec("specs/b", error="no"), error="no")


def summed(made: Plan, script: Mapping[str, object] | None = None) -> Summary:
    summary = Summary(made)
    for event in followed(made, ScriptedRunner(script)):
        summary.hear(event)
    return summary


@pytest.mark.parametrize(
    ("script", "counts"),
    [
        ({}, {"passed": 2, "held": 1, "no evidence": 1}),
        ({"T1": "failed"}, {"failed": 1, "claimed": 1, "held": 1, "no evidence": 1}),
        ({"T1": "cancelled"}, {"cancelled": 1, "claimed": 1, "held": 1, "no evidence": 1}),
        ({"T2": "timed-out"}, {"passed": 1, "failed": 1, "held": 1, "no evidence": 1}),
        ({"T1": Interrupted(2)}, {"passed": 1, "not reached": 1, "held": 1, "no evidence": 1}),
    ],
)
def test_each_task_counts_once(script: Mapping[str, object], counts: dict[str, int]) -> None:
    assert dict(summed(plan(ALL), script).counts()) == counts


@pytest.mark.parametrize(
    ("text", "script", "codes"),
    [
        # As it is, and with --strict.
        ("- [ ] T1 Run `make a`\n", {}, (0, 0)),
        ("- [ ] T1 Run `make a`\n", {"T1": "failed"}, (1, 1)),
        ("- [ ] T1 Run `make a`\n", {"T1": "killed"}, (1, 1)),
        ("- [ ] T1 Run `make a`\n", {"T1": Interrupted(15)}, (130, 130)),
        ("- [ ] T1 Run `make a`\n", {"T1": FAULT}, (3, 3)),
        ("- [ ] T1 Run `make a`\n", {"T1": Warned(0, "it is full", unwritten=True)}, (2, 2)),
        ("- [ ] T1 Run `make a`\n", {"T1": Warned(0, "so")}, (0, 0)),
        ("- [ ] T1 Run `make a`\n- [ ] T2 Run `git push`\n", {}, (0, 1)),
        ("- [ ] T1 Run `make a`\n- [X] T2 Think\n", {}, (0, 1)),
        ("- [ ] T1 Run `echo a`\n", {"T1": TaskFinished(0, "T1", "passed", is_partial=True)}, (0, 1)),
        ("- [ ] T1 Run `make a`\n- [ ] T2 Think\n", {}, (0, 0)),
        ("- [ ] T1 Think\n", {}, (4, 4)),
        ("- [ ] T1 Run `git push`\n", {}, (4, 1)),
        ("", {}, (4, 4)),
    ],
)
def test_the_exit_code_says_the_gravest_that_happened(
    text: str, script: Mapping[str, object], codes: tuple[int, int]
) -> None:
    summary = summed(plan(text), script)
    assert (summary.exit_code(), summary.exit_code(strict=True)) == codes
    assert summary.exit_code(allow_empty=True) == (0 if codes[0] == 4 else codes[0])


def test_a_spec_that_cannot_be_read_or_has_no_tree_is_an_error_of_usage() -> None:
    assert summed(plan("- [ ] T1 Run `make a`\n", UNREADABLE)).exit_code() == 2
    assert summed(plan("- [ ] T1 Run `make a`\n", UNREADABLE), {"T1": "failed"}).exit_code() == 2
    assert summed(plan("- [ ] T1 Run `make a`\n", UNREADABLE), {"T1": Interrupted(2)}).exit_code() == 130
    lost = Summary(plan("- [ ] T1 Run `make a`\n"))
    lost.hear(SpecAbandoned(0, "no tree"))
    assert lost.exit_code() == 2


def test_what_was_not_selected_is_no_shortfall() -> None:
    left = spec("- [ ] T1 Run `make a`\n- [X] T2 Think\n- [ ] T3 Run `git push`\n", Choices(), only=("T1",))
    summary = summed(plan(left))
    assert dict(summary.counts()) == {"passed": 1, "no evidence": 1, "skipped": 1}
    assert summary.exit_code(strict=True) == 0

"""Plan + runner → events: what is started when, and what no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spec_runner.core.plan.events import Event, Interrupted, SpecAbandoned, Warned
from spec_runner.core.plan.model import Choices
from tests.core.scripted import ScriptedRunner, followed, plan, spec, told

ROW = "- [ ] T1 Run `make a`\n- [ ] T2 Run `make b`\n- [ ] T3 Run `make c` (depends on T1)\n"
BESIDE = "- [ ] T1 Run `make a`\n- [ ] T2 [P] Run `make b`\n- [ ] T3 [P] Run `make c`\n- [ ] T4 Run `make d`\n"
STOP = Interrupted(2)


def walk(text: str, script: Mapping[str, object] | None = None, choices: Choices = Choices()) -> tuple[str, str]:  # noqa: B008
    runner = ScriptedRunner(script)
    events = followed(plan(spec(text, choices)), runner)
    return ", ".join(runner.said[1:-1]), ", ".join(map(told, events[1:-1]))


@pytest.mark.parametrize(
    ("text", "script", "started", "happened"),
    [
        (ROW, {}, "start T1 alone, start T2 alone, start T3 alone", "T1 passed, T2 passed, T3 passed"),
        (ROW, {"T1": "failed"}, "start T1 alone", "T1 failed, T2 cancelled by T1, T3 cancelled by T1"),
        (ROW, {"T2": "timed-out"}, "start T1 alone, start T2 alone", "T1 passed, T2 timed-out, T3 cancelled by T2"),
        (ROW, {"T1": Warned(0, "so")}, "start T1 alone, start T2 alone, start T3 alone", "warned, T1 passed, T2 passed, T3 passed"),
        (ROW, {"T1": STOP}, "start T1 alone", "interrupted, T1 passed"),
        ("- [ ] T1 Think\n- [ ] T2 Run `git push`\n- [ ] T3 Run `make c`\n", {}, "start T3 alone", "T3 passed"),
    ],
)  # fmt: skip
def test_tasks_run_in_order_until_one_does_not_pass(
    text: str, script: Mapping[str, object], started: str, happened: str
) -> None:
    assert walk(text, script) == (started, happened)


def test_neighbours_marked_parallel_run_side_by_side_up_to_the_jobs() -> None:
    two, one = Choices(jobs=2), Choices(jobs=1)
    assert walk(BESIDE, {}, two)[1] == "T1 passed, T3 passed, T2 passed, T4 passed"
    assert walk(BESIDE, {}, one)[1] == "T1 passed, T2 passed, T3 passed, T4 passed"
    # Whether others may run at the same time is a matter of the plan, not of the jobs.
    for choices in (one, two):
        assert walk(BESIDE, {}, choices)[0] == "start T1 alone, start T2, start T3, start T4 alone"
        assert walk(BESIDE, {"T2": "failed"}, choices)[1].endswith("T4 cancelled by T2")
        assert "T3 passed" in walk(BESIDE, {"T2": "failed"}, choices)[1]


def test_with_keep_going_only_what_depends_on_a_failure_is_cancelled() -> None:
    going = Choices(keep_going=True)
    assert walk(ROW, {"T1": "failed"}, going)[1] == "T1 failed, T2 passed, T3 cancelled by T1"
    assert walk(ROW, {"T2": "failed"}, going)[1] == "T1 passed, T2 failed, T3 passed"


def test_once_interrupted_nothing_new_is_started_and_what_runs_is_waited_for() -> None:
    started, happened = walk(BESIDE, {"T2": STOP}, Choices(jobs=2))
    assert started == "start T1 alone, start T2, start T3"
    assert sorted(happened.split(", ")) == ["T1 passed", "T2 passed", "T3 passed", "interrupted"]
    runner = ScriptedRunner({"T1": STOP})
    followed(plan(ROW, ROW), runner)
    assert runner.said == ["open 0", "start T1 alone", "close 0"]


def test_a_spec_without_work_is_not_opened_and_one_without_a_tree_ends_nothing_but_itself() -> None:
    runner = ScriptedRunner()
    followed(plan("- [ ] T1 Think\n", ROW), runner)
    assert runner.said[0] == "open 1"

    def opens(number: int) -> Event:
        return SpecAbandoned(number, "no tree") if number == 0 else ScriptedRunner()._opens(number)

    runner = ScriptedRunner(opens=opens)
    happened = [told(event) for event in followed(plan(ROW, "- [ ] T1 Run `make a`\n"), runner)]
    assert happened == ["abandoned 0", "finished 0", "started 1", "T1 passed", "finished 1"]
    assert runner.said == ["open 0", "close 0", "open 1", "start T1 alone", "close 1"]

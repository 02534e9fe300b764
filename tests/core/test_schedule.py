"""What may start when, as tables; and that the number of workers changes nothing."""

from __future__ import annotations

import random

import pytest

from spec_runner.core.plan.schedule import Node, Schedule, groups
from spec_runner.errors import SpecError


def node(text: str, line: int = 1) -> Node:
    """``b P 2 <a !c -``: key, parallel, phase, depends on a, needs c, does not run."""
    key, *words = text.split()
    return Node(
        key,
        line,
        phase=next((int(word) for word in words if word.isdigit()), 0),
        parallel="P" in words,
        runs="-" not in words,
        depends_on=tuple(word[1:] for word in words if word.startswith("<")),
        needs=tuple(word[1:] for word in words if word.startswith("!")),
    )


def nodes(*texts: str) -> list[Node]:
    return [node(text, line) for line, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), []),
        (("a", "b"), [["a"], ["b"]]),
        (("a P", "b P", "c"), [["a", "b"], ["c"]]),
        (("a P", "b", "c P", "d P"), [["a"], ["b"], ["c", "d"]]),
        (("a P 0", "b P 1"), [["a"], ["b"]]),
        (("a P", "b P -", "c P"), [["a", "c"]]),
        (("a P", "b -", "c P"), [["a"], ["c"]]),
        (("a P", "b P <a", "c P"), [["a"], ["b", "c"]]),
        (("a <b", "b"), [["b"], ["a"]]),
        (("a <c", "b", "c"), [["c"], ["a"], ["b"]]),
        (("a 0 <b", "b 1"), [["a"], ["b"]]),
        (("a <nowhere", "b"), [["a"], ["b"]]),
    ],
)
def test_tasks_run_in_groups(texts: tuple[str, ...], expected: list[list[str]]) -> None:
    assert [[each.key for each in group] for group in groups(nodes(*texts))] == expected


def test_a_circle_is_an_error_with_its_line() -> None:
    with pytest.raises(SpecError, match=r"wait for each other \(b → c → b\)") as caught:
        groups(nodes("a", "b <c", "c <b"))
    assert caught.value.line == 2


def outcome(layout: list[Node], failing: set[str], *, jobs: int, keep_going: bool, seed: int) -> dict[str, str]:
    """Run a layout with workers that end in a random order; what became of each task."""
    schedule, chance = Schedule(layout, jobs=jobs, keep_going=keep_going), random.Random(seed)
    running: list[str] = []
    became: dict[str, str] = {}
    while True:
        started, cancelled = schedule.advance()
        became |= {each.key: f"cancelled by {each.because}" for each in cancelled}
        running += started
        assert len(running) <= jobs
        if not running:
            break
        key = running.pop(chance.randrange(len(running)))
        became[key] = "failed" if key in failing else "passed"
        schedule.finish(key, passed=key not in failing)
    assert schedule.is_over
    return became


@pytest.mark.parametrize(
    ("texts", "failing", "keep_going", "expected"),
    [
        (("a", "b"), {"a"}, False, {"a": "failed", "b": "cancelled by a"}),
        (("a", "b"), {"a"}, True, {"a": "failed", "b": "passed"}),
        (("a P", "b P", "c"), {"a"}, False, {"a": "failed", "b": "passed", "c": "cancelled by a"}),
        (("a", "b <a", "c <b", "d"), {"a"}, True, {"a": "failed", "b": "cancelled by a", "c": "cancelled by a", "d": "passed"}),
        (("a", "b !a", "c"), {"a"}, True, {"a": "failed", "b": "cancelled by a", "c": "passed"}),
        (("a 0", "b 1 -", "c 1"), {"a"}, False, {"a": "failed", "c": "cancelled by a"}),
    ],
)  # fmt: skip
def test_a_failure_stops_what_it_must(
    texts: tuple[str, ...], failing: set[str], keep_going: bool, expected: dict[str, str]
) -> None:
    assert outcome(nodes(*texts), failing, jobs=4, keep_going=keep_going, seed=1) == expected


def random_layout(chance: random.Random) -> tuple[list[Node], set[str]]:
    layout: list[Node] = []
    phase = 0
    for number in range(chance.randrange(1, 25)):
        phase += chance.random() < 0.2
        earlier = [each.key for each in layout]
        chosen = tuple(chance.sample(earlier, k=min(len(earlier), chance.choice([0, 0, 0, 1, 2]))))
        runs, parallel = chance.random() < 0.8, chance.random() < 0.6
        layout.append(Node(f"t{number}", number + 1, phase, parallel, runs, chosen, chosen[:1]))
    return layout, {each.key for each in layout if chance.random() < 0.15}


@pytest.mark.parametrize("seed", range(200))
def test_one_worker_and_eight_come_to_the_same_result(seed: int) -> None:
    layout, failing = random_layout(random.Random(seed))
    for keep_going in (False, True):
        alone = outcome(layout, failing, jobs=1, keep_going=keep_going, seed=seed)
        assert alone == outcome(layout, failing, jobs=8, keep_going=keep_going, seed=seed + 1)
        assert alone.keys() == {each.key for each in layout if each.runs}


def test_a_long_chain_is_scheduled_in_linear_time() -> None:
    count = 20_000
    layout = [Node(f"t{number}", number, depends_on=(f"t{number + 1}",)) for number in range(count)]
    assert [group[0].key for group in groups(layout)][:2] == [f"t{count - 1}", f"t{count - 2}"]

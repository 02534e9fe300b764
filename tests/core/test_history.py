"""Journal bytes → what earlier runs saw, and what of it still proves something."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.steps import Step
from spec_runner.core.decide.tasks import decide
from spec_runner.core.evidence.records import (
    compacted,
    digest,
    guide_digest,
    likeness,
    read_history,
    record_line,
    records,
)
from spec_runner.core.plan.model import Choices, PlannedStep, PlannedTask, ReadSpec, plan_spec
from spec_runner.core.text.document import read_document

JOURNAL = b"".join(
    record_line({"event": "task-finished", "document": "a", "task": f"T{number}", "digest": "d", "outcome": "passed"})
    for number in range(4)
)
KEYS = ("T1", "T2", "T3")


def planned(key: str, command: str = "make", kind: str = "command") -> PlannedTask:
    task = read_document(f"- [x] {key} Run it\n".encode()).tasks[0]
    step = Step(kind, command, 1)  # type: ignore[arg-type]
    return PlannedTask(task, "command", "run", "", "claimed", (PlannedStep(step, "run", ".", 1.0),))


TASKS = tuple(planned(key) for key in KEYS)


def ended(key: str, outcome: str = "passed", tree: str = "t", command: str = "make", **more: Any) -> dict[str, Any]:
    seen = digest(planned(key, command))
    told = {"event": "task-finished", "document": "a", "task": key, "digest": seen, "outcome": outcome, "tree": tree}
    return {**told, **more}


def begun(key: str, tree: str = "t") -> dict[str, Any]:
    return {"event": "step-started", "document": "a", "task": key, "tree": tree}


def not_reached(key: str, tree: str = "t") -> dict[str, Any]:
    return ended(key, "cancelled", tree, because="T1")


def journal(*told: dict[str, Any]) -> bytes:
    return b"".join(map(record_line, told))


def test_a_journal_cut_at_any_byte_is_a_prefix_of_it() -> None:
    whole = list(records(JOURNAL))
    for length in range(len(JOURNAL) + 1):
        kept = list(records(JOURNAL[:length]))
        assert kept == whole[: len(kept)]


def test_a_flipped_byte_invents_nothing() -> None:
    whole = list(records(JOURNAL))
    for position in range(len(JOURNAL)):
        for bit in range(8):
            broken = bytearray(JOURNAL)
            broken[position] ^= 1 << bit
            kept = list(records(bytes(broken)))
            assert all(record in whole for record in kept)
            assert len(whole) - 2 <= len(kept) < len(whole)
            read_history(bytes(broken))


def test_the_last_outcome_of_a_task_counts() -> None:
    again = record_line({"event": "task-finished", "document": "a", "task": "T1", "digest": "d", "outcome": "failed"})
    assert read_history(JOURNAL + again).seen["a", "T1"].outcome == "failed"
    assert read_history(JOURNAL + again).seen["a", "T2"].outcome == "passed"


def test_letters_of_every_kind_come_back() -> None:
    record = {"text": "ü\u2028\n\x00🎯"}
    assert list(records(record_line(record))) == [record]


PASSED = [ended(key) for key in KEYS]


@pytest.mark.parametrize(
    ("told", "proven"),
    [
        ([], ""),
        (PASSED, "T1 T2 T3"),
        ([ended("T1"), ended("T2", "failed")], "T1"),
        ([*PASSED, ended("T2", "failed")], "T1"),
        ([*PASSED, ended("T2")], "T1 T2"),
        ([*PASSED, ended("T2"), ended("T3")], "T1 T2 T3"),
        ([*PASSED, begun("T2")], "T1"),
        ([*PASSED, begun("T2"), ended("T2"), ended("T3")], "T1 T2 T3"),
        ([*PASSED, begun("T3")], "T1 T2"),
        ([*PASSED, ended("T1", tree="other")], "T2 T3"),
        ([*PASSED, not_reached("T2")], "T1 T3"),
        ([*PASSED, ended("T2", command="make other")], "T1"),
        ([{**each, "document": "b"} for each in PASSED], ""),
        ([*PASSED, {"event": "run-finished", "exit": 0}], "T1 T2 T3"),
    ],
)
def test_a_task_is_proven_by_its_last_record_unless_one_before_it_ran_again(
    told: list[dict[str, Any]], proven: str
) -> None:
    assert sorted(read_history(journal(*told)).proven("a", TASKS, "t")) == proven.split()


def test_what_passed_in_one_tree_says_nothing_of_another() -> None:
    history = read_history(journal(*PASSED, ended("T1", tree="other")))
    assert history.proven("a", TASKS, "other") == {"T1"}
    assert history.proven("a", TASKS) == {"T1", "T2", "T3"}


def test_an_edited_command_is_a_new_command() -> None:
    history = read_history(journal(*PASSED))
    assert history.proves("a", planned("T2"), "t", before=["T1"])
    assert not history.proves("a", planned("T2", "make all"), "t", before=["T1"])


def test_an_edited_guide_is_a_new_guide_for_the_task_that_asks_for_it() -> None:
    asks, does_not = planned("T1", "quickstart.md", "quickstart"), planned("T1")
    one, other = (guide_digest([("tasks.md", b""), ("quickstart.md", text)]) for text in (b"# A", b"# B"))
    assert digest(asks, one) != digest(asks, other)
    assert digest(does_not, one) == digest(does_not, other)
    assert guide_digest([("tasks.md", b"")]) == ""


def test_the_mark_and_the_note_of_a_task_do_not_change_its_likeness() -> None:
    texts = (
        "- [ ] T1 Run `a`",
        "- [X] T1 Run `a`",
        "\n\n  - [ ] T1 Run `a` (FAILED: why)",
        "- [ ] T1 Run `b`",
        "- [ ] T2 Run `a`",
    )
    like = [likeness(read_document(text.encode()).tasks[0]) for text in texts]
    assert like[0] == like[1] == like[2]
    assert len({like[0], like[3], like[4]}) == 3


def test_results_that_are_not_in_their_document_are_known() -> None:
    seen, marked = {"verdict": "passed"}, {"event": "document-marked", "document": "a"}
    history = read_history(journal(ended("T1", **seen), marked, ended("T2", **seen), ended("T3")))
    assert [record["task"] for record in history.unmarked["a"]] == ["T2"]
    assert not read_history(journal(ended("T1", **seen), marked)).unmarked
    again = read_history(journal(ended("T1", **seen), ended("T1", "cancelled"))).unmarked
    assert not again, "what was begun again and not seen to its end says nothing of the mark"


record = st.one_of(
    st.builds(ended, st.sampled_from(KEYS), st.sampled_from(["passed", "failed", "cancelled"]), st.sampled_from("tu"),
              st.sampled_from(["make", "make other"]), verdict=st.sampled_from([None, "passed", "failed"])),
    st.builds(begun, st.sampled_from(KEYS), st.sampled_from("tu")),
    st.builds(not_reached, st.sampled_from(KEYS), st.sampled_from("tu")),
    st.sampled_from([{"event": "document-marked", "document": "a"}, {"event": "run-started", "run": "r"}]),
)  # fmt: skip


@given(st.lists(record, max_size=14), st.sampled_from([None, "t", "u", "v"]))
def test_all_that_is_proven_is_proven_one_by_one(told: list[dict[str, Any]], tree: str | None) -> None:
    history = read_history(journal(*told))
    one_by_one = {
        key
        for number, key in enumerate(KEYS)
        if history.proves("a", TASKS[number], tree, before=KEYS[:number])
    }  # fmt: skip
    assert set(history.proven("a", TASKS, tree)) == one_by_one


@given(st.lists(record, max_size=14))
def test_a_proven_task_passed_and_nothing_above_it_ran_after_it(told: list[dict[str, Any]]) -> None:
    """The same, told by the records themselves."""
    for key in read_history(journal(*told)).proven("a", TASKS, "t"):
        last = max(
            number for number, each in enumerate(told) if each.get("task") == key and each["event"] != "step-started"
        )
        assert (told[last]["outcome"], told[last]["tree"]) == ("passed", "t")
        above = KEYS[: KEYS.index(key) + 1]
        later = [each for each in told[last + 1 :] if each.get("task") in above and each["tree"] == "t"]
        assert all("because" in each for each in later)


@given(st.lists(record, max_size=14), st.integers(0, 3))
def test_a_compacted_journal_says_the_same(told: list[dict[str, Any]], runs: int) -> None:
    before, data = read_history(journal(*told)), compacted(journal(*told), runs)
    after = read_history(data)
    assert [(key, seen.outcome, seen.tree, seen.record) for key, seen in sorted(before.seen.items())] == [
        (key, seen.outcome, seen.tree, seen.record) for key, seen in sorted(after.seen.items())
    ]
    assert {key: {each["task"]: each for each in found} for key, found in before.unmarked.items()} == {
        key: {each["task"]: each for each in found} for key, found in after.unmarked.items()
    }
    for tree in (None, "t", "u"):
        assert set(before.proven("a", TASKS, tree)) == set(after.proven("a", TASKS, tree))
    assert compacted(data, runs) == data


def test_a_compacted_journal_keeps_the_last_runs_and_is_short() -> None:
    told: list[dict[str, Any]] = []
    for number in range(50):
        frame = {"run": f"r{number}"}
        told += [{"event": "run-started", **frame}, begun("T1", f"t{number}"), ended("T1", tree=f"t{number}")]
        told.append({"event": "run-finished", **frame})
    kept = list(records(compacted(journal(*told), 20)))
    assert [each["run"] for each in kept if each["event"] == "run-started"] == [
        f"r{number}" for number in range(30, 50)
    ]
    assert sum(each["event"] == "task-finished" for each in kept) == 1


def test_evidence_is_for_what_was_expected_then() -> None:
    texts = ("prints `all well`", "prints `all done`", "prints all")
    documents = [read_document(f"- [x] T001 Verify that `./check.sh` {text}\n".encode()) for text in texts]
    tasks = [plan_spec(ReadSpec("a", document), Choices(), decide).tasks[0] for document in documents]
    assert len({digest(task) for task in tasks}) == 3

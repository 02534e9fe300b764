"""Marks: what changes in a document, and that nothing else does."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.text.document import read_document
from spec_runner.core.text.marks import LONGEST_NOTE, Marking, NewMark, mark, note_text, unmarked
from spec_runner.errors import SpecError

Seen = Literal["passed", "failed", "cancelled"]


def marked(text: str, seen: Seen, reason: str = "why", key: str = "T001") -> str:
    return mark(read_document(text.encode()), (NewMark(key, seen, reason),)).decode()


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        ("- [ ] T001 a\n", "passed", "- [X] T001 a\n"),
        ("- [x] T9\n- [x] T8\n- [ ] T001 a\n", "passed", "- [x] T9\n- [x] T8\n- [x] T001 a\n"),
        ("- [x] T001 a\n", "passed", "- [x] T001 a\n"),
        ("- [X] T001 a (FAILED: old)\n", "passed", "- [X] T001 a\n"),
        ("- [ ] T001 a (FAILED: old) b  \r\n", "passed", "- [X] T001 a b  \r\n"),
        ("- [C] T001 a\n", "passed", "- [X] T001 a\n"),
        ("- [ ] T001 a", "failed", "- [ ] T001 a (FAILED: why)"),
        ("- [X] T001 a  \n", "failed", "- [ ] T001 a (FAILED: why)  \n"),
        ("- [X] T001 a (FAILED: old)\n", "failed", "- [ ] T001 a (FAILED: why)\n"),
        ("- [X] T001 a\n  b\n  - c\n", "failed", "- [ ] T001 a\n  b (FAILED: why)\n  - c\n"),
        ("\ufeff- [X] T001 ü\r\n", "failed", "\ufeff- [ ] T001 ü (FAILED: why)\r\n"),
        ("- [~] T001 a\n", "failed", "- [ ] T001 a (FAILED: why)\n"),
        ("- [⚠️] T001 a\n", "passed", "- [X] T001 a\n"),
        ("- [ ] T001 a\n", "cancelled", "- [C] T001 a\n"),
        ("- [C] T001 a\n", "cancelled", "- [C] T001 a\n"),
        ("- [X] T001 a\n", "cancelled", "- [X] T001 a\n"),
        ("- [ ] T001 a (FAILED: old)\n", "cancelled", "- [ ] T001 a (FAILED: old)\n"),
    ],
)
def test_a_verdict_changes_the_mark_and_the_note_alone(before: str, seen: Seen, after: str) -> None:
    assert marked(before, seen) == after


def test_the_same_failure_twice_leaves_the_same_bytes() -> None:
    once = marked("- [X] T001 a `b`  \n", "failed", "exit 1: (odd")
    assert marked(once, "failed", "exit 1: (odd") == once


def test_a_failure_that_is_mended_leaves_no_trace() -> None:
    before = "- [X] T001 a\n  b  \r\n- [ ] T002 c\n"
    assert marked(marked(before, "failed"), "passed") == before


def test_several_verdicts_are_set_at_once() -> None:
    document = read_document(b"- [ ] T001 a\n- [ ] T002 b\n- [ ] T003 c\n")
    new_marks = (NewMark("T003", "cancelled"), NewMark("T001", "passed"), NewMark("T002", "failed", "no"))
    assert mark(document, new_marks) == b"- [X] T001 a\n- [ ] T002 b (FAILED: no)\n- [C] T003 c\n"


def test_a_verdict_on_a_task_that_is_not_there_changes_nothing() -> None:
    assert marked("- [ ] T001 a\n", "failed", key="T999") == "- [ ] T001 a\n"


NASTY = st.text(max_size=400)


@given(NASTY)
def test_a_note_is_one_short_line_that_reads_back(reason: str) -> None:
    note = note_text(reason)
    assert len(note) <= LONGEST_NOTE
    assert note.isprintable() or all(char.isprintable() or char == " " for char in note)
    assert "`" not in note
    task = read_document(f"- [ ] T001 a {note}\n".encode()).tasks[0]
    assert len(task.notes) == 1
    assert task.title == "a"
    assert f"(FAILED: {task.note})" == note


piece = st.sampled_from(
    ["- [ ] T001 a", "- [x] T002 `b`", "* [C] T003 c", "  - [X] 1.1 d (FAILED: e)", "  more", "\ttext  ", "```", "> q", "",
     "<!-- c -->", "# H", "1. [ ] x", "- [~] T4", "text `un", "- [ ] T5 \\", "ünï 🎯", "---", "- T9", "(FAILED: ", ")"]
)  # fmt: skip
ending = st.sampled_from(["\n", "\r\n", "\n\n", "\r"])
document_text = st.lists(st.tuples(piece, ending), max_size=14).map(lambda parts: "".join(a + b for a, b in parts))


@given(document_text, st.sampled_from(["passed", "failed", "cancelled"]), st.integers(0, 20), NASTY, st.booleans())
def test_marking_one_task_changes_only_its_mark_and_note(
    text: str, seen: Seen, number: int, reason: str, cut: bool
) -> None:
    data = text.rstrip().encode() if cut else text.encode()
    try:
        before = read_document(data)
    except SpecError:
        return
    assert mark(before, ()) == data
    if not before.tasks:
        return
    task = before.tasks[number % len(before.tasks)]
    after = read_document(mark(before, (NewMark(task.key, seen, reason),)))
    assert [(each.key, each.title) for each in after.tasks] == [(each.key, each.title) for each in before.tasks]
    for old, new in zip(before.tasks, after.tasks, strict=True):
        if old.key != task.key:
            assert (old.mark, old.note) == (new.mark, new.note)
        elif seen == "passed":
            assert new.is_ticked
            assert not new.notes
        elif seen == "failed":
            assert new.mark == " "
            assert new.state == "failed"
            assert f"(FAILED: {new.note})" == note_text(reason)


@given(
    document_text,
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from(["passed", "failed", "cancelled"])), max_size=6),
)
def test_marks_set_one_by_one_are_those_set_at_once(text: str, chosen: list[tuple[int, Seen]]) -> None:
    try:
        document = read_document(text.encode())
    except SpecError:
        return
    if not document.tasks:
        return
    last = {number % len(document.tasks): seen for number, seen in chosen}
    tasks, marking = document.tasks, Marking(document)
    for number, seen in last.items():
        # Twice is as good as once.
        for _ in range(2):
            marking.set(tasks[number], NewMark(tasks[number].key, seen, "why"))
    new_marks = tuple(NewMark(tasks[number].key, seen, "why") for number, seen in last.items())
    assert marking.data == mark(document, new_marks)


@given(document_text, st.sampled_from(["passed", "failed"]))
def test_without_marks_and_notes_a_document_is_what_it_was(text: str, seen: Seen) -> None:
    try:
        document = read_document(text.encode())
    except SpecError:
        return
    new_marks = tuple(NewMark(task.key, seen, "why") for task in document.tasks)
    assert unmarked(read_document(mark(document, new_marks))) == unmarked(document)

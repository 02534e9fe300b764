"""The words that choose tasks."""

from __future__ import annotations

import pytest

from spec_runner.core.plan.selection import Selection, choose
from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError

DOCUMENT = read_document(b"""# Tasks
## Phase 1: Setup (Shared)
- [ ] T001 a
- [ ] T002 b
## Phase 2: Foundational
- [ ] T003 c
## Phase 3: User Story 1 - Pay (P1) MVP
- [ ] T004 [US1] d
- [ ] T005 e
## Phase 4: User Story 2 - Look
- [ ] T010 [US2] f
## Phase N: Polish
- [ ] T011a g
""")


def chosen(selection: Selection) -> list[str]:
    keys = choose(DOCUMENT, selection).keys
    return [task.key for task in DOCUMENT.tasks if task.key in keys]


ALL = ["T001", "T002", "T003", "T004", "T005", "T010", "T011a"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), ALL),
        (Selection(only=("T003",)), ["T003"]),
        (Selection(only=("t003",)), ["T003"]),
        (Selection(only=("T002-T004,T010",)), ["T002", "T003", "T004", "T010"]),
        (Selection(only=("T002..T003", "T011a")), ["T002", "T003", "T011a"]),
        (Selection(only=("US1",)), ["T004", "T005"]),
        (Selection(only=("Setup",)), ["T001", "T002"]),
        (Selection(only=("mvp",)), ["T001", "T002", "T003", "T004", "T005"]),
        (Selection(start="T005"), ["T005", "T010", "T011a"]),
        (Selection(until="T002"), ["T001", "T002"]),
        (Selection(start="T002", until="T004"), ["T002", "T003", "T004"]),
        (Selection(phases=("2",)), ["T003"]),
        (Selection(phases=("Phase 1",)), ["T001", "T002"]),
        (Selection(phases=("n",)), ["T011a"]),
        (Selection(phases=("polish",)), ["T011a"]),
        (Selection(stories=("US2",)), ["T010"]),
        (Selection(stories=("user story 1",)), ["T004", "T005"]),
        (Selection(phases=("3",), until="T004"), ["T004"]),
    ],
)
def test_words_choose(selection: Selection, expected: list[str]) -> None:
    assert chosen(selection) == expected


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (Selection(only=("T0O3",)), "there is no task T0O3; did you mean T003?"),
        (Selection(only=("T001-T999",)), "there is no task T999"),
        (Selection(only=("T005-T001",)), "write T001-T005"),
        (Selection(phases=("Polsh",)), "there is no phase Polsh; did you mean Phase N: Polish?"),
        (Selection(stories=("US22",)), "there is no story US22; did you mean US2?"),
        (Selection(start="T404"), "there is no task T404"),
    ],
)
def test_an_unknown_word_names_the_nearest(selection: Selection, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        choose(DOCUMENT, selection)
    assert message in str(caught.value)


def test_a_task_named_by_its_id_is_told_from_one_in_a_range() -> None:
    assert choose(DOCUMENT, Selection(only=("T001-T002", "T003"))).named == {"T003"}


def test_a_task_without_an_id_is_called_by_its_line_and_an_id_comes_first() -> None:
    text = b"- [ ] Run `make a`\n- [ ] L1 Run `make b`\n- [ ] Run `make c`\n- [ ] T9 Run `make d`\n"
    document = read_document(text)
    lines = {word: sorted(task.line for task in document.tasks if task.key in choose(document, Selection((word,))).named)
             for word in ("L3", "l3", "L4", "T9", "L1")}  # fmt: skip
    first = next(task.line for task in document.tasks if task.is_called("L1"))
    assert lines == {"L3": [3], "l3": [3], "L4": [4], "T9": [4], "L1": [2] if document.tasks[1].id == "L1" else [first]}
    assert [task.word for task in document.tasks][::2] == ["L1", "L3"]

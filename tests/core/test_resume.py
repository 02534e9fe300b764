"""Where a run goes on, decided from the plan and what is proven."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.model import PROVEN, Choices, PlannedSpec, ReadSpec, plan_spec
from spec_runner.core.plan.resume import resumed
from spec_runner.core.plan.selection import Selection
from spec_runner.core.text.document import read_document

TASKS = b"""\
- [X] T001 Run `make a`
- [X] T002 [P] Run `make b`
- [X] T003 [P] Run `make c`
- [X] T004 Start the server using `python server.py`
- [ ] T005 Run `make d`
- [X] T006 Run `make e` (FAILED: exit 1)
- [X] T007 Think about it
"""


def planned(text: bytes = TASKS, **selection: object) -> PlannedSpec:
    choices = Choices(Selection(**selection))  # type: ignore[arg-type]
    read = ReadSpec("spec", read_document(text))
    return plan_spec(read, choices, lambda task: decide(task, system="linux", has_guide=False))


def runs(spec: PlannedSpec) -> list[str]:
    return [str(task.task.id) for task in spec.tasks if task.action == "run"]


@pytest.mark.parametrize(
    ("proven", "rest", "last"),
    [
        ([], ["T001", "T002", "T003", "T004", "T005", "T006"], ()),
        (["T002"], ["T001", "T002", "T003", "T004", "T005", "T006"], ()),
        (["T001"], ["T002", "T003", "T004", "T005", "T006"], ("T001",)),
        (["T001", "T002"], ["T002", "T003", "T004", "T005", "T006"], ("T001",)),
        (["T001", "T002", "T003"], ["T004", "T005", "T006"], ("T001",)),
        (["T001", "T002", "T003", "T004"], ["T004", "T005", "T006"], ("T004", "T001")),
        (["T001", "T002", "T003", "T004", "T005", "T006"], ["T004", "T005", "T006"], ("T004", "T001")),
    ],
)
def test_a_run_goes_on_at_the_first_group_that_is_not_proven(
    proven: list[str], rest: list[str], last: tuple[str, ...]
) -> None:
    found = resumed(planned(), proven)
    assert runs(found.spec) == rest
    assert found.last == last


def test_what_the_user_named_runs_again_with_all_after_it() -> None:
    everything = ["T001", "T002", "T003", "T004"]
    assert runs(resumed(planned(start="T002"), everything).spec) == ["T002", "T003", "T004", "T005", "T006"]
    assert runs(resumed(planned(only=("T001",)), everything).spec) == ["T001"]
    assert runs(resumed(planned(until="T003"), everything).spec) == []


@given(st.sets(st.sampled_from(["T001", "T002", "T003", "T004", "T005", "T006"])))
def test_only_what_is_proven_is_left_out_and_only_from_the_beginning(proven: set[str]) -> None:
    before, found = planned(), resumed(planned(), proven)
    left_out = {str(task.task.id) for task in found.spec.tasks if task.why == PROVEN}
    assert left_out <= proven
    assert set(runs(before)) == left_out | set(runs(found.spec))
    first = next((task for task in runs(found.spec) if task != "T004"), "T999")
    assert all(task < first for task in left_out)

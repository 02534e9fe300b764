"""Which checkboxes a change ticked."""

from __future__ import annotations

import pytest

from spec_runner.core.evidence.ticks import ticked_since
from spec_runner.core.text.document import read_document


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("- [ ] T001 a\n- [x] T002 b\n", "- [x] T001 a\n- [x] T002 b\n", {"T001"}),
        ("- [x] T001 a\n", "- [ ] T001 a\n", set()),
        ("- [x] T001 a\n", "- [X] T001 a\n", set()),
        ("- [x] T001 a\n", "# New\n\n- [x] T000 z\n- [x] T001 a\n", {"T000"}),
        ("- [x] T001 a\n", "- [x] T001 a and b\n", {"T001"}),
        ("- [ ] T001 a (FAILED: no)\n", "- [x] T001 a\n", {"T001"}),
        ("- [x] T001 a\n- [ ] T002 b\n", "- [x] T002 b\n- [x] T001 a\n", {"T002"}),
        (None, "- [x] T001 a\n- [ ] T002 b\n", {"T001"}),
    ],
)
def test_a_tick_is_new_where_the_same_task_was_not_ticked(then: str | None, now: str, expected: set[str]) -> None:
    before = None if then is None else read_document(then.encode())
    assert ticked_since(before, read_document(now.encode())) == expected

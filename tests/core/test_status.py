"""A planned spec → how it stands, and the same from what was kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.evidence.records import digest, history_of
from spec_runner.core.evidence.status import from_json, read_status, to_json, with_evidence
from tests.core.scripted import spec

TEXT = """\
- [X] T1 Run `make a`
- [X] T2 Run `make b`
- [X] T3 Think
- [ ] T4 Think
- [ ] T5 Run `make c` (FAILED: exit 1)
- [C] T6 Run `make d`
- [ ] T7 Run `make e`
- [~] T8 Run `make f`
"""
SPEC = spec(TEXT)


def record(key: str, outcome: str = "passed", now: str | None = None) -> dict[str, Any]:
    planned = next(task for task in SPEC.tasks if task.task.key == key)
    return {
        "event": "task-finished",
        "document": "a",
        "task": key,
        "outcome": outcome,
        "digest": now or digest(planned),
    }


def test_a_document_says_by_itself_what_is_claimed_and_never_what_is_done() -> None:
    read = read_status(SPEC)
    assert read.counts == {"claimed": 2, "no evidence": 2, "failed": 1, "cancelled": 1, "open": 1, "other": 1}
    assert read.ticked == 3
    assert [(key, claimed) for key, _, claimed in read.digests if claimed] == [("T1", True), ("T2", True)]


@pytest.mark.parametrize(
    ("told", "done"),
    [
        ([], 0),
        ([record("T1")], 1),
        ([record("T1"), record("T2")], 2),
        ([record("T1"), record("T2", "failed")], 1),
        ([record("T1"), record("T2", now="another command")], 1),
        # What a later run of a task above it may have changed proves nothing any more.
        ([record("T2"), record("T1")], 1),
        ([record("T7")], 0),
        ([{**record("T1"), "document": "b"}], 0),
    ],
)
def test_a_tick_is_done_only_with_evidence(told: list[dict[str, Any]], done: int) -> None:
    counts = with_evidence(read_status(SPEC), history_of(told), "a")
    assert (counts.get("done", 0), counts.get("claimed", 0)) == (done, 2 - done)
    assert sum(counts.values()) == 8


def test_what_is_kept_is_what_was_read() -> None:
    read = read_status(SPEC)
    assert from_json(json.loads(json.dumps(to_json(read)))) == read


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    )
)
def test_what_somebody_else_put_there_is_not_taken_for_it(kept: Any) -> None:
    read = from_json(kept)
    assert read is None or to_json(read) == kept

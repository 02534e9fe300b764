"""Journal bytes → what earlier runs saw."""

from __future__ import annotations

from spec_runner.core.document import read_document
from spec_runner.core.history import digest, read_history, record_line, records
from spec_runner.core.intent import decide
from spec_runner.core.plan import Choices, ReadSpec, plan_spec

JOURNAL = b"".join(
    record_line({"event": "task-finished", "document": "a", "task": f"T{number}", "digest": "d", "outcome": "passed"})
    for number in range(4)
)


def test_a_journal_cut_at_any_byte_is_a_prefix_of_it() -> None:
    whole = list(records(JOURNAL))
    for length in range(len(JOURNAL) + 1):
        kept = list(records(JOURNAL[:length]))
        assert kept == whole[: len(kept)]


def test_a_flipped_byte_invents_nothing() -> None:
    whole = list(records(JOURNAL))
    for position in range(len(JOURNAL)):
        broken = bytearray(JOURNAL)
        broken[position] ^= 0x01
        kept = list(records(bytes(broken)))
        assert all(record in whole for record in kept)
        assert len(whole) - 2 <= len(kept) < len(whole)


def test_the_last_outcome_of_a_task_counts() -> None:
    again = record_line({"event": "task-finished", "document": "a", "task": "T1", "digest": "d", "outcome": "failed"})
    assert read_history(JOURNAL + again).seen["a", "T1"].outcome == "failed"
    assert read_history(JOURNAL + again).seen["a", "T2"].outcome == "passed"


def test_letters_of_every_kind_come_back() -> None:
    record = {"text": "ü\u2028\n\x00🎯"}
    assert list(records(record_line(record))) == [record]


def test_evidence_is_for_what_was_expected_then() -> None:
    texts = ("prints `all well`", "prints `all done`", "prints all")
    documents = [read_document(f"- [x] T001 Verify that `./check.sh` {text}\n".encode()) for text in texts]
    tasks = [plan_spec(ReadSpec("a", document), Choices(), decide).tasks[0] for document in documents]
    assert len({digest(task) for task in tasks}) == 3

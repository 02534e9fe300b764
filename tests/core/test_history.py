"""Journal bytes → what earlier runs saw."""

from __future__ import annotations

from spec_runner.core.history import read_history, record_line, records

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

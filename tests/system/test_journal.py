"""The journal on the disk, the output beside it, and the locks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spec_runner.core.evidence.records import read_history, records
from spec_runner.errors import SpecError
from spec_runner.system import journal
from spec_runner.system.journal import Journal, load, load_output
from spec_runner.system.locks import Lock
from spec_runner.system.trusted import Folder


def test_a_torn_journal_goes_on_after_its_last_whole_record(tmp_path: Path) -> None:
    first = Journal(tmp_path, "one")
    first.record({"n": 1})
    first.record({"n": 2})
    first.close()
    path = tmp_path / ".spec-run" / "journal"
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole[:-cut])
        again = Journal(tmp_path, "two")
        again.record({"n": 3})
        again.close()
        kept = list(records(load(tmp_path)))
        assert kept[-1] == {"n": 3}
        assert [{"n": 1}, {"n": 2}][: len(kept) - 1] == kept[:-1]


def test_two_runs_do_not_tear_each_others_records(tmp_path: Path) -> None:
    one, other = Journal(tmp_path, "one"), Journal(tmp_path, "two")
    for number in range(3):
        one.record({"one": number})
        other.record({"other": number})
    assert len(list(records(load(tmp_path)))) == 6
    one.close()
    other.close()


def test_loading_a_journal_makes_none(tmp_path: Path) -> None:
    assert load(tmp_path) == b""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / ".spec-run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpecError, match="symbolic link"):
        Journal(tmp_path / "repository", "one")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_output_is_kept_beside_the_journal(tmp_path: Path) -> None:
    kept = Journal(tmp_path, "one")
    short, long, none = (kept.keep(text) for text in ("ü\n", "x" * 100_000 + "end", ""))
    kept.close()
    assert short
    assert long
    assert none
    assert load_output(tmp_path, short) == "ü\n"
    told = load_output(tmp_path, long)
    assert told is not None
    assert len(told) == journal.LONGEST_OUTPUT
    assert told.endswith("end")
    assert load_output(tmp_path, {"file": "../journal", "at": 0, "bytes": 1}) is None
    (tmp_path / ".spec-run" / "output" / "one.txt").write_bytes(b"")
    assert load_output(tmp_path, short) is None, "what is not there any more is not made up"


def test_the_output_of_old_runs_is_removed(tmp_path: Path) -> None:
    for number in range(journal.KEPT_RUNS + 5):
        each = Journal(tmp_path, f"run-{number}")
        each.keep("x")
        each.close()
    left = {path.name for path in (tmp_path / ".spec-run" / "output").iterdir()}
    assert len(left) == journal.KEPT_RUNS
    assert f"run-{journal.KEPT_RUNS + 4}.txt" in left
    assert "run-0.txt" not in left


def fill(root: Path, rounds: int) -> None:
    """Make the journal as long as many runs make it."""
    each = Journal(root, "filler")
    for number in range(rounds):
        told = [
            {"event": "task-finished", "document": "a", "task": f"T{key}", "outcome": "passed", "tree": f"t{number}",
             "digest": "d", "padding": "x" * 20_000}
            for key in range(20)
        ]  # fmt: skip
        each.record(*told, sync=False)
    each.close()


def test_a_long_journal_is_compacted_when_it_is_opened(tmp_path: Path) -> None:
    fill(tmp_path, 25)
    before = read_history(load(tmp_path))
    assert len(load(tmp_path)) > 8 * 1024 * 1024
    Journal(tmp_path, "next").close()
    assert len(load(tmp_path)) < 1024 * 1024
    after = read_history(load(tmp_path))
    assert {key: seen.record for key, seen in after.seen.items()} == {
        key: seen.record for key, seen in before.seen.items()
    }


def test_a_journal_that_another_run_writes_is_not_compacted(tmp_path: Path) -> None:
    writing = Journal(tmp_path, "writing")
    fill(tmp_path, 25)
    long = len(load(tmp_path))
    Journal(tmp_path, "next").close()
    writing.record({"n": 1})
    writing.close()
    assert len(load(tmp_path)) > long
    assert list(records(load(tmp_path)))[-1] == {"n": 1}


HOLD = "import sys; from pathlib import Path; from spec_runner.system.locks import Lock; from spec_runner.system.trusted import Folder; lock = Lock(Folder(Path(sys.argv[1])), 'lock'); print(lock.take(), flush=True); sys.stdin.read()"


def test_a_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"True\n"
    lock = Lock(Folder(tmp_path), "lock")
    assert not lock.take()
    holder.kill()
    holder.communicate()
    assert lock.take()
    lock.close()

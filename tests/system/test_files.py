"""Files are replaced whole or not at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from spec_runner.core.history import records
from spec_runner.errors import SpecError
from spec_runner.system import files
from spec_runner.system.journal import Journal, load


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(0o604)
    files.replace(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o604)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_replaced_file_keeps_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    os.chown(file, 1234, 2345)
    files.replace(file, b"new")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "b"
    file.write_bytes(b"old")
    link.symlink_to(file)
    files.replace(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_file_that_cannot_be_written_is_left_whole(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot write it: no such file"):
        files.replace(tmp_path / "none", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    # A limit on the size of files fails the write as a full disk does, with real bytes written before it.
    script = (
        "import pathlib, resource, signal, sys\n"
        "from spec_runner.system import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "files.replace(pathlib.Path(sys.argv[1]), b'x' * 5000)\n"
    )
    file = tmp_path / "a"
    file.write_bytes(b"old")
    done = subprocess.run(["python", "-c", script, str(file)], capture_output=True, text=True, check=False)
    assert "cannot write it: file too large" in done.stderr
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_torn_journal_goes_on_after_its_last_whole_record(tmp_path: Path) -> None:
    first = Journal(tmp_path, "run")
    first.record({"n": 1})
    first.record({"n": 2})
    first.close()
    path = tmp_path / ".spec-run" / "journal"
    path.write_bytes(path.read_bytes()[:-3])
    again = Journal(tmp_path, "run")
    again.record({"n": 3})
    again.close()
    assert list(records(load(tmp_path))) == [{"n": 1}, {"n": 3}]


def test_two_runs_do_not_tear_each_others_records(tmp_path: Path) -> None:
    one, other = Journal(tmp_path, "run"), Journal(tmp_path, "run")
    for number in range(3):
        one.record({"one": number})
        other.record({"other": number})
    assert len(list(records(load(tmp_path)))) == 6
    one.close()
    other.close()


def test_loading_a_journal_makes_none(tmp_path: Path) -> None:
    assert load(tmp_path) == b""
    assert list(tmp_path.iterdir()) == []

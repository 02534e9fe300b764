"""Files are replaced whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.document.overwrite import keep, overwrite, recover


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
    with pytest.raises(SpecError, match=r"cannot write the file \(no such file"):
        files.replace(tmp_path / "none", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    # A limit on the size of files fails the write as a full disk does, with real bytes written before it.
    script = (
        "import pathlib, resource, signal, sys\n"
        "from spec_runner.system.document import files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "files.replace(pathlib.Path(sys.argv[1]), b'x' * 5000)\n"
    )
    file = tmp_path / "a"
    file.write_bytes(b"old")
    done = subprocess.run(["python", "-c", script, str(file)], capture_output=True, text=True, check=False)
    assert "cannot write the file (file too large)" in done.stderr
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_somebody_saved_since_we_looked_is_put_back(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"theirs")
    assert not files.replace(file, b"ours", expected=b"old")
    assert file.read_bytes() == b"theirs"
    assert files.replace(file, b"ours", expected=b"theirs")
    assert file.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
@pytest.mark.parametrize("edit", [b"their longer words", b""])
def test_an_editor_that_has_the_file_open_is_waited_for(tmp_path: Path, edit: bytes) -> None:
    file, results = tmp_path / "a", list[bool]()
    file.write_bytes(b"old")
    with file.open("r+b", buffering=0) as editor:
        inode = os.fstat(editor.fileno()).st_ino
        ours = threading.Thread(target=lambda: results.append(files.replace(file, b"ours", expected=b"old")))
        ours.start()
        while file.stat().st_ino == inode:
            assert ours.is_alive()
        editor.truncate(0)
        editor.write(edit)
    ours.join()
    assert (results, file.read_bytes()) == ([False], edit)
    assert list(tmp_path.iterdir()) == [file]


def test_a_document_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file, results = tmp_path / "a", list[bytes]()
    file.write_bytes(b"old")
    with file.open("r+b", buffering=0) as editor:
        editor.truncate(0)
        reader = threading.Thread(target=lambda: results.append(files.read_settled(file)))
        reader.start()
        editor.write(b"whole")
    reader.join()
    assert results == [b"whole"]


def test_a_replaced_file_keeps_its_attributes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    try:
        os.setxattr(file, "user.test", b"kept")
    except (OSError, AttributeError):
        pytest.skip("no extended attributes here")
    files.replace(file, b"new", expected=b"old")
    assert os.getxattr(file, "user.test") == b"kept"


def test_a_file_with_two_names_keeps_both(tmp_path: Path) -> None:
    file, other, copy = tmp_path / "a", tmp_path / "b", tmp_path / "copy"
    for old, new in ((b"old", b"longer than it was"), (b"longer than it was", b"short"), (b"short", b"")):
        file.write_bytes(old)
        other.unlink(missing_ok=True)
        other.hardlink_to(file)
        assert overwrite(file, new, old, copy)
        assert (file.read_bytes(), other.read_bytes(), copy.exists()) == (new, new, False)
    assert not overwrite(file, b"ours", b"old", copy)
    assert file.read_bytes() == b""


@pytest.mark.parametrize(("old", "new"), [(b"- [ ] T1\n", b"- [X] T1 (FAILED: x)\n"), (b"long text", b"x")])
def test_a_write_in_place_that_was_cut_off_is_finished(tmp_path: Path, old: bytes, new: bytes) -> None:
    file, copy = tmp_path / "a", tmp_path / "copy"
    file.write_bytes(old)
    for cut in range(len(new) + 1):
        keep(copy, old, new)
        torn = new[:cut] + old[cut:]
        file.write_bytes(torn)
        assert recover(file, copy) == (torn not in (old, new))
        assert file.read_bytes() == (old if torn == old else new)
        assert not copy.exists()


def test_a_file_that_somebody_wrote_since_is_not_recovered(tmp_path: Path) -> None:
    file, copy = tmp_path / "a", tmp_path / "copy"
    keep(copy, b"old", b"new")
    file.write_bytes(b"edited since")
    assert not recover(file, copy)
    assert file.read_bytes() == b"edited since"


def test_a_recovery_copy_that_is_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    file, copy = tmp_path / "a", tmp_path / "copy"
    file.write_bytes(b"old")
    keep(copy, b"old", b"new")
    whole = copy.read_bytes()
    for length in range(len(whole)):
        copy.write_bytes(whole[:length])
        assert not recover(file, copy)
        assert file.read_bytes() == b"old"

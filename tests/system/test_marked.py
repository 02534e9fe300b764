"""A document that somebody saves in the instant in which it is marked: they found the old file, and write to it now."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from spec_runner.core.text.document import read_document
from spec_runner.core.text.marks import NewMark
from spec_runner.errors import SpecError
from spec_runner.system.document.marked import MarkedFile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files change places on Linux alone")
TEXT = b"- [ ] T001 a\n- [ ] T002 b\n"
PASSED = {key: [NewMark(key, "passed")] for key in ("T001", "T002")}


class Late:
    """Somebody who has found the file by its name and not opened it yet."""

    def __init__(self, path: Path) -> None:
        self._found = os.open(path, os.O_PATH)

    def save(self, more: bytes) -> None:
        with self.opened() as file:
            file.write(more)

    def opened(self) -> FileIO:
        """The file, opened for writing at its end."""
        return FileIO(f"/proc/self/fd/{self._found}", "a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.md"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def marked(path: Path) -> Iterator[MarkedFile]:
    before = len(os.listdir("/proc/self/fd"))
    marked = MarkedFile(path, read_document(TEXT), path.parent, path.with_name("copy"))
    yield marked
    try:
        marked.close()
    except SpecError:
        assert not path.exists()
    assert len(os.listdir("/proc/self/fd")) - before <= 2, "only those of the test itself are open"


def kept(path: Path) -> list[bytes]:
    return sorted(each.read_bytes() for each in path.parent.iterdir() if each.name.endswith(".spec-run"))


def test_what_is_saved_late_comes_back_with_every_mark(path: Path, marked: MarkedFile) -> None:
    late = Late(path)
    assert marked.put(PASSED["T001"]) == []
    assert marked.put(PASSED["T002"]) == []
    late.save(b"# mine\n")
    assert marked.keep_up() == []
    assert path.read_bytes() == b"- [X] T001 a\n- [X] T002 b\n# mine\n"
    assert kept(path) == []


def test_who_saved_by_name_meanwhile_loses_nothing(path: Path, marked: MarkedFile) -> None:
    late = Late(path)
    marked.put(PASSED["T001"])
    path.write_bytes(path.read_bytes() + b"# first\n")
    late.save(b"# second\n")
    told = marked.keep_up()
    assert path.read_bytes() == b"- [X] T001 a\n- [ ] T002 b\n# first\n"
    assert kept(path) == [TEXT + b"# second\n"]
    assert len(told) == 1
    assert "saved in the moment of a mark" in told[0]
    assert marked.keep_up() == []


def test_who_takes_long_is_heard_in_the_end(path: Path, marked: MarkedFile) -> None:
    late = Late(path)
    marked.put(PASSED["T001"])
    with late.opened() as file:
        file.write(b"# mine\n")
        assert marked.keep_up() == []
        assert marked.close() == []
    assert path.read_bytes() == b"- [X] T001 a\n- [ ] T002 b\n# mine\n"


def test_what_is_saved_late_to_a_document_that_is_gone_is_kept(path: Path, marked: MarkedFile) -> None:
    late = Late(path)
    marked.put(PASSED["T001"])
    path.unlink()
    late.save(b"# mine\n")
    with pytest.raises(SpecError):
        marked.close()
    assert kept(path) == [TEXT + b"# mine\n"]


def test_of_two_late_saves_none_is_lost(path: Path, marked: MarkedFile) -> None:
    first = Late(path)
    marked.put(PASSED["T001"])
    second = Late(path)
    marked.put(PASSED["T002"])
    first.save(b"# one\n")
    second.save(b"# two\n")
    assert ["saved in the moment of a mark" in each for each in marked.keep_up()] == [True]
    assert path.read_bytes() == b"- [X] T001 a\n- [X] T002 b\n# one\n"
    assert kept(path) == [b"- [X] T001 a\n- [ ] T002 b\n# two\n"]


def test_a_late_save_is_kept_once_however_long_the_document_is_away(path: Path, marked: MarkedFile) -> None:
    late = Late(path)
    marked.put(PASSED["T001"])
    away = path.rename(path.with_name("away"))
    late.save(b"# mine\n")
    with pytest.raises(SpecError):
        marked.keep_up()
    for _ in range(3):
        with pytest.raises(SpecError):
            marked.put([])
    assert kept(path) == [TEXT + b"# mine\n"]
    away.rename(path)
    assert "saved in the moment of a mark" in marked.put([])[0]

"""Input that cannot be used: a clear message and exit 2, or correct work; never a traceback, never a changed byte."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import Project

OUT_OF_REACH = pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold for root")


def complains(project: Project, *words: str, about: str) -> None:
    done = project.run(*words)
    assert done.code == 2, done.err
    assert about in done.err + done.out
    assert "Traceback" not in done.err + done.out


@pytest.mark.parametrize(
    ("data", "about"),
    [
        (b"# T\n- [ ] T001 \xff\n", "byte 0xff is not UTF-8: specs/001-case/tasks.md:2; save the file as UTF-8"),
        (b"# T\n\n- [ ] T001 a\0b\n", "a NUL byte shows that this is not a text file: specs/001-case/tasks.md:3"),
        ("- [ ] T001".encode("utf-16"), "the file is UTF-16, not UTF-8: specs/001-case/tasks.md:1"),
        (b"- " * 50 + b"x\n", "nested more than 16 levels deep: specs/001-case/tasks.md:1"),
        (b"- [ ] T001 Run `test -d .` (depends on T002)\n- [ ] T002 Run `test -d .` (depends on T001)\n",
         "tasks wait for each other (T001"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_left_as_it_is(project: Project, data: bytes, about: str) -> None:
    file = project.tasks(data)
    complains(project, project.spec, about=about)
    assert file.read_bytes() == data


def test_an_empty_document_has_nothing_to_run(project: Project) -> None:
    project.tasks("")
    assert project.run_spec().code == 4


def test_a_folder_in_the_place_of_a_document_is_told(project: Project) -> None:
    (project.root / project.spec / "tasks.md").mkdir(parents=True)
    complains(project, project.spec, about="specs/001-case/tasks.md; name the file in it")


def test_a_link_to_nowhere_is_told(project: Project) -> None:
    folder = project.root / project.spec
    folder.mkdir(parents=True)
    (folder / "tasks.md").symlink_to("nowhere")
    complains(project, project.spec, about="specs/001-case/tasks.md; check the path")


@OUT_OF_REACH
@pytest.mark.parametrize(("mode", "about"), [(0o000, "cannot read the file (permission denied)"), (0o400, "read-only")])
def test_a_document_without_permission_is_told(project: Project, mode: int, about: str) -> None:
    file = project.tasks("- [ ] T001 Run `test -d .`\n")
    file.chmod(mode)
    complains(project, project.spec, about=about)
    file.chmod(0o600)
    assert file.read_text() == "- [ ] T001 Run `test -d .`\n"


def test_a_line_of_ten_megabytes_is_read_and_marked(project: Project) -> None:
    long = "x" * 10_000_000
    project.tasks(f"- [ ] T001 Run `test -d .` {long}\n- [ ] T002 Run `test -d .`\n")
    assert project.run_spec("--only", "T002").code == 0
    assert project.text() == f"- [ ] T001 Run `test -d .` {long}\n- [X] T002 Run `test -d .`\n"


def test_a_broken_spec_does_not_keep_the_others_from_being_read(project: Project) -> None:
    project.write("specs/a/tasks.md", b"\xff")
    project.write("specs/b/tasks.md", "- [ ] T001 Run `test -d .`\n")
    done = project.run("specs/a", "specs/nowhere", "specs/b")
    assert done.code == 2
    assert (project.root / "specs/b/tasks.md").read_text() == "- [X] T001 Run `test -d .`\n"
    assert "no such file or folder: specs/nowhere" in done.err


def test_a_reader_who_stops_reading_does_not_stop_the_run(project: Project) -> None:
    project.tasks("".join(f"- [ ] T{number:03} Run `test -d .`\n" for number in range(1, 30)))
    read, write = os.pipe()
    os.close(read)
    process = project.started("run", project.spec, stdout=write, stderr=write)
    os.close(write)
    process.wait(timeout=60)
    assert project.marks == "X" * 29


def test_a_console_that_lacks_letters_gets_others(project: Project) -> None:
    project.environment = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    project.tasks("- [ ] T001 Run `echo 🎯 → ünï; false` 日本\n")
    process = project.started("run", "-n", project.spec)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "ünï".encode("cp1252") in out


def test_control_sequences_of_a_document_do_not_reach_the_terminal(project: Project) -> None:
    project.tasks("# \x1b]0;title\x07\n## Phase \x1b[31mred\n- [ ] T001 Run `echo \x1b[2J\u202e; false`\n")
    for words in (["run", "-n", project.spec], ["run", project.spec]):
        done = project.run(*words)
        assert "\x1b" not in done.out + done.err
        assert "\u202e" not in done.out + done.err


def test_a_home_folder_is_no_repository(project: Project, tmp_path: Path) -> None:
    project.environment = {"HOME": str(project.root)}
    project.write("secret", "x")
    project.tasks("- [ ] T001 Run `test ! -e secret`\n")
    assert project.run_spec("--no-write").code == 0


@pytest.mark.parametrize(("word", "meant"), [("chek", "check"), ("verfy", "verify"), ("rnu", "run")])
def test_a_misspelt_command_runs_nothing(project: Project, word: str, meant: str) -> None:
    file = project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run(word, project.spec)
    assert done.code == 2
    assert f"did you mean {meant}?" in done.err
    assert file.read_text() == "- [ ] T001 Run `test -d .`\n"
    (project.root / word).mkdir()
    assert "did you mean" not in project.run(word).err

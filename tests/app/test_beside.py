"""Specs beside each other: each in a process of its own, one report, one set of marks."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.app.test_interrupt import wait_for
from tests.conftest import OFFERED, Project, no_strays

PASSES, FAILS = "- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -f README.md`\n", "- [ ] T001 Run `test -d none`\n"


def specs(project: Project, *texts: str) -> list[Path]:
    """Specs with these tasks, in a repository."""
    project.write("README.md", "# It\n")
    files = [project.write(f"specs/{number:03}-case/tasks.md", text) for number, text in enumerate(texts, 1)]
    project.commit()
    return files


def without_times(made: Any) -> Any:
    """A report without what no two runs have in common."""
    if isinstance(made, dict):
        return {name: without_times(each) for name, each in made.items() if name not in ("seconds", "timeout")}
    return [without_times(each) for each in made] if isinstance(made, list) else made


def worker_of(process: subprocess.Popen[bytes], command: list[str]) -> psutil.Process:
    """The process of a run below which a command runs."""
    children = psutil.Process(process.pid).children()
    return next(each for each in children for below in each.children(recursive=True) if below.cmdline() == command)


def test_specs_beside_each_other_report_and_mark_as_one_after_the_other(project: Project) -> None:
    texts = [PASSES, FAILS, "- [ ] T001 Think\n", PASSES]
    files = specs(project, *texts)
    alone = project.run("run", "--json", "--fresh", "-j", "1", "specs")
    marked = [file.read_bytes() for file in files]
    project.git("checkout", "-q", ".")
    beside = project.run("run", "--json", "--fresh", "-j", "3", "specs")
    assert (alone.code, beside.code) == (1, 1), beside.err
    assert without_times(beside.json) == without_times(alone.json)
    assert [file.read_bytes() for file in files] == marked
    assert "3 specs, 3 at once: sandbox" in beside.err and beside.err.count("sandbox") == 1
    assert re.search(r"^002-case T001   failed: ", beside.err, re.MULTILINE)
    text = [project.run("verify", "-j", number, "specs").out for number in ("1", "3")]
    assert text[0] == text[1]


def test_what_one_spec_loses_by_a_crash_the_others_keep(project: Project, forever: str) -> None:
    stuck = f"- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep {forever}`\n- [ ] T003 Run `test -d .`\n"
    files = specs(project, stuck, *[PASSES] * 2)
    process = project.started("run", "-j", "2", "--json", "specs")
    wait_for(process, b"003-case T002   passed")
    wait_for_marks(files[0], "X  ")
    worker_of(process, ["sleep", forever]).kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert b"001-case the process that ran it was ended by SIGKILL" in err
    assert [file.read_text().count("[X]") for file in files] == [1, 2, 2]
    assert b"(FAILED" not in files[0].read_bytes()
    assert no_strays(f"sleep {forever}")


def wait_for_marks(file: Path, marks: str) -> None:
    while "".join(line[3] for line in file.read_text().splitlines()) != marks:
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_all_specs_end_with_the_run(project: Project, number: signal.Signals, forever: str) -> None:
    stuck = f"- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep {forever}`\n"
    files = specs(project, stuck, stuck, PASSES)
    process = project.started("run", "-j", "2", "specs")
    for file in files[:2]:
        wait_for_marks(file, "X ")
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    assert [file.read_text().count("[X]") for file in files] == [1, 1, 0]
    while number == signal.SIGKILL and not no_strays(f"sleep {forever}"):
        pass
    assert no_strays(f"sleep {forever}")
    for file in files[:2]:
        file.write_text(file.read_text().replace(f"sleep {forever}", "test -d ."))
    again = project.run("run", "-j", "2", "specs")
    assert again.code == 0, again.err
    assert [file.read_text().count("[X]") for file in files] == [2, 2, 2]


def test_specs_that_serve_on_the_same_port_do_not_meet(project: Project, free_port: int) -> None:
    serve = f"- [ ] T001 Start the server with `python3 -m http.server {free_port} --bind 127.0.0.1`\n"
    asks = f"- [ ] T002 Verify that `http://localhost:{free_port}/specs/NAME/tasks.md` returns 200\n"
    specs(project, *[serve + asks.replace("NAME", f"{number:03}-case") for number in (1, 2)], PASSES)
    done = project.run("run", "-j", "2", "specs")
    assert done.code == 0, done.err
    assert "2 specs use ports of this machine and run one after the other" in done.err


@pytest.mark.skipif("bubblewrap" not in OFFERED, reason="only bubblewrap lays work trees over others")
@pytest.mark.parametrize(("end", "words"), [(0, ("--env", "LEFT=secret")), (3, ())])
def test_what_specs_share_is_set_up_once_whoever_runs_them(project: Project, end: int, words: tuple[str, ...]) -> None:
    specs(project, *["- [X] T001 Run `test -f built/stamp`\n"] * 3)
    setup = f"mkdir built && touch built/stamp; (exit {end})"
    done = project.run("verify", "--json", "-j", "3", "--setup", setup, *words, "specs")
    ran = [step["reason"] for spec in done.json["specs"] for step in spec["setup"]]
    assert [reason or "" for reason in ran].count("exit 3" if end else "") == 1, ran


@pytest.mark.parametrize("command", ["verify", "run"])
def test_the_parts_of_a_run_make_the_report_of_the_whole(project: Project, command: str) -> None:
    ticked, idle = PASSES.replace("[ ]", "[x]"), "- [ ] T001 Think\n"
    files = specs(project, ticked, FAILS.replace("[ ]", "[x]"), idle, ticked)
    words = (command, "--junit", "whole.xml", "--json", "specs")
    whole = project.run(*words)
    marked = [file.read_bytes() for file in files]
    project.git("checkout", "-q", ".")
    shutil.rmtree(project.root / ".spec-run", ignore_errors=True)
    for number in ("1", "2", "3"):
        part = project.run(*words[:2], f"{number}.xml", *words[3:], "--partition", f"{number}/3")
        project.write(f"{number}.json", part.out)
    assert [file.read_bytes() for file in files] == marked
    made = project.run("merge", "3.json", "1.json", "2.json")
    assert made.out, made.err
    assert (made.code, without_times(made.json)) == (whole.code, without_times(whole.json)), made.err
    xml = project.run("merge", "2.xml", "3.xml", "1.xml")
    assert (xml.code, without_clock(xml.out)) == (1, without_clock((project.root / "whole.xml").read_text()))
    lacking = project.run("merge", "-o", "all.json", "1.json", "3.json")
    assert (lacking.code, "missing: 2" in lacking.err) == (2, True)


def without_clock(xml: str) -> str:
    return re.sub(r'time(?:stamp)?="[^"]*"', "", xml)


def test_specs_in_which_nothing_was_ticked_are_not_read_whatever_the_index_says(project: Project) -> None:
    ticked = PASSES.replace("[ ]", "[x]")
    files = specs(project, ticked, ticked, ticked)
    same = project.run("verify", "--ticked-since", "HEAD", "specs")
    assert (same.code, same.out) == (4, "")
    assert "note: 3 of 3 specs have the tasks of HEAD: nothing was ticked in them\n" in same.err
    project.git("update-index", "--assume-unchanged", "specs/002-case/tasks.md")
    files[1].write_text(ticked + "- [x] T003 Run `test -d none`\n")
    done = project.run("verify", "--json", "--ticked-since", "working-tree", "specs")
    assert [(spec["path"], len(spec["ticks"])) for spec in done.json["specs"]] == [("specs/002-case", 1)]
    assert done.code == 1

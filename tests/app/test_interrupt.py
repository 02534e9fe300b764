"""Stopped from outside at any moment: everything that was started ends, the document is whole, exit 130."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Project, no_strays

TASKS = "- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep {0} & sleep {0}`\n- [ ] T003 Run `test -d .`\n"


def wait_for(process: subprocess.Popen[bytes], words: bytes) -> bytes:
    """Read the progress until it says this."""
    assert process.stderr is not None
    seen = b""
    while words not in seen:
        ready, _, _ = select.select([process.stderr], [], [], 30)
        assert ready, seen
        read = os.read(process.stderr.fileno(), 4096)
        assert read, seen
        seen += read
    return seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_stopped_leaves_nothing_behind(project: Project, number: signal.Signals, forever: str) -> None:
    before = TASKS.format(forever)
    project.tasks(before)
    process = project.started("run", project.spec)
    wait_for(process, f"sleep {forever} & sleep {forever}".encode())
    process.send_signal(number)
    process.communicate(timeout=90)
    assert process.returncode == 130
    assert project.marks == "X  "
    assert project.text() == before.replace("[ ] T001", "[X] T001")
    assert no_strays(f"sleep {forever}")


def test_a_command_that_will_not_stop_is_made_to(project: Project, forever: str) -> None:
    name = f"stubborn{forever}.sh"
    project.write(name, f"trap '' INT TERM\necho started\nwhile :; do sleep {forever}; done\n")
    project.tasks(f"- [ ] T001 Run `bash {name}`\n")
    process = project.started("run", project.spec)
    wait_for(process, f"bash {name}".encode())
    process.send_signal(signal.SIGINT)
    wait_for(process, b"interrupted")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)
    assert process.returncode == 130
    assert no_strays(f"sleep {forever}")
    assert no_strays(name)


def test_a_run_can_be_stopped_at_any_moment(project: Project, tmp_path: Path) -> None:
    text = "".join(f"- [ ] T{number:03} Run `test -d .`\n" for number in range(1, 41))
    for moment in range(12):
        project.tasks(text)
        process = project.started("run", project.spec)
        if moment:
            wait_for(process, f"T{moment * 3:03}".encode())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=90)
        # Before the first line of ours runs, Python itself answers to the signal.
        assert process.returncode in (130, -signal.SIGINT), (moment, out, err)
        marks = project.marks
        assert marks == "X" * marks.count("X") + " " * marks.count(" ")
        assert "Traceback" not in err.decode() or not moment
    assert sorted(path.name for path in (project.root / project.spec).iterdir()) == ["tasks.md"]


def test_what_was_interrupted_is_not_told_as_marked(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep {forever}`\n")
    process = project.started("run", project.spec)
    wait_for(process, f"sleep {forever}".encode())
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=90)
    assert out.decode().endswith("tasks.md: 1 ticked\n")

"""What arrives at a terminal, byte by byte: colour where it is wanted, plain lines everywhere else."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from collections.abc import Callable

import pytest

from tests.conftest import Project

TASKS = """\
## Phase 1: Setup … ✓
- [ ] T001 Run `printf 'ünï \\033[31mred\\n'`
- [ ] T002 Run `echo https://example.com/a/path/that/is/far/too/long/for/a/narrow/terminal; false`
- [ ] T003 Run `test -d .`
- [ ] T004 Run `git push`
"""
ESCAPE = b"\x1b"
WORDS = (("-n",), ("run",), ("run", "-v"))


@pytest.fixture
def spec(project: Project) -> Project:
    project.tasks(TASKS)
    return project


def never(data: bytes) -> bool:
    return False


def seen(project: Project, *words: str, columns: int = 80, stop: Callable[[bytes], bool] = never) -> tuple[int, bytes]:
    """The exit code, and every byte that a terminal of this width receives; ``stop`` says when it sends Ctrl-C."""
    ours, theirs = pty.openpty()
    world = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        project.command(*words, project.spec), cwd=project.root, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**world, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **project.environment},
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    data = b""
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while True:
            try:
                read = terminal.read(65536)
            except OSError:
                # The terminal is gone when its last user is.
                break
            data += read
            if not read:
                break
            if stop(data):
                process.send_signal(signal.SIGINT)
                stop = never
    return process.wait(60), data


@pytest.mark.parametrize("words", WORDS)
def test_a_terminal_gets_colour_and_its_cursor_back(spec: Project, words: tuple[str, ...]) -> None:
    code, data = seen(spec, *words)
    assert code == (0 if words == ("-n",) else 1)
    assert b"\x1b[1m" in data
    assert data.count(b"\x1b[?25l") == data.count(b"\x1b[?25h")
    assert b"\x1b[31mred" not in data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("given", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_who_wants_no_colour_gets_plain_lines(spec: Project, words: tuple[str, ...], given: dict[str, str]) -> None:
    spec.environment |= given
    _, data = seen(spec, *words)
    assert ESCAPE not in data
    assert b"T002" in data
    assert "ünï".encode() in data


@pytest.mark.parametrize("words", WORDS)
def test_a_pipe_gets_plain_lines(spec: Project, words: tuple[str, ...]) -> None:
    process = spec.started(*words, spec.spec)
    out, err = process.communicate(timeout=60)
    assert ESCAPE not in out + err
    assert b"\r" not in out + err


@pytest.mark.parametrize("words", WORDS)
def test_an_encoding_that_lacks_letters_gets_others(spec: Project, words: tuple[str, ...]) -> None:
    spec.environment |= {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    _, data = seen(spec, *words)
    assert ESCAPE not in data
    assert "ünï".encode("cp1252") in data
    assert b"Setup ... ?" in data or words != ("-n",)
    data.decode("cp1252")


@pytest.mark.parametrize("columns", [20, 40, 60])
@pytest.mark.parametrize("words", WORDS)
def test_a_narrow_terminal_gets_rows_that_fit(spec: Project, words: tuple[str, ...], columns: int) -> None:
    _, data = seen(spec, *words, columns=columns)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode())
    rows = [row.rsplit("\r", 1)[-1] for row in plain.replace("\r\n", "\n").split("\n")]
    # What is to be typed is copied in one piece.
    assert [row for row in rows if len(row) > columns and "spec-run " not in row] == []


def test_an_interrupted_terminal_is_as_it_was(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `echo here; sleep {forever}`\n")
    code, data = seen(project, "run", stop=lambda seen: b"here" in seen)
    assert code == 130
    assert data.rfind(b"\x1b[?25h") > data.rfind(b"\x1b[?25l")
    assert b"Traceback" not in data

"""One command in a fresh bash, or brush: hard cases, and the state that is carried from one command to the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from spec_runner.system.process.heard import LatestLine
from spec_runner.system.process.shell import Shell, State
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from tests.conftest import OFFERED

PATIENCE = 20.0


BRUSH_CANNOT = {
    "integer": "brush 0.4 does not compute what is given to an integer variable",
    "exported function": "brush 0.4 writes an exported function as bash does not read it",
    "directory stack": "brush 0.4 lists its directory stack only by dirs",
    "kill -9": "brush 0.4 knows no signals by number",
    "messages": "brush words its messages otherwise: test_what_brush_says_is_of_the_command_alone",
}


class Terminal:
    """A shell in a real sandbox: commands typed one after the other."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.shell = Shell(self.sandbox)
        self.state = State(self.sandbox.root)

    def type(self, command: str, *, pipefail: bool = False, patience: float = PATIENCE) -> tuple[int, str]:
        started = self.shell.start(command, self.state, LatestLine(lambda line: None), pipefail=pipefail)
        assert started.process.wait(patience), f"still running: {command}"
        self.state = started.state()
        return started.process.returncode or 0, started.process.capture.text


@pytest.fixture(scope="module")
def box_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    (root / "sub").mkdir()
    (root / "sub" / "file").write_text("x\n")
    return root


@pytest.fixture(scope="module", params=[*((level, "bash") for level in OFFERED), ("plain", "brush")], ids="-".join)
def sandbox(box_root: Path, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """One for all: each test has a shell of its own in it, which starts from nothing."""
    level, shell = request.param
    host = dict(os.environ)
    if shell == "brush":
        request.getfixturevalue("brush")
    made = Sandbox(Layout(box_root, box_root, host, {}, lambda: False, level, shell=shell))
    yield made
    made.close()


@pytest.fixture
def terminal(sandbox: Sandbox, request: pytest.FixtureRequest) -> Terminal:
    """What brush is known not to do must fail: who reads this learns when it does."""
    marked, case = request.node.get_closest_marker("brush_cannot"), request.node.callspec.params.get("name")
    case = marked.args[0] if marked else case
    if sandbox.shell.name == "brush" and case in BRUSH_CANNOT:
        request.applymarker(pytest.mark.xfail(reason=BRUSH_CANNOT[case], strict=True))
    return Terminal(sandbox)


CARRIED = {
    "directory": ("cd sub", 'basename "$PWD"', "sub"),
    "previous directory": ("cd sub; cd ..", 'cd - >/dev/null; basename "$PWD"', "sub"),
    "variable": ("X=1", 'echo "$X"', "1"),
    "exported variable": ("export X=1", "bash -c 'echo $X'", "1"),
    "variable of several lines": ("export X=$'a\\nb'", 'echo "$X"', "a\nb"),
    "variable with quotes": ("X='\"it'\\''s\"'", 'echo "$X"', '"it\'s"'),
    "array": ("A=(1 '2 3')", 'echo "${#A[@]} ${A[1]}"', "2 2 3"),
    "map": ("declare -A M=([k]='v w')", 'echo "${M[k]}"', "v w"),
    "integer": ("declare -i N=3", "N=N+1; echo $N", "4"),
    "read-only variable": ("readonly R=5", "(R=6) 2>/dev/null; echo $R", "5"),
    "unset variable": ("export Y=1; unset Y HOME", 'echo "${Y-none} ${HOME-none}"', "none none"),
    "function": ("f() { echo f:$1; }", "f 1", "f:1"),
    "exported function": ("f() { echo f; }; export -f f", "bash -c f", "f"),
    "alias": ("alias hello='echo hi'", "hello", "hi"),
    "shell option": ("shopt -s nullglob", "echo nothing-*", ""),
    "set option": ("set -o noglob", "echo *", "*"),
    "nounset": ("set -u", "(echo $NOT_THERE) 2>/dev/null || echo unbound", "unbound"),
    "umask": ("umask 027", "umask", "0027"),
    "directory stack": ("pushd sub >/dev/null", "popd >/dev/null; ls -d sub", "sub"),
    "exit status": ("(exit 7)", "echo $?", "7"),
    "trap": ("trap 'echo bye' EXIT", "echo hi", "hi"),
    "virtual environment": ("python -m venv --without-pip v && . v/bin/activate", 'echo "${VIRTUAL_ENV##*/}"', "v"),
}


@pytest.mark.parametrize("name", CARRIED)
def test_a_command_finds_what_the_one_before_left(terminal: Terminal, name: str) -> None:
    first, second, expected = CARRIED[name]
    terminal.type(first)
    assert terminal.type(second)[1].rstrip("\n") == expected


HARD = {
    "unbalanced quote": "echo 'never closed",
    "unclosed here-document": "cat <<EOF\nnever closed",
    "reader of stdin": "cat; read X; echo after",
    "exit": "exit 3",
    "exec": "exec true",
    "output sent away": "exec >/dev/null; echo lost",
    "killed shell": "kill -9 $$",
    "terminated shell": "kill -TERM $$",
    "errexit": "set -e; false; echo not reached",
    "job in the background": "sleep 600 &",
    "job that holds the pipe": "(sleep 600; echo late) &",
    "disowned job": "nohup sleep 600 >/dev/null 2>&1 & disown",
    "own trap": "trap 'echo bye' EXIT; exit 4",
    "return": "return 2",
    "syntax error": "if then fi",
    "closed output": "exec 1>&- 2>&-",
    "redefined builtins": "printf() { :; }; declare() { :; }; true",
    "endless alias": "alias ls='ls ls'; true",
    "xtrace": "set -x; true",
    "posix mode": "set -o posix; true",
    "emptied environment": "unset PATH; true",
    "removed directory": "mkdir gone; cd gone; rmdir ../gone; true",
    "binary output": "printf '\\377\\000\\033[31m'",
    "long line": "printf '%0200000d' 1",
}


@pytest.mark.parametrize("name", HARD)
def test_a_hard_command_neither_hangs_nor_breaks_the_terminal(terminal: Terminal, name: str) -> None:
    terminal.type("KEPT=yes")
    terminal.type(HARD[name])
    terminal.state = State(terminal.sandbox.root, terminal.state.snapshot)
    assert terminal.type('PATH=/usr/bin:/bin; echo "kept: $KEPT" >&2')[1].splitlines()[-1:] == ["kept: yes"]


@pytest.mark.parametrize(
    ("command", "code"),
    [("true", 0), ("false", 1), ("exit 42", 42), ("no-such-command", 127), ("set -e; false; true", 1), ("return 2", 2)],
)
def test_the_exit_status_is_the_commands_own(terminal: Terminal, command: str, code: int) -> None:
    assert terminal.type(command)[0] == code


@pytest.mark.brush_cannot("kill -9")
def test_a_signal_is_told_as_one(terminal: Terminal) -> None:
    assert terminal.type("kill -9 $$")[0] == -9


def test_a_command_as_long_as_a_file_is_run(terminal: Terminal) -> None:
    assert terminal.type(f"X={'y' * 300_000}; echo ${{#X}}")[1] == "300000\n"


def test_a_failure_before_a_viewer_counts_with_pipefail_alone(terminal: Terminal) -> None:
    assert terminal.type("false | cat")[0] == 0
    assert terminal.type("false | cat", pipefail=True)[0] == 1
    assert terminal.type("false | cat")[0] == 0, "pipefail is not carried to the next command"


def test_a_command_that_starts_elsewhere_knows_where_it_is(terminal: Terminal) -> None:
    terminal.type("cd sub; X=1")
    terminal.state = replace(terminal.state, cwd=terminal.sandbox.root)
    assert terminal.type('[ "$PWD" = "$(pwd -P)" ] && [ -d sub ] && echo "$X"')[1] == "1\n"
    assert terminal.state.cwd == terminal.sandbox.root
    assert terminal.type("cat sub/file")[1] == "x\n"


def test_errexit_is_not_carried(terminal: Terminal) -> None:
    terminal.type("set -e")
    assert terminal.type("false; echo on")[1] == "on\n"


def test_commands_have_nothing_to_read_and_a_home_of_their_own(terminal: Terminal) -> None:
    assert terminal.type("cat")[1] == ""
    assert terminal.type('echo here >"$HOME/left-in-a-sandbox" && cat "$HOME/left-in-a-sandbox"') == (0, "here\n")
    assert not (Path.home() / "left-in-a-sandbox").exists()


@pytest.mark.brush_cannot("messages")
@pytest.mark.parametrize(("command", "said"), [
    ('echo "not closed', "line 1: unexpected EOF while looking for matching"),
    ("true\nnope", "line 2: nope: command not found"),
    ("if true; then", "syntax error: unexpected end of file"),
])  # fmt: skip
def test_what_bash_says_is_of_the_command_alone(terminal: Terminal, command: str, said: str) -> None:
    code, output = terminal.type(command)
    assert code in (2, 127)
    assert said in output
    assert "__spec_run" not in output
    assert terminal.type("echo fine") == (0, "fine\n")


@pytest.mark.parametrize(("command", "said"), [
    ('echo "not closed', "unterminated double quote"),
    ("true\nnope", "command not found: nope"),
    ("if true; then", "syntax error at end of input"),
])  # fmt: skip
@pytest.mark.parametrize("sandbox", [("plain", "brush")], ids="-".join, indirect=True)
def test_what_brush_says_is_of_the_command_alone(terminal: Terminal, command: str, said: str) -> None:
    code, output = terminal.type(command)
    assert code in (2, 127)
    assert said in output
    assert "\33[" not in output, "without colours"
    assert terminal.type("echo fine") == (0, "fine\n")

"""How a process ended → an honest reason."""

from __future__ import annotations

import pytest

from spec_runner.core.diagnosis import Evidence, Judgement, judge, port_in_use, steady
from spec_runner.core.events import Ending, Exited, Listening, Signalled, Stopped, TimedOut
from spec_runner.core.output import last_line, strip_control


def told(ending: Ending, output: str = "", **more: object) -> tuple[str, str | None]:
    judgement: Judgement = judge(Evidence("make all", ending, output, **more))  # type: ignore[arg-type]
    return judgement.outcome, judgement.reason


@pytest.mark.parametrize(
    ("ending", "output", "outcome", "reason"),
    [
        (Exited(0), "", "passed", None),
        (Exited(1), "", "failed", "exit 1"),
        (Exited(1), "first\nlast words\n\n", "failed", "exit 1: last words"),
        (Exited(1), "rm: cannot remove 'a': No such file or directory\n", "failed",
         "exit 1: rm: cannot remove 'a': No such file or directory"),
        (Exited(128), "fatal: no such remote\n\nPlease make sure\nthat it exists.\n", "failed", "exit 128: fatal: no such remote"),
        (Exited(127), "bash: line 30: nope: command not found\n", "failed", "command nope not found"),
        (Exited(127), "env: 'node': No such file\n", "failed", "exit 127: env: 'node': No such file"),
        (Exited(2), "bash: eval: line 3: syntax error near `fi'\n", "failed", "exit 2: syntax error near `fi'"),
        (Exited(1), "tar: x: No space left on device\n", "failed",
         "exit 1: the disk is full: tar: x: No space left on device"),
        (Exited(6), "curl: (6) Could not resolve host: a.b\n", "failed",
         "exit 6: no network: curl: (6) Could not resolve host: a.b"),
        (Exited(134), "FATAL ERROR: JavaScript heap out of memory\n", "killed",
         "killed by SIGABRT, sender unknown: the program reports out of memory: "
         "FATAL ERROR: JavaScript heap out of memory"),
        (Exited(137), "", "killed", "killed by SIGKILL, sender unknown"),
        (Signalled(11), "", "killed", "killed by SIGSEGV, sender unknown"),
        (TimedOut(60), "half", "timed-out", "timed out after 60 s"),
        (Stopped(), "", "cancelled", "stopped: the run was interrupted"),
        (Listening((8000,)), "", "passed", None),
    ],
)  # fmt: skip
def test_every_ending_has_its_reason(ending: Ending, output: str, outcome: str, reason: str | None) -> None:
    assert told(ending, output) == (outcome, reason)


@pytest.mark.parametrize(
    ("expect", "code", "output", "outcome"),
    [
        ("fail", 1, "", "passed"),
        ("fail", 0, "", "failed"),
        ("empty", 1, "", "passed"),
        ("empty", 0, "", "passed"),
        ("empty", 0, "found.py:1: x", "failed"),
        ("empty", 2, "grep: bad pattern", "failed"),
        ("nonempty", 0, "x", "passed"),
        ("nonempty", 0, "\n", "failed"),
        ("nonempty", 1, "x", "failed"),
        ("other", 0, "", "passed"),
        ("other", 1, "", "failed"),
    ],
)
def test_success_is_judged_as_the_words_say(expect: str, code: int, output: str, outcome: str) -> None:
    assert told(Exited(code), output, expect=expect)[0] == outcome


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("pytest", 5, "no tests ran in 0.01s"),
        ("python -m pytest tests", 5, ""),
        ("npm test", 0, "  0 passing (1ms)"),
        ("npx jest", 1, "No tests found, exiting with code 1"),
    ],
)
def test_nothing_tested_is_not_a_pass(command: str, code: int, output: str) -> None:
    judgement = judge(Evidence(command, Exited(code), output))
    assert (judgement.outcome, judgement.reason) == ("failed", "nothing was tested")


def test_zero_failures_are_not_taken_for_zero_tests() -> None:
    assert judge(Evidence("npm test", Exited(0), "  10 passing\n  0 failing")).outcome == "passed"


def test_a_service_that_ends_has_not_listened() -> None:
    assert told(Exited(0), "bye", is_service=True) == ("failed", "ended before it listened: bye")
    assert told(Exited(3), "", is_service=True) == ("failed", "exit 3 before it listened")
    assert told(TimedOut(5), "", is_service=True) == ("timed-out", "timed out after 5 s; no port opened")


@pytest.mark.parametrize(
    ("output", "port"),
    [
        ("OSError: [Errno 98] Address already in use", None),
        ("Error: listen EADDRINUSE: address already in use :::3000", 3000),
        ("[Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use", 8000),
        ("listen tcp 127.0.0.1:8080: bind: address already in use", 8080),
        ("Port 5173 is in use", 5173),
        ("all is well on port 80", None),
    ],
)
def test_a_taken_port_is_found_in_what_the_program_says(output: str, port: int | None) -> None:
    assert port_in_use(output) == port


def test_who_holds_a_taken_port_is_told() -> None:
    reason = told(Exited(1), "port 8000 is in use", is_service=True, port_holder="nginx (pid 7)")[1]
    assert reason == "exit 1 before it listened: port 8000 is in use, held by nginx (pid …)"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1 failed in 0.12s", "1 failed in 3.4s"),
        ("2026-01-02T03:04:05.678Z boom", "2027-11-12T13:14:15Z boom"),
        ("[03:04:05] boom", "[13:14:15] boom"),
        ("<object at 0x7f0011223344>", "<object at 0x7fffffffffff>"),
        ("held by node (pid 12)", "held by node (pid 99)"),
    ],
)
def test_a_reason_does_not_change_from_run_to_run(first: str, second: str) -> None:
    assert steady(first) == steady(second)


def test_control_sequences_are_taken_out() -> None:
    assert strip_control("\x1b[31mred\x1b[0m\x1b]0;title\x07 \x07bell\rnext") == "red bell\nnext"
    assert last_line("\x1b[1mboom\x1b[0m\n=====\n\n") == "boom"

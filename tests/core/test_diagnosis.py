"""How a process ended → an honest reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.plan.events import (
    Ending,
    Exited,
    Listening,
    Lost,
    OverDisk,
    OverMemory,
    Signalled,
    Stopped,
    TimedOut,
)
from spec_runner.core.result.cause import Evidence, port_in_use
from spec_runner.core.result.judge import Judgement, judge
from spec_runner.core.result.normalize import normalize
from spec_runner.core.text.printable import last_line, strip_control


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
        (Exited(127), "error: command not found: nope\n", "failed", "command nope not found"),
        (Exited(127), "env: 'node': No such file\n", "failed", "exit 127: env: 'node': No such file"),
        (Exited(2), "bash: eval: line 3: syntax error near `fi'\n", "failed", "exit 2: syntax error near `fi'"),
        (Exited(1), "tar: x: No space left on device\n", "failed",
         "exit 1: the disk is full: tar: x: No space left on device"),
        (Exited(6), "curl: (6) Could not resolve host: a.b\n", "failed",
         "exit 6: no network: curl: (6) Could not resolve host: a.b"),
        (Exited(134), "FATAL ERROR: JavaScript heap out of memory\n", "killed",
         "aborted (SIGABRT): the program reports out of memory: "
         "FATAL ERROR: JavaScript heap out of memory"),
        (Exited(137), "", "killed", "killed by SIGKILL, sender unknown"),
        (Signalled(11), "", "killed", "segmentation fault (SIGSEGV)"),
        (Exited(139), "bash: line 1: 4711 Segmentation fault  ./a\n", "killed",
         "segmentation fault (SIGSEGV)"),
        (Exited(6), "  0     0  --:--:-- --:--:--     0curl: (6) Could not resolve host: a.b\n", "failed",
         "exit 6: no network: curl: (6) Could not resolve host: a.b"),
        (Signalled(15), "", "killed", "killed by SIGTERM, sender unknown"),
        (Exited(126), "bash: line 1: ./a.sh: Permission denied\n", "failed", "./a.sh is not executable: Permission denied"),
        (Exited(126), "bash: ./docs: Is a directory\n", "failed", "./docs is not executable: Is a directory"),
        (Exited(126), "bash: ./a: /opt/no: bad interpreter: No such file or directory\n", "failed",
         "./a cannot run: the interpreter /opt/no is not there"),
        (Exited(127), "bash: ./a: cannot execute: required file not found\n", "failed",
         "./a cannot run: its interpreter is not there"),
        (Exited(127), "/usr/bin/env: 'node': No such file or directory\n", "failed", "command node not found"),
        (Exited(127), "sh: 1: tsc: not found\nnpm ERR! code 127\n", "failed", "command tsc not found"),
        (Exited(1), "error: test_MemoryError failed\n", "failed", "exit 1: error: test_MemoryError failed"),
        (Exited(1), "Traceback\nMemoryError\n", "failed", "exit 1: the program reports out of memory: MemoryError"),
        (OverMemory(4 * 1000**3), "", "killed", "stopped: the sandbox's memory limit of 4 GB was reached"),
        (OverDisk(500 * 1000**2), "", "killed", "stopped: the sandbox's disk limit of 500 MB was reached"),
        (Lost(), "", "killed", "the sandbox ended while it ran"),
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
    ("command", "code", "output", "evidence"),
    [
        ("pytest", 5, "no tests ran in 0.01s", "no tests ran in … s"),
        ("python -m pytest tests", 5, "", ""),
        ("pytest", 0, "==== 3 skipped, 1 warning in 0.10s ====", "3 skipped, 1 warning in … s"),
        ("pytest -k x", 5, "collected 4 items / 4 deselected\n4 deselected in 0.01s", "4 deselected in … s"),
        ("npm test", 0, "  0 passing (1ms)", "0 passing (… s)"),
        ("npx jest", 1, "No tests found, exiting with code 1", "No tests found, exiting with code 1"),
        ("npx vitest run", 1, "No test files found, exiting with code 1", "No test files found, exiting with code 1"),
        ("go test ./...", 0, "?   \tshop/a\t[no test files]", "?   \tshop/a\t[no test files]"),
        ("go test -run X ./a", 0, "ok  \tshop/a\t0.002s [no tests to run]", "ok  \tshop/a\t… s [no tests to run]"),
        ("cargo test", 0, "running 0 tests\n\ntest result: ok. 0 passed; 0 failed\n", "running 0 tests"),
        ("dotnet test", 0, "No test is available in a.dll.", "No test is available in a.dll"),
        ("python -m unittest", 0, "Ran 0 tests in 0.000s\n\nOK", "Ran 0 tests in … s"),
        ("ctest", 8, "No tests were found!!!", "No tests were found!!!"),
        ("node --test", 0, "ℹ tests 0\nℹ pass 0", "ℹ tests 0"),
        ("mvn test", 0, "[INFO] No tests to run.", "[INFO] No tests to run"),
    ],
)
def test_nothing_tested_is_not_a_pass(command: str, code: int, output: str, evidence: str) -> None:
    judgement = judge(Evidence(command, Exited(code), output))
    reason = f"nothing was tested: {evidence}" if evidence else "nothing was tested"
    assert (judgement.outcome, judgement.reason) == ("failed", reason)


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("cargo test", "running 3 tests\ntest result: ok. 3 passed; 0 failed\n\nrunning 0 tests\n"),
        ("go test ./...", "ok  \tshop/a\t0.002s\n?   \tshop/b\t[no test files]"),
        ("go test ./...", "ok  \tshop/a\t(cached)\n?   \tshop/b\t[no test files]"),
        ("npm test", "web: No tests found, exiting with code 0\napi: Tests: 4 passed, 4 total"),
        ("mvn test", "Tests run: 0, Failures: 0\nTests run: 5, Failures: 0"),
        ("pytest", "=== 2 passed, 3 skipped in 0.1s ==="),
        ("dotnet test", "No test is available in a.dll\nPassed!  - Failed: 0, Passed: 5"),
        ("echo 'no tests ran'", "no tests ran"),
    ],
)
def test_where_something_was_tested_it_is_a_pass(command: str, output: str) -> None:
    assert judge(Evidence(command, Exited(0), output)).outcome == "passed"


def test_what_could_not_run_has_not_failed_as_it_must() -> None:
    assert told(Exited(127), "bash: line 1: nope: command not found", expect="fail") == (
        "failed",
        "command nope not found",
    )
    assert told(Exited(137), "", expect="fail")[0] == "killed"
    seen = Evidence("pytest", Exited(5), "no tests ran in 0.1s", "fail")
    assert judge(seen).reason == "must fail, but nothing was tested: no tests ran in … s"


def test_out_of_memory_is_said_only_with_evidence() -> None:
    assert told(Exited(137), "Killed", oom_kills=1) == ("killed", "killed by the kernel: out of memory: Killed")
    assert told(Signalled(9), oom_kills=2) == ("killed", "killed by the kernel: out of memory")
    assert told(Exited(137), oom_kills=0) == ("killed", "killed by SIGKILL, sender unknown")
    assert told(Exited(1), "boom", oom_kills=1) == ("failed", "exit 1: boom")
    assert told(Signalled(15), oom_kills=1) == ("killed", "killed by SIGTERM, sender unknown")


@pytest.mark.parametrize(
    ("command", "code", "output", "network", "reason"),
    [
        ("curl -s https://a.b", 6, "", "host", "exit 6: no network"),
        ("curl -s https://a.b", 6, "", "none", "exit 6: no network (the sandbox's network is off)"),
        ("wget -q https://a.b", 4, "", "none", "exit 4: no network (the sandbox's network is off)"),
        ("make", 6, "", "host", "exit 6"),
        ("pip install -q x", 1, "ERROR: No matching distribution found for x", "none",
         "exit 1: ERROR: No matching distribution found for x; the sandbox's network is off"),
        ("python -m pip install -q x", 1, "", "registries", "exit 1; the sandbox's network is registries only"),
        ("npm test", 1, "1 failing", "none", "exit 1: 1 failing"),
        ("npm ci", 1, "npm ERR! code ENOTFOUND\nnpm ERR! see the log", "none",
         "exit 1: no network (the sandbox's network is off): npm ERR! code ENOTFOUND"),
        ("git clone https://a.b/c", 128, "fatal: Could not resolve host: a.b", "host",
         "exit 128: no network: fatal: Could not resolve host: a.b"),
        ("./get", 56, "curl: (56) CONNECT tunnel failed, response 403", "registries",
         "exit 56: curl: (56) CONNECT tunnel failed, response 403; the sandbox's network is registries only"),
    ],
)  # fmt: skip
def test_no_network_is_said_with_what_the_box_reaches(
    command: str, code: int, output: str, network: str, reason: str
) -> None:
    assert judge(Evidence(command, Exited(code), output, network=network)).reason == reason


@pytest.mark.parametrize(
    ("level", "output", "place"),
    [
        ("bubblewrap", "touch: cannot touch '/etc/x': Read-only file system", "/etc/x"),
        ("bubblewrap", "bash: line 1: /etc/x: Read-only file system", "/etc/x"),
        ("bubblewrap", "OSError: [Errno 30] Read-only file system: '/usr/x'", "/usr/x"),
        ("bubblewrap", "Error: EROFS: read-only file system, open '/opt/x'", "/opt/x"),
        ("landlock", "mkdir: cannot create directory ‘/srv/x’: Permission denied", "/srv/x"),
        ("landlock", "Error: EACCES: permission denied, mkdir '/usr/lib/x'", "/usr/lib/x"),
        ("landlock", "cat: /etc/shadow: Permission denied", None),
        ("bubblewrap", "cat: /etc/shadow: Permission denied", None),
        ("plain", "touch: cannot touch '/etc/x': Read-only file system", None),
        ("bubblewrap", "touch: cannot touch 'a/x': Read-only file system", None),
    ],
)
def test_what_the_box_forbids_is_said(level: str, output: str, place: str | None) -> None:
    reason = judge(Evidence("make", Exited(1), output, level=level)).reason or ""
    assert (f"the sandbox forbids writing {place}: " in reason) == (place is not None)
    assert ("the sandbox" in reason) == (place is not None)


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
        ("in /tmp/a1b2/x.log", "in /tmp/c3d4e/y.log"),
        (
            "/home/ann/.npm/_logs/2025-01-02T03_04_05_678Z-debug-0.log",
            "/home/ann/.npm/_logs/2027-01-01T00_00_00_000Z-debug-0.log",
        ),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 123e4567-e89b-12d3-a456-426614174999"),
        ("goroutine 18 [running]", "goroutine 7 [running]"),
        ("took 1m2s", "took 59.3s"),
        ("Random seed: 1234", "Random seed: 99"),
        ("at 12.5 MB/s", "at 3 MB/s"),
        ("on Mon Nov 21 05:17:58", "on Tue Dec  1 15:00:00"),
    ],
)
def test_a_reason_does_not_change_from_run_to_run(first: str, second: str) -> None:
    assert normalize(first) == normalize(second)


def test_control_sequences_are_taken_out() -> None:
    assert strip_control("\x1b[31mred\x1b[0m\x1b]0;title\x07 \x07bell\rnext") == "red bell\nnext"
    assert last_line("\x1b[1mboom\x1b[0m\n=====\n\n") == "boom"


@given(st.text(), st.integers(0, 255), st.sampled_from(["ok", "fail", "empty", "nonempty", "other"]))
def test_any_output_is_judged(output: str, code: int, expect: str) -> None:
    said = judge(Evidence("npm test", Exited(code), output, expect, level="bubblewrap", network="none", oom_kills=1))
    assert (said.reason is None) == (said.outcome == "passed")


@given(st.text())
def test_what_is_steady_stays_so(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)

"""How a process ended → did it pass, and an honest reason if not. No guess: each reason has its evidence."""

from __future__ import annotations

import re
import signal

from spec_runner.core.events import (
    Ending,
    Exited,
    Listening,
    Lost,
    OutcomeName,
    OverDisk,
    OverMemory,
    Signalled,
    Stopped,
    TimedOut,
)
from spec_runner.core.output import last_line, strip_control
from spec_runner.core.record import NamedTuple
from spec_runner.core.steps import Expectation

_NOT_FOUND = re.compile(r"(?:^|: )([^\s:]+): (?:command )?not found$")
_IN_USE = re.compile(
    r"EADDRINUSE|address already in use|port \d+ is (?:already )?in use|port is already allocated", re.I
)
_PORT = re.compile(r"(?:port[ =:]*|[\])\d]:|:::|, )(\d{2,5})\b", re.IGNORECASE)
_UNSTABLE = (
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"), "…"),
    (re.compile(r"\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"\b\d+(?:\.\d+)?\s?(?:ms|µs|s|secs?|seconds|minutes)\b"), "… s"),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),
    (re.compile(r"\bpid[ =:]*\d+", re.IGNORECASE), "pid …"),
    (re.compile(r"(/tmp/)[\w.-]+"), r"\1…"),
    (re.compile(r"\b\d+ (?=Segmentation fault|Aborted|Killed|Terminated|Bus error|Floating point exception)"), ""),
)
_CAUSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"No space left on device|ENOSPC|Disk quota exceeded"), "the disk is full"),
    (re.compile(r"Could not resolve host|EAI_AGAIN|Temporary failure in name resolution|ENOTFOUND"), "no network"),
    (re.compile(r"MemoryError|heap out of memory|Cannot allocate memory"), "the program reports out of memory"),
)
_NOTHING_TESTED = re.compile(
    r"^\W*(?:no tests ran|no tests? (?:were )?found|0 passing|ran 0 tests|collected 0 items)", re.I | re.M
)
_TEST_PROGRAM = re.compile(r"\b(?:pytest|unittest|mocha|jest|vitest|test|spec|check)\b")


class Evidence(NamedTuple):
    """What was seen of a process: its end, and the text it printed (head and tail, joined)."""

    command: str
    ending: Ending
    output: str
    expect: str = "ok"
    is_service: bool = False
    port_holder: str | None = None
    """Who holds the port that the command found taken, if it could be seen."""
    expectations: tuple[Expectation, ...] = ()
    """What the document says that comes of it."""
    status: int | None = None
    """The status of the last answer that it got over HTTP, if it could be seen."""
    whole: bool = True
    """The output is all that was printed."""


class Judgement(NamedTuple):
    outcome: OutcomeName
    reason: str | None = None
    exit: int | None = None
    signal: int | None = None


def judge(seen: Evidence) -> Judgement:
    """Whether a process did what it was to do, and if not, why, with what it printed as evidence."""
    match seen.ending:
        case Listening():
            return Judgement("passed")
        case Stopped():
            return Judgement("cancelled", "stopped: the run was interrupted")
        case TimedOut(seconds):
            what = "; no port opened" if seen.is_service else ""
            return Judgement("timed-out", f"timed out after {seconds:g} s{what}")
        case OverMemory(limit):
            return Judgement("killed", f"stopped: the box's memory limit of {_size(limit)} was reached")
        case OverDisk(limit):
            return Judgement("killed", f"stopped: the box's disk limit of {_size(limit)} was reached")
        case Lost():
            return Judgement("killed", "the box ended while it ran")
        case Signalled(number):
            return Judgement("killed", f"killed by {_signal_name(number)}, sender unknown", signal=number)
        case Exited(code):
            said = _judge_exit(seen, code)
            return _judge_words(seen, said) if said.outcome == "passed" else said


def _size(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _judge_exit(seen: Evidence, code: int) -> Judgement:
    if seen.is_service:
        ended = f"exit {code} before it listened" if code else "ended before it listened"
        return Judgement("failed", _with_cause(ended, seen, code), exit=code)
    printed = bool(strip_control(seen.output).strip())
    if seen.expect == "fail":
        return Judgement("passed", exit=code) if code else Judgement("failed", "exit 0, but it must fail", exit=0)
    if seen.expect == "empty" and code in (0, 1):
        if not printed:
            return Judgement("passed", exit=code)
        found = steady(last_line(seen.output))
        return Judgement("failed", f"printed something, but must find nothing: {found}", exit=code)
    if code == 0 and seen.expect == "nonempty" and not printed:
        return Judgement("failed", "printed nothing, but must find something", exit=0)
    if _is_untested(seen, code):
        return Judgement("failed", "nothing was tested", exit=code)
    if code == 0:
        return Judgement("passed", exit=0)
    if code > 128 and _is_signal(code - 128):
        name = _signal_name(code - 128)
        return Judgement(
            "killed", _with_cause(f"killed by {name}, sender unknown", seen, code), exit=code, signal=code - 128
        )
    return Judgement("failed", _with_cause(f"exit {code}", seen, code), exit=code)


def _judge_words(seen: Evidence, said: Judgement) -> Judgement:
    """A command that passed must also have printed and answered what the document plainly says."""
    checked = [each for each in seen.expectations if each.checked]
    if not checked:
        return said
    from spec_runner.core.expectation import Seen, unmet

    what = Seen(seen.command, seen.output, said.exit, seen.status, seen.whole)
    reason = next((reason for each in checked if (reason := unmet(each, what))), None)
    return said if reason is None else Judgement("failed", steady(reason), exit=said.exit)


def _with_cause(what: str, seen: Evidence, code: int) -> str:
    """What happened and the plain cause for it, if the output names one, else its last line that says something."""
    last = steady(last_line(seen.output))
    missing = _NOT_FOUND.search(last)
    if code == 127 and missing:
        return f"command {missing.group(1)} not found"
    if _IN_USE.search(seen.output):
        return f"{what}: {_port_in_use(seen)}"
    tail = seen.output[-4000:]
    for pattern, cause in _CAUSES:
        if pattern.search(tail):
            return f"{what}: {cause}: {last}" if last else f"{what}: {cause}"
    return f"{what}: {last}" if last else what


def _port_in_use(seen: Evidence) -> str:
    port = port_in_use(seen.output)
    named = f"port {port} is in use" if port else "its port is in use"
    return f"{named}, held by {steady(seen.port_holder)}" if seen.port_holder else named


def port_in_use(output: str) -> int | None:
    """The port that a program says is taken, if its message names it."""
    for line in strip_control(output).splitlines():
        if _IN_USE.search(line) and (found := _PORT.search(line)):
            return int(found.group(1))
    return None


def _is_untested(seen: Evidence, code: int) -> bool:
    """A test runner that found no test has proven nothing, whatever its exit status says."""
    if not _TEST_PROGRAM.search(seen.command):
        return False
    if code == 5 and "pytest" in seen.command:
        return True
    return code in (0, 1, 5) and _NOTHING_TESTED.search(strip_control(seen.output[-4000:])) is not None


def steady(text: str) -> str:
    """A text without what changes from run to run: times, dates, addresses in memory, process numbers."""
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return text


def _is_signal(number: int) -> bool:
    return any(number == each.value for each in signal.Signals)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

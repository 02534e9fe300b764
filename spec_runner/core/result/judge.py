"""How a process ended → did it pass, and an honest reason if not. No guess: each reason has its evidence."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING, NamedTuple

from spec_runner.core.decide.answers import status_by_exit
from spec_runner.core.plan.events import (
    Cause,
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
from spec_runner.core.result.cause import NOT_RUN, Evidence, cause_of, joined, port_in_use, with_cause, with_output
from spec_runner.core.result.normalize import normalize
from spec_runner.core.result.untested import untested
from spec_runner.core.shell.programs import names
from spec_runner.core.text.printable import last_line, strip_control

if TYPE_CHECKING:
    from spec_runner.core.decide.expectation import Seen

_CRASHES = {
    "SIGSEGV": "segmentation fault",
    "SIGABRT": "aborted",
    "SIGBUS": "bus error",
    "SIGILL": "illegal instruction",
    "SIGFPE": "arithmetic error",
    "SIGSYS": "forbidden system call",
}
"""Signals that the kernel sends a program for what it does itself."""
_OF_UNIX = (
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
)
_SIGNALS = (
    {each.value: each.name for each in signal.Signals}
    if hasattr(signal, "SIGKILL")
    else {number: f"SIG{name}" for number, name in enumerate(_OF_UNIX, 1)}
)
"""By number; Windows has few and numbers them otherwise, but its shells end as those of Unix do."""


class Judgement(NamedTuple):
    outcome: OutcomeName
    reason: str | None = None
    exit: int | None = None
    signal: int | None = None
    cause: Cause | None = None
    """Why it says nothing of the task, where it does not."""
    unmet: int | None = None
    """Which of the expectations did not come."""
    unseen: tuple[int, ...] = ()
    """Those of which nobody can say whether they came."""


def judge(seen: Evidence) -> Judgement:
    """Whether a process did what it was to do, and if not, why, with what it printed as evidence.

    What fails where the setup that it needs has failed says nothing of its task, whatever it prints.
    """
    said = _judge(seen)
    if seen.unprepared and said.outcome in ("failed", "killed") and said.cause is None:
        return said._replace(cause=Cause("not prepared", seen.unprepared))
    return said


def _judge(seen: Evidence) -> Judgement:
    match seen.ending:
        case Listening(ports):
            return _judge_listening(seen, ports)
        case Stopped():
            return Judgement("cancelled", "stopped: the run was interrupted", cause=Cause("not reached"))
        case TimedOut(seconds):
            what = "; no port opened" if seen.is_service else ""
            return Judgement("timed-out", f"timed out after {seconds:g} s{what}", cause=Cause("time"))
        case OverMemory(limit):
            return _stopped("memory", limit)
        case OverDisk(limit):
            return _stopped("disk", limit)
        case Lost():
            return Judgement("killed", "the sandbox ended while it ran", cause=Cause("sandbox"))
        case Signalled(number):
            return _killed(with_output(_killed_by(number, seen), seen), number, seen)
        case Exited(code):
            refused = status_by_exit(seen.command, code, seen.output)
            if refused is not None:
                seen, code = seen._replace(status=refused), 0
            said = _judge_exit(seen, 0 if _is_cut_off(seen, code) else code)
            said = _judge_answer(seen, said) if said.outcome == "passed" else said
            return _judge_words(seen, said) if said.outcome == "passed" else said


def _judge_listening(seen: Evidence, ports: tuple[int, ...]) -> Judgement:
    """A service listens where words say; where that port was taken, another one says nothing of it."""
    if not seen.ports or not set(seen.ports).isdisjoint(ports):
        return Judgement("passed")
    wanted, found = (" and ".join(map(str, each)) for each in (seen.ports, ports))
    taken = port_in_use(seen.output)
    cause = Cause("service", f"port {taken}") if taken in seen.ports else None
    return Judgement("failed", f"listens on {found}, not on {wanted}", cause=cause)


def _stopped(what: str, limit: int) -> Judgement:
    reason = f"stopped: the sandbox's {what} limit of {_size(limit)} was reached"
    return Judgement("killed", reason, cause=Cause("space", what))


def _killed(reason: str, number: int, seen: Evidence, code: int | None = None) -> Judgement:
    """Ended by a signal: a program crashes by itself, but it is killed by others."""
    cause = cause_of(seen, 128 + number)
    if _signal_name(number) == "SIGKILL" and cause is None:
        cause = Cause("space", "memory") if seen.oom_kills else Cause("sandbox", "killed from outside")
    return Judgement("killed", reason, code, number, cause)


def _size(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _judge_exit(seen: Evidence, code: int) -> Judgement:
    if seen.is_service:
        ended = f"exit {code} before it listened" if code else "ended before it listened"
        return _failed(ended, seen, code)
    if seen.expect in ("fail", "empty") and code not in NOT_RUN and not _is_signal(code - 128):
        return _judge_refusal(seen, code)
    if code == 0 and seen.expect == "nonempty" and not _has_printed(seen):
        return Judgement("failed", "printed nothing, but must find something", exit=0)
    nothing = _untested(seen, code)
    if nothing is not None:
        return Judgement("failed", joined("nothing was tested", nothing), exit=code)
    if code == 0 or _takes_any(seen, code):
        return Judgement("passed", exit=code)
    if _is_signal(code - 128):
        return _killed(with_cause(_killed_by(code - 128, seen), seen, code), code - 128, seen, code)
    return _failed(f"exit {code}", seen, code)


_CUT_OFF = re.compile(r"BrokenPipeError|\bEPIPE\b|[Bb]roken pipe|[Ff]ail(?:ed|ure) writing (?:body|output)")
_SIGPIPE = 128 + 13


def _is_cut_off(seen: Evidence, code: int) -> bool:
    """What is shown was as much as was wanted (``| head``): who said it could not go on, and did not fail."""
    if not seen.pipefail or code == 0:
        return False
    return code == _SIGPIPE or _CUT_OFF.search(strip_control(seen.output)[-1000:]) is not None


_CANCELLED = re.compile(r"^\W*(?:operation |setup |installation )?(?:cancell?ed|aborted)\W*$", re.IGNORECASE)


def _judge_answer(seen: Evidence, said: Judgement) -> Judgement:
    """A command that ended well must not have been refused: by the address that it asked, or for want of an answer."""
    if _CANCELLED.match(last_line(seen.output)) and seen.expect in ("ok", "other"):
        reason = with_output("asked what nobody could answer", seen)
        return Judgement("failed", reason, exit=said.exit, cause=Cause("held", "interactive"))
    status, named = seen.status or 0, {each.text for each in seen.expectations if each.kind == "status"}
    if not seen.answer or status < seen.answer or str(status) in named:
        return said
    if status < 500 and any(text.startswith("4") for text in named):
        return said
    return Judgement("failed", f"answered with status {status}", exit=said.exit)


def _takes_any(seen: Evidence, code: int) -> bool:
    """The words except some failures, so that the exit status says nothing; a program has to have run."""
    excepts = any(each.kind == "exit" and each.text == "any" for each in seen.expectations)
    return excepts and code not in NOT_RUN and not _is_signal(code - 128) and cause_of(seen, code) is None


def _failed(what: str, seen: Evidence, code: int) -> Judgement:
    return Judgement("failed", with_cause(what, seen, code), exit=code, cause=cause_of(seen, code))


_USAGE = re.compile(
    r"^usage: |unrecognized arguments?|unexpected argument|unknown (?:option|flag|command)|invalid option"
    r"|no such option|^ERROR: (?:usage|file or directory not found)",
    re.IGNORECASE | re.MULTILINE,
)
_UNCOLLECTED = re.compile(
    r"^(?:E +)?(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError)\b.*$"
    r"|^.*(?:Test suite failed to run|Failed to load url|Cannot find module|Failed to resolve import).*$"
    r"|^FAIL\t\S+ \[(?:build|setup) failed\]$|^error: could not compile .*$|^.*: error CS\d+: .*$|^SyntaxError: .*$",
    re.MULTILINE,
)
_RAN = re.compile(
    r"\b[1-9]\d* (?:failed|passed|failing|passing)\b|^\s*--- FAIL: |^test result: |failures=[1-9]", re.MULTILINE
)


_COUNTS = re.compile(r"grep\b[^|;&]* (?:-\w*c\w*|--count)\b|\| *wc\b")
_ZEROS = re.compile(r"(?:\s*(?:[^\n]*:)?0\s*(?:\n|$))+")
"""What counts tell that found nothing, of each file or of all."""
_INSTALLED = names("node_modules .venv venv site-packages .next __pycache__")


def _is_of_installed(line: str) -> bool:
    """A line of a search that found something in what a setup or a build put there."""
    path = re.sub(r"^(?:Binary file |(?:grep|rg): )", "", line).partition(":")[0]
    return not _INSTALLED.isdisjoint(path.split("/")[:-1])


def _judge_refusal(seen: Evidence, code: int) -> Judgement:
    """A command that must fail, or must find nothing: it did run, and nobody ended it."""
    if seen.expect == "fail":
        return _judge_failure(seen, code)
    if code not in (0, 1):
        return _failed(f"exit {code}", seen, code)
    printed = [line for line in strip_control(seen.output).splitlines() if line.strip()]
    own = [line for line in printed if not _is_of_installed(line)]
    if not own:
        return Judgement("passed", "found only in what is installed" if printed else None, exit=code)
    if _COUNTS.search(seen.command) and _ZEROS.fullmatch(strip_control(seen.output)):
        return Judgement("passed", exit=code)
    found = normalize(last_line("\n".join(own)))
    return Judgement("failed", f"printed something, but must find nothing: {found}", exit=code)


def _judge_failure(seen: Evidence, code: int) -> Judgement:
    """It must fail by what it does: not because nothing of it could run."""
    if code == 0 and (seen.status or 0) >= 400:
        return Judgement("passed", exit=0)
    if code == 0:
        return Judgement("failed", "exit 0, but it must fail", exit=0)
    nothing = _untested(seen, code)
    if nothing is not None:
        return Judgement("failed", joined("must fail, but nothing was tested", nothing), exit=code)
    cause = cause_of(seen, code)
    if cause is not None:
        return Judgement("failed", with_cause("must fail, but could not run", seen, code), exit=code, cause=cause)
    printed = strip_control(seen.output)
    if any(
        each.checked
        and (each.text == str(code) if each.kind == "exit" else each.kind == "text" and each.text in printed)
        for each in seen.expectations
    ):
        return Judgement("passed", exit=code)
    if _USAGE.search(printed[-4000:]):
        return Judgement("failed", with_output("must fail, but it was called wrongly", seen), exit=code)
    uncollected = _UNCOLLECTED.search(printed)
    if uncollected and not _RAN.search(printed):
        line = normalize(uncollected.group().removeprefix("E ").strip())
        cause = Cause("module", line.partition(":")[0])
        return Judgement("failed", f"must fail, but no test could be read: {line}", exit=code, cause=cause)
    return Judgement("passed", exit=code)


def _judge_words(seen: Evidence, said: Judgement) -> Judgement:
    """A command that passed must also have printed and answered what the document plainly says."""
    if not any(each.checked for each in seen.expectations):
        return said
    from spec_runner.core.decide.expectation import Seen, is_seen, unmet

    # Compared is what was printed; quoted is only what may be shown of it.
    shown = Seen(seen.command, seen.output, said.exit, seen.status, seen.whole)
    printed = shown._replace(output=seen.compared)
    unseen = []
    for number, each in enumerate(seen.expectations):
        earlier = seen.before[len(seen.before) - each.since :] if each.since else ()
        if not each.checked:
            continue
        if len(earlier) < each.since or None in earlier or not is_seen(each, printed):
            unseen.append(number)
        elif unmet(each, _behind(printed, [part[1] for part in earlier if part])):
            reason = unmet(each, _behind(shown, [part[0] for part in earlier if part]))
            reason = reason or f"expected {each.text}, which did not come"
            return Judgement("failed", normalize(reason), exit=said.exit, unmet=number)
    return said._replace(unseen=tuple(unseen))


def _behind(seen: Seen, earlier: list[str]) -> Seen:
    """What was seen, behind what the steps before it printed."""
    return seen._replace(output="\n".join((*earlier, seen.output))) if earlier else seen


def _untested(seen: Evidence, code: int) -> str | None:
    """What says that no test was run, as far as it may be shown; None if some was."""
    if untested(seen.command, code, seen.compared) is None:
        return None
    return untested(seen.command, code, seen.output) or ""


def _has_printed(seen: Evidence) -> bool:
    return bool(strip_control(seen.output).strip())


def _killed_by(number: int, seen: Evidence) -> str:
    name = _signal_name(number)
    if name in _CRASHES:
        return f"{_CRASHES[name]} ({name})"
    if name == "SIGKILL" and seen.oom_kills:
        return "killed by the kernel: out of memory"
    return f"killed by {name}, sender unknown"


def _is_signal(number: int) -> bool:
    return number in _SIGNALS


def _signal_name(number: int) -> str:
    return _SIGNALS.get(number, f"signal {number}")

"""A terminal in a sandbox: its steps are done one after the other, each from the state that the last one left."""

from __future__ import annotations

import re
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from spec_runner.core.decide.answers import asks
from spec_runner.core.decide.once import effect_of, is_once, says_once
from spec_runner.core.decide.steps import Step
from spec_runner.core.decide.values import own_values, without_values
from spec_runner.core.plan.events import (
    Cause,
    Ending,
    Event,
    Exited,
    Listening,
    Lost,
    OutputPrinted,
    OutputSeen,
    Place,
    Signalled,
    StepFinished,
    StepResult,
    StepStarted,
    Stopped,
    TimedOut,
)
from spec_runner.core.plan.model import GUIDE, PlannedStep, SetupStep
from spec_runner.core.plan.setup import lacking
from spec_runner.core.result.cause import Evidence, port_in_use
from spec_runner.core.result.judge import judge
from spec_runner.core.result.masking import Secrets
from spec_runner.core.result.normalize import normalize
from spec_runner.core.result.verdicts import INTERRUPTED
from spec_runner.core.text.printable import strip_control
from spec_runner.system.env import Values, missing_values, with_values
from spec_runner.system.process import ports, procfs
from spec_runner.system.process.heard import Both, EveryLine, LatestLine
from spec_runner.system.process.limits import Watch
from spec_runner.system.process.prepared import Left
from spec_runner.system.process.process import GRACE, Capture, Hearing, Process
from spec_runner.system.process.shell import Shell, Started, State
from spec_runner.system.sandbox.sandbox import Sandbox

if TYPE_CHECKING:
    from spec_runner.system.process.services import Answer

_TAIL = 4000
"""Characters of output that a step's result keeps."""
_LONGEST_LINE = 4096
_PROBE_SECONDS = 10.0
"""How long an address is asked again while its service may still be coming up."""
_SERVICE_AFTER = 10.0
"""Seconds that an ordinary command must have listened, the last half of them in silence, to be taken for a service."""
_NEVER_SERVICES = re.compile(
    r"\b(?:\w*tests?|pytest|e2e|spec|check|lint|build|install|bench\w*|pip|git|curl|wget)\b", re.IGNORECASE
)
_INTERRUPTED = StepResult("cancelled", INTERRUPTED, cause=Cause("not reached"))


class LiveProcesses:
    """The processes that run now, so that an interruption reaches them all."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._processes: list[Process] = []
        self._asked: SimpleQueue[int] = SimpleQueue()
        # It waits from the beginning: a signal handler must not start threads.
        threading.Thread(target=self._stop_all, name="stop", daemon=True).start()

    def add(self, process: Process) -> None:
        """Watch over a process; one that was started too late is ended."""
        with self._lock:
            self._processes = [each for each in self._processes if each.returncode is None]
            self._processes.append(process)
        if self.stopping.is_set():
            process.kill()

    def interrupt(self, signal: int) -> None:
        """Ask every process to stop, then insist; the second time at once. Safe in a signal handler."""
        self._asked.put(signal)
        self.stopping.set()

    def _stop_all(self) -> None:
        """Ask, wait, insist; who asks a second time does not want to wait."""
        number = self._asked.get()
        for process in list(self._processes):
            process.signal_group(number)
        with suppress(Empty):
            self._asked.get(timeout=GRACE)
        for process in list(self._processes):
            if process.returncode is None:
                process.kill()


@dataclass(slots=True)
class Service:
    """A command that goes on running, and what is needed to start it again."""

    started: Started
    planned: PlannedStep
    cwd: Path
    name: str
    """The task that started it, or the line of the guide."""

    @property
    def has_ended(self) -> bool:
        return self.started.process.returncode is not None


@dataclass(slots=True)
class Session:
    """A sandbox in use: its shell, the services in it, and what the steps may and must know."""

    sandbox: Sandbox
    shell: Shell
    values: Values
    secrets: Secrets
    processes: LiveProcesses
    emit: Callable[[Event], None]
    watch: Watch
    room: threading.Semaphore | None = None
    """For how many pieces of output that are to be shown as they come; None where that is not asked for."""
    services: list[Service] = field(default_factory=list)
    brings: Callable[[str], bool] = lambda name: False
    """Whether the repository has code of this name."""
    declared: frozenset[str] | None = None
    """The packages that the repository's manifests name; None where nobody has looked."""
    lacking: Cause | None = None
    """What this machine lacked for an earlier step: an address may answer otherwise for want of it."""
    unprepared: dict[str, str] = field(default_factory=dict)
    """What the setup did not make ready, by ecosystem → the command that failed."""

    def hearing(self, place: Place) -> Hearing:
        """Who tells what a step prints while it does."""
        latest = LatestLine(lambda line: self.emit(OutputSeen(place, self.said(strip_control(line))[-_LONGEST_LINE:])))
        if self.room is None:
            return latest
        return Both(latest, EveryLine(lambda text: self._show(place, text), self.secrets))

    def _show(self, place: Place, text: str) -> None:
        """Tell lines; where they come quicker than they are shown, who prints them waits."""
        while self.room and not self.processes.stopping.is_set():
            if self.room.acquire(timeout=0.1):
                self.emit(OutputPrinted(place, tuple(self.sandbox.shown(text).split("\n"))))
                return

    def close(self) -> str | None:
        """End and remove the sandbox; the folder if some of it could not be removed."""
        self.watch.stop()
        return self.sandbox.close()

    def said(self, text: str) -> str:
        """A text as it may be kept and shown: no secret, no place that changes from run to run."""
        return self.sandbox.shown(self.secrets.mask(text))

    def printed(self, capture: Capture) -> str:
        """What a process printed, as it may be kept and shown."""
        # Control sequences go first: they may part a secret. Masked is before anything is cut, shortened or steadied.
        head, gap, tail = map(strip_control, capture.parts)
        return self.sandbox.shown(self.secrets.mask_cut(head, gap, tail) if gap else self.secrets.mask(head))


class Terminal:
    """Does steps in a session, starting from a state."""

    def __init__(self, session: Session, state: State, name: str) -> None:
        self._session = session
        self.state = state
        self._name = name
        self._printed: dict[tuple[int | None, int], tuple[str, str]] = {}
        """What the commands of a task or of a block of the guide printed, as it may be shown and as it was."""

    def prepare(self, step: SetupStep, timeout: float) -> StepResult:
        """Run one command of the setup; what it leaves is there for the next one."""
        began = time.monotonic()
        where = self._session.sandbox.root / step.cwd
        if not self._session.sandbox.inside.is_folder(where):
            return StepResult("not-started", f"the directory {step.cwd} does not exist")
        planned = PlannedStep(Step("command", step.command, 0), "run", step.cwd, timeout)
        kills, mute = procfs.oom_kills(), LatestLine(lambda line: None)
        started = self._session.shell.start(step.command, self.state, mute, cwd=where)
        self._session.processes.add(started.process)
        ended = self._wait(started.process, planned)
        if not isinstance(ended, Listening):
            self.state = replace(started.state(), cwd=self.state.cwd)
        return self._judged(planned, started, ended, kills)._replace(seconds=time.monotonic() - began)

    def take(self, left: Left, folder: Path) -> State:
        """Start from what the setup of another sandbox left; what differs here is as this one has it."""
        shell, own = self._session.shell, self._session.sandbox.environment
        taken = shell.take(left.state, folder / "scratch") if left.state else None
        if taken is None:
            return self.state
        other = {name: value for name, value in own.items() if left.environment.get(name) != value}
        if other:
            words = " ".join(shlex.quote(f"{name}={value}") for name, value in sorted(other.items()))
            started = shell.start(f"export {words}", taken, LatestLine(lambda line: None))
            started.process.wait(_PROBE_SECONDS)
            taken = started.state()
        return taken

    def do(self, place: Place, planned: PlannedStep, *, keeps_cwd: bool) -> StepResult:
        """Do one step and say how it ended; the next one starts in the directory it ended in if it ``keeps_cwd``."""
        self._session.emit(StepStarted(place, planned.cwd or self._session.said(str(self.state.cwd))))
        began = time.monotonic()
        try:
            result = _INTERRUPTED if self._session.processes.stopping.is_set() else self._do(place, planned, keeps_cwd)
        except OSError as error:
            named = f": {error.filename}" if error.filename else ""
            reason = self._session.said(f"{error.strerror}{named}")
            result = StepResult("not-started", reason, cause=Cause("sandbox"))
        result = self._excused(planned, result)._replace(seconds=time.monotonic() - began)
        self._session.emit(StepFinished(place, result))
        return result

    def _excused(self, planned: PlannedStep, result: StepResult) -> StepResult:
        """An answer says nothing where something that may be behind it could not be made ready here."""
        session, step = self._session, planned.step
        if result.cause is not None and result.cause.kind not in ("not reached", "once", "directory"):
            from spec_runner.core.plan.needed import step_only_looks

            if session.lacking is None and not step_only_looks(planned):
                session.lacking = result.cause
        elif result.outcome == "failed" and session.lacking and (step.kind == "url" or asks(step.command)):
            return result._replace(cause=session.lacking)
        return result

    def _do(self, place: Place, planned: PlannedStep, keeps_cwd: bool) -> StepResult:
        if planned.step.kind == "url":
            return self._probe(planned)
        where = self._where(planned)
        if not self._session.sandbox.inside.is_folder(where):
            shown = self._session.said(str(where))
            return StepResult("not-started", f"the directory {shown} does not exist")
        if planned.step.kind in ("env", "file"):
            return self._write(planned, where)
        return self._command(place, planned, where, keeps_cwd)

    def _where(self, planned: PlannedStep) -> Path:
        if planned.cwd is None or (planned.step.cwd is None and not planned.returns):
            return self.state.cwd
        return self._session.sandbox.root / planned.cwd

    # Commands and services.

    def _command(self, place: Place, planned: PlannedStep, where: Path, keeps_cwd: bool) -> StepResult:
        command, kills = planned.step.command, procfs.oom_kills()
        values = {key: found[0] for key in planned.step.keys if (found := self._session.values.find(key))}
        hears = asks(command)
        started = self._session.shell.start(
            without_values(command, values) if values else command, self.state, self._session.hearing(place),
            cwd=where, pipefail=planned.pipefail, hears_curl=hears, variables=values,
        )  # fmt: skip
        self._session.processes.add(started.process)
        ended = self._wait(started.process, planned)
        if isinstance(ended, Listening):
            started.process.is_service = True
            name = f"{GUIDE}:{planned.step.line}" if place.block else self._name
            self._session.services.append(Service(started, planned, where, name))
        else:
            left = started.state()
            self.state = left if keeps_cwd else replace(left, cwd=self.state.cwd)
        before = tuple(self._printed.get((place.block, number)) for number in range(place.step))
        result = self._judged(planned, started, ended, kills, before)
        if result.outcome == "passed":
            shown, whole = self._session.printed(started.process.capture), started.process.capture.is_whole
            compared = self._session.sandbox.shown(strip_control(started.process.capture.text))
            self._printed.update({(place.block, place.step): (shown, compared)} if whole else {})
        return self._done_once(planned, where, result)

    def _done_once(self, planned: PlannedStep, where: Path, result: StepResult) -> StepResult:
        """How a step ended that cannot be repeated: what it left behind tells, where it can be seen."""
        command, is_held = planned.step.command, result.cause is not None and result.cause.kind == "held"
        if result.outcome != "failed" or not (result.cause is None or is_held):
            return result
        if planned.places:
            several = ", ".join(planned.places[:4])
            reason = f"nothing says in which directory ({several} have {planned.wanted}); {result.reason}"
            return result._replace(reason=reason, cause=Cause("directory"))
        if planned.once:
            reason = f"so only before what is ticked after it ({result.reason})"
            return result._replace(reason=reason, cause=Cause("once"))
        if not is_once(command) or not says_once(result.output):
            return result
        effect, has = effect_of(command), self._session.sandbox.has
        if (
            effect
            and all(has(where / path) for path in effect.there)
            and not any(has(where / path) for path in effect.gone)
        ):
            return result._replace(outcome="passed", reason=str(effect), cause=None)
        return result._replace(cause=Cause("once"))

    def _wait(self, process: Process, planned: PlannedStep) -> Ending:
        if planned.step.kind == "service":
            ports = planned.step.ports
            ended = _wait_until_answering(self._session.sandbox, process, planned.timeout, ports)
        else:
            ended = _wait_for_command(self._session.sandbox, process, planned)
        if isinstance(ended, TimedOut):
            process.stop()
        if process.over and not isinstance(ended, Listening):
            return process.over
        if process.is_lost:
            return Lost()
        if self._session.processes.stopping.is_set() and not isinstance(ended, Listening):
            return Stopped()
        return ended

    def _judged(
        self, planned: PlannedStep, started: Started, ended: Ending, kills: int,
        before: tuple[tuple[str, str] | None, ...] = (),
    ) -> StepResult:  # fmt: skip
        step, capture, sandbox = planned.step, started.process.capture, self._session.sandbox
        output = self._session.printed(capture)
        taken = None if isinstance(ended, Listening) else port_in_use(output)
        holder = ports.holder(taken) if taken and not sandbox.has_own_network else None
        seen = Evidence(step.command, ended, output, step.expect, step.kind == "service", holder)
        seen = seen._replace(printed=sandbox.shown(strip_control(capture.text)), whole=capture.is_whole)
        seen = seen._replace(pipefail=planned.pipefail, answer=step.answer, before=before)
        seen = seen._replace(expectations=step.expectations)
        if asks(step.command):
            seen = seen._replace(status=started.answered())
        killed = procfs.oom_kills() - kills if isinstance(ended, (Exited, Signalled)) else 0
        seen = seen._replace(brings=self._session.brings, has_services=bool(self._session.services))
        seen = seen._replace(
            declared=self._session.declared, unprepared=lacking(step.command, self._session.unprepared)
        )
        said = judge(seen._replace(ports=step.ports, level=sandbox.level, network=sandbox.network, oom_kills=killed))
        opened = ended.ports if isinstance(ended, Listening) else ()
        reason = None if said.reason is None else self._session.secrets.mask(said.reason)
        return StepResult(
            said.outcome, reason, said.exit, said.signal,
            output=output[-_TAIL:], ports=opened, cause=said.cause, unmet=said.unmet, unseen=said.unseen,
        )  # fmt: skip

    # Files.

    def _write(self, planned: PlannedStep, where: Path) -> StepResult:
        """Write a file that the document gives; the sandbox lets none be written outside the work tree."""
        path = where / planned.step.command
        if planned.step.kind == "file":
            self._session.sandbox.write(path, planned.step.content.encode())
            return StepResult("passed")
        return self._write_env(planned, path)

    def _write_env(self, planned: PlannedStep, path: Path) -> StepResult:
        own, values = own_values(planned.step.content), self._session.values
        needed = [key for key in planned.step.keys if key not in own]
        missing = missing_values(needed, values)
        if missing:
            # Values are not in a repository: without them nothing has been said about the task.
            return StepResult("failed", missing, cause=Cause("value", ", ".join(needed[:3])))
        used = {key: found[0] for key in needed if (found := values.find(key))}
        before = self._session.sandbox.read(path) or b""
        self._session.sandbox.write(path, with_values(before, own, used), mode=0o600)
        return StepResult("passed")

    # Addresses.

    def _probe(self, planned: PlannedStep) -> StepResult:
        from spec_runner.system.process.services import probe

        def is_over() -> bool:
            has_ended = any(service.has_ended for service in self._session.services)
            return has_ended or self._session.processes.stopping.is_set()

        expect, told = planned.step.expect, planned.step.expectations
        seconds = min(_PROBE_SECONDS, planned.timeout)

        def is_expected(answer: Answer) -> bool:
            return _is_expected(answer.status, expect) and _unmet_by(answer, planned.step)[0] is None

        answer = probe(self._session.sandbox, planned.step.command, is_expected, seconds, is_over, reads=bool(told))
        if _is_expected(answer.status, expect):
            unmet, reason, unseen = _unmet_by(answer, planned.step)
            output = self._session.said(strip_control(f"HTTP {answer.status}\n{answer.body[:_TAIL]}".strip()))
            if unmet is None:
                return StepResult("passed", output=output, unseen=unseen)
            return StepResult("failed", self._session.said(normalize(reason)), output=output, unmet=unmet)
        if self._session.processes.stopping.is_set():
            return _INTERRUPTED
        nobody = answer.status is None and not self._session.services
        cause = Cause("service", _listener(planned.step.command)) if nobody else None
        return StepResult("failed", self._session.said(self._no_answer(planned, answer)), cause=cause)

    def _no_answer(self, planned: PlannedStep, answer: Answer) -> str:
        expect = planned.step.expect
        wanted = expect if expect.isdigit() else "below 500" if expect == "reachable" else "2xx or 3xx"
        said = answer.problem if answer.status is None else f"HTTP {answer.status}, expected {wanted}"
        ended = [service.name for service in self._session.services if service.has_ended]
        return f"{planned.step.command}: {said}" + "".join(f"; the service of {name} has ended" for name in ended)


def _listener(address: str) -> str:
    return address.partition("://")[2].partition("/")[0]


def _unmet_by(answer: Answer, step: Step) -> tuple[int | None, str, tuple[int, ...]]:
    """Which of the expectations of an address its answer does not meet, and why; and those that nobody can tell."""
    from spec_runner.core.decide.expectation import Seen, unmet

    seen, unseen = Seen(step.command, answer.body, status=answer.status), []
    for number, each in enumerate(step.expectations):
        reason = unmet(each, seen) if each.checked else None
        if reason and each.kind == "text" and answer.is_page:
            unseen.append(number)
        elif reason:
            return number, reason, tuple(unseen)
    return None, "", tuple(unseen)


def _is_expected(status: int | None, expect: str) -> bool:
    if status is None:
        return False
    if expect.isdigit():
        return status == int(expect)
    return status < 500 if expect == "reachable" else 200 <= status < 400


def _wait_for_command(sandbox: Sandbox, process: Process, planned: PlannedStep) -> Ending:
    """Wait for a command to end; one that goes on running and listens is a service, whatever its name."""
    deadline = time.monotonic() + planned.timeout
    if not _NEVER_SERVICES.search(planned.step.command):
        listening = 0.0
        while not process.wait(min(0.5, deadline - time.monotonic())) and time.monotonic() < deadline:
            listening = listening + 0.5 if sandbox.inside.ports(process) else 0.0
            if listening >= _SERVICE_AFTER and process.silence >= _SERVICE_AFTER / 2:
                return _wait_until_answering(sandbox, process, deadline - time.monotonic())
    if not process.wait(deadline - time.monotonic()):
        return TimedOut(planned.timeout)
    code = process.returncode or 0
    return Exited(code) if code >= 0 else Signalled(-code)


def _wait_until_answering(sandbox: Sandbox, process: Process, timeout: float, ports: tuple[int, ...] = ()) -> Ending:
    # What needs httpx is imported by the first service or probe, not by every run.
    from spec_runner.system.process.services import wait_until_answering

    return wait_until_answering(sandbox, process, timeout, ports)

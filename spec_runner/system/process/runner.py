"""Plan → events: sandboxes are opened, tasks are run by workers, and everything that happens goes on one queue."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from spec_runner.core.decide.claims import claims_of
from spec_runner.core.plan.events import (
    Cause,
    Event,
    Interrupted,
    Listening,
    OutputPrinted,
    Place,
    SetupFinished,
    SetupStarted,
    SpecAbandoned,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepResult,
    StepStarted,
    TaskFinished,
    TimePassed,
    Warned,
)
from spec_runner.core.plan.guide_run import GuideRun
from spec_runner.core.plan.model import GUIDE, Plan, PlannedStep, PlannedTask, Setup
from spec_runner.core.plan.setup import setup_digest
from spec_runner.core.result.masking import Secrets
from spec_runner.core.result.verdicts import INTERRUPTED, Tally, end_of_guide, judge_task, tally
from spec_runner.errors import NO_MORE_PROCESSES, SpecError, is_process_limit
from spec_runner.system.env import Values
from spec_runner.system.process.limits import Limits, Watch
from spec_runner.system.process.prepared import Ground, Grounds, Left
from spec_runner.system.process.shell import Shell, State
from spec_runner.system.process.terminal import LiveProcesses, Session, Terminal
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from spec_runner.system.worktree.copies import Content, CopyStoppedError

_SETUP_SECONDS = 900.0
"""What a command of the setup may take at least: it fetches what everything else needs."""
QUIET = 2.0
"""Seconds in which nothing happens before that is an event."""
_WAITING = 8
"""Pieces of output that wait to be shown, each of 64 KB at most; then who prints them waits."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a spec runs with, gathered before the run."""

    layout: Layout
    values: Values
    limits: Limits
    brings: Callable[[str], bool] = lambda name: False
    """Whether the repository has code of this name."""


class Runner:
    """Runs the tasks that it is told to start, each in a thread of its own; ``next_event`` gives what happened."""

    def __init__(
        self,
        plan: Plan,
        processes: LiveProcesses,
        settings: Mapping[int, Setting],
        when_idle: Callable[[], None] = lambda: None,
        *,
        streams: bool = False,
        grounds: Path | None = None,
    ) -> None:
        """``when_idle`` is called, by the one who waits for events, when none has come for a while.

        With ``streams`` everything that is printed becomes an event. ``grounds`` is where several runners of one run
        share what their setups leave.
        """
        self._room = threading.Semaphore(_WAITING) if streams else None
        self._plan, self._living, self._settings = plan, processes, settings
        self._specs, self._tasks = plan.specs, plan.by_key()
        self._when_idle = when_idle
        self._queue: SimpleQueue[Event] = SimpleQueue()
        self._session: Session | None = None
        self._state: State | None = None
        self._grounds = Grounds(grounds)
        self._prepared_here: set[tuple[int, bool]] = set()
        """The specs whose setup ran, each with whether it is the guide's."""
        self._tallies: dict[tuple[int, str], Tally] = {}
        """How the steps of the guide went, for each task that asked for it."""

    def next_event(self) -> Event:
        """The next thing that happened; waits for it, and says after a while that nothing has."""
        until = time.monotonic() + QUIET
        while True:
            # A signal that comes just before the wait does not end it: only a thread that wakes hears its signals.
            with suppress(Empty):
                event = self._queue.get(timeout=0.2)
                if not (self._room and isinstance(event, OutputPrinted)):
                    return event
                self._room.release()
                if not self._living.stopping.is_set():
                    return event
            self._when_idle()
            if time.monotonic() > until:
                return TimePassed()

    def open(self, spec: int) -> None:
        """Make the sandbox of a spec; SpecStarted says that it is ready."""
        self._in_thread(f"open-{spec}", lambda: self._open(spec))

    def start(self, spec: int, key: str, *, alone: bool) -> None:
        """Start a task; TaskFinished says that it is over. One that is not alone leaves its state to nobody."""
        self._in_thread(f"task-{key}", lambda: self._run(spec, key, alone))

    def close(self, spec: int) -> None:
        """Stop the services of a spec and remove its sandbox; SpecFinished says that it is done."""
        self._in_thread(f"close-{spec}", lambda: self._close(spec))

    def interrupt(self, number: int) -> None:
        """Stop everything that runs; Interrupted says so. Safe in a signal handler."""
        # Said before it is done: what ends because of it must not be taken for an end of its own.
        self._queue.put(Interrupted(number))
        self._living.interrupt(number)

    def _in_thread(self, name: str, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _open(self, spec: int) -> None:
        try:
            self._open_ready(spec)
        except CopyStoppedError:
            self._queue.put(SpecAbandoned(spec, "interrupted while the work tree was made"))
        except Exception as error:  # Whatever it is, the one who drives the run waits for an answer.
            said = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
            self._queue.put(SpecAbandoned(spec, f"the run could not be set up: {said}"))
        else:
            assert self._session is not None, "it was opened"
            self._queue.put(SpecStarted(spec, self._session.sandbox.tree, self._session.sandbox.edition))

    def _open_ready(self, spec: int) -> None:
        """Make the sandbox of a spec, on a ground where it can stand on one, and make it ready."""
        setting = self._settings[spec]
        ground = self._ground(spec, setting, guide=False)
        session = self._session = self._new_session(setting, ground)
        start = self._specs[spec].start
        state = (start and session.shell.state_called(start)) or State(session.sandbox.root)
        for warning in (*session.sandbox.warnings, *_unmasked_warnings(session.values)):
            self._queue.put(Warned(spec, warning))
        self._state = self._prepared(spec, session, state, ground, guide=False)

    def _ground(self, spec: int, setting: Setting, *, guide: bool) -> Ground | None:
        """What the setup of a spec leaves, made if nobody has made it yet; None where it is done in its own tree."""
        planned = self._specs[spec]
        setup = planned.guide_setup if guide else planned.setup
        if setup is None:
            return None

        def make(folder: Path, commit: str) -> Left | None:
            self._prepared_here.add((spec, guide))
            layout = setting.layout._replace(base=folder)
            session = self._new_session(replace(setting, layout=layout))
            try:
                for warning in session.sandbox.warnings:
                    self._queue.put(Warned(spec, warning))
                state = self._prepared(spec, session, State(session.sandbox.root), None, guide=guide)
                left = Left(session.shell.name_of(state), commit, session.sandbox.environment, session.unprepared)
            finally:
                session.close()
            return None if self._living.stopping.is_set() else left

        return self._grounds.of(setting.layout, setup, make)

    def _prepared(self, spec: int, session: Session, state: State, ground: Ground | None, *, guide: bool) -> State:
        """The state that the setup leaves; what it has done in a work tree that is kept is not done again."""
        planned = self._specs[spec]
        setup = planned.guide_setup if guide else planned.setup
        if setup is None:
            return state
        session.declared = setup.declared or None
        if ground:
            session.unprepared.update(ground.left.unprepared)
            self._tell_done(spec, setup, ground.left, guide=guide)
            return Terminal(session, state, "setup").take(ground.left, ground.folder)
        noted = session.shell.noted(setup_digest(setup))
        if noted is not None:
            return noted if planned.start is None else state
        terminal = Terminal(session, state, "setup")
        for number, step in enumerate(setup.steps):
            if self._living.stopping.is_set():
                break
            self._queue.put(SetupStarted(spec, number, guide))
            result = terminal.prepare(step, max(_SETUP_SECONDS, self._timeout(spec)))
            if result.outcome != "passed":
                session.unprepared[step.ecosystem] = step.command
            self._queue.put(SetupFinished(spec, number, result, guide))
        if setup.steps and not session.unprepared:
            session.shell.note(setup_digest(setup), terminal.state)
        return terminal.state

    def _tell_done(self, spec: int, setup: Setup, left: Left, *, guide: bool) -> None:
        """Tell what the setup came to, where its commands did not run for this spec."""
        if (spec, guide) in self._prepared_here:
            return
        for number, step in enumerate(setup.steps):
            failed = step.command in left.unprepared.values()
            self._queue.put(SetupStarted(spec, number, guide))
            reason = "as before in this run" if failed else f"done before at commit {left.commit[:12]}"
            self._queue.put(SetupFinished(spec, number, StepResult("failed" if failed else "passed", reason), guide))

    def _timeout(self, spec: int) -> float:
        return max((step.timeout for step in self._specs[spec].steps), default=0.0)

    def _new_session(self, setting: Setting, ground: Ground | None = None) -> Session:
        sandbox = Sandbox(setting.layout._replace(ground=ground.folder if ground else None))
        try:
            secrets = Secrets(setting.values.secrets)
            watch = Watch(sandbox, setting.limits)
            return Session(
                sandbox, Shell(sandbox), setting.values, secrets, self._living, self._queue.put, watch, self._room,
                brings=setting.brings,
            )  # fmt: skip
        except BaseException:
            sandbox.close()
            raise

    def abandon(self) -> None:
        """End everything at once and remove the sandbox: the way out when nobody follows the run any more."""
        self._living.interrupt(signal.SIGTERM)
        session, self._session = self._session, None
        if session:
            session.close()
        self._grounds.close()

    def _close(self, spec: int) -> None:
        session, self._session = self._session, None
        try:
            left = session.close() if session else None
            if left:
                self._queue.put(Warned(spec, f"{left} could not be removed"))
        except Exception as error:  # Whatever it is, the one who drives the run waits for an answer.
            self._queue.put(Warned(spec, f"the work tree could not be removed: {error}"))
        finally:
            self._queue.put(SpecFinished(spec))

    def _run(self, spec: int, key: str, alone: bool) -> None:
        began = time.monotonic()
        try:
            session, state = self._session, self._state
            assert session is not None and state is not None, "a task is started only in an open sandbox"
            ended, is_partial = self._run_task(session, state, spec, key, alone)
            left = session.shell.name_of(self._state) if alone and self._state and ended.outcome == "passed" else None
        except Exception as error:  # A fault of ours must not leave the run waiting for this task.
            is_limit, seconds = is_process_limit(error), time.monotonic() - began
            reason = NO_MORE_PROCESSES if is_limit else f"fault of spec-run: {type(error).__name__}: {error}"
            cause = Cause("space", "processes") if is_limit else None
            self._queue.put(TaskFinished(spec, key, "not-started", reason, seconds, fault=not is_limit, cause=cause))
        else:
            seconds = time.monotonic() - began
            self._queue.put(
                TaskFinished(
                    spec, key, ended.outcome, ended.reason, seconds,
                    state=left, cause=ended.cause, is_partial=is_partial,
                )
            )  # fmt: skip

    def _run_task(self, session: Session, state: State, spec: int, key: str, alone: bool) -> tuple[StepResult, bool]:
        """How a task ended, and whether nothing failed and yet not all that its words say was seen."""
        planned = self._tasks[spec].get(key)
        if planned is None:
            result = self._run_guide(session, spec, key, state)
            return result, result.outcome == "passed" and not self._tallies[spec, key].is_whole
        terminal, results = Terminal(session, state, key), dict[int, StepResult]()
        for number, step in enumerate(planned.steps):
            place = Place(spec, key, number)
            if step.step.kind == "quickstart":
                result = self._validate_guide(session, place, planned)
            else:
                result = terminal.do(place, step, keeps_cwd=step.step.moves)
            results[number] = result
            if result.outcome != "passed":
                return result, False
        if alone:
            self._state = terminal.state
        claims = claims_of([each.step for each in planned.steps], planned.task.title)
        judged = judge_task(planned, claims, results, self._tallies.get((spec, key)))
        return StepResult("passed", judged.reason), judged.verdict != "proven"

    def _validate_guide(self, session: Session, place: Place, planned: PlannedTask) -> StepResult:
        """Run the guide in a fresh sandbox, while the services around it are away; they are there again afterwards."""
        self._queue.put(StepStarted(place, "."))
        began = time.monotonic()
        if self._specs[place.spec].read.guide is None:
            result = StepResult("not-started", f"there is no {GUIDE} beside the tasks")
        else:
            for service in session.services:
                service.started.process.stop()
            result = self._run_guide_afresh(place)
            if self._has_more_to_do(place.spec, planned) and not self._living.stopping.is_set():
                again = self._start_again(session, place)
                result = again if again and result.outcome == "passed" else result
        result = result._replace(seconds=time.monotonic() - began)
        self._queue.put(StepFinished(place, result))
        return result

    def _run_guide_afresh(self, place: Place) -> StepResult:
        try:
            setting = self._settings[place.spec]
            # A guide starts from what its readers have: the files that Git knows.
            content: Content = "commit" if setting.layout.content == "commit" else "tracked"
            layout = setting.layout._replace(content=content, keeping=None, in_place=False)
            setting = replace(setting, layout=layout)
            ground = self._ground(place.spec, setting, guide=True)
            inner = self._new_session(setting, ground)
        except CopyStoppedError:
            return StepResult("cancelled", INTERRUPTED)
        except (OSError, SpecError) as error:
            reason = f"the work tree of the guide could not be made: {error}"
            return StepResult("not-started", reason, cause=Cause("sandbox"))
        try:
            state = self._prepared(place.spec, inner, State(inner.sandbox.root), ground, guide=True)
            return self._run_guide(inner, place.spec, place.task, state)
        finally:
            inner.close()

    def _has_more_to_do(self, spec: int, planned: PlannedTask) -> bool:
        """A task after this one would run, and may stand on a service."""
        tasks = self._specs[spec].tasks
        return any(task.action == "run" for task in tasks[tasks.index(planned) + 1 :])

    def _start_again(self, session: Session, place: Place) -> StepResult | None:
        from spec_runner.system.process.services import wait_until_answering

        for service in session.services:
            command, before = service.planned.step.command, service.started.before
            service.started = session.shell.start(command, before, session.hearing(place), cwd=service.cwd)
            service.started.process.is_service = True
            self._living.add(service.started.process)
            ended = wait_until_answering(session.sandbox, service.started.process, service.planned.timeout)
            if not isinstance(ended, Listening):
                return StepResult("failed", f"the service of {service.name} did not come back after the guide")
        return None

    def _run_guide(self, session: Session, spec: int, key: str, start: State) -> StepResult:
        """The guide's blocks that are to be run, in order, each in the terminal that it is typed in.

        What does not need a step that did not pass goes on.
        """
        guide = self._specs[spec].read.guide
        from_root = guide is not None and guide.cwd == "root"
        following = GuideRun(lambda name: shutil.which(name) is not None, starts_at_root=from_root)
        terminals: dict[int, Terminal] = {}
        seen: list[tuple[PlannedStep, StepResult | None]] = []
        for block in self._specs[spec].blocks:
            following.start_block()
            for terminal in terminals.values() if from_root else ():
                terminal.state = replace(terminal.state, cwd=session.sandbox.root)
            for number, step in enumerate(block.steps):
                result = None
                if step.action == "run":
                    fresh = Terminal(session, start, key)
                    terminal = terminals.setdefault(step.step.terminal, fresh)
                    place = Place(spec, key, number, block.block.line)
                    result = self._guide_step(place, terminal, step, following)
                seen.append((step, result))
        self._tallies[spec, key] = tally(seen)
        return end_of_guide(seen, self._specs[spec].read.guide_name)

    def _guide_step(self, place: Place, terminal: Terminal, step: PlannedStep, following: GuideRun) -> StepResult:
        kept = following.kept_by(step)
        if kept is not None:
            self._queue.put(StepFinished(place, kept))
            return kept
        result = terminal.do(place, step, keeps_cwd=True)
        following.hear(step.step, result)
        return result


def _unmasked_warnings(values: Values) -> Iterator[str]:
    if values.unmasked:
        yield f"too short or too common to be masked where it is printed: the value of {', '.join(values.unmasked)}"

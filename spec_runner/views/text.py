"""The plan and the run as lines of plain text, for pipes, logs and dumb terminals; the terminal's view adds colour."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator
from typing import TextIO, TypeAlias

from spec_runner.core.plan.events import (
    Event,
    Interrupted,
    OutputPrinted,
    Place,
    SetupFinished,
    SetupStarted,
    SpecAbandoned,
    SpecStarted,
    StepFinished,
    StepStarted,
    TaskCancelled,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import (
    GUIDE,
    Plan,
    PlannedBlock,
    PlannedSpec,
    PlannedStep,
    PlannedTask,
    SetupStep,
    reasons,
    step_at,
)
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import exact, typed
from spec_runner.core.text.printable import visible as visible
from spec_runner.errors import SpecError, said

Line: TypeAlias = "tuple[str, str]"
"""A line and its role: ``title``, ``phase``, ``passed``, ``failed``, ``held``, ``faint``, nothing; ``code 26``: from
that column on it is a command."""

EndLines: TypeAlias = "Callable[[Summary, int], Iterator[Line]]"
"""Makes the lines that are shown when all is over."""

_LAST_LINES = 12
_LEVELS = {"plain": "plain (a copy of the repository; no isolation)"}
_MISSING = "no value: --env NAME or --env-file FILE gives it"
_NETWORKS = {
    "host": "host (all that you can reach, and this machine's own services)",
    "registries": "registries (package registries and Git hosts, nothing else)",
    "none": "none (nothing outside the sandbox)",
}


def sandbox_line(plan: Plan) -> str:
    """How far the commands are kept from the machine, and whom they can reach."""
    return f"sandbox {_LEVELS.get(plan.level, plan.level)}, network {_NETWORKS.get(plan.network, plan.network)}"


def document_path(spec: PlannedSpec, name: str) -> str:
    """A document of a spec as the user would type it."""
    path = spec.read.path
    folder = path.rpartition("/")[0] if path.endswith((".md", ".markdown")) else path.rstrip("/")
    return f"{folder}/{name}" if folder else name


def took(seconds: float) -> str:
    """A duration as people read it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


class Lines:
    """Writes lines to a stream that may not know every letter, or may be gone."""

    def __init__(self, stream: TextIO, *, is_result: bool = False) -> None:
        """``is_result``: what is written is what was asked for, not only progress."""
        self._stream: TextIO | None = stream
        self._is_result = is_result
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, line: str, role: str = "") -> None:
        """Write one line, whatever its role; letters that the stream's encoding lacks become others.

        Raises SpecError where a result cannot be written.
        """
        if self._stream is None:
            return
        try:
            self._print(encodable(line, self._encoding), role)
            self._stream.flush()
        except (OSError, ValueError) as error:
            # Who reads may stop reading, or the terminal may be gone; what runs goes on.
            silence(self._stream)
            self._stream = None
            if self._is_result:
                refuse_lost(error)

    def _print(self, line: str, role: str) -> None:
        if self._stream is not None:
            self._stream.write(line + "\n")


_ASCII = str.maketrans({"…": "...", "·": "-", "→": "->", "⏎": "\\n", "•": "*", "—": "-", "–": "-", "│": "|", "←": "<-"})


def encodable(line: str, encoding: str) -> str:
    """The line in letters that the encoding has."""
    try:
        line.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return line.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return line


def silence(stream: TextIO) -> None:
    """Let what is still written to a stream that nobody reads vanish, also at the end of the program."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def refuse_lost(error: Exception) -> None:
    """Raises SpecError for a result that could not be written, unless who reads it has seen enough."""
    if isinstance(error, OSError) and error.errno not in (errno.EPIPE, errno.ECONNRESET):
        what = f"cannot write the result ({said(error)})"
        raise SpecError(what, todo="check where stdout goes") from None


class PlanText:
    """A dry run for people: what would happen, in order, and what would not and why."""

    def __init__(self, plan: Plan, out: Lines, *, verbose: bool = False) -> None:
        self._plan, self._out, self._verbose = plan, out, verbose
        self._standing: str | None = "."
        """The directory that was shown last: only another one is worth a line."""
        self._services: set[str] = set()

    def hear(self, event: Event) -> None:
        """A plan is known before anything happens."""

    def finish(self, summary: Summary, code: int) -> None:
        """Print the plan of every spec."""
        if self._plan.specs and all(spec.error is not None for spec in self._plan.specs):
            return
        self._out.write(sandbox_line(self._plan), "faint")
        if self._plan.missing:
            self._out.write(f"no isolation: {visible(self._plan.missing)}", "held")
        for spec in self._plan.specs:
            if spec.error is None:
                for line, role in self._spec(spec):
                    self._out.write(line, role)

    def _spec(self, spec: PlannedSpec) -> Iterator[Line]:
        yield "", ""
        yield visible(spec.read.path), "title"
        for warning in spec.warnings:
            yield f"  note: {visible(warning)}", "held"
        for name, source in spec.mirrors:
            yield f"  {visible(name)} ← {visible(source)}", "faint"
        if spec.variables:
            variables = ", ".join(f"{visible(name)} ← {visible(source)}" for name, source in spec.variables)
            yield f"  every command has {variables}", "faint"
        yield from ((f"  {line}", role) for line, role in setup_lines(spec))
        phase, self._standing = None, "."
        self._services = {task.task.key for task in spec.tasks if task.kind == "service"}
        for task in spec.tasks:
            if task.task.phase != phase and (task.action != "none" or self._verbose):
                phase = task.task.phase
                yield visible(phase.title) if phase else "(no phase)", "phase"
            yield from self._task(task)
        yield from self._guide(spec)
        yield from self._counts(spec)

    def _task(self, planned: PlannedTask) -> Iterator[Line]:
        task = planned.task
        lead = f"  {task.word:<6} [{visible(task.mark)}] "
        if planned.action == "none":
            if self._verbose:
                yield f"{lead}{'-':<11} {visible(task.title)}  ({visible(planned.why)})", "faint"
            return
        beside = "  [P]" if task.parallel else ""
        if planned.action == "run":
            for number, step in enumerate(planned.steps):
                start = lead if number == 0 else " " * len(lead)
                yield from _step_lines(f"{start}{step.step.kind:<11} ", step, beside + self._waits(planned))
                beside = ""
                yield from self._directory(step, " " * len(lead))
                yield from _expected_lines(f"{' ' * len(lead)}{'':<11} ", step) if self._verbose else ()
            if task.note:
                yield f"{' ' * len(lead)}{'':<11} failed before: {visible(task.note)}", "faint"
        else:
            word = "held" if planned.action == "hold" else "not run"
            yield f"{lead}{word:<11} {visible(planned.why)}", "held"
        if self._verbose and planned.action == "run":
            yield f"{' ' * len(lead)}{'':<11} because: {visible(planned.why)}", "faint"

    def _waits(self, planned: PlannedTask) -> str:
        """The service that a probe waits for."""
        found = [key for key in planned.needs if key in self._services] if planned.kind == "url" else []
        return f"  once {visible(', '.join(found))} answers" if found else ""

    def _directory(self, step: PlannedStep, margin: str) -> Iterator[Line]:
        """Where a step runs, if that is another directory than the one shown last."""
        if step.step.kind in ("url", "quickstart") or step.cwd == self._standing:
            return
        self._standing = step.cwd
        where = "at the root" if step.cwd == "." else f"in {visible(step.cwd)}" if step.cwd else "where the shell is"
        found = f", where {visible(step.wanted)} is" if step.wanted and not step.places else ""
        yield f"{margin}{'':<11} {where}{found}", "faint"

    def _guide(self, spec: PlannedSpec) -> Iterator[Line]:
        if spec.read.guide is None:
            return
        where = (
            "each block starts at the root"
            if spec.read.guide.cwd == "root"
            else "each block goes on where the last one ended"
        )
        asked = any(block.action in ("run", "hold") for block in spec.blocks)
        if not asked and not self._verbose:
            skipped = sum(block.action == "skip" for block in spec.blocks)
            yield f"{GUIDE}: {skipped} blocks not run: no task that runs asks for it", "faint"
            return
        yield f"{GUIDE} ({where})", "phase"
        for block in spec.blocks:
            yield from self._block(block)

    def _block(self, planned: PlannedBlock) -> Iterator[Line]:
        lead = f"  line {planned.block.line:<5}"
        if planned.action not in ("run", "hold"):
            if self._verbose or planned.action == "skip":
                what = f"{lead} {'not run':<11} {planned.block.label}: {visible(planned.why)}"
                yield what, "faint"
            return
        for number, step in enumerate(planned.steps):
            text = f"{lead if number == 0 else ' ' * len(lead)} "
            if step.action == "hold":
                held = reasons(step.step) if step.step.hold else "held"
                reason = f"needs line {step.because}" if step.because else held
                yield from _step_lines(f"{text}{'held':<11} {reason}: ", step, role="held")
            else:
                yield from _step_lines(f"{text}{step.step.kind:<11} ", step)
                margin = f"{' ' * len(lead)} {'':<11} "
                if step.returns and step.step.kind in ("command", "service"):
                    where = "the root" if step.cwd == "." else visible(step.cwd or "?")
                    why = f"where {visible(step.wanted)} is" if step.wanted else "not where the last one ended"
                    yield f"{margin}starts in {where}, {why}", "faint"
                yield from _expected_lines(margin, step) if self._verbose else ()

    def _counts(self, spec: PlannedSpec) -> Iterator[Line]:
        if not spec.tasks:
            return
        runs, held, none = (sum(task.action == action for task in spec.tasks) for action in ("run", "hold", "none"))
        parts = [f"{runs} of {len(spec.tasks)} tasks would run"]
        parts += [f"{held} held: --allow REASON or ID runs them"] if held else []
        parts += [f"{none} {'has' if none == 1 else 'have'} nothing to run, so no evidence"] if none else []
        yield "; ".join(parts), "faint"


def _step_lines(lead: str, planned: PlannedStep, behind: str = "", role: str = "") -> Iterator[Line]:
    """A step with every line of its command: a plan leaves nothing out."""
    is_code = planned.step.kind in ("command", "service") and not role
    role = f"code {len(lead)}" if is_code else role
    yield f"{lead}{step_text(planned)}{behind}", role
    for line in planned.step.command.split("\n")[1:] if planned.step.kind in ("command", "service") else ():
        yield f"{' ' * len(lead)}{exact(line)}", role


def _expected_lines(lead: str, planned: PlannedStep) -> Iterator[Line]:
    """What the document says that comes of a step, and whether that is looked at."""
    for each in planned.step.expectations:
        word = "" if each.kind == "words" else f"{each.kind} "
        how = "checked" if each.checked else "expected, not checked"
        yield f"{lead}{how}: {word}{visible(each.text)}", "faint"


def step_text(planned: PlannedStep) -> str:
    """What a step is about, on one line: the first one of a command."""
    step = planned.step
    if step.kind == "env":
        sources = dict(planned.sources)
        keys = (f"{visible(key)} ← {visible(sources.get(key) or 'no value')}" for key in step.keys)
        return f"{visible(step.command)} with {', '.join(keys)}"
    if step.kind == "quickstart":
        return f"{GUIDE}, in a fresh work tree"
    wanted = {
        "ok": "",
        "other": "",
        "fail": "  (must fail)",
        "empty": "  (must find nothing)",
        "nonempty": "  (must find something)",
    }
    shown = "".join(f"  ({visible(key)} ← {visible(source or _MISSING)})" for key, source in planned.sources)
    shown += f"  (hidden comment: {visible(step.comment)})" if step.comment else ""
    return exact(step.command.partition("\n")[0]) + wanted.get(step.expect, f"  (expects {step.expect})") + shown


def plan_notes(spec: PlannedSpec) -> Iterator[Line]:
    """What the plan of a spec warned of."""
    for warning in spec.warnings:
        yield f"note: {visible(spec.read.path)}: {visible(warning)}", "held"


def setup_text(step: SetupStep) -> str:
    """A command that makes the work tree ready, where it runs, and why."""
    where = "" if step.cwd == "." else f" in {visible(step.cwd)}"
    return f"{exact(step.command)}{where}: {visible(step.why)}"


def setup_lines(spec: PlannedSpec) -> Iterator[Line]:
    """How the work tree of a spec is made ready."""
    asks = any(task.kind == "quickstart" and task.action == "run" for task in spec.tasks)
    wanted = ((spec.setup, ""), (spec.guide_setup if asks else None, "guide's "))
    for setup, whose in wanted:
        for step in setup.steps if setup else ():
            yield f"{whose}setup  {setup_text(step)}", ""
        for note in setup.notes if setup else ():
            yield f"{whose}setup  {visible(note)}", "faint"


class RunText:
    """A run as lines: what starts and how it ends on ``err``, what came of it on ``out``."""

    def __init__(self, plan: Plan, out: Lines, err: Lines, ending: EndLines | None = None) -> None:
        """``ending`` gives the lines of the end, where they are not those of a run."""
        self._plan, self._out, self._err, self._tasks = plan, out, err, plan.by_key()
        self._ending = ending or self._end
        self._began = time.monotonic()
        self._is_recorded = False
        """What was seen is in the journal, so that it can be shown again."""

    def hear(self, event: Event) -> None:
        """Tell what happens as it does."""
        for line, role in self._lines_of(event):
            self._err.write(line, role)

    def _lines_of(self, event: Event) -> Iterator[Line]:
        match event:
            case SpecStarted(spec):
                yield f"{visible(self._plan.specs[spec].read.path)}: {sandbox_line(self._plan)}", "title"
                if self._plan.missing:
                    yield f"no isolation: {visible(self._plan.missing)}", "held"
            case SetupStarted():
                yield f"setup  {setup_text(self._setup_step(event))}", "faint"
            case SetupFinished() if event.result.outcome != "passed":
                result = event.result
                yield f"setup  {result.outcome}: {visible(result.reason or '')}", "failed"
            case SetupFinished() if event.result.reason:
                yield f"setup  {visible(event.result.reason)}", "passed"
            case SetupFinished():
                yield f"setup  passed ({event.result.seconds:.1f} s)", "passed"
            case StepStarted(place):
                yield f"{self._name(place)} {step_text(self._step(place))}", "faint"
            case OutputPrinted(place, lines):
                name = self._name(place)
                yield from ((f"{name} │ {visible(line)}", "faint") for line in lines)
            case StepFinished(place, result) if result.ports:
                yield f"{self._name(place)} answers on port {', '.join(map(str, result.ports))}", ""
            case TaskFinished() if event.outcome == "passed" and event.is_partial:
                yield f"{self._called(event):<6} in part: {visible(event.reason or '')}", "held"
            case TaskFinished() if event.outcome == "passed":
                yield f"{self._called(event):<6} passed ({event.seconds:.1f} s)", "passed"
            case TaskFinished():
                yield f"{self._called(event):<6} {event.outcome}: {visible(event.reason or '')}", "failed"
            case TaskCancelled():
                yield f"{self._called(event):<6} not reached: {self._word(event.spec, event.because)} failed", "held"
            case SpecAbandoned():
                yield visible(event.reason), "failed"
            case Warned():
                yield f"note: {visible(event.message)}", "held"
            case Interrupted():
                yield "interrupted: stopping what runs (interrupt again to stop it at once)", "failed"
            case _:
                pass

    def _setup_step(self, event: SetupStarted) -> SetupStep:
        spec = self._plan.specs[event.spec]
        setup = spec.guide_setup if event.guide else spec.setup
        assert setup is not None, "what is done was planned"
        return setup.steps[event.number]

    def _word(self, spec: int, key: str) -> str:
        """What a task is called."""
        planned = self._tasks[spec].get(key)
        return visible(planned.task.word if planned else key)

    def _called(self, event: TaskFinished | TaskCancelled) -> str:
        return self._word(event.spec, event.task)

    def _step(self, place: Place) -> PlannedStep:
        return step_at(self._plan.specs[place.spec], self._tasks[place.spec], place)

    def _name(self, place: Place) -> str:
        return f"{self._word(place.spec, place.task):<6}" + (
            f" {GUIDE}:{self._step(place).step.line}" if place.block is not None else ""
        )

    def finish(self, summary: Summary, code: int) -> None:
        """Print what came of it."""
        for line, role in self._ending(summary, code):
            self._out.write(line, role)

    def _end(self, summary: Summary, code: int) -> Iterator[Line]:
        """The failures with their evidence, the counts, and what to type next."""
        self._is_recorded = bool(summary.digests)
        for number, spec in enumerate(self._plan.specs):
            yield from plan_notes(spec)
            for key in self._failed(summary, number):
                yield from self._failure(summary, number, key)
            for line in self._held(summary, number, spec):
                yield line, "held"
        if any(spec.error is None for spec in self._plan.specs):
            yield self._counts(summary), ""
        for number, spec in enumerate(self._plan.specs):
            if self._is_recorded and (marked := self._marked(summary, number, spec)):
                yield f"{visible(document_path(spec, spec.read.tasks_name))}: {marked}", "faint"
        if code == 1 and not summary.counts()["failed"]:
            unproven = [visible(task.task.word) for task in summary.unproven()]
            if unproven:
                yield f"--strict: ticked without evidence: {', '.join(unproven)}", "failed"
        if code == 4:
            yield "there was nothing to run; --allow-empty makes this a success", ""

    def _held(self, summary: Summary, number: int, spec: PlannedSpec) -> Iterator[str]:
        """What was not run because nobody allowed it; of a guide, what is held in it if it was run."""
        for task in spec.tasks:
            if task.action == "hold":
                allow = f"--allow {typed(task.task.word)} runs it"
                yield f"{task.task.word:<6} held: {visible(task.why)} ({allow})"
        if (number, summary.guide_task(number)) not in summary.tasks:
            return
        for block in spec.blocks:
            for step in block.steps:
                if step.action == "hold":
                    why = f"{reasons(step.step)}: " if step.step.hold else "what it needs is held: "
                    yield f"{GUIDE}:{step.step.line} held: {why}{step_text(step)}"

    def _failed(self, summary: Summary, spec: int) -> list[str]:
        return [
            key
            for (number, key), seen in summary.tasks.items()
            if number == spec and isinstance(seen, TaskFinished) and seen.outcome not in ("passed", "cancelled")
        ]

    def _failure(self, summary: Summary, spec: int, key: str) -> Iterator[Line]:
        seen, planned = summary.tasks[spec, key], self._tasks[spec].get(key)
        assert isinstance(seen, TaskFinished)
        yield "", ""
        yield f"{self._word(spec, key)} {seen.outcome}: {visible(seen.reason or '')}", "failed"
        path = self._plan.specs[spec].read.path
        if planned:
            file = document_path(self._plan.specs[spec], self._plan.specs[spec].read.tasks_name)
            yield f"  at         {visible(file)}:{planned.task.line}", ""
        for place, result in summary.steps.items():
            if place.spec == spec and place.task == key and result.outcome != "passed":
                step = self._step(place)
                if step.step.kind == "quickstart":
                    continue
                yield f"  {step.step.kind:<10} {step_text(step)}", ""
                yield f"  directory  {visible(step.cwd or '?')}", ""
                lines = [line for line in result.output.splitlines() if line.strip()][-_LAST_LINES:]
                for number, line in enumerate(lines):
                    yield f"  {'output' if number == 0 else '':<10} {visible(line)}", ""
        lost = [
            self._word(spec, other)
            for (number, other), each in summary.tasks.items()
            if number == spec and isinstance(each, TaskCancelled) and each.because == key
        ]
        if planned and key in self._plan.specs[spec].unsupported:
            yield "  mark       not changed: tasks before it were left out and are not proven", ""
        if lost:
            yield f"  not run    {', '.join(lost[:8])}{'…' if len(lost) > 8 else ''} because of it", ""
        yield f"  next       fix it, then: spec-run {typed(path)}", ""
        if planned and self._is_recorded:
            yield f"             all of it: spec-run show {typed(path)} {typed(planned.task.word)}", ""

    def _marked(self, summary: Summary, number: int, spec: PlannedSpec) -> str:
        """The marks that this run changed, counted."""
        if any(each.spec == number and each.unwritten for each in summary.warnings):
            return ""
        # A plan marks nothing.
        from spec_runner.core.result.marking import new_mark_of

        ended = [(task.task, summary.tasks.get((number, task.task.key))) for task in spec.tasks]
        seen = [(task, verdict.seen) for task, event in ended if event and (verdict := new_mark_of(event, spec, task))]
        ticked = sum(verdict == "passed" and not (task.is_ticked and not task.note) for task, verdict in seen)
        opened = sum(verdict == "failed" and task.mark != " " for task, verdict in seen)
        cancelled = sum(verdict == "cancelled" and task.state == "open" for task, verdict in seen)
        changes = ((ticked, "ticked"), (opened, "opened again"), (cancelled, "marked [C]"))
        return ", ".join(f"{count} {what}" for count, what in changes if count)

    def _counts(self, summary: Summary) -> str:
        names = (
            "passed", "proven", "in part", "failed", "cancelled", "claimed", "held", "skipped", "not reached",
            "no evidence",
        )  # fmt: skip
        words = {"proven": "proven before", "claimed": "ticked but not reached", "no evidence": "nothing to go by"}
        counts = summary.counts()
        parts = [f"{counts[name]} {words.get(name, name)}" for name in names if counts[name]]
        time_taken = f" ({took(time.monotonic() - self._began)})" if summary.tasks else ""
        return "\n" + (", ".join(parts) or "no tasks") + time_taken

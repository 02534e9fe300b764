"""The plan and the run as lines of plain text, for pipes, logs and dumb terminals; the terminal's view adds colour."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TextIO, TypeAlias

from spec_runner.core.decide.claims import claims_of
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
    StepResult,
    StepStarted,
    TaskCancelled,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.handout import Handout
from spec_runner.core.plan.model import (
    GUIDE,
    Plan,
    PlannedSpec,
    PlannedStep,
    SetupStep,
    reasons,
    step_at,
)
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import exact, typed
from spec_runner.core.text.printable import visible as visible
from spec_runner.errors import SpecError, said
from spec_runner.views.waiting import Waiting

Line: TypeAlias = "tuple[str, str]"
"""A line and its role: ``title``, ``phase``, ``passed``, ``failed``, ``held``, ``faint``, nothing; ``failed 8``: the
role of its first columns alone; ``code 26``: from that column on it is a command."""

EndLines: TypeAlias = "Callable[[Summary, int], Iterator[Line]]"
"""Makes the lines that are shown when all is over."""

_LAST_LINES = 12
_TREE, _SETUP = "tree", "setup"
"""What is waited for before a task is."""
_WORTH_SAYING = 2.0
"""Seconds."""
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
    return path_in(spec.read.path, name)


def path_in(path: str, name: str) -> str:
    """A document of the spec that a path means, as the user would type it."""
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


def short_names(plan: Plan) -> list[str]:
    """What each spec is called in a line: the name of its folder, or all of its path where two have the same."""
    names = [spec.read.path.rstrip("/").rpartition("/")[2] for spec in plan.specs]
    often = Counter(names)
    return [visible(name if often[name] == 1 else spec.read.path) for name, spec in zip(names, plan.specs, strict=True)]


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


def first_lines(spec: PlannedSpec) -> Iterator[Line]:
    """What runs although it was not selected, and why."""
    first = [task for task in spec.tasks if task.is_first]
    if first:
        yield "not proven, and needed by what is selected, so run first:", ""
    for task in first:
        yield f"  {visible(task.task.word):<6} {visible(task.why)}", ""


def took_lines(spec: PlannedSpec) -> Iterator[Line]:
    """How long it took when it last ran, where that is worth waiting for."""
    if spec.took and spec.took >= _WORTH_SAYING:
        yield f"took {took(spec.took)} when it last ran", "faint"


def before(seconds: float | None) -> str:
    """How long something took when it last ran, where that is known and worth saying."""
    return f" (took {took(seconds)} when it last ran)" if seconds and seconds >= _WORTH_SAYING else ""


def setup_text(step: SetupStep) -> str:
    """A command that makes the work tree ready, where it runs, why, and how long it took before."""
    where = "" if step.cwd == "." else f" in {visible(step.cwd)}"
    return f"{exact(step.command)}{where}: {visible(step.why)}{before(step.took)}"


def setup_lines(spec: PlannedSpec) -> Iterator[Line]:
    """How the work tree of a spec is made ready."""
    asks = any(task.kind == "quickstart" and task.action == "run" for task in spec.tasks)
    wanted = ((spec.setup, ""), (spec.guide_setup if asks else None, "guide's "))
    for setup, whose in wanted:
        for step in setup.steps if setup else ():
            yield f"{whose}setup  {setup_text(step)}", ""
        for note in setup.notes if setup else ():
            yield f"{whose}setup  {visible(note)}", "faint"


def _setup_line(result: StepResult, of: str) -> Line:
    """How a command of the setup of a spec ended."""
    if result.outcome != "passed":
        return f"{of}setup  {result.outcome}: {visible(result.reason or '')}", "failed"
    if result.reason:
        return f"{of}setup  {visible(result.reason)}", "passed"
    return f"{of}setup  passed ({took(result.seconds)})", f"passed {len(of) + 6}"


def followed_lines(summary: Summary, number: int) -> Iterator[Line]:
    """Of a guide that was run by itself: how its steps went, and which sections were followed and skipped."""
    spec = summary.plan.specs[number]
    yield "", ""
    yield f"{visible(document_path(spec, spec.read.guide_name))}: {summary.guide_tally(number, GUIDE)}", "title"
    followed = dict.fromkeys(block.block.section for block in spec.blocks if block.action == "run")
    skipped = {block.block.section: block.block.label for block in spec.blocks if block.action == "skip"}
    yield f"  followed   {', '.join(map(visible, followed)) or '-'}", "passed 10"
    left_out = (f"{visible(section)} ({label})" for section, label in skipped.items() if section not in followed)
    if shown := ", ".join(left_out):
        yield f"  skipped    {shown}", "faint"


def shortfall_lines(summary: Summary, spec: int, key: str) -> Iterator[Line]:
    """What of a task did not pass: each step with its directory and the end of what it printed."""
    planned = summary.plan.specs[spec]
    tasks = {task.task.key: task for task in planned.tasks if task.task.key == key}
    for place, result in summary.steps.items():
        if place.spec != spec or place.task != key or result.outcome == "passed":
            continue
        step = step_at(planned, tasks, place)
        if step.step.kind == "quickstart":
            continue
        yield f"  {step.step.kind:<10} {step_text(step)}", "code 13" if step.step.kind == "command" else ""
        yield f"  directory  {visible(step.cwd or '?')}", ""
        lines = [line for line in result.output.splitlines() if line.strip()][-_LAST_LINES:]
        for number, line in enumerate(lines):
            yield f"  {'output' if number == 0 else '':<10} {visible(line)}", ""


def asked_for_no_guide(spec: PlannedSpec) -> bool:
    """The guide alone was asked for, and there is none."""
    has_tasks = spec.read.tasks is not None and bool(spec.read.tasks.tasks)
    return spec.error is None and spec.read.guide is None and has_tasks and not spec.tasks


class RunText:
    """A run as lines: what starts and how it ends on ``err``, what came of it on ``out``."""

    def __init__(self, plan: Plan, out: Lines, err: Lines, ending: EndLines | None = None) -> None:
        """``ending`` gives the lines of the end, where they are not those of a run."""
        self._plan, self._out, self._err, self._tasks = plan, out, err, plan.by_key()
        self._ending = ending or self._end
        self._specs = short_names(plan) if plan.at_once > 1 else None
        """What each spec is called in a line of the progress, where several run beside each other."""
        self._is_begun = False
        self._is_replay = ending is not None
        self._began = time.monotonic()
        self._waiting = Waiting()
        self._waiting.begin(_TREE, "the cluster: still at it" if plan.where else "the work tree: still being made")
        self._is_recorded = False
        """What was seen is in the journal, so that it can be shown again."""

    def hear(self, event: Event) -> None:
        """Tell what happens as it does."""
        for line, role in (*self._lines_of(event), *self._waits(event)):
            self._err.write(line, role)

    def _waits(self, event: Event) -> Iterator[Line]:
        """Of what has been running for long, how long it has, and how long it took before."""
        match event:
            case SpecStarted() | SpecAbandoned():
                self._waiting.end(_TREE)
            case SetupStarted():
                self._waiting.end(_TREE)
                step = self._setup_step(event)
                self._waiting.begin(_SETUP, f"setup  still runs{before(step.took)}: {exact(step.command)}")
            case SetupFinished():
                self._waiting.end(_SETUP)
            case StepStarted(place) if self._step(place).step.kind != "quickstart":
                planned = self._tasks[place.spec].get(place.task) if place.block is None else None
                text = f"{self._name(place)} still runs{before(planned.took) if planned else ''}"
                self._waiting.begin(place, text)
            case StepFinished(place):
                self._waiting.end(place)
            case _:
                pass
        yield from ((f"{text}, {took(float(int(seconds)))} so far", "faint") for text, seconds in self._waiting.due())

    def _lines_of(self, event: Event) -> Iterator[Line]:
        match event:
            case SpecStarted(spec):
                yield from self._opening_lines(spec)
            case SetupStarted(spec):
                yield f"{self._of(spec)}setup  {setup_text(self._setup_step(event))}", "faint"
            case SetupFinished(spec, result=result):
                yield _setup_line(result, self._of(spec))
            case StepStarted(place):
                yield f"{self._name(place)} {step_text(self._step(place))}", "faint"
            case OutputPrinted(place, lines):
                name = self._name(place)
                yield from ((f"{name} │ {visible(line)}", "faint") for line in lines)
            case StepFinished(place, result) if result.ports:
                yield f"{self._name(place)} answers on port {', '.join(map(str, result.ports))}", ""
            case TaskFinished() if event.outcome == "passed" and event.is_partial:
                why = f": {visible(event.reason)}" if event.reason else ""
                name = f"{self._called(event)} {'nothing to go by' if self._is_idle(event) else 'in part'}"
                yield f"{name}{why}", f"held {len(name)}"
            case TaskFinished() if event.outcome == "passed":
                name = f"{self._called(event)} passed"
                yield f"{name} ({took(event.seconds)})", f"passed {len(name)}"
            case TaskFinished():
                outcome, role = self._ended(event)
                name = f"{self._called(event)} {outcome}"
                yield f"{name}: {visible(event.reason or '')}", f"{role} {len(name)}"
            case TaskCancelled():
                yield f"{self._called(event)} not reached: {self._word(event.spec, event.because)} failed", "held"
            case SpecAbandoned():
                yield f"{self._of(event.spec)}{visible(event.reason)}", "failed"
            case Warned():
                yield f"note: {self._of(event.spec)}{visible(event.message)}", "held"
            case Interrupted():
                yield "interrupted: stopping what runs (interrupt again to stop it at once)", "failed"
            case _:
                pass

    def _opening_lines(self, spec: int) -> Iterator[Line]:
        """What is said when a spec begins; what is so for all specs once, where they run beside each other."""
        if self._specs is None or not self._is_begun:
            count, at_once = sum(each.has_work for each in self._plan.specs), self._plan.at_once
            one = visible(self._plan.specs[spec].read.path)
            many = (
                f"{count} specs on {visible(self._plan.where)}"
                if self._plan.where
                else f"{count} specs, {at_once} at once"
            )
            who = one if self._specs is None else many
            yield f"{who}: {sandbox_line(self._plan)}", "title"
            if self._plan.missing:
                yield f"no isolation: {visible(self._plan.missing)}", "held"
            row = len(Handout(self._plan).in_a_row) if self._specs else 0
            if row > 1:
                yield f"note: {row} specs use ports of this machine and run one after the other", "held"
        self._is_begun = True
        lines = (*first_lines(self._plan.specs[spec]), *took_lines(self._plan.specs[spec]))
        yield from ((f"{self._of(spec)}{line}", role) for line, role in lines)

    def _of(self, spec: int) -> str:
        """Which spec a line is about, where several run beside each other."""
        return f"{self._specs[spec]} " if self._specs else ""

    def _ended(self, event: TaskFinished) -> Line:
        """How a task that did not pass ended: none is accused of what was left out; by a replay, of what lacks here."""
        is_excused = event.task in self._plan.specs[event.spec].unsupported or (self._is_replay and event.cause)
        return ("cannot tell", "held") if is_excused else (event.outcome, "failed")

    def _setup_step(self, event: SetupStarted) -> SetupStep:
        spec = self._plan.specs[event.spec]
        setup = spec.guide_setup if event.guide else spec.setup
        assert setup is not None, "what is done was planned"
        return setup.steps[event.number]

    def _word(self, spec: int, key: str) -> str:
        """What a task is called."""
        planned = self._tasks[spec].get(key)
        return visible(planned.task.word) if planned else self._guide_name(spec)

    def _guide_name(self, spec: int) -> str:
        return visible(self._plan.specs[spec].read.guide_name)

    def _is_idle(self, event: TaskFinished) -> bool:
        """Nothing that the task's words claim could have failed."""
        planned = self._tasks[event.spec].get(event.task)
        steps = [each.step for each in planned.steps] if planned else []
        return bool(steps) and all(each.check is None for each in claims_of(steps))

    def _called(self, event: TaskFinished | TaskCancelled) -> str:
        """What a task is called while it runs, beside those of other specs."""
        return f"{self._of(event.spec)}{self._word(event.spec, event.task):<6}"

    def _step(self, place: Place) -> PlannedStep:
        return step_at(self._plan.specs[place.spec], self._tasks[place.spec], place)

    def _name(self, place: Place) -> str:
        word = f"{self._of(place.spec)}{self._word(place.spec, place.task):<6}"
        if place.block is None:
            return word
        line = f"{self._guide_name(place.spec)}:{self._step(place).step.line}"
        return f"{word} {line}" if place.task in self._tasks[place.spec] else f"{self._of(place.spec)}{line}"

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
            yield from followed_lines(summary, number) if spec.runs_guide else ()
            for line in self._held(summary, number, spec):
                yield line, f"held {line.find(' held') + 5}"
        guideless = [spec.read.path for spec in self._plan.specs if asked_for_no_guide(spec)]
        if any(spec.error is None for spec in self._plan.specs) and len(guideless) < len(self._plan.specs):
            yield self._counts(summary), "title"
        yield from ((f"{visible(path)} has no {GUIDE}", "") for path in guideless)
        for number, spec in enumerate(self._plan.specs):
            if self._is_recorded and (marked := self._marked(summary, number, spec)):
                yield f"{visible(document_path(spec, spec.read.tasks_name))}: {marked}", "faint"
        if code == 1 and not (summary.counts()["failed"] or summary.counts()["cannot tell"]):
            unproven = [visible(task.task.word) for task in summary.unproven()]
            if unproven:
                yield f"--strict: ticked without evidence: {', '.join(unproven)}", "failed"
        if code == 4:
            yield "there was nothing to run; --allow-empty makes this a success", ""
            yield from self._guides_to_try()

    def _guides_to_try(self) -> Iterator[Line]:
        """A document without any task may be a guide."""
        for spec in self._plan.specs:
            if spec.read.tasks is not None and not spec.tasks and spec.read.path.endswith((".md", ".markdown")):
                path = typed(spec.read.path)
                yield f"there are no tasks in {path}; spec-run quickstart -n {path} reads it as a guide", ""

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
                    yield f"{visible(spec.read.guide_name)}:{step.step.line} held: {why}{step_text(step)}"

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
        outcome, role = self._ended(seen)
        name = f"{self._word(spec, key)} {outcome}"
        yield f"{name}: {visible(seen.reason or '')}", f"{role} {len(name)}"
        path = self._plan.specs[spec].read.path
        if planned:
            file = document_path(self._plan.specs[spec], self._plan.specs[spec].read.tasks_name)
            yield f"  at         {visible(file)}:{planned.task.line}", ""
        yield from shortfall_lines(summary, spec, key)
        lost = [
            self._word(spec, other)
            for (number, other), each in summary.tasks.items()
            if number == spec and isinstance(each, TaskCancelled) and each.because == key
        ]
        if planned and key in self._plan.specs[spec].unsupported:
            yield "  mark       not changed: tasks before it were left out and are not proven", ""
            yield f"  next       run them too: spec-run --until {typed(planned.task.word)} {typed(path)}", ""
        if lost:
            yield f"  not run    {', '.join(lost[:8])}{'…' if len(lost) > 8 else ''} because of it", ""
        if not planned or key not in self._plan.specs[spec].unsupported:
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
            "passed", "proven", "in part", "failed", "cannot tell", "cancelled", "claimed", "held", "skipped",
            "not reached", "no evidence",
        )  # fmt: skip
        words = {"proven": "proven before", "claimed": "ticked but not reached", "no evidence": "nothing to go by"}
        counts = summary.counts()
        parts = [f"{counts[name]} {words.get(name, name)}" for name in names if counts[name]]
        time_taken = f" ({took(time.monotonic() - self._began)})" if summary.tasks else ""
        return "\n" + (", ".join(parts) or "no tasks") + time_taken

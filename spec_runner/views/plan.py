"""A dry run for people: what would happen, in order, and what would not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import (
    GUIDE,
    NOT_SELECTED,
    NOT_TICKED,
    PROVEN,
    TICKED_BEFORE,
    Plan,
    PlannedBlock,
    PlannedSpec,
    PlannedStep,
    PlannedTask,
    reasons,
)
from spec_runner.core.plan.portable import SYSTEMS, unportable_steps
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import exact, typed
from spec_runner.views.text import (
    Line,
    Lines,
    asked_for_no_guide,
    first_lines,
    sandbox_line,
    setup_lines,
    step_text,
    took_lines,
    visible,
)

_FEW = 3
"""So many tasks or blocks that are left out alike are told in one line."""
_NOT_ASKED = (NOT_SELECTED, NOT_TICKED, TICKED_BEFORE)
_IN_SHORT = {
    NOT_SELECTED: "not selected", NOT_TICKED: "not ticked", TICKED_BEFORE: "ticked before", PROVEN: "proven before",
}  # fmt: skip


class PlanText:
    """A dry run for people: what would happen, in order, and what would not and why."""

    def __init__(self, plan: Plan, out: Lines, *, verbose: bool = False, again: str = "") -> None:
        """``again`` is what is typed to do what is planned."""
        self._plan, self._out, self._verbose, self._again = plan, out, verbose, again
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
        for number, spec in enumerate(self._plan.specs):
            if spec.error is None:
                for line, role in (*self._spec(spec), *self._counts(spec, summary.looked_for(number))):
                    self._out.write(line, role)
        for line, role in self._next():
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
        yield from ((f"  {line}", role) for line, role in (*first_lines(spec), *took_lines(spec)))
        self._standing = "."
        self._services = {task.task.key for task in spec.tasks if task.kind == "service"}
        has_phases = False
        for phase, tasks in groupby(spec.tasks, key=lambda planned: planned.task.phase):
            lines = list(self._phase(list(tasks)))
            has_phases = has_phases or phase is not None
            if lines and has_phases:
                yield visible(phase.title) if phase else "(no phase)", "phase"
            yield from lines
        yield from self._guide(spec)

    def _phase(self, tasks: Sequence[PlannedTask]) -> Iterator[Line]:
        """The tasks of a phase; many that are left out for one reason in one line, those not asked for in none."""
        left_out: dict[str, list[PlannedTask]] = {}
        for task in tasks if not self._verbose else ():
            if task.action == "skip":
                left_out.setdefault(task.why, []).append(task)
        for task in tasks:
            alike = left_out.get(task.why, []) if task.action == "skip" else []
            if task.why in _NOT_ASKED and alike:
                continue
            if len(alike) < _FEW:
                yield from self._task(task)
            elif task is alike[0]:
                what = f"{len(alike)} not run: {visible(task.why)}"
                yield f"  {task.task.word} … {alike[-1].task.word}  {what}", "faint"

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
        """Where a step runs, if that is another directory than the one told last."""
        if step.step.kind in ("url", "quickstart") or step.cwd == self._standing:
            return
        self._standing = step.cwd
        where = "at the root" if step.cwd == "." else f"in {visible(step.cwd)}" if step.cwd else "where the shell is"
        found = f", where {visible(step.wanted)} is" if step.wanted and not step.places else ""
        yield f"{margin}{'':<11} {where}{found}", "faint"

    def _guide(self, spec: PlannedSpec) -> Iterator[Line]:
        if spec.read.guide is None:
            yield from [(f"  there is no {GUIDE}", "held")] if asked_for_no_guide(spec) else []
            return
        where = (
            "each block starts at the root"
            if spec.read.guide.cwd == "root"
            else "each block goes on where the last one ended"
        )
        asked = any(block.action in ("run", "hold") for block in spec.blocks)
        if not asked and not self._verbose:
            skipped = sum(block.action == "skip" for block in spec.blocks)
            named = "1 block" if skipped == 1 else f"{skipped} blocks"
            yield f"{spec.read.guide_name}: {named} not run: no task that runs asks for it", "faint"
            return
        yield f"{visible(spec.read.guide_name)} ({where})", "phase"
        for (action, label, why), alike in groupby(
            spec.blocks, key=lambda block: (block.action, block.block.label, block.why)
        ):
            blocks = list(alike)
            if action == "skip" and len(blocks) >= _FEW and not self._verbose:
                lines = f"lines {blocks[0].block.line} … {blocks[-1].block.line}"
                yield f"  {lines}  {len(blocks)} not run: {label}: {visible(why)}", "faint"
                continue
            for block in blocks:
                yield from self._block(block)
        yield from _portability(spec)

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
            elif step.action == "skip":
                yield from _step_lines(f"{text}{'not run':<11} the repository is here: ", step, role="faint")
            else:
                yield from _step_lines(f"{text}{step.step.kind:<11} ", step)
                margin = f"{' ' * len(lead)} {'':<11} "
                if step.returns and step.step.kind in ("command", "service"):
                    where = "the root" if step.cwd == "." else visible(step.cwd or "?")
                    why = f"where {visible(step.wanted)} is" if step.wanted else "not where the last one ended"
                    yield f"{margin}starts in {where}, {why}", "faint"
                yield from _expected_lines(margin, step) if self._verbose else ()

    def _counts(self, spec: PlannedSpec, looked_for: int | None) -> Iterator[Line]:
        """What would come of it; ``looked_for``: of so many ticks the files are looked for, where ticks are judged."""
        if spec.runs_guide:
            actions = Counter(step.action for block in spec.blocks for step in block.steps)
            parts = [f"{actions['run']} of {actions['run'] + actions['hold']} steps would run"]
            parts += [f"{actions['hold']} held: --allow REASON runs them"] if actions["hold"] else []
            yield "; ".join(parts), "title"
        if not spec.tasks:
            return
        actions = Counter(task.action for task in spec.tasks)
        left_out = Counter(task.why for task in spec.tasks if task.action == "skip")
        first = sum(task.is_first for task in spec.tasks)
        parts = [
            f"{actions['run']} of {len(spec.tasks)} tasks would run" + (f", {first} of them first" if first else "")
        ]
        parts += [f"{actions['hold']} held: --allow REASON or ID runs them"] if actions["hold"] else []
        if looked_for is not None:
            parts += [f"the files of {looked_for} looked for"] if looked_for else []
        elif actions["none"]:
            parts += [f"{actions['none']} {'has' if actions['none'] == 1 else 'have'} nothing to run, so no evidence"]
        parts += [f"{count} {_IN_SHORT[why]}" for why, count in left_out.items() if why in _IN_SHORT]
        yield "; ".join(parts), "title"

    def _next(self) -> Iterator[Line]:
        """What to type next."""
        planned = [spec for spec in self._plan.specs if spec.error is None]
        if any(spec.has_work for spec in planned):
            yield f"next: {self._again or 'spec-run ' + ' '.join(typed(spec.read.path) for spec in planned)}", ""
        elif any(spec.tasks for spec in planned) and not any(
            task.action == "hold" for spec in planned for task in spec.tasks
        ):
            yield "next: a line below a task, - **Verify**: `COMMAND`, makes it provable", ""


def _portability(spec: PlannedSpec) -> Iterator[Line]:
    """On which systems the guide cannot be followed, and the steps that are in the way."""
    found = [each for each in unportable_steps(spec) if each.in_guide]
    if found:
        counts = ((system, sum(each.system == system for each in found)) for system in SYSTEMS)
        parts = (f"{system} {f'{count} steps cannot work' if count else 'can work'}" for system, count in counts)
        yield f"portability: {' · '.join(parts)}".replace(" 1 steps", " 1 step"), "faint"
    for each in found:
        yield f"  line {each.line:<5} {each.system:<11} {visible(each.why)}", "faint"


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

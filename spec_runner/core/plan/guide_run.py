"""How far a guide goes on after a step that did not pass: everything that does not need it."""

from __future__ import annotations

from collections.abc import Callable

from spec_runner.core.decide import directories
from spec_runner.core.decide.steps import Step
from spec_runner.core.plan.dependents import Dependents
from spec_runner.core.plan.events import Cause, StepResult
from spec_runner.core.plan.model import PlannedStep


class GuideRun:
    """Hears how each step of a guide ended; tells of each one before it starts whether it still can."""

    def __init__(self, has_program: Callable[[str], bool], *, starts_at_root: bool) -> None:
        """``starts_at_root``: each block begins at the root, wherever the one before ended."""
        self._waiting = Dependents(has_program)
        self._starts_at_root = starts_at_root
        self._astray: dict[int, int] = {}
        """The terminals that are not where they should be → the line of the step that should have led there."""

    def start_block(self) -> None:
        """A new block begins."""
        self._waiting.start_block()
        if self._starts_at_root:
            self._astray.clear()

    def kept_by(self, planned: PlannedStep) -> StepResult | None:
        """How a step ends that needs one that did not pass; None for one that can start."""
        step = planned.step
        line = self._waiting.needed_by(step)
        if line is None and planned.step.cwd is None and not planned.returns and step.kind in ("command", "service"):
            line = self._astray.get(step.terminal)
        if line is None:
            return None
        self._lose(step)
        return StepResult("cancelled", f"line {line}, which it needs, did not pass", cause=Cause("not reached"))

    def hear(self, step: Step, result: StepResult) -> None:
        """Take in how a step ended that was started."""
        if result.outcome == "passed":
            self._waiting.run(step)
        else:
            self._lose(step)

    def _lose(self, step: Step) -> None:
        self._waiting.hold(step)
        moves = step.kind == "command" and directories.after(step.command, directories.ROOT) != directories.ROOT
        if step.moves or (moves and "clone" in step.command):
            self._astray.setdefault(step.terminal, step.line)

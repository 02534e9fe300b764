"""Where the values of a plan come from: each name with its source, never a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spec_runner.core.decide.holds import has_placeholder
from spec_runner.core.decide.steps import Guide, Step
from spec_runner.core.decide.values import own_values, to_fill_in, without_values
from spec_runner.core.plan.model import PlannedSpec, PlannedStep

OWN = "the document"


def filled_in(step: Step, source_of: Callable[[str], str | None]) -> Step:
    """A step that exports placeholders, with the names of those; it waits for nobody where all have real values."""
    names = to_fill_in(step.command) if step.kind == "command" else ()
    if not names or not all(map(source_of, names)) or has_placeholder(without_values(step.command, names)):
        return step._replace(keys=names) if names else step
    holds = tuple(hold for hold in step.holds if hold != "placeholder")
    left = next(iter(holds), None if step.hold == "placeholder" else step.hold)
    return step._replace(keys=names, holds=holds, hold=left)


def guide_filled_in(guide: Guide, source_of: Callable[[str], str | None]) -> Guide:
    """A guide whose exports have the values that are there."""
    blocks = (block._replace(steps=tuple(filled_in(step, source_of) for step in block.steps)) for block in guide.blocks)
    return guide._replace(blocks=tuple(blocks))


def with_sources(
    spec: PlannedSpec, source_of: Callable[[str], str | None], variables: Mapping[str, str]
) -> PlannedSpec:
    """The plan with the sources of the values that its steps ask for, and of the variables that every command has."""

    def sourced(step: PlannedStep) -> PlannedStep:
        if not step.step.keys:
            return step
        own = own_values(step.step.content)
        return step._replace(sources=tuple((key, OWN if key in own else source_of(key)) for key in step.step.keys))

    tasks = tuple(task._replace(steps=tuple(map(sourced, task.steps))) for task in spec.tasks)
    blocks = tuple(block._replace(steps=tuple(map(sourced, block.steps))) for block in spec.blocks)
    return spec._replace(tasks=tasks, blocks=blocks, variables=tuple(sorted(variables.items())))

"""Where the values of a plan come from: each name with its source, never a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spec_runner.core.decide.values import own_values
from spec_runner.core.plan.model import PlannedSpec, PlannedStep

OWN = "the document"


def with_sources(
    spec: PlannedSpec, source_of: Callable[[str], str | None], variables: Mapping[str, str]
) -> PlannedSpec:
    """The plan with the sources of the values that its steps ask for, and of the variables that every command has."""

    def told(step: PlannedStep) -> PlannedStep:
        if not step.step.keys:
            return step
        own = own_values(step.step.content)
        return step._replace(sources=tuple((key, OWN if key in own else source_of(key)) for key in step.step.keys))

    tasks = tuple(task._replace(steps=tuple(map(told, task.steps))) for task in spec.tasks)
    blocks = tuple(block._replace(steps=tuple(map(told, block.steps))) for block in spec.blocks)
    return spec._replace(tasks=tasks, blocks=blocks, variables=tuple(sorted(variables.items())))

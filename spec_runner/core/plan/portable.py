"""Which steps of a plan cannot work on which systems: read from their words, without running them there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.decide.headings import systems_named
from spec_runner.core.decide.portability import LINUX, MACOS, WINDOWS, activates, cannot_work, names_windows_activation
from spec_runner.core.plan.model import GUIDE, PlannedSpec, PlannedStep

SYSTEMS = (WINDOWS, MACOS, LINUX)


class Unportable(NamedTuple):
    """A step that cannot work on a system."""

    line: int
    system: str
    why: str
    """With what would work there, where that is known."""
    in_guide: bool


def unportable_steps(spec: PlannedSpec) -> tuple[Unportable, ...]:
    """The steps of the tasks, then those of the guide, that cannot work on Windows, macOS or Linux."""
    steps = [(step, "", False) for task in spec.tasks for step in task.steps]
    steps += [
        (step, block.block.language, True)
        for block in spec.blocks
        if block.block.label == "step"
        for step in block.steps
    ]
    says_it = any(
        name == GUIDE and names_windows_activation(data.decode("utf-8", "replace")) for name, data in spec.read.sources
    )
    return tuple(
        Unportable(step.step.line, system, why, in_guide)
        for step, language, in_guide in steps
        for system, why in _reasons(step, language)
        if not (in_guide and says_it and system == WINDOWS and activates(step.step.command))
    )


def by_step(spec: PlannedSpec) -> dict[tuple[str, int], dict[str, str]]:
    """The document and the line of each step that cannot work somewhere → the systems, each with why."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for each in unportable_steps(spec):
        name = spec.read.guide_name if each.in_guide else spec.read.tasks_name
        found.setdefault((name, each.line), {}).setdefault(each.system, each.why)
    return found


def counted_systems(steps: Mapping[tuple[str, int], Mapping[str, str]]) -> str:
    """On which systems how many steps cannot work: ``2 steps cannot work on Windows, 1 on macOS``."""
    counts = [(system, sum(system in where for where in steps.values())) for system in SYSTEMS]
    told = [f"{count} on {system}" for system, count in counts if count]
    first, _, rest = (told[0] if told else "").partition(" on ")
    noun = "step" if first == "1" else "steps"
    return ", ".join([f"{first} {noun} cannot work on {rest}", *told[1:]]) if told else ""


def _reasons(planned: PlannedStep, language: str) -> Iterator[tuple[str, str]]:
    if planned.step.kind in ("command", "service"):
        named = systems_named(planned.step.why)
        for system, why in cannot_work(planned.step.command, language).items():
            if not named or system.lower() in named:
                # Else its own comment or heading says which system it is for.
                yield system, why

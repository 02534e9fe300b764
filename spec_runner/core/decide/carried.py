"""What earlier tasks have set, in the commands of later ones: ``export API=…`` here, ``curl -d @a $API`` there."""

from __future__ import annotations

from collections.abc import Mapping

from spec_runner.core.decide.holds import gravest, holds_of, in_order
from spec_runner.core.decide.steps import Intent, Step
from spec_runner.core.shell.programs import assignments_of


def with_values(intents: Mapping[str, Intent]) -> dict[str, Intent]:
    """The intents of a document's tasks, in order, held also for what their commands are with the values set before."""
    values: dict[str, str] = {}
    return {key: _with_values(intent, values) if intent.steps else intent for key, intent in intents.items()}


def _with_values(intent: Intent, values: dict[str, str]) -> Intent:
    steps = tuple(_held_with(step, values) for step in intent.steps)
    if steps == intent.steps:
        return intent
    # A task with a step that waits for a person waits as a whole.
    hold = gravest(step.hold for step in steps)
    return intent._replace(steps=tuple(step._replace(hold=step.hold or hold) for step in steps))


def _held_with(step: Step, values: dict[str, str]) -> Step:
    """The step with the reasons that only the values show; then the values with those that it sets itself."""
    if step.kind not in ("command", "service"):
        return step
    found = holds_of(step.command, variables=values) if values else ()
    values.update(assignments_of(step.command))
    if all(reason in step.holds or reason == "os" for reason in found):
        return step
    holds = in_order((*step.holds, *(reason for reason in found if reason != "os")))
    return step._replace(hold=gravest((step.hold, *holds)), holds=holds)

"""A run as the recorder hears it, without the commands: what happens is told, what is written is real."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from spec_runner.app.plan import Settings, make_plan, read_specs
from spec_runner.core.plan.events import (
    Event,
    Place,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepResult,
    StepStarted,
    TaskFinished,
    Warned,
)
from spec_runner.core.plan.model import Plan
from spec_runner.system.recorder import Recorder
from spec_runner.system.repository import SpecPaths
from spec_runner.system.state import state_folder


def settings_for(root: Path, *paths: str, dry_run: bool = True) -> Settings:
    """The settings of a run in this folder."""
    environment = {"XDG_STATE_HOME": str(root / "state")}
    return Settings(paths or ("specs",), root, environment, io.StringIO(), io.StringIO(), dry_run=dry_run)


def planned(root: Path) -> tuple[Plan, list[SpecPaths | None]]:
    """The specs of a folder, planned as the program plans them."""
    settings = settings_for(root)
    found = read_specs(settings)
    return make_plan(found, settings), [read.place for read in found]


def happening(plan: Plan, tree: str = "tree", fails: Callable[[str], bool] = lambda key: False) -> Iterator[Event]:
    """The events of a run in which every task is run, and those fail that ``fails`` says."""
    for number, spec in enumerate(plan.specs):
        if not spec.has_work:
            continue
        yield SpecStarted(number, tree)
        for task in spec.tasks:
            if task.action == "run":
                yield from task_events(number, task.task.key, failed=fails(task.task.key))
        yield SpecFinished(number)


def task_events(spec: int, key: str, *, failed: bool = False) -> tuple[Event, ...]:
    """What is heard of one task."""
    place = Place(spec, key)
    outcome, reason = ("failed", "exit 1") if failed else ("passed", None)
    result = StepResult(outcome, reason, int(failed), output=f"output of {key}\n")  # type: ignore[arg-type]
    return StepStarted(place, "."), StepFinished(place, result), TaskFinished(spec, key, outcome, reason)  # type: ignore[arg-type]


def record_run(root: Path, tree: str = "tree", fails: Callable[[str], bool] = lambda key: False) -> list[str]:
    """Record a whole run of a folder's specs; what the user would be told comes back."""
    plan, places = planned(root)
    recorder = Recorder(plan, places, state_folder(settings_for(root).environment))
    told = [spec.error for spec in plan.specs if spec.error]
    said = [each for event in happening(plan, tree, fails) for each in recorder.hear(event)] + recorder.settle()
    told += [each.message for each in said if isinstance(each, Warned)]
    recorder.finish(0)
    recorder.close()
    return told

"""How the work trees of a plan are set up first: from the repository's manifests, or as the user says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from spec_runner.app.plan import Read, Settings
from spec_runner.core.plan.model import Plan, PlannedSpec, Setup
from spec_runner.core.plan.setup import (
    MANIFESTS,
    Manifests,
    declared_in,
    given_setup,
    plan_setup,
    shared_setups,
    tools_of,
)
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.worktree import git

_LONGEST = 4_000_000
"""Bytes up to which a manifest is read; lock files may be longer, and are only found."""


def with_setup(plan: Plan, found: list[Read], settings: Settings) -> Plan:
    """The plan with what makes each work tree ready; nothing where the user wants none, or runs in place."""
    if settings.setup == ():
        return plan
    tools = tools_of(step for spec in plan.specs if settings.content != "everything" for step in spec.steps)
    made = [
        _with_setup(spec, read, settings, tools) if spec.has_work and read.place else spec
        for spec, read in zip(plan.specs, found, strict=True)
    ]
    if settings.content != "everything":
        _share(made, found)
    specs = [_with_times(spec, read.history.setups) for spec, read in zip(made, found, strict=True)]
    return plan._replace(specs=tuple(specs))


def _with_times(spec: PlannedSpec, times: Mapping[tuple[str, str], float]) -> PlannedSpec:
    """The plan with the time that each command of the setup took when it last ran."""

    def timed(setup: Setup | None) -> Setup | None:
        if setup is None or not times:
            return setup
        return setup._replace(
            steps=tuple(step._replace(took=times.get((step.cwd, step.command))) for step in setup.steps)
        )

    return spec._replace(setup=timed(spec.setup), guide_setup=timed(spec.guide_setup))


def _share(specs: list[PlannedSpec], found: list[Read]) -> None:
    """Give the specs of each repository one setup, where their work trees hold the same."""
    by_root: dict[Path, list[int]] = {}
    for number, read in enumerate(found):
        if read.place and specs[number].setup and specs[number].guide_setup and not _is_given(specs[number]):
            by_root.setdefault(read.place.root, []).append(number)
    for root, numbers in by_root.items():
        manifests = _manifests(root)
        tasks = shared_setups([specs[number].setup or Setup() for number in numbers], manifests)
        guides = shared_setups([specs[number].guide_setup or Setup() for number in numbers], manifests)
        for number, own, of_guide in zip(numbers, tasks, guides, strict=True):
            specs[number] = specs[number]._replace(setup=own, guide_setup=of_guide)


def _is_given(spec: PlannedSpec) -> bool:
    """Whether its commands are the user's own."""
    return any(not step.ecosystem for step in spec.setup.steps) if spec.setup else False


def _with_setup(spec: PlannedSpec, read: Read, settings: Settings, tools: frozenset[str]) -> PlannedSpec:
    assert read.place is not None
    given, why = settings.setup, "--setup"
    if given is None and read.config and read.config.setup is not None:
        given, why = read.config.setup, "[setup] of the configuration"
    if given is not None:
        setup = given_setup(given, why)
        return spec._replace(setup=setup, guide_setup=setup)
    if settings.in_place:
        return spec
    manifests, activated = _manifests(read.place.root), _activated(read.place.root, settings)
    tasks = plan_setup(
        [step for task in spec.tasks if task.action == "run" for step in task.steps], manifests,
        [step for task in spec.tasks if task.task.key in spec.standing for step in task.steps], tools, activated,
    )  # fmt: skip
    of_guide = [step for block in spec.blocks if block.action == "run" for step in block.steps]
    guide = plan_setup(of_guide, manifests, (), tools, activated)
    tasks = _not_twice(tasks, read.place.root) if settings.content == "everything" else tasks
    if not settings.dry_run:
        # Only what fails asks for it.
        declared = declared_in(manifests)
        tasks, guide = tasks._replace(declared=declared), guide._replace(declared=declared)
    return spec._replace(setup=guide if spec.runs_guide else tasks, guide_setup=guide)


def _activated(root: Path, settings: Settings) -> str | None:
    """The virtual environment that the user has activated, where it is not one of the repository's own."""
    place = settings.environment.get("VIRTUAL_ENV", "")
    is_there = os.path.isabs(place) and os.path.isfile(os.path.join(place, "bin", "activate"))
    return place if is_there and not Path(place).resolve().is_relative_to(root.resolve()) else None


def _not_twice(setup: Setup, root: Path) -> Setup:
    """What the user's own folder has already is in the work tree too."""
    steps = []
    for step in setup.steps:
        folder = root / step.cwd
        if step.ecosystem == "python" and (folder / ".venv" / "bin" / "activate").is_file():
            steps.append(step._replace(command=". .venv/bin/activate", why=f"{step.cwd}/.venv is there"))
        elif not (step.ecosystem == "node" and (folder / "node_modules").is_dir()):
            steps.append(step)
    return setup._replace(steps=tuple(dict.fromkeys(steps)))


@cache
def _manifests(root: Path) -> Manifests:
    listed = git.listed_files(root, only_tracked=True)
    names = map(os.fsdecode, listed) if listed is not None else (each.name for each in os.scandir(root))
    return Manifests(frozenset(name for name in names if MANIFESTS.search(name)), lambda path: _text(root, path))


def _text(root: Path, path: str) -> str:
    """What a manifest says; nothing for one that is not there, is a link, or is far too long."""
    file = root / path
    try:
        if file.is_symlink():
            return ""
        seen = file.stat()
        if seen.st_size > _LONGEST:
            # It says nothing to us but that it is another one.
            return f"{seen.st_size} {seen.st_mtime_ns}"
        return files.read(file).decode("utf-8", "replace")
    except (OSError, SpecError):
        return ""

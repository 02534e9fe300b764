"""What was typed → specs found and read → a plan of all that would be done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeVar

from spec_runner.core.document import read_document
from spec_runner.core.guide import read_guide
from spec_runner.core.history import History, read_history
from spec_runner.core.intent import decide
from spec_runner.core.plan import (
    DEFAULT_TIMEOUT,
    GUIDE,
    Choices,
    Plan,
    PlannedSpec,
    ReadSpec,
    plan_spec,
    refuse_unknown,
)
from spec_runner.core.selection import Selection
from spec_runner.errors import SpecError
from spec_runner.system import files, journal
from spec_runner.system.box.levels import choose_level
from spec_runner.system.repository import Place, find_specs

if TYPE_CHECKING:
    from spec_runner.system.config import Config

_SYSTEMS = {"darwin": "macos", "win32": "windows"}
_T = TypeVar("_T")


class Settings(NamedTuple):
    """What was typed, and the world it was typed in."""

    paths: tuple[str, ...]
    here: Path
    environment: Mapping[str, str]
    out: TextIO
    err: TextIO
    selection: Selection = Selection()
    allow: frozenset[str] = frozenset()
    timeout: float = DEFAULT_TIMEOUT
    jobs: int = 1
    keep_going: bool = False
    dry_run: bool = False
    guide_only: bool = False
    strict: bool = False
    allow_empty: bool = False
    write: bool = True
    in_place: bool = False
    fresh: bool = False
    sandbox: str = "auto"
    network: str = "host"
    registries: tuple[str, ...] = ()
    env_file: Path | None = None
    config: Path | None = None
    json: bool = False
    verbose: bool = False


class Read(NamedTuple):
    """A spec that was read, and where it is; no place for one that could not be found."""

    spec: ReadSpec
    place: Place | None = None
    history: History = History({})
    config: Config | None = None
    """The spec's own configuration; None if it has none."""


def read_specs(settings: Settings) -> list[Read]:
    """Every spec that the paths mean, in their order."""
    return [read_spec(place, settings) for place in find_specs(settings.paths, settings.here, settings.environment)]


def read_spec(place: Place | SpecError, settings: Settings) -> Read:
    """The documents of a spec; one that cannot be read is told as its error, so that the others still are."""
    if isinstance(place, SpecError):
        return Read(ReadSpec(place.path or "", error=str(place)))
    system = _SYSTEMS.get(sys.platform, "linux")
    spec, sources = ReadSpec(place.path), list[tuple[str, bytes]]()
    try:
        if place.tasks:
            data = files.read(place.tasks)
            spec = spec._replace(
                tasks=_parsed(place.shown(place.tasks), read_document, data), tasks_name=place.tasks.name
            )
            sources.append((place.tasks.name, data))
        if place.guide:
            data = files.read(place.guide)
            spec = spec._replace(
                guide=_parsed(place.shown(place.guide), lambda each: read_guide(each, system=system), data)
            )
            sources.append((GUIDE, data))
        config = _config(place, settings)
        if place.tasks and settings.write and not settings.dry_run:
            files.refuse_read_only(place.tasks, place.shown(place.tasks))
    except SpecError as error:
        return Read(ReadSpec(place.path, error=str(error)), place)
    history = read_history(journal.load(place.root))
    return Read(spec._replace(sources=tuple(sources)), place, history, config)


def _config(place: Place, settings: Settings) -> Config | None:
    """The configuration, if there is any: most specs have none, and are not to pay for reading it."""
    if settings.config or (place.folder / "spec-run.toml").exists() or (place.root / "pyproject.toml").is_file():
        from spec_runner.system.config import read_config

        return read_config(place.folder, place.root, settings.config)
    return None


def _parsed(path: str, parse: Callable[[bytes], _T], data: bytes) -> _T:
    try:
        return parse(data)
    except SpecError as error:
        raise error.at(path) from None


def make_plan(found: list[Read], settings: Settings) -> Plan:
    """All that would be done. A word that chooses tasks is an error only if no spec knows it."""
    if settings.allow and not any(read.spec.error for read in found):
        refuse_unknown(settings.allow, [read.spec for read in found])
    choices = Choices(settings.selection, settings.allow, settings.timeout, settings.guide_only)
    specs: list[PlannedSpec] = []
    unknown: list[SpecError] = []
    for read in found:
        try:
            specs.append(_plan_one(read, choices))
        except SpecError as error:
            if error.line is not None and read.place and read.place.tasks:
                specs.append(PlannedSpec(read.spec, error=str(error.at(read.place.shown(read.place.tasks)))))
                continue
            unknown.append(error)
            specs.append(PlannedSpec(read.spec, warnings=(str(error),)))
    if unknown and len(unknown) == len([read for read in found if not read.spec.error]):
        raise unknown[0]
    offer = choose_level(settings.sandbox, settings.network, is_tried=not settings.dry_run)
    return Plan(tuple(specs), offer.level, settings.network, offer.todo)


def _plan_one(read: Read, choices: Choices) -> PlannedSpec:
    if read.spec.error is not None or read.place is None:
        return PlannedSpec(read.spec, error=read.spec.error)
    system = _SYSTEMS.get(sys.platform, "linux")
    has_guide = read.spec.guide is not None
    document = read.place.document
    return plan_spec(
        read.spec,
        choices,
        lambda task: decide(task, system=system, has_guide=has_guide),
        lambda task: read.history.proves(document, task),
    )

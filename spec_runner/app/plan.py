"""What was typed → specs found and read → a plan of all that would be done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeVar

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.tasks import decide
from spec_runner.core.evidence.records import History, guide_digest, read_history
from spec_runner.core.plan.flow import Machine
from spec_runner.core.plan.model import (
    DEFAULT_TIMEOUT,
    GUIDE,
    Choices,
    Plan,
    PlannedSpec,
    PlannedTask,
    ReadSpec,
    plan_spec,
    refuse_unknown,
)
from spec_runner.core.plan.selection import Selection
from spec_runner.core.plan.sources import with_sources
from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError
from spec_runner.system import journal
from spec_runner.system.document import files
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.system.sandbox.levels import choose_level

if TYPE_CHECKING:
    from spec_runner.system.config import Config
    from spec_runner.system.env import Values
    from spec_runner.system.worktree.copies import Content
    from spec_runner.system.worktree.kept import Keeping

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
    timeout: float | None = None
    """Seconds; as typed, like the next two: what was not is what the configuration says, else what is usual."""
    jobs: int | None = None
    keep_going: bool | None = None
    dry_run: bool = False
    guide_only: bool = False
    strict: bool = False
    allow_empty: bool = False
    write: bool = True
    in_place: bool = False
    fresh: bool = False
    content: Content = "everything"
    """What of the repository the work tree holds."""
    sandbox: str = "auto"
    network: str = "host"
    registries: tuple[str, ...] = ()
    memory: int | None = None
    """Bytes that everything in the sandbox may hold; None: what is usual, 0: all there is. So is ``disk``."""
    disk: int | None = None
    wait: bool = False
    env: tuple[tuple[str, str | None], ...] = ()
    """Variables that are named: each with its value, or with None for the caller's own."""
    env_file: Path | None = None
    config: Path | None = None
    json: bool = False
    json_events: bool = False
    junit: Path | None = None
    html: Path | None = None
    verbose: bool = False

    @property
    def on_github(self) -> bool:
        """GitHub's runner reads what is printed."""
        return self.environment.get("GITHUB_ACTIONS") == "true"


class Read(NamedTuple):
    """A spec that was read, and where it is; no place for one that could not be found."""

    spec: ReadSpec
    place: SpecPaths | None = None
    history: History = History({})
    config: Config | None = None
    """The spec's own configuration; None if it has none."""


def read_specs(settings: Settings, places: Iterable[SpecPaths | SpecError] | None = None) -> list[Read]:
    """Every spec that the paths mean, or those at these places, in their order; a journal is read once for all."""
    if places is None:
        places = find_specs(settings.paths, settings.here, settings.environment)
    histories: dict[Path, History] = {}
    return [read_spec(place, settings, histories) for place in places]


def read_spec(place: SpecPaths | SpecError, settings: Settings, histories: dict[Path, History]) -> Read:
    """The documents of a spec; one that cannot be read is told as its error, so that the others still are."""
    if isinstance(place, SpecError):
        return Read(ReadSpec(place.path or "", error=str(place)))
    system = _SYSTEMS.get(sys.platform, "linux")
    spec, sources = ReadSpec(place.path), list[tuple[str, bytes]]()
    try:
        for file in (place.tasks, place.guide):
            if file:
                files.refuse_outside(file, place.root, place.shown(file))
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
        if place.root not in histories:
            histories[place.root] = read_history(journal.load(place.root))
    except SpecError as error:
        return Read(ReadSpec(place.path, error=str(error)), place)
    return Read(spec._replace(sources=tuple(sources)), place, histories[place.root], config)


def _config(place: SpecPaths, settings: Settings) -> Config | None:
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
    if settings.env_file:
        # A preview says what the run will say.
        files.read(settings.env_file)
    offer = choose_level(settings.sandbox, settings.network, is_tried=not settings.dry_run)
    specs: list[PlannedSpec] = []
    unknown: list[SpecError] = []
    for read in found:
        try:
            planned = _plan_one(read, settings)
            specs.append(_going_on(planned, read, settings, offer.level))
        except SpecError as error:
            if error.line is not None and read.place and read.place.tasks:
                specs.append(PlannedSpec(read.spec, error=str(error.at(read.place.shown(read.place.tasks)))))
                continue
            unknown.append(error)
            specs.append(PlannedSpec(read.spec, warnings=(str(error),)))
    if unknown and len(unknown) == len([read for read in found if not read.spec.error]):
        raise unknown[0]
    return Plan(tuple(specs), offer.level, settings.network, offer.todo)


def _choices(config: Config | None, settings: Settings) -> Choices:
    """What was typed, else what the spec's configuration says, else what is usual."""
    timeout = settings.timeout or (config and config.timeout) or DEFAULT_TIMEOUT
    jobs = settings.jobs or (config and config.jobs) or os.cpu_count() or 1
    keep_going = settings.keep_going if settings.keep_going is not None else bool(config and config.keep_going)
    return Choices(settings.selection, settings.allow, timeout, jobs, keep_going, settings.guide_only)


def _plan_one(read: Read, settings: Settings) -> PlannedSpec:
    if read.spec.error is not None or read.place is None:
        return PlannedSpec(read.spec, error=read.spec.error)
    try:
        values = values_of(read, read.place, settings)
    except SpecError as error:
        return PlannedSpec(read.spec, error=str(error))
    system = _SYSTEMS.get(sys.platform, "linux")
    has_guide = read.spec.guide is not None
    document = read.place.document
    planned = plan_spec(
        read.spec,
        _choices(read.config, settings),
        lambda task: decide(task, system=system, has_guide=has_guide),
        lambda tasks: _proven(read, document, tasks),
        _machine(read.place),
    )
    planned = with_sources(planned, values.source_of, {name: source for name, (_, source) in values.given.items()})
    mirrors = read.config.mirrors if read.config else {}
    shown = tuple((address, os.path.relpath(place, read.place.root)) for address, place in mirrors.items())
    planned = planned._replace(mirrors=shown)
    asks = any(step.sources for step in planned.steps)
    return planned._replace(warnings=(*planned.warnings, *values.warnings)) if asks else planned


def values_of(read: Read, place: SpecPaths, settings: Settings) -> Values:
    """The values that were given by name, for the commands of a spec. Raises SpecError for a file."""
    from spec_runner.system.env import read_values

    config = read.config.env if read.config else {}
    return read_values(settings.env, settings.env_file, config, place.root, settings.environment)


def _machine(place: SpecPaths) -> Machine:
    """What a guide's plan asks of the machine where its words leave two ways open."""

    def has_program(name: str) -> bool:
        from shutil import which

        return which(name) is not None

    return Machine(has_program, lambda path: (place.root / path).is_dir(), place.root.name or "/")


def _proven(read: Read, document: str, tasks: tuple[PlannedTask, ...]) -> Collection[str]:
    if not read.history.seen:
        return ()
    return read.history.proven(document, tasks, guide=guide_digest(read.spec.sources))


def _going_on(planned: PlannedSpec, read: Read, settings: Settings, level: str) -> PlannedSpec:
    """The plan without what is proven in the work tree that is kept, if it can be taken up."""
    from spec_runner.core.plan.resume import resumed

    if read.place is None or planned.error:
        return planned
    kept = _kept(read, settings, level)
    if kept is None or kept.tree is None:
        why = kept.why_new if kept and not settings.fresh else None
        told = (f"everything is run again: {why}",) if why else ()
        return resumed(planned._replace(warnings=(*planned.warnings, *told)), ()).spec
    document, guide = read.place.document, guide_digest(read.spec.sources)
    going_on = resumed(planned, read.history.proven(document, planned.tasks, kept.tree.id, guide=guide))
    states = (read.history.seen[document, key].record.get("state") for key in going_on.last)
    return going_on.spec._replace(start=next((str(state) for state in states if state), None))


def _kept(read: Read, settings: Settings, level: str) -> Keeping | None:
    """How the work tree is kept that an earlier run left; None where there is none."""
    if read.place is None or not (keeps(read.place, settings) and read.history.seen):
        return None
    from spec_runner.system.worktree.kept import folder_for, load

    return keeping(read, settings, level) if load(folder_for(read.place, settings.environment)) else None


def keeps(place: SpecPaths, settings: Settings) -> bool:
    """Whether the work tree is kept: a guide's goes with its sandbox, and the repository itself needs no keeping."""
    return not settings.in_place and settings.content == "everything" and place.tasks is not None


def keeping(read: Read, settings: Settings, level: str) -> Keeping | None:
    """How the work tree of a spec is kept; None where it is not."""
    from spec_runner.system.worktree import kept

    if read.place is None or not keeps(read.place, settings):
        return None
    sources = values_of(read, read.place, settings).sources
    told = [repr([(source.name, sorted(source.values.items())) for source in sources]).encode()]
    mirrors = read.config.mirrors.values() if read.config else ()
    return kept.keeping(read.place, settings.environment, level, told, mirrors, fresh=settings.fresh)

"""What was typed → specs found and read → a plan of all that would be done."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeVar

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Intent
from spec_runner.core.decide.tasks import decide
from spec_runner.core.decide.whereabouts import Wanted, holders, is_in
from spec_runner.core.evidence.records import History, guide_digest
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
from spec_runner.core.plan.sources import filled_in, guide_filled_in, with_sources
from spec_runner.core.text.addresses import clones_of
from spec_runner.core.text.document import Task, read_document
from spec_runner.core.text.printable import typed
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.system.sandbox.levels import choose_level

if TYPE_CHECKING:
    from spec_runner.core.evidence.sight import Edited
    from spec_runner.core.plan.needed import World
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
    no_deps: bool = False
    """Refuse a selection that needs what it leaves out, instead of running that first."""
    allow: frozenset[str] = frozenset()
    timeout: float | None = None
    """Seconds; as typed, like the next two: what was not is what the configuration says, else what is usual."""
    jobs: int | None = None
    keep_going: bool | None = None
    dry_run: bool = False
    guide_only: bool = False
    sections: tuple[str, ...] = ()
    """Parts of the titles of those sections of a guide that are followed; none: all that are to be."""
    strict: bool = False
    allow_empty: bool = False
    write: bool = True
    in_place: bool = False
    fresh: bool = False
    tests: bool | None = None
    """Run the tests that tasks name."""
    ticked_since: str | None = None
    """Judge only what was ticked since this commit."""
    changed_since: str | None = None
    """Only the specs with a file that changed since this commit."""
    on: str | None = None
    """The cluster that runs the specs, as it was named: ``dask``, ``dask:tcp://10.0.0.7:8786``."""
    partition: tuple[int, int] | None = None
    """Only this part of the specs, of so many; the others are run elsewhere."""
    content: Content = "everything"
    """What of the repository the work tree holds."""
    shell: str | None = None
    """The shell that runs the commands; None: what the configuration says, else the best one that is here."""
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
    setup: tuple[str, ...] | None = None
    """Commands that make the work tree ready; none: nothing does; None: what the repository's manifests say."""
    config: Path | None = None
    json: bool = False
    json_events: bool = False
    junit: Path | None = None
    html: Path | None = None
    attest: Path | None = None
    badge: Path | None = None
    markdown: Path | None = None
    verbose: bool = False
    typed: tuple[str, ...] = ()
    """The words of the command line."""

    @property
    def report_files(self) -> Mapping[str, Path | None]:
        """Where reports were asked for, by option."""
        return {
            "--junit": self.junit, "--html": self.html, "--markdown": self.markdown, "--attest": self.attest,
            "--badge": self.badge,
        }  # fmt: skip

    @property
    def on_github(self) -> bool:
        """GitHub's runner reads what is printed."""
        return self.environment.get("GITHUB_ACTIONS") == "true"


class Read(NamedTuple):
    """A spec that was read, and where it is; no place for one that could not be found."""

    spec: ReadSpec
    known: Known
    """What the journal and Git say of its repository."""
    place: SpecPaths | None = None
    config: Config | None = None
    """The spec's own configuration; None if it has none."""
    values: Values | None = None
    """The values that were given by name, for its commands."""
    keeping: Keeping | None = None
    """How its work tree is kept; decided by ``take_up``."""
    mirrors: Mapping[str, Path] = MappingProxyType({})
    """The addresses that Git fetches from elsewhere, each with the place; of its own address that is the root."""

    @property
    def history(self) -> History:
        """What earlier runs saw."""
        return self.known.history(self.place.root) if self.place else History({})


def read_specs(
    settings: Settings, places: Iterable[SpecPaths | SpecError] | None = None, known: Known | None = None
) -> list[Read]:
    """Every spec that the paths mean, or those at these places, in their order."""
    if places is None:
        places = find_specs(settings.paths, settings.here, settings.environment, guides=settings.guide_only)
    known = known or Known()
    return [read_spec(place, settings, known) for place in places]


def read_spec(place: SpecPaths | SpecError, settings: Settings, known: Known) -> Read:
    """The documents of a spec; one that cannot be read stands as its error, so that the others are read."""
    if isinstance(place, SpecError):
        return Read(ReadSpec(place.path or "", error=str(place)), known)
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
                guide=_parsed(place.shown(place.guide), lambda each: read_guide(each, system, settings.sections), data),
                guide_name=place.guide.name,
            )
            sources.append((GUIDE, data))
        config = _config(place, settings)
        if place.tasks and settings.write and not settings.dry_run:
            files.refuse_read_only(place.tasks, place.shown(place.tasks))
        known.history(place.root)
        values = _values(place, config, settings)
    except SpecError as error:
        return Read(ReadSpec(place.path, error=str(error)), known, place)
    mirrors = {**(config.mirrors if config else {}), **_own_address(place.root, [data for _, data in sources])}
    return Read(spec._replace(sources=tuple(sources)), known, place, config, values, mirrors=mirrors)


def _own_address(root: Path, sources: Iterable[bytes]) -> dict[str, Path]:
    """The addresses in a spec's documents by which they clone the repository that they are in, each with its root."""
    text = b"\n".join(data for data in sources if b"clone" in data).decode("utf-8", "replace")
    if not text:
        return {}
    from spec_runner.system.worktree import git

    return dict.fromkeys(clones_of(text, git.origin(root)), root)


def _values(place: SpecPaths, config: Config | None, settings: Settings) -> Values:
    """The values that were given by name, for the commands of a spec. Raises SpecError for a file."""
    from spec_runner.system.env import read_values

    return read_values(settings.env, settings.env_file, config.env if config else {}, place.root, settings.environment)


def _config(place: SpecPaths, settings: Settings) -> Config | None:
    """The configuration, if there is any: most specs have none, and are not to pay for reading it."""
    own = (place.folder / "spec-run.toml", place.root / "pyproject.toml")
    if settings.config is None:
        for file in own:
            files.refuse_outside(file, place.root, str(file))
    if settings.config or any(file.exists() for file in own):
        from spec_runner.system.config import read_config

        return read_config(place.folder, place.root, settings.config)
    return None


def _parsed(path: str, parse: Callable[[bytes], _T], data: bytes) -> _T:
    try:
        return parse(data)
    except SpecError as error:
        raise error.at(path) from None


def make_plan(found: list[Read], settings: Settings, machine_of: Callable[[SpecPaths], Machine] | None = None) -> Plan:
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
            specs.append(_plan_one(read, settings, machine_of or machine))
        except SpecError as error:
            if error.line is not None and read.place and read.place.tasks:
                specs.append(PlannedSpec(read.spec, error=str(error.at(read.place.shown(read.place.tasks)))))
                continue
            unknown.append(error)
            specs.append(PlannedSpec(read.spec, warnings=(str(error),)))
    # In a part of a run another part may know it.
    if unknown and not settings.partition and len(unknown) == len([read for read in found if not read.spec.error]):
        raise unknown[0]
    return Plan(tuple(specs), offer.level, settings.network, offer.todo)


def _choices(read: Read, settings: Settings) -> Choices:
    """What was typed, else what the spec's configuration says, else what is usual.

    A list that has no sign for what was not reached goes on after a failure.
    """
    config = read.config
    timeout = settings.timeout or (config and config.timeout) or DEFAULT_TIMEOUT
    jobs = settings.jobs or (config and config.jobs) or os.cpu_count() or 1
    said = settings.keep_going if settings.keep_going is not None else config and config.keep_going
    keep_going = said if said is not None else bool(read.spec.tasks and read.spec.tasks.is_foreign)
    return Choices(settings.selection, settings.allow, timeout, jobs, keep_going, settings.guide_only)


def _plan_one(read: Read, settings: Settings, machine_of: Callable[[SpecPaths], Machine]) -> PlannedSpec:
    if read.spec.error is not None or read.place is None or read.values is None:
        return PlannedSpec(read.spec, error=read.spec.error)
    system = _SYSTEMS.get(sys.platform, "linux")
    has_guide = read.spec.guide is not None
    document = read.place.document
    with_tests = _named_tests(read, settings)
    values = read.values

    def decided(task: Task) -> Intent:
        intent = with_tests(decide(task, system=system, has_guide=has_guide), task)
        return intent._replace(steps=tuple(filled_in(step, values.source_of) for step in intent.steps))

    planned = plan_spec(
        read.spec._replace(guide=read.spec.guide and guide_filled_in(read.spec.guide, values.source_of)),
        _choices(read, settings),
        decided,
        lambda tasks: _proven(read, document, tasks),
        machine_of(read.place),
    )
    planned = with_sources(planned, values.source_of, {name: source for name, (_, source) in values.given.items()})
    root = read.place.root
    shown = tuple(
        (address, "the commit at hand" if place == root else os.path.relpath(place, root))
        for address, place in read.mirrors.items()
    )
    planned = planned._replace(mirrors=shown)
    asks = any(step.sources for step in planned.steps)
    return planned._replace(warnings=(*planned.warnings, *values.warnings)) if asks else planned


def _named_tests(read: Read, settings: Settings) -> Callable[[Intent, Task], Intent]:
    """What adds the tests that a task names to what it means to be run, if that was asked for."""
    asked = settings.tests if settings.tests is not None else bool(read.config and read.config.tests)
    place = read.place
    if not asked or place is None:
        return lambda intent, task: intent
    from spec_runner.core.decide.named_tests import with_named_tests
    from spec_runner.system.worktree.looking import content_of, names_of

    names, content = names_of(place.root).seen_from(place.document), content_of(place.root)
    return lambda intent, task: with_named_tests(intent, task, names.find, content)


def _tracked(root: Path) -> tuple[str, ...]:
    """The files that Git tracks, asked once for all specs of a repository."""
    try:
        index = os.stat(root / ".git" / "index")
    except OSError:
        return _listed(root, None) if (root / ".git").exists() else ()
    return _listed(root, (index.st_mtime_ns, index.st_size))


@lru_cache(maxsize=4)
def _listed(root: Path, index: tuple[int, int] | None) -> tuple[str, ...]:
    """``index`` tells its state from another one."""
    from spec_runner.system.worktree import git

    return tuple(map(os.fsdecode, git.listed_files(root, only_tracked=True) or ()))


def machine(place: SpecPaths) -> Machine:
    """What a guide's plan asks of the machine where its words leave two ways open."""

    def has_program(name: str) -> bool:
        from shutil import which

        return which(name) is not None

    def has_folder(path: str) -> bool:
        return (place.root / path).is_dir()

    def holding(wanted: Wanted, here: str) -> tuple[str, ...] | None:
        from spec_runner.system.worktree.looking import content_of

        def read(path: str) -> str:
            return content_of(place.root)(path) or ""

        if not has_folder(here) or is_in(wanted, here, lambda path: (place.root / path).exists(), read):
            return None
        return holders(wanted, _tracked(place.root), read)

    return Machine(has_program, has_folder, place.root.name or "/", holding)


def _proven(read: Read, document: str, tasks: tuple[PlannedTask, ...]) -> Collection[str]:
    if not read.history.seen:
        return ()
    return read.history.proven(document, tasks, guide=guide_digest(read.spec.sources))


def take_up(found: list[Read], plan: Plan, settings: Settings) -> tuple[list[Read], Plan]:
    """The specs and their plan with the work trees that are kept: which are gone on in, and where each run goes on.

    Decided once, before anything runs: what somebody saves meanwhile is found by the next run.
    """
    kept = [_keeping(read, settings, plan.level) for read in found]
    found = [read._replace(keeping=each) for read, each in zip(found, kept, strict=True)]
    specs = tuple(
        _with_time(_going_on(spec, read, settings), read) for spec, read in zip(plan.specs, found, strict=True)
    )
    return found, plan._replace(specs=specs)


def _with_time(planned: PlannedSpec, read: Read) -> PlannedSpec:
    """The plan with the time that its tasks took when they last ran, where that is known of each of them."""
    if read.place is None or planned.error or not read.history.seen:
        return planned

    def took(key: str) -> float | None:
        seen = read.history.seen.get((read.place.document, key)) if read.place else None
        seconds = seen.record.get("seconds") if seen else None
        return float(seconds) if isinstance(seconds, (int, float)) else None

    tasks = tuple(task._replace(took=took(task.task.key)) if task.action == "run" else task for task in planned.tasks)
    times = [took(GUIDE)] if planned.runs_guide else [task.took for task in tasks if task.action == "run"]
    known = [each for each in times if each is not None]
    is_known = known and len(known) == len(times)
    return planned._replace(tasks=tasks, took=sum(known) if is_known else None)


def _going_on(planned: PlannedSpec, read: Read, settings: Settings) -> PlannedSpec:
    """The plan without what is proven in the work tree that is kept, if it can be taken up."""
    from spec_runner.core.plan.resume import resumed

    if read.place is None or planned.error:
        return planned
    if settings.content == "commit":
        return planned  # verify itself says what runs before the ticks that are asked about
    if read.keeping is None or read.keeping.tree is None:
        why = read.keeping.why_new if read.keeping and read.history.seen and not settings.fresh else None
        warnings = (f"everything is run again: {why}",) if why else ()
        planned = planned._replace(warnings=(*planned.warnings, *warnings))
        return refused(resumed(planned, (), world=_world(read, settings)).spec, read.place, settings)
    document, guide = read.place.document, guide_digest(read.spec.sources)
    proven = read.history.proven(document, planned.tasks, read.keeping.tree.id, guide=guide)
    stale = _stale(read, read.place, read.keeping.edited, planned, proven)
    going_on = resumed(planned, set(proven) - set(stale), stale, _world(read, settings))
    states = (read.history.seen[document, key].record.get("state") for key in going_on.last)
    spec = going_on.spec._replace(start=next((str(state) for state in states if state), None))
    spec = spec._replace(warnings=(*_edit_warnings(read.keeping), *spec.warnings))
    return refused(spec, read.place, settings)


def _world(read: Read, settings: Settings) -> World | None:
    """What is known of where a selection runs; None where nothing is selected."""
    return None if settings.selection == Selection() else world_of(read, settings)


def world_of(read: Read, settings: Settings, *, makers: bool = False) -> World:
    """What is known of where a spec runs. Imported late: most runs leave nothing out."""
    from shutil import which

    from spec_runner.core.plan.needed import World

    is_set_up = settings.setup != () and not settings.in_place and not (read.config and read.config.setup == ())
    root = read.place.root if read.place else settings.here
    return World(lambda name: which(name) is not None, lambda path: (root / path).exists(), is_set_up, makers)


def refused(planned: PlannedSpec, place: SpecPaths, settings: Settings) -> PlannedSpec:
    """The plan. Raises SpecError where tasks would run first that the user does not want to run."""
    first = [task.task for task in planned.tasks if task.is_first] if settings.no_deps else []
    if not first or place.tasks is None:
        return planned
    why = next(task.why for task in planned.tasks if task.is_first)
    names = ", ".join(task.word for task in first)
    are = "are" if len(first) > 1 else "is"
    raise SpecError(
        f"{names} {are} not proven, and {why}",
        todo=f"leave out --no-deps, or first: spec-run --only {names.replace(' ', '')} {typed(planned.read.path)}",
        path=place.shown(place.tasks), line=first[0].line,
    )  # fmt: skip


def _stale(
    read: Read, place: SpecPaths, edited: Mapping[str, Edited], planned: PlannedSpec, proven: Collection[str]
) -> dict[str, str]:
    """The tasks of those that were proven before the repository changed, each with the path that it may have seen."""
    from spec_runner.core.evidence.sight import unseen_since
    from spec_runner.system.worktree.looking import content_of

    content = content_of(place.root)
    found: dict[str, str] = {}
    for task in planned.tasks if edited else ():
        if task.task.key in proven:
            edition = int(read.history.seen[place.document, task.task.key].record.get("edition") or 0)
            stands, path = unseen_since(task, edition, edited, content)
            if not stands and path:
                found[task.task.key] = path
    return found


def _edit_warnings(keeping: Keeping) -> tuple[str, ...]:
    """What commands made that changes of the repository take the place of."""
    both, warnings = sorted(keeping.edits.both), list[str]()
    if both:
        named = ", ".join(both[:3]) + (f" and {len(both) - 3} more" if len(both) > 3 else "")
        warnings.append(f"changed by you and by the commands; the work tree takes yours: {named}")
    if keeping.edits.has_own_commits:
        warnings.append("the repository stands at another commit: the commits that the commands made are dropped")
    return tuple(warnings)


def _keeping(read: Read, settings: Settings, level: str) -> Keeping | None:
    """How the work tree of a spec is kept: a guide's goes with its sandbox, and the repository itself needs no keeping.

    Without an earlier run a preview asks nobody.
    """
    # What a worker of a cluster made stays there.
    keeps = (
        not settings.on and not settings.in_place and settings.content == "everything" and settings.ticked_since is None
    )
    if read.place is None or read.place.tasks is None or read.values is None or not keeps:
        return None
    if settings.dry_run and not read.history.seen:
        return None
    from spec_runner.system.worktree import kept

    given = [repr([(source.name, sorted(source.values.items())) for source in read.values.sources]).encode()]
    shell = settings.shell or (read.config and read.config.shell)
    given += [shell.encode()] if shell else []
    mirrors = read.config.mirrors.values() if read.config else ()
    root, known = read.place.root, read.known
    return kept.keeping(
        read.place, settings.environment, level, given, mirrors, lambda: known.git_status(root),
        fresh=settings.fresh, writes=not settings.dry_run,
    )  # fmt: skip

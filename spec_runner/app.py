"""One run, told in order: read this page first.

Specs are found and read, a plan is made of them, a runner follows the plan, and what happens is heard by the journal
first, the documents second, the views third and the summary last.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO, TypeAlias, TypeVar

from spec_runner.core.document import read_document
from spec_runner.core.events import Event
from spec_runner.core.follow import Runs, follow
from spec_runner.core.guide import read_guide
from spec_runner.core.history import History, read_history
from spec_runner.core.intent import decide
from spec_runner.core.plan import DEFAULT_TIMEOUT, GUIDE, Choices, Plan, PlannedSpec, ReadSpec, plan_spec
from spec_runner.core.pretend import PretendingRunner
from spec_runner.core.selection import Selection
from spec_runner.core.summary import Summary
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system import files, journal
from spec_runner.system.box import choose_level
from spec_runner.system.repository import Place, find_specs
from spec_runner.views import view_for

if TYPE_CHECKING:
    from spec_runner.core.events import Warned
    from spec_runner.system.config import Config
    from spec_runner.system.runner import Setting
    from spec_runner.system.terminal import Living

_SYSTEMS = {"darwin": "macos", "win32": "windows"}
_T = TypeVar("_T")
Records: TypeAlias = "Callable[[Event], Sequence[Warned]]"
Digests: TypeAlias = "Callable[[], Mapping[tuple[int, str], str]]"


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
    sandbox: str = "auto"
    network: str = "host"
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


def run(settings: Settings) -> ExitCode:
    """Read, plan, listen, run, sum up."""
    found = [read_spec(place, settings) for place in find_specs(settings.paths, settings.here, settings.environment)]
    plan = make_plan(found, settings)
    summary = Summary(plan)
    view = view_for(
        plan, settings.out, settings.err, dry_run=settings.dry_run, as_json=settings.json, verbose=settings.verbose
    )
    with ExitStack() as stack:
        runner = make_runner(found, plan, settings, stack)
        record, digests = make_recorder(found, plan, settings, stack)
        for event in follow(plan, runner, jobs=settings.jobs, keep_going=settings.keep_going):
            for said in (event, *record(event)):
                view.hear(said)
                summary.hear(said)
    code = summary.exit_code(strict=settings.strict, allow_empty=settings.allow_empty or settings.dry_run)
    view.finish(summary, code, digests())
    return code


def check(settings: Settings) -> ExitCode:
    """Read, plan as a run would, and tell what contradicts itself; nothing is run or written."""
    from spec_runner.core.check import check_spec
    from spec_runner.system.tree import file_memory
    from spec_runner.views.findings import print_findings

    found = [read_spec(place, settings) for place in find_specs(settings.paths, settings.here, settings.environment)]
    plan = make_plan(found, settings)
    memories = {read.place.root: file_memory(read.place.root) for read in found if read.place}
    checked = [
        (spec, check_spec(spec, memories[read.place.root] if read.place else None) if spec.error is None else [])
        for spec, read in zip(plan.specs, found, strict=True)
    ]
    print_findings(checked, settings.out, as_json=settings.json)
    if any(spec.error for spec in plan.specs):
        return ExitCode.USAGE
    return ExitCode.FAILED if any(findings for _, findings in checked) else ExitCode.PASSED


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
    return Plan(tuple(specs), choose_level(settings.sandbox), settings.network)


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


def make_runner(found: list[Read], plan: Plan, settings: Settings, stack: ExitStack) -> Runs:
    """The runner that runs, or the one that pretends; what it needs is gathered before anything starts."""
    if settings.dry_run or not any(spec.has_work for spec in plan.specs):
        return PretendingRunner()
    from spec_runner.system.runner import Runner
    from spec_runner.system.terminal import Living

    gc.enable()
    living = Living()
    needed = {
        number: _setting(read.place, read.config, settings, living)
        for number, read in enumerate(found)
        if read.place and plan.specs[number].has_work
    }
    runner = Runner(plan, living, needed)
    stack.callback(runner.abandon)
    stack.enter_context(_interrupting(runner.interrupt))
    return runner


def _setting(place: Place, config: Config | None, settings: Settings, living: Living) -> Setting:
    from spec_runner.system.box import Layout
    from spec_runner.system.env import read_values
    from spec_runner.system.runner import Setting

    values = read_values(settings.env_file, config.env if config else {}, place.root, settings.environment)
    mirrors = config.mirrors if config else {}
    layout = Layout(place.root, place.folder.resolve(), settings.environment, mirrors, living.stopping.is_set)
    return Setting(layout, values)


def make_recorder(found: list[Read], plan: Plan, settings: Settings, stack: ExitStack) -> tuple[Records, Digests]:
    """What writes events down, and what tells the digests of the documents afterwards."""
    if settings.dry_run or not settings.write:
        return lambda event: (), dict
    from spec_runner.system.recorder import Recorder

    recorder = Recorder(plan, [read.place for read in found])
    stack.callback(recorder.close)
    return recorder.hear, recorder.digests


@contextmanager
def _interrupting(interrupt: Callable[[int], None]) -> Iterator[None]:
    """While a run goes on, Ctrl-C, a terminal that closes and a request to end stop it in good order."""
    import signal

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # What whoever started us chose to ignore (nohup) stays ignored.
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda seen, frame: interrupt(seen)) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""One run, told in order: read this page first.

Specs are found and read, a plan is made of them, a runner follows the plan, and what happens is heard by the journal
first, the documents second, the views third and the summary last.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeAlias

from spec_runner.app.plan import Read, Settings, make_plan, read_specs
from spec_runner.core.events import Event
from spec_runner.core.follow import Runs, follow
from spec_runner.core.plan import Plan
from spec_runner.core.pretend import PretendingRunner
from spec_runner.core.summary import Summary
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.repository import Place
from spec_runner.views import view_for

if TYPE_CHECKING:
    from spec_runner.core.events import Warned
    from spec_runner.system.config import Config
    from spec_runner.system.runner import Setting
    from spec_runner.system.terminal import Living
    from spec_runner.system.trees import Keeping

Records: TypeAlias = "Callable[[Event], Sequence[Warned]]"
Digests: TypeAlias = "Callable[[], Mapping[tuple[int, str], str]]"


def run(settings: Settings) -> ExitCode:
    """Read, plan, listen, run, sum up."""
    found = read_specs(settings)
    plan = make_plan(found, settings)
    refuse_without_isolation(plan, settings)
    summary = Summary(plan)
    view = view_for(
        plan, settings.out, settings.err, dry_run=settings.dry_run, as_json=settings.json, verbose=settings.verbose
    )
    with ExitStack() as stack:
        runner = make_runner(found, plan, settings, stack)
        record, digests = make_recorder(found, plan, settings, stack)
        for event in follow(plan, runner):
            for said in (event, *record(event)):
                view.hear(said)
                summary.hear(said)
    code = summary.exit_code(strict=settings.strict, allow_empty=settings.allow_empty or settings.dry_run)
    view.finish(summary, code, digests())
    return code


def refuse_without_isolation(plan: Plan, settings: Settings) -> None:
    """Nobody's commands run without isolation unless somebody says so: asked on a terminal, refused elsewhere.

    Raises SpecError where it is not wanted.
    """
    is_asked_for = settings.sandbox != "auto" or settings.dry_run or not any(spec.has_work for spec in plan.specs)
    if plan.level != "plain" or is_asked_for:
        return
    todo = "spec-run doctor says what to install; --sandbox best runs without isolation"
    problem = f"no isolation is to be had here ({plan.missing or 'unknown reason'})"
    if not (sys.stdin and sys.stdin.isatty() and settings.err.isatty()):
        raise SpecError(problem, todo=todo)
    settings.err.write(f"spec-run: {problem}.\nRun the commands in a plain copy, with your rights? [y/N] ")
    settings.err.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise SpecError("nothing was run", todo=todo)


def make_runner(found: list[Read], plan: Plan, settings: Settings, stack: ExitStack) -> Runs:
    """The runner that runs, or the one that pretends; what it needs is gathered before anything starts."""
    if settings.dry_run or not any(spec.has_work for spec in plan.specs):
        return PretendingRunner()
    from spec_runner.system.runner import Runner
    from spec_runner.system.terminal import Living

    gc.enable()
    living = Living()
    needed = {
        number: _setting(read.place, read.config, settings, living, plan.level)
        for number, read in enumerate(found)
        if read.place and plan.specs[number].has_work
    }
    runner = Runner(plan, living, needed)
    stack.callback(runner.abandon)
    stack.enter_context(_interrupting(runner.interrupt))
    return runner


def _setting(place: Place, config: Config | None, settings: Settings, living: Living, level: str) -> Setting:
    from spec_runner.system.box.box import Layout
    from spec_runner.system.env import read_values
    from spec_runner.system.runner import Setting

    values = read_values(settings.env_file, config.env if config else {}, place.root, settings.environment)
    mirrors = config.mirrors if config else {}
    layout = Layout(
        place.root, place.folder.resolve(), settings.environment, mirrors, living.stopping.is_set,
        level=level, network=settings.network, content=settings.content,
        keeping=_keeping(place, config, settings, level), in_place=settings.in_place,
        registries=settings.registries,
    )  # fmt: skip
    return Setting(layout, values)


def _keeping(place: Place, config: Config | None, settings: Settings, level: str) -> Keeping | None:
    """How the work tree is kept; a guide's goes with its box, and the repository itself needs no keeping."""
    if settings.in_place or settings.content != "everything" or place.tasks is None:
        return None
    from spec_runner.system.trees import keeping

    told = [repr(sorted(config.env.items())).encode()] if config else []
    told += [file.read_bytes() for file in (settings.env_file, place.root / ".env") if file and file.is_file()]
    mirrors = config.mirrors.values() if config else ()
    return keeping(place, settings.environment, level, told, mirrors, fresh=True)


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

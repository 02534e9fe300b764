"""One run, told in order: read this page first.

Specs are found and read, a plan is made of them, a runner follows the plan, and what happens is heard by the journal
first, the documents second, the views third and the summary last.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from spec_runner.app.plan import Read, Settings, make_plan, read_specs
from spec_runner.core.events import Event
from spec_runner.core.follow import Runs, follow
from spec_runner.core.plan import Plan
from spec_runner.core.pretend import PretendingRunner
from spec_runner.core.summary import Summary
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.repository import Place
from spec_runner.views import Form, View, view_for

if TYPE_CHECKING:
    from spec_runner.core.events import Warned
    from spec_runner.system.config import Config
    from spec_runner.system.runner import Setting
    from spec_runner.system.terminal import Living

Records: TypeAlias = "Callable[[Event], Sequence[Warned]]"
Digests: TypeAlias = "Callable[[], Mapping[tuple[int, str], str]]"


def run(settings: Settings) -> ExitCode:
    """Read, plan, listen, run, sum up."""
    found = read_specs(settings)
    plan = make_plan(found, settings)
    summary = Summary(plan)
    views = make_views(found, plan, settings)
    digests: Digests = dict
    try:
        with ExitStack() as stack:
            runner = make_runner(found, plan, settings, stack)
            record, digests = make_recorder(found, plan, settings, stack)
            for event in follow(plan, runner, jobs=settings.jobs, keep_going=settings.keep_going):
                for said in (event, *record(event)):
                    summary.hear(said)
                    for view in views:
                        view.hear(said)
    except BaseException as error:
        # Whatever ended the run: the reports tell what was seen, and the error is told by who called.
        with suppress(SpecError):
            conclude(views, summary, _code_of(error), digests())
        raise
    code = summary.exit_code(strict=settings.strict, allow_empty=settings.allow_empty or settings.dry_run)
    conclude(views, summary, code, digests())
    return code


def make_views(found: list[Read], plan: Plan, settings: Settings) -> tuple[View, ...]:
    """What is printed, and the reports that were asked for. Raises SpecError where a report cannot be written."""
    form: Form = "events" if settings.json_events else "json" if settings.json else "text"
    reports: tuple[View, ...] = ()
    if (settings.junit or settings.html or settings.on_github) and not settings.dry_run:
        from spec_runner.app.reports import make_reports

        reports = make_reports(found, plan, settings)
    printed = view_for(
        plan,
        settings.out,
        settings.err,
        dry_run=settings.dry_run,
        form=form,
        verbose=settings.verbose,
        on_github=settings.on_github,
    )
    return printed, *reports


def conclude(views: Sequence[View], summary: Summary, code: ExitCode, digests: Mapping[tuple[int, str], str]) -> None:
    """Let every view tell what came of it; raises the first SpecError of those that could not, after all had a turn."""
    problems: list[SpecError] = []
    for view in views:
        try:
            view.finish(summary, code, digests)
        except SpecError as error:
            problems.append(error)
    if problems:
        raise problems[0]


def _code_of(error: BaseException) -> ExitCode:
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return ExitCode.USAGE if isinstance(error, SpecError) else ExitCode.FAULT


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
    from spec_runner.system.box.box import Layout
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

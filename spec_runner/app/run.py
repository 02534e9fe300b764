"""One run, in order: read this page first.

Specs are found and read, a plan is made of them, a runner follows the plan, and what happens is heard by the journal
first, the documents second, the views third and the summary last.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from spec_runner.app.plan import Read, Settings, make_plan, read_specs, take_up
from spec_runner.app.setup import with_setup
from spec_runner.app.share import only_share
from spec_runner.core.plan.driver import follow
from spec_runner.core.plan.dry_runner import DryRunner, Unrecorded
from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan
from spec_runner.core.plan.partition import Part
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import typed
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.views import Conclusion, Form, View, print_errors, view_for

if TYPE_CHECKING:
    from spec_runner.system.process.runner import Setting
    from spec_runner.system.process.terminal import LiveProcesses


def run(
    settings: Settings,
    summarize: Callable[[list[Read], Plan], Summary] = lambda found, plan: Summary(plan),
    ending: Conclusion | None = None,
) -> ExitCode:
    """Read, plan, listen, run, sum up.

    ``summarize`` makes what sums up; its plan is the one that is run. ``ending`` is shown in the end instead of what a
    run tells.
    """
    with ExitStack() as stack:
        known = Known()
        places, part = find_ready(settings, known, stack)
        found = read_specs(settings, places, known)
        found, planned = take_up(found, make_plan(found, settings), settings)
        summary = summarize(found, planned)
        plan = summary.plan = shared(with_setup(summary.plan, found, settings), settings)._replace(part=part)
        settings = settings._replace(allow_empty=settings.allow_empty or bool(part and part.all and not part.specs))
        print_errors((spec.error for spec in plan.specs), settings.err)
        refuse_without_isolation(plan, settings)
        reports = wanted_reports(found, plan, settings)
        recorder = make_recorder(found, plan, known, settings, stack)
        views = (make_view(plan, settings, ending), *reports)
        try:
            with ExitStack() as running:
                for event in happening(found, plan, settings, running, recorder.flush):
                    for said in (event, *recorder.hear(event)):
                        tell(said, views, summary)
        except BaseException as error:
            # Whatever ended the run: what was seen is shown. The error itself is reported by the caller.
            for said in recorder.settle():
                tell(said, views, summary)
            with suppress(SpecError):
                conclude(views, summary, _code_of(error))
            raise
        for said in recorder.settle():
            tell(said, views, summary)
        code = summary.exit_code(strict=settings.strict, allow_empty=settings.allow_empty or settings.dry_run)
        recorder.finish(code)
    conclude(views, summary, code)
    return code


def tell(event: Event, views: Sequence[View], summary: Summary) -> None:
    """Let everybody hear an event."""
    for view in views:
        view.hear(event)
    summary.hear(event)


def wanted_reports(found: list[Read], plan: Plan, settings: Settings) -> tuple[View, ...]:
    """The reports that were asked for. Raises SpecError where one cannot be written."""
    if settings.dry_run or not (settings.on_github or any(settings.report_files.values())):
        return ()
    from spec_runner.app.reports import make_reports

    return make_reports(found, plan, settings)


def make_view(plan: Plan, settings: Settings, ending: Conclusion | None = None) -> View:
    """What is printed; from here on nothing keeps the run from starting."""
    form: Form = "events" if settings.json_events else "json" if settings.json else "text"
    return view_for(
        plan, settings.out, settings.err,
        dry_run=settings.dry_run, form=form, verbose=settings.verbose, on_github=settings.on_github,
        ending=ending, again=_without_dry_run(settings.typed),
    )  # fmt: skip


def _without_dry_run(words: tuple[str, ...]) -> str:
    """What was typed to preview a run, as it is typed to start it; nothing where nobody typed."""
    short = (word.replace("n", "") if word[:1] == "-" != word[1:2] else word for word in words)
    kept = [word for word in short if word not in ("-", "--dry-run")]
    return " ".join(["spec-run", *map(typed, kept)]) if words else ""


def conclude(views: Sequence[View], summary: Summary, code: ExitCode) -> None:
    """Let every view tell what came of it; raises the first SpecError of those that could not, after all had a turn."""
    problems: list[SpecError] = []
    for view in views:
        try:
            view.finish(summary, code)
        except SpecError as error:
            problems.append(error)
    if problems:
        raise problems[0]


def _code_of(error: BaseException) -> ExitCode:
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    return ExitCode.USAGE if isinstance(error, SpecError) else ExitCode.FAULT


def refuse_without_isolation(plan: Plan, settings: Settings) -> None:
    """Nobody's commands run without isolation unless somebody says so: asked on a terminal, refused elsewhere.

    Raises SpecError where it is not wanted, and where this system cannot have a sandbox at all.
    """
    is_asked_for = settings.sandbox != "auto" or settings.dry_run or not any(spec.has_work for spec in plan.specs)
    if plan.level != "plain" or is_asked_for:
        return
    todo = "spec-run doctor says what to install; --sandbox best runs without isolation"
    problem = f"this machine offers no isolation ({plan.missing or 'this system has none'})"
    if not (sys.stdin and sys.stdin.isatty() and settings.err.isatty()):
        raise SpecError(problem, todo=todo)
    settings.err.write(f"spec-run: {problem}.\nRun the commands in a plain copy, with your rights? [y/N] ")
    settings.err.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise SpecError("nothing ran: you said no", todo=todo)


def find_ready(settings: Settings, known: Known, stack: ExitStack) -> tuple[list[SpecPaths | SpecError], Part | None]:
    """The specs that the paths mean, and which part of them they are.

    Where they will be written, nobody else runs them until the stack is closed.
    """
    places = find_specs(settings.paths, settings.here, settings.environment, guides=settings.guide_only)
    if settings.changed_since is not None:
        from spec_runner.app.changed import only_changed

        places = only_changed(places, settings)
    if settings.ticked_since is not None:
        from spec_runner.app.changed import only_ticked

        places = only_ticked(places, settings)
    places, part = only_share(places, settings, known)
    if not settings.dry_run and settings.write:
        from spec_runner.app.ready import make_ready

        make_ready(places, settings, known, stack)
    return places, part


def shared(plan: Plan, settings: Settings) -> Plan:
    """The plan, whose specs share what may run at once: specs beside each other first, then neighbours in one."""
    specs = sum(spec.has_work for spec in plan.specs)
    asked = settings.jobs or os.cpu_count() or 1
    # In the repository itself each would see what the others do.
    apart = settings.dry_run or settings.in_place or not hasattr(os, "fork")
    at_once = 1 if apart else max(min(asked, specs), 1)
    if at_once == 1:
        return plan._replace(where=settings.on)
    within = 1 if settings.on else max(asked // at_once, 1)
    return plan._replace(
        specs=tuple(spec._replace(jobs=min(spec.jobs, within)) for spec in plan.specs),
        at_once=at_once,
        where=settings.on,
    )


def happening(
    found: list[Read], plan: Plan, settings: Settings, stack: ExitStack, when_idle: Callable[[], None]
) -> Iterator[Event]:
    """What happens, from whoever runs the plan, or pretends to; what that needs is gathered before anything starts."""
    if settings.dry_run or not any(spec.has_work for spec in plan.specs):
        return follow(plan, DryRunner())
    from spec_runner.system.process.runner import Runner
    from spec_runner.system.process.terminal import LiveProcesses
    from spec_runner.system.signals import END, INTERRUPT, heard_by

    def setting_of(number: int, processes: LiveProcesses) -> Setting:
        return setting_for(found[number], settings, processes, plan)

    gc.enable()
    if settings.on:
        from spec_runner.app.fleet import Fleet

        fleet = Fleet(found, plan, settings)
        stack.callback(fleet.abandon)
        stack.enter_context(heard_by(fleet.interrupt, INTERRUPT, *END))
        return fleet.follow(when_idle)
    if plan.at_once > 1:
        from spec_runner.system.process.workers import Workers

        workers = Workers(plan, setting_of, when_idle, streams=settings.verbose)
        stack.callback(workers.abandon)
        stack.enter_context(heard_by(workers.interrupt, INTERRUPT, *END))
        return workers.follow()
    processes = LiveProcesses()
    needed = {number: setting_of(number, processes) for number, spec in enumerate(plan.specs) if spec.has_work}
    runner = Runner(plan, processes, needed, when_idle, streams=settings.verbose)
    stack.callback(runner.abandon)
    stack.enter_context(heard_by(runner.interrupt, INTERRUPT, *END))
    return follow(plan, runner)


def setting_for(read: Read, settings: Settings, processes: LiveProcesses, plan: Plan) -> Setting:
    """What a spec runs with, on the machine where it runs."""
    from spec_runner.system.process.limits import Limits, usual_limits
    from spec_runner.system.process.runner import Setting
    from spec_runner.system.sandbox.sandbox import Layout
    from spec_runner.system.worktree import git_config
    from spec_runner.system.worktree.looking import code_names

    place, values = read.place, read.values
    assert place is not None and values is not None, "what has something to run was read"
    values = values._replace(hidden=values.hidden | git_config.secrets(place.root))
    layout = Layout(
        place.root, place.folder.resolve(), settings.environment, read.mirrors, processes.stopping.is_set,
        level=plan.level, network=settings.network, content=settings.content,
        keeping=read.keeping, in_place=settings.in_place,
        registries=settings.registries, variables={name: value for name, (value, _) in values.given.items()},
        shell=settings.shell or (read.config and read.config.shell) or "auto",
    )  # fmt: skip
    usual = usual_limits(plan.at_once)
    memory = usual.memory if settings.memory is None else settings.memory
    disk = usual.disk if settings.disk is None else settings.disk
    return Setting(layout, values, Limits(memory, disk), code_names(place.root))


def make_recorder(found: list[Read], plan: Plan, known: Known, settings: Settings, stack: ExitStack) -> Unrecorded:
    """What writes events down, if anything is to be written."""
    if settings.dry_run or not settings.write:
        return Unrecorded()
    from spec_runner.system.recorder import Recorder
    from spec_runner.system.state import state_folder

    recorder = Recorder(plan, [read.place for read in found], state_folder(settings.environment), known)
    stack.callback(recorder.close)
    return recorder

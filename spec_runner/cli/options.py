"""The options that several commands have, and the Settings that they make."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from spec_runner.app.plan import Settings
from spec_runner.cli.here import current_directory
from spec_runner.core.decide.steps import HOLDS
from spec_runner.core.decide.values import is_reserved
from spec_runner.core.plan.selection import Selection

_F = TypeVar("_F", bound=Callable[..., Any])
_UNITS = "kKmMgGtT"
_LONGEST = 10_000_000
"""Seconds."""


def _seconds(context: click.Context, parameter: click.Parameter, seconds: float | None) -> float | None:
    """Refuse what is no time to wait: nothing, less, more than a machine can count, and what is no number at all."""
    if seconds is not None and not 0 < seconds <= _LONGEST:
        raise click.BadParameter(f"not a number of seconds above 0 and up to {_LONGEST}", context, parameter)
    return seconds


def _bytes(context: click.Context, parameter: click.Parameter, typed: str | None) -> int | None:
    """A size as people type it, in bytes."""
    if typed is None:
        return None
    number, unit = typed.rstrip("bBiI").rstrip(_UNITS), typed.rstrip("bBiI")[-1:].upper()
    try:
        return int(float(number) * 1000 ** (" KMGT".index(unit) if unit and unit in "KMGT" else 0))
    except (ValueError, OverflowError):
        raise click.BadParameter("not a size such as 4G or 512M", context, parameter) from None


def _variables(context: click.Context, parameter: click.Parameter, typed: tuple[str, ...]) -> Any:
    """Variables as they are named: with a value, or None for the caller's own."""
    found: list[tuple[str, str | None]] = []
    for word in typed:
        name, equals, value = word.partition("=")
        if not (name.isidentifier() and name.isascii()):
            raise click.BadParameter(f"{name!r} is no name of a variable; write NAME or NAME=VALUE", context, parameter)
        if is_reserved(name):
            raise click.BadParameter(f"{name} is the sandbox's own", context, parameter)
        if not equals and name not in os.environ:
            raise click.BadParameter(f"you have no variable {name}; write {name}=VALUE", context, parameter)
        found.append((name, value if equals else None))
    return tuple(found)


def shared(command: _F) -> _F:
    """The options that every command which runs something has."""
    for option in reversed((
        click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path()),
        click.option("-n", "--dry-run", is_flag=True, help="Show what would happen; change and start nothing."),
        click.option("--timeout", type=float, callback=_seconds, metavar="SECONDS",
                     help="How long one command, or a service until it answers, may take.  [default: 300]"),
        click.option("--env", multiple=True, callback=_variables, metavar="NAME[=VALUE]",
                     help="A variable for the commands and for .env files: yours of this name, or this value, which "
                     "is not masked. May be repeated."),
        click.option("--env-file", type=click.Path(path_type=Path), metavar="FILE",
                     help="Variables for the commands and for .env files, from a file; they are masked."),
        click.option("--setup", multiple=True, metavar="CMD",
                     help="Make the work tree ready with this, not as the repository's manifests say. May be "
                     "repeated."),
        click.option("--no-setup", is_flag=True, help="Do not make the work tree ready."),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                     help="Configuration instead of the spec's own spec-run.toml."),
        click.option("--sandbox", metavar="LEVEL", default="auto", show_default=True,
                     help="auto: the best isolation there is; best: also none, if there is none; or a level: "
                     "bubblewrap, seatbelt, landlock, plain."),
        click.option("--network", type=click.Choice(["host", "registries", "none"]), default="host",
                     show_default=True, help="What the commands may reach: all that you can; package registries and "
                     "Git hosts; nothing outside the sandbox."),
        click.option("--registry", "registries", multiple=True, metavar="HOST",
                     help="Also reached with --network registries. May be repeated."),
        click.option("--memory", callback=_bytes, metavar="SIZE",
                     help="What all commands together may hold: 4G, 512M; 0 for all.  [default: 3/4 of the machine's]"),
        click.option("--disk", callback=_bytes, metavar="SIZE",
                     help="What the commands may write: 4G, 512M; 0 for all.  [default: 10G]"),
        click.option("--allow", multiple=True, metavar="REASON|ID",
                     help=f"Run what is held for this reason alone ({', '.join(HOLDS)}), or this task. "
                     "May be repeated."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; progress stays on stderr."),
        click.option("--wait", is_flag=True, help="Where another run has the spec, wait until it is over."),
        click.option("--strict", is_flag=True, help="Held tasks and ticks without evidence count as failures."),
        click.option("--allow-empty", is_flag=True, help="Nothing to run is a success."),
        click.option("-v", "--verbose", is_flag=True, help="Show also what has nothing to run, and every reason; "
                     "stream everything that commands print."),
    )):  # fmt: skip
        command = option(command)
    return command


def reporting(command: _F) -> _F:
    """The options for the reports of a run."""
    for option in reversed((
        click.option("--json-events", is_flag=True,
                     help="One JSON object a line on stdout for each event, as it happens."),
        click.option("--junit", type=click.Path(path_type=Path), metavar="FILE",
                     help="Write what was seen as JUnit XML, for CI."),
        click.option("--html", type=click.Path(path_type=Path), metavar="FILE",
                     help="Write what was seen as one page for people."),
    )):  # fmt: skip
        command = option(command)
    return command


def _refuse_reports_of_nothing(options: dict[str, Any]) -> None:
    """A dry run sees nothing, so there is nothing to report; it has its own form, the plan."""
    for name in ("json_events", "junit", "html"):
        if options["dry_run"] and options.get(name):
            option = "--" + name.replace("_", "-")
            raise click.UsageError(f"{option} tells what a run saw; --dry-run runs nothing. --json prints the plan.")


def _completes(kind: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """What a shell completes an option's value to; asked by a shell alone, so imported late."""

    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> Any:
        from spec_runner.cli.completion import complete as found

        return found(kind, context, typed)

    return complete


def choosing(command: _F) -> _F:
    """The options that choose tasks."""
    for option in reversed((
        click.option("--tests/--no-tests", default=None,
                     help="Run the files of tests that tasks name, with the repository's own runner."),
        click.option("--only", multiple=True, metavar="WORDS", shell_complete=_completes("task"),
                     help='These: T003, T001-T010, US1, "Setup", mvp; commas between.'),
        click.option("--from", "start", metavar="ID", shell_complete=_completes("task"),
                     help="This task and what comes after it."),
        click.option("--until", metavar="ID", shell_complete=_completes("task"),
                     help="This task and what comes before it."),
        click.option("--phase", "phases", multiple=True, metavar="PHASE", shell_complete=_completes("phase"),
                     help="The tasks of a phase: its number or a part of its title."),
        click.option("--story", "stories", multiple=True, metavar="STORY", shell_complete=_completes("story"),
                     help="The tasks of a user story: US1, or mvp."),
        click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
                     help="How many neighbours marked [P] run at once.  [default: the processors]"),
    )):  # fmt: skip
        command = option(command)
    return command


def settings_of(options: dict[str, Any], *, guide_only: bool = False) -> Settings:
    """What was typed, as Settings. Raises SpecError where the current directory is gone.

    Raises UsageError for options that cannot stand together.
    """
    _refuse_reports_of_nothing(options)
    selection = Selection(
        tuple(options.get("only", ())),
        options.get("start"),
        options.get("until"),
        tuple(options.get("phases", ())),
        tuple(options.get("stories", ())),
    )
    return Settings(
        paths=options["paths"],
        here=current_directory(),
        environment=dict(os.environ),
        out=sys.stdout,
        err=sys.stderr,
        selection=selection,
        allow=frozenset(word.strip().lower() for text in options["allow"] for word in text.split(",") if word.strip()),
        timeout=options["timeout"],
        jobs=options.get("jobs"),
        keep_going=options.get("keep_going"),
        dry_run=options["dry_run"],
        guide_only=guide_only,
        content="tracked" if guide_only else "everything",
        tests=options.get("tests"),
        ticked_since=options.get("ticked_since"),
        strict=options["strict"],
        allow_empty=options["allow_empty"],
        write=not options.get("no_write", False),
        in_place=options.get("in_place", False),
        fresh=options.get("fresh", False),
        wait=options["wait"],
        sandbox=options["sandbox"],
        network=options["network"],
        registries=options["registries"],
        memory=options["memory"],
        disk=options["disk"],
        env=options["env"],
        env_file=options["env_file"],
        setup=() if options["no_setup"] else options["setup"] or None,
        config=options["config"],
        json=options["as_json"],
        json_events=options.get("json_events", False),
        junit=options.get("junit"),
        html=options.get("html"),
        verbose=options["verbose"],
    )

"""``spec-run run`` and ``spec-run quickstart``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from spec_runner.app.plan import Settings
from spec_runner.app.run import run as start_run
from spec_runner.cli.here import current_directory
from spec_runner.core.selection import Selection
from spec_runner.core.steps import HOLDS
from spec_runner.errors import ExitCode

_F = TypeVar("_F", bound=Callable[..., Any])


def _finite(context: click.Context, parameter: click.Parameter, seconds: float) -> float:
    """Refuse what is no number of seconds: every comparison with it is false."""
    if seconds != seconds:
        raise click.BadParameter("not a number of seconds", context, parameter)
    return seconds


def _shared(command: _F) -> _F:
    """The options that every command which runs something has."""
    for option in reversed((
        click.argument("paths", metavar="[PATH]...", nargs=-1),
        click.option("-n", "--dry-run", is_flag=True, help="Show what would happen; change and start nothing."),
        click.option("--timeout", type=click.FloatRange(min=0, max=1e7, min_open=True), callback=_finite,
                     metavar="SECONDS", default=300.0,
                     show_default="300", help="How long one command, or a service until it answers, may take."),
        click.option("--env-file", type=click.Path(path_type=Path), metavar="FILE",
                     help="Values for .env files; they come before all others."),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                     help="Configuration instead of the spec's own spec-run.toml."),
        click.option("--sandbox", metavar="LEVEL", default="auto", show_default=True,
                     help="auto: the best isolation there is; best: also none, if there is none; or a level: "
                     "bubblewrap, seatbelt, landlock, plain."),
        click.option("--network", type=click.Choice(["host", "registries", "none"]), default="host",
                     show_default=True, help="What the commands may reach: all that you can; package registries and "
                     "Git hosts; nothing outside the box."),
        click.option("--registry", "registries", multiple=True, metavar="HOST",
                     help="Also reached with --network registries. May be repeated."),
        click.option("--allow", multiple=True, metavar="REASON|ID",
                     help=f"Run what is held for this reason alone ({', '.join(HOLDS)}), or this task. "
                     "May be repeated."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; progress stays on stderr."),
        click.option("--strict", is_flag=True, help="Held tasks and ticks without evidence count as failures."),
        click.option("--allow-empty", is_flag=True, help="Nothing to run is a success."),
        click.option("-v", "--verbose", is_flag=True, help="Show also what has nothing to run, and every reason."),
    )):  # fmt: skip
        command = option(command)
    return command


@click.command("run", epilog="""\b
Examples:
  spec-run -n specs/005-chatkit-backend-setup
  spec-run --only T001-T010,T015 specs/005-chatkit-backend-setup
  spec-run --story US1 --keep-going --json specs/ > report.json""")  # fmt: skip
@_shared
@click.option(
    "--only", multiple=True, metavar="WORDS", help='These: T003, T001-T010, US1, "Setup", mvp; commas between.'
)
@click.option("--from", "start", metavar="ID", help="This task and what comes after it.")
@click.option("--until", metavar="ID", help="This task and what comes before it.")
@click.option(
    "--phase", "phases", multiple=True, metavar="PHASE", help="The tasks of a phase: its number or a part of its title."
)
@click.option("--story", "stories", multiple=True, metavar="STORY", help="The tasks of a user story: US1, or mvp.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    default=None,
    help="How many neighbours marked [P] run at once.  [default: the processors]",
)
@click.option("--keep-going", is_flag=True, help="After a failure go on with all that does not depend on it.")
@click.option("--in-place", is_flag=True, help="Run in the repository itself; there is no work tree to look at.")
@click.option("--no-write", is_flag=True, help="Write nothing into the repository: no marks, no journal.")
def run(**options: Any) -> ExitCode:
    """Run the tasks of a spec and write their marks back.

    Commands run in a work tree of their own, in the order written. What passes is ticked, what fails is opened again
    with a (FAILED: ...) note, what could not be reached becomes [C]; nothing else in the document changes.
    """
    return _start(options)


@click.command("quickstart", epilog="""\b
Examples:
  spec-run quickstart specs/005-chatkit-backend-setup
  spec-run quickstart -n specs/""")  # fmt: skip
@_shared
def quickstart(**options: Any) -> ExitCode:
    """Validate a quickstart.md from nothing, in a fresh work tree."""
    return _start(options, guide_only=True)


def _start(options: dict[str, Any], *, guide_only: bool = False) -> ExitCode:
    selection = Selection(
        tuple(options.get("only", ())),
        options.get("start"),
        options.get("until"),
        tuple(options.get("phases", ())),
        tuple(options.get("stories", ())),
    )
    settings = Settings(
        paths=options["paths"],
        here=current_directory(),
        environment=dict(os.environ),
        out=sys.stdout,
        err=sys.stderr,
        selection=selection,
        allow=frozenset(word.strip().lower() for text in options["allow"] for word in text.split(",") if word.strip()),
        timeout=options["timeout"],
        jobs=options.get("jobs") or os.cpu_count() or 1,
        keep_going=options.get("keep_going", False),
        dry_run=options["dry_run"],
        guide_only=guide_only,
        strict=options["strict"],
        allow_empty=options["allow_empty"],
        write=not options.get("no_write", False),
        in_place=options.get("in_place", False),
        sandbox=options["sandbox"],
        network=options["network"],
        registries=options["registries"],
        env_file=options["env_file"],
        config=options["config"],
        json=options["as_json"],
        verbose=options["verbose"],
    )
    return start_run(settings)

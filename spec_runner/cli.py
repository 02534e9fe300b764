"""What was typed → Settings; every error → one message and one exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from spec_runner import __version__
from spec_runner.errors import ExitCode, SpecError

_F = TypeVar("_F", bound=Callable[..., Any])

_HOLDS = ("outward", "destructive", "privileged", "production", "interactive", "placeholder", "os")


class _Commands(click.Group):
    """``spec-run PATH…`` is ``spec-run run PATH…``: what is no command's name belongs to ``run``."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        first = arguments[0] if arguments else None
        if first not in self.commands and first not in ("--help", "-h", "--version"):
            arguments.insert(0, "run")
        return super().parse_args(context, arguments)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  spec-run specs/005-chatkit-backend-setup            run it, write the marks back
  spec-run -n specs/005-chatkit-backend-setup         show exactly what would happen
  spec-run --until T005 specs/005-chatkit-backend-setup
  spec-run quickstart specs/005-chatkit-backend-setup does the guide work from nothing?

\b
Exit codes: 0 all that ran passed, 1 something failed, 2 wrong arguments or
unreadable input, 3 a fault of spec-run, 4 nothing to run, 130 interrupted.""",
)
@click.version_option(__version__, prog_name="spec-run", message="%(prog)s %(version)s")
def _spec_run() -> None:
    """Run the plan written in markdown; let a checkbox be ticked only by evidence.

    PATH is a spec folder, a tasks.md or quickstart.md, or a folder of specs. "spec-run PATH" is "spec-run run PATH".
    """


def _finite(context: click.Context, parameter: click.Parameter, seconds: float) -> float:
    """Refuse what is no number of seconds: every comparison with it is false."""
    if seconds != seconds:
        raise click.BadParameter("not a number of seconds", context, parameter)
    return seconds


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise SpecError("the current directory is gone", todo="change to one that is there") from None


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
                     help="auto: the best isolation there is; best: also none, if there is none; or a level: plain."),
        click.option("--network", type=click.Choice(["host"]), default="host", show_default=True,
                     help="What the commands may reach."),
        click.option("--allow", multiple=True, metavar="REASON|ID",
                     help=f"Run what is held for this reason ({', '.join(_HOLDS)}), or this task. May be repeated."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; progress stays on stderr."),
        click.option("--strict", is_flag=True, help="Held tasks and ticks without evidence count as failures."),
        click.option("--allow-empty", is_flag=True, help="Nothing to run is a success."),
        click.option("-v", "--verbose", is_flag=True, help="Show also what has nothing to run, and every reason."),
    )):  # fmt: skip
        command = option(command)
    return command


@_spec_run.command("run", epilog="""\b
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
@click.option("--no-write", is_flag=True, help="Write nothing into the repository: no marks, no journal.")
def _run(**options: Any) -> ExitCode:
    """Run the tasks of a spec and write their marks back.

    Commands run in a work tree of their own, in the order written. What passes is ticked, what fails is opened again
    with a (FAILED: ...) note, what could not be reached becomes [C]; nothing else in the document changes.
    """
    return _start(options)


@_spec_run.command("quickstart", epilog="""\b
Examples:
  spec-run quickstart specs/005-chatkit-backend-setup
  spec-run quickstart -n specs/""")  # fmt: skip
@_shared
def _quickstart(**options: Any) -> ExitCode:
    """Validate a quickstart.md from nothing, in a fresh work tree."""
    return _start(options, guide_only=True)


@_spec_run.command("check", epilog="""\b
Examples:
  spec-run check specs/
  spec-run check --json specs/005-chatkit-backend-setup""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def _check(paths: tuple[str, ...], as_json: bool) -> ExitCode:
    """Read specs and tell what contradicts itself; run nothing, write nothing.

    Ticked tasks that say they were skipped, duplicate IDs, ticked files that never were, guides that cannot be
    followed, commands that cannot work on some system. Exit 1 when something is found.
    """
    from spec_runner import app

    settings = app.Settings(paths, _here(), dict(os.environ), sys.stdout, sys.stderr, write=False, json=as_json)
    return app.check(settings)


def _start(options: dict[str, Any], *, guide_only: bool = False) -> ExitCode:
    from spec_runner import app
    from spec_runner.core.selection import Selection

    selection = Selection(
        tuple(options.get("only", ())),
        options.get("start"),
        options.get("until"),
        tuple(options.get("phases", ())),
        tuple(options.get("stories", ())),
    )
    settings = app.Settings(
        paths=options["paths"],
        here=_here(),
        environment=dict(os.environ),
        out=sys.stdout,
        err=sys.stderr,
        selection=selection,
        allow=frozenset(word.strip().lower() for text in options["allow"] for word in text.split(",")),
        timeout=options["timeout"],
        jobs=options.get("jobs") or os.cpu_count() or 1,
        keep_going=options.get("keep_going", False),
        dry_run=options["dry_run"],
        guide_only=guide_only,
        strict=options["strict"],
        allow_empty=options["allow_empty"],
        write=not options.get("no_write", False),
        sandbox=options["sandbox"],
        network=options["network"],
        env_file=options["env_file"],
        config=options["config"],
        json=options["as_json"],
        verbose=options["verbose"],
    )
    return app.run(settings)


def main(arguments: Sequence[str]) -> int:
    """Run the program and return its exit code; whatever goes wrong becomes one message on stderr."""
    try:
        code = _spec_run.main(list(arguments), prog_name="spec-run", standalone_mode=False)
        return int(code or 0)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except SpecError as error:
        print(f"spec-run: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        print("spec-run: interrupted", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who reads has stopped reading: nothing more can be said, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PASSED
    except Exception as error:
        return _fault(error)


def _fault(error: Exception) -> int:
    """A fault of the program itself: one line, and the whole story for who asks for it."""
    if os.environ.get("SPEC_RUN_DEBUG"):
        raise error
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f" ({Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno})" if place else ""
    print(f"spec-run: fault of spec-run: {type(error).__name__}: {error}{where}", file=sys.stderr)
    print("spec-run: please report it; SPEC_RUN_DEBUG=1 shows the whole story", file=sys.stderr)
    return ExitCode.FAULT

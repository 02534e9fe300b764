"""The options that several commands have, and the Settings that they make."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from spec_runner.app.plan import Settings
from spec_runner.cli.here import settings_here
from spec_runner.core.decide.steps import HOLDS
from spec_runner.core.decide.values import is_reserved
from spec_runner.core.plan.selection import Selection

_F = TypeVar("_F", bound=Callable[..., Any])
_UNITS = "kKmMgGtT"
_LONGEST = 10_000_000
"""Seconds."""
_MOST_PARTS = 10_000


def _seconds(context: click.Context, parameter: click.Parameter, seconds: float | None) -> float | None:
    """Refuse what is no time to wait: nothing, less, more than a machine can count, and what is no number at all."""
    if seconds is not None and not 0 < seconds <= _LONGEST:
        raise click.BadParameter(f"not a number of seconds above 0 and up to {_LONGEST}; write 300", context, parameter)
    return seconds


def _bytes(context: click.Context, parameter: click.Parameter, typed: str | None) -> int | None:
    """A size as people type it, in bytes."""
    if typed is None:
        return None
    number, unit = typed.rstrip("bBiI").rstrip(_UNITS), typed.rstrip("bBiI")[-1:].upper()
    try:
        return int(float(number) * 1000 ** (" KMGT".index(unit) if unit and unit in "KMGT" else 0))
    except (ValueError, OverflowError):
        raise click.BadParameter("not a size; write 4G or 512M", context, parameter) from None


def _part(context: click.Context, parameter: click.Parameter, typed: str | None) -> tuple[int, int] | None:
    """A part of a run as it is typed: ``3/8``."""
    if typed is None:
        return None
    number, slash, of = typed.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= _MOST_PARTS):
        raise click.BadParameter("not a part of a run; write 3/8 for the third of eight", context, parameter)
    return int(number), int(of)


def _cluster(context: click.Context, parameter: click.Parameter, typed: str | None) -> str | None:
    """Where specs are run, as it is typed: ``dask``, or ``dask:`` and the address of a scheduler."""
    if typed is None or typed == "dask" or typed[:5] == "dask:" != typed:
        return typed
    raise click.BadParameter("no such cluster; write dask, or dask:tcp://HOST:8786", context, parameter)


def _variables(context: click.Context, parameter: click.Parameter, typed: tuple[str, ...]) -> Any:
    """Variables as they are named: with a value, or None for the caller's own."""
    found: list[tuple[str, str | None]] = []
    for word in typed:
        name, equals, value = word.partition("=")
        if not (name.isidentifier() and name.isascii()):
            raise click.BadParameter(f"{name!r} is not a variable name; write NAME or NAME=VALUE", context, parameter)
        if is_reserved(name):
            raise click.BadParameter(f"{name} belongs to the sandbox; name another variable", context, parameter)
        if not equals and name not in os.environ:
            raise click.BadParameter(f"{name} is not set here; write {name}=VALUE", context, parameter)
        found.append((name, value if equals else None))
    return tuple(found)


def _words(context: click.Context, parameter: click.Parameter, typed: tuple[str, ...]) -> frozenset[str]:
    """Words that were given one by one or with commas between."""
    return frozenset(word.strip().lower() for text in typed for word in text.split(",") if word.strip())


def _options(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """What gives a command these options, which ``--help`` shows in this order."""

    def add(command: _F) -> _F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


shared = _options(
    click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path()),
    click.option("-n", "--dry-run", is_flag=True, help="Show what would happen. Change nothing, start nothing."),
    click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
                 help="Run up to N at once: specs, each in a process, and in one the neighbours marked [P].  "
                 "[default: the number of processors]"),
    click.option("--changed-since", metavar="REV",
                 help="Leave out specs whose files have not changed since this commit."),
    click.option("--on", callback=_cluster, metavar="dask[:ADDRESS]",
                 help="Run the specs on a cluster of dask: on workers of its own on this machine, or those of the "
                 "scheduler at this address (spec-run worker says how to start one)."),
    click.option("--partition", callback=_part, metavar="N/M",
                 help="Run only the Nth of M parts of the specs; each machine takes another one, and spec-run merge "
                 "makes one report of theirs."),
    click.option("--timeout", type=float, callback=_seconds, metavar="SECONDS",
                 help="Stop a command that takes longer, or a service that has not answered by then.  "
                 "[default: 300]"),
    click.option("--env", multiple=True, callback=_variables, metavar="NAME[=VALUE]",
                 help="Give the commands and .env files this variable: your own value, masked, or the value "
                 "given, not masked. Repeatable."),
    click.option("--env-file", type=click.Path(path_type=Path), metavar="FILE",
                 help="Give the commands and .env files the variables of this file, masked."),
    click.option("--setup", multiple=True, metavar="CMD",
                 help="Prepare the work tree with this command instead of the repository's manifests. Repeatable."),
    click.option("--no-setup", is_flag=True, help="Do not prepare the work tree."),
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                 help="Read this configuration instead of the spec's spec-run.toml."),
    click.option("--shell", type=click.Choice(["bash", "brush"]),
                 help="Run the commands in this shell.  [default: bash; brush where there is none]"),
    click.option("--sandbox", metavar="LEVEL", default="auto", show_default=True,
                 help="auto: take the best isolation; if there is none, ask or refuse. best: if there is none, run "
                 "without. Or require at least a level: bubblewrap, seatbelt, landlock, plain."),
    click.option("--network", type=click.Choice(["host", "registries", "none"]), default="host",
                 show_default=True, help="Let the commands reach all that you can, only package registries and "
                 "Git hosts, or nothing."),
    click.option("--registry", "registries", multiple=True, metavar="HOST",
                 help="Reach this host too with --network registries. Repeatable."),
    click.option("--memory", callback=_bytes, metavar="SIZE",
                 help="Limit the memory of all commands of a spec: 4G, 512M; 0: no limit.  [default: 3/4 of the "
                 "machine's, shared by the specs that run at once]"),
    click.option("--disk", callback=_bytes, metavar="SIZE",
                 help="Limit what the commands write: 4G, 512M; 0: no limit.  [default: 10G]"),
    click.option("--allow", multiple=True, callback=_words, metavar="REASON|ID",
                 help=f"Run this task although it is held, or all that is held only for this reason: "
                 f"{', '.join(HOLDS)}. Repeatable."),
    click.option("--json", is_flag=True, help="Print one JSON object on stdout; progress is on stderr."),
    click.option("--wait", is_flag=True, help="Wait while another run has the spec."),
    click.option("--strict", is_flag=True, help="Count held tasks and ticks without evidence as failures."),
    click.option("--allow-empty", is_flag=True, help="Exit 0, not 4, if there is nothing to run."),
    click.option("-v", "--verbose", is_flag=True, help="Show every reason, what has nothing to run, and all that "
                 "the commands print."),
)  # fmt: skip
"""The options that every command which runs something has."""


reporting = _options(
    click.option("--json-events", is_flag=True,
                 help="Print each event on stdout as it happens, one JSON object a line."),
    click.option("--junit", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write a report as JUnit XML."),
    click.option("--html", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write a report as one HTML page."),
    click.option("--markdown", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write a report as Markdown, for a comment on a pull request."),
)  # fmt: skip
"""The options for the reports of a run."""


def _refuse_reports_of_nothing(options: dict[str, Any]) -> None:
    """A dry run sees nothing, so there is nothing to report; it has its own form, the plan."""
    for name in ("json_events", "junit", "html", "markdown", "attest", "badge"):
        if options["dry_run"] and options.get(name):
            option = "--" + name.replace("_", "-")
            raise click.UsageError(f"{option} reports a run, and --dry-run runs nothing; print the plan with -n --json")


def _completes(kind: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """What a shell completes an option's value to; asked by a shell alone, so imported late."""

    def complete(context: click.Context, parameter: click.Parameter, typed: str) -> Any:
        from spec_runner.cli.completion import complete as found

        return found(kind, context, typed)

    return complete


choosing = _options(
    click.option("--tests/--no-tests", default=None,
                 help="Run the test files that tasks name, with the repository's own runner."),
    click.option("--only", multiple=True, metavar="WORDS", shell_complete=_completes("task"),
                 help='Select these, with commas between: T003, T001-T010, US1, "Setup", mvp.'),
    click.option("--from", "start", metavar="ID", shell_complete=_completes("task"),
                 help="Select this task and what comes after it."),
    click.option("--until", metavar="ID", shell_complete=_completes("task"),
                 help="Select this task and what comes before it."),
    click.option("--phase", "phases", multiple=True, metavar="PHASE", shell_complete=_completes("phase"),
                 help="Select a phase, by its number or a part of its title."),
    click.option("--story", "stories", multiple=True, metavar="STORY", shell_complete=_completes("story"),
                 help="Select a user story: US1, or mvp."),
    click.option("--no-deps", is_flag=True,
                 help="Refuse (exit 2) a selection that needs tasks that it leaves out and that are not proven; else "
                 "these run first."),
)  # fmt: skip
"""The options that choose tasks."""


def settings_of(options: dict[str, Any], *, guide_only: bool = False) -> Settings:
    """What was typed, as Settings. Raises SpecError where the current directory is gone.

    Raises UsageError for options that cannot stand together.
    """
    _refuse_reports_of_nothing(options)
    if options["on"] and options.get("in_place"):
        raise click.UsageError("--on runs in work trees elsewhere, --in-place in the repository itself; choose one")
    typed = dict(options)
    selection = Selection(**{name: typed.pop(name) for name in Selection._fields if name in typed})
    is_written, is_set_up = not typed.pop("no_write", False), not typed.pop("no_setup")
    typed["setup"] = typed["setup"] or None if is_set_up else ()
    content = "tracked" if guide_only else "everything"
    words = click.get_current_context().obj or ()
    return settings_here(
        **typed, typed=words, selection=selection, write=is_written, guide_only=guide_only, content=content
    )

"""``spec-run run`` and ``spec-run quickstart``."""

from __future__ import annotations

from typing import Any

import click

from spec_runner.app.run import run as start
from spec_runner.cli.options import choosing, reporting, settings_of, shared
from spec_runner.errors import ExitCode


@click.command("run", epilog="""\b
Examples:
  spec-run -n specs/005-chatkit-backend-setup
  spec-run --only T001-T010,T015 specs/005-chatkit-backend-setup
  spec-run --story US1 --keep-going --json specs/ > report.json""")  # fmt: skip
@shared
@reporting
@choosing
@click.option(
    "--keep-going/--no-keep-going", default=None, help="After a failure go on with all that does not depend on it."
)
@click.option("--fresh", is_flag=True, help="Start over: what earlier runs proved is run again, in a new work tree.")
@click.option("--in-place", is_flag=True, help="Run in the repository itself; there is no work tree to look at.")
@click.option("--no-write", is_flag=True, help="Write nothing into the repository: no marks, no journal.")
def run(**options: Any) -> ExitCode:
    """Run the tasks of a spec and write their marks back.

    Commands run in a work tree of their own, in the order written. What passes is ticked, what fails is opened again
    with a (FAILED: ...) note, what could not be reached becomes [C]; nothing else in the document changes.
    """
    return start(settings_of(options))


@click.command("quickstart", epilog="""\b
Examples:
  spec-run quickstart specs/005-chatkit-backend-setup
  spec-run quickstart -n specs/""")  # fmt: skip
@shared
@reporting
def quickstart(**options: Any) -> ExitCode:
    """Validate a quickstart.md from nothing, in a fresh work tree."""
    return start(settings_of(options, guide_only=True))

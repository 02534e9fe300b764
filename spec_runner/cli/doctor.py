"""``spec-run doctor``."""

from __future__ import annotations

import click

from spec_runner.app.doctor import doctor as examine
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode


@click.command("doctor", epilog="""\b
Examples:
  spec-run doctor
  spec-run doctor --json""")  # fmt: skip
@click.option("--json", is_flag=True, help="Print one JSON object on stdout.")
def doctor(json: bool) -> ExitCode:
    """Show what this machine can do, and what to install for more.

    Every level of isolation is tried, not guessed. Exit 1 if none works.
    """
    return examine(settings_here(json=json))

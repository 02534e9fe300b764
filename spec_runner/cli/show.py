"""``spec-run show``."""

from __future__ import annotations

import click

from spec_runner.app.show import show as start
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode


@click.command("show", epilog="""\b
Examples:
  spec-run show specs/001-login          show the last evidence of each task
  spec-run show specs/001-login T003     show what T003 ran and printed
  spec-run show --attest specs/001-login > run.intoto.json""")  # fmt: skip
@click.argument("path", type=click.Path())
@click.argument("task", required=False)
@click.option("--json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--attest", is_flag=True, help="Print the last run as an in-toto statement (test-result), unsigned.")
def show(path: str, task: str | None, json: bool, attest: bool) -> ExitCode:
    """Show the evidence of a task, or of all: what ran, where, how it ended, what it printed, at which commit.

    Say also whether the evidence still applies: not once the command was edited, or the repository is at another
    commit.
    """
    settings = settings_here((path,), write=False, dry_run=True, content="tracked", json=json)
    return start(settings, task, attest=attest)

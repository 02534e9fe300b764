"""``spec-run show``."""

from __future__ import annotations

import os
import sys

import click

from spec_runner.app.plan import Settings
from spec_runner.app.show import show as start
from spec_runner.cli.here import current_directory
from spec_runner.errors import ExitCode


@click.command("show", epilog="""\b
Examples:
  spec-run show specs/001-login          what is known of each task
  spec-run show specs/001-login T003     what T003 ran, where, what it printed
  spec-run show --attest specs/001-login > run.intoto.json""")  # fmt: skip
@click.argument("path", type=click.Path())
@click.argument("task", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--attest", is_flag=True, help="The last run as an in-toto statement (test-result) on stdout, unsigned.")
def show(path: str, task: str | None, as_json: bool, attest: bool) -> ExitCode:
    """Show the evidence of a task, or of all: what ran, where, how it ended, what it printed, at which commit.

    It is also told whether the evidence still applies: not where the command was edited since, or the repository
    stands at another commit.
    """
    settings = Settings(
        (path,), current_directory(), dict(os.environ), sys.stdout, sys.stderr,
        write=False, dry_run=True, content="tracked", json=as_json,
    )  # fmt: skip
    return start(settings, task, attest=attest)

"""``spec-run status``."""

from __future__ import annotations

import click

from spec_runner.app.status import status as start
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode


@click.command("status", epilog="""\b
Examples:
  spec-run status             show every spec below this folder
  spec-run status specs/001-login
  spec-run status --json specs/ > status.json""")  # fmt: skip
@click.argument("paths", metavar="[ROOT]...", nargs=-1, type=click.Path())
@click.option("--json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--here", is_flag=True, hidden=True, help="Where nothing is below this folder, those of the repository.")
def status(paths: tuple[str, ...], json: bool, here: bool) -> ExitCode:
    """Show how every spec stands; run nothing.

    done: ticked, with evidence. claimed: ticked, without evidence. no evidence: nothing to run, whatever the mark.
    Exit 2 if a spec cannot be read.
    """
    settings = settings_here(paths or (".",), write=False, dry_run=True, content="tracked", json=json)
    return start(settings, anywhere=here)

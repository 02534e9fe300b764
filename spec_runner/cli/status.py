"""``spec-run status``."""

from __future__ import annotations

import os
import sys

import click

from spec_runner.app.plan import Settings
from spec_runner.app.status import status as start
from spec_runner.cli.here import current_directory
from spec_runner.errors import ExitCode


@click.command("status", epilog="""\b
Examples:
  spec-run status             show every spec below this folder
  spec-run status specs/001-login
  spec-run status --json specs/ > status.json""")  # fmt: skip
@click.argument("paths", metavar="[ROOT]...", nargs=-1, type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
def status(paths: tuple[str, ...], as_json: bool) -> ExitCode:
    """Show how every spec stands; run nothing.

    done: ticked, with evidence. claimed: ticked, without evidence. no evidence: nothing to run, whatever the mark.
    Exit 2 if a spec cannot be read.
    """
    settings = Settings(
        paths or (".",), current_directory(), dict(os.environ), sys.stdout, sys.stderr,
        write=False, dry_run=True, content="tracked", json=as_json,
    )  # fmt: skip
    return start(settings)

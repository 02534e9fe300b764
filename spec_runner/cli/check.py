"""``spec-run check``."""

from __future__ import annotations

import click

from spec_runner.app.check import check as start_check
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode


@click.command("check", epilog="""\b
Examples:
  spec-run check specs/
  spec-run check --json specs/001-login""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--json", is_flag=True, help="Print one JSON object on stdout.")
def check(paths: tuple[str, ...], json: bool) -> ExitCode:
    """Find what contradicts itself in specs; run nothing, write nothing.

    It finds ticked tasks that say they were skipped, duplicate IDs, files of ticked tasks that never existed, guides
    that cannot be followed, and commands that cannot work on some system. Exit 1 if it finds something.
    """
    return start_check(settings_here(paths, write=False, json=json))

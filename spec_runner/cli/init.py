"""``spec-run init``."""

from __future__ import annotations

import os

import click

from spec_runner.app.init import init as start
from spec_runner.cli.here import current_directory
from spec_runner.core.text.printable import visible
from spec_runner.errors import ExitCode


@click.command("init", epilog="""\b
Examples:
  spec-run init specs/001-login""")  # fmt: skip
@click.argument("path", metavar="[PATH]", required=False)
def init(path: str | None) -> ExitCode:
    """Write a commented spec-run.toml into a spec folder; never replace one that is there."""
    click.echo(visible(str(start(path, current_directory(), dict(os.environ)))))
    return ExitCode.PASSED

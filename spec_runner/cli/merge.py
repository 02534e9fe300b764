"""``spec-run merge``."""

from __future__ import annotations

from pathlib import Path

import click

from spec_runner.app.merge import merge as start
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode


@click.command("merge", epilog="""\b
Examples:
  spec-run verify --partition 1/2 --json specs/ > 1.json   on one machine
  spec-run verify --partition 2/2 --json specs/ > 2.json   on another one
  spec-run merge 1.json 2.json > verify.json
  spec-run merge -o junit.xml 1.xml 2.xml""")  # fmt: skip
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report into this file."
)
def merge(files: tuple[str, ...], output: Path | None) -> ExitCode:
    """Make one report of those of all parts of a run (--partition), as one machine would have printed it.

    The files are what --json printed, or what --junit wrote, of every part, each once; the order does not matter.
    The exit code is that of the whole run. Exit 2 if a part is missing, there twice, or was cut otherwise.
    """
    return start(settings_here(()), files, output)

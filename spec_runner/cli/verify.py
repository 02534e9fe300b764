"""``spec-run verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from spec_runner.app.verify import verify as start
from spec_runner.cli.help import Command
from spec_runner.cli.options import choosing, reporting, settings_of, shared
from spec_runner.errors import ExitCode


@click.command("verify", cls=Command, epilog="""\b
Examples:
  spec-run verify specs/
  spec-run verify --strict specs/   fail also for a tick that is not proven
  spec-run verify --only T001-T010 specs/001-login
  spec-run verify --ticked-since origin/main specs/   judge what a branch ticked
  spec-run verify --ticked-since working-tree specs/  judge what is not committed
  spec-run verify --junit verify.xml specs/
  spec-run verify --attest verify.intoto.json --badge ticks.svg specs/
  spec-run verify --json specs/ > verify.json""")  # fmt: skip
@click.option(
    "--ticked-since",
    metavar="REV",
    help="Judge only what was ticked since this commit. working-tree: judge the ticks that are not committed, with the "
    "files as they are.",
)
@click.option("--attest", type=click.Path(path_type=Path), metavar="FILE",
              help="Write the result as an in-toto statement (test-result), unsigned.")  # fmt: skip
@click.option("--badge", type=click.Path(path_type=Path), metavar="FILE",
              help="Write how many ticks are proven, or false, as an SVG badge.")  # fmt: skip
@shared
@reporting
@choosing
def verify(**options: Any) -> ExitCode:
    """Replay every ticked task in a clean work tree at the current commit: are the ticks true?

    A tick is proven, false, missing or proven in part, or this machine cannot tell; of other ticks verify says
    whether the files that they name are present. What the machine lacks is never the tick's fault. No document is
    written. Exit 1 if a tick is false; with --strict, also if one is not proven.
    """
    return start(settings_of(options))

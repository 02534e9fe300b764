"""``spec-run verify``."""

from __future__ import annotations

from typing import Any

import click

from spec_runner.app.verify import verify as start
from spec_runner.cli.options import choosing, reporting, settings_of, shared
from spec_runner.errors import ExitCode


@click.command("verify", epilog="""\b
Examples:
  spec-run verify specs/
  spec-run verify --strict specs/   fail also where a tick cannot be proven
  spec-run verify --only T001-T010 specs/001-login
  spec-run verify --ticked-since origin/main specs/   what a branch ticked
  spec-run verify --ticked-since working-tree specs/  what is not committed yet
  spec-run verify --junit verify.xml specs/
  spec-run verify --json specs/ > verify.json""")  # fmt: skip
@click.option(
    "--ticked-since",
    metavar="REV",
    help="Judge only the boxes ticked since this commit; working-tree: those not yet committed, in the files "
    "as they lie there.",
)
@shared
@reporting
@choosing
def verify(**options: Any) -> ExitCode:
    """Replay every ticked task in a clean work tree at the current commit: are the ticks true?

    Each tick is proven, false, missing, proven in part, or cannot be told here; the others name files that are
    present, or give nothing to go by. What this machine lacks is not the tick's fault. No document is written.
    Exit 1 when one is false; --strict also counts those that are not proven.
    """
    return start(settings_of(options))

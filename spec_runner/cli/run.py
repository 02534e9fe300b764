"""``spec-run run`` and ``spec-run quickstart``."""

from __future__ import annotations

from typing import Any

import click

from spec_runner.app.run import run as start
from spec_runner.cli.help import Command
from spec_runner.cli.options import choosing, reporting, settings_of, shared
from spec_runner.errors import ExitCode


@click.command("run", cls=Command, epilog="""\b
Examples:
  spec-run -n specs/001-login                    show what would happen
  spec-run --only T001-T010,T015 specs/001-login run these tasks
  spec-run --allow T007 specs/001-login          run also T007, which is held
  spec-run --env-file .env.test specs/001-login  give values for .env files
  spec-run --junit junit.xml --strict specs/     gate a build
  spec-run --keep-going --json specs/ > run.json run every spec

\b
Exit codes: 0 all that ran passed, 1 something failed, 2 wrong arguments or
unreadable input, 3 a fault of spec-run, 4 nothing to run, 130 interrupted.""")  # fmt: skip
@shared
@reporting
@choosing
@click.option(
    "--keep-going/--no-keep-going", default=None, help="After a failure, go on with what does not depend on it."
)
@click.option("--fresh", is_flag=True, help="Start over in a new work tree: run again what earlier runs proved.")
@click.option("--in-place", is_flag=True, help="Run in the repository itself, not in a work tree.")
@click.option("--no-write", is_flag=True, help="Write nothing into the repository: no marks, no journal.")
def run(**options: Any) -> ExitCode:
    """Run the tasks of a spec and write their marks back.

    Commands run in a work tree of their own, in the order written. A task that passes is ticked; one that fails is
    opened and gets a (FAILED: ...) note; one that was not reached becomes [C]. Nothing else in the document changes.
    """
    return start(settings_of(options))


@click.command("quickstart", cls=Command, epilog="""\b
Examples:
  spec-run quickstart -n specs/001-login  show what would run
  spec-run quickstart specs/001-login     run it
  spec-run quickstart README.md docs/setup.md --section "Getting started"
  spec-run quickstart --network registries specs/001-login""")  # fmt: skip
@shared
@reporting
@click.option(
    "--section", "sections", multiple=True, metavar="WORDS",
    help="Follow only sections with these words in their title, whatever they are for. Repeatable.",
)  # fmt: skip
def quickstart(**options: Any) -> ExitCode:
    """Validate a guide from scratch, in a fresh work tree: a quickstart.md, or any markdown file that you name.

    The work tree has the files that Git tracks, and nothing that earlier runs built. Sections on setup, running and
    checking are followed; troubleshooting, deployment, cleanup and reference are not. No mark is written.
    """
    return start(settings_of(options, guide_only=True))

"""``spec-run check``."""

from __future__ import annotations

from pathlib import Path

import click

from spec_runner.app.check import Lint
from spec_runner.app.check import check as start_check
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode

_FILE = click.Path(path_type=Path)


@click.command("check", epilog="""\b
Examples:
  spec-run check specs/
  spec-run check --fix specs/001-login
  spec-run check --baseline specs/known.json --write-baseline specs/  accept what is there
  spec-run check --baseline specs/known.json specs/                   tell what is new
  spec-run check --sarif check.sarif specs/
  spec-run check --json specs/001-login""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
              help="Read in up to N processes.  [default: the number of processors]")  # fmt: skip
@click.option("--json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--sarif", type=_FILE, metavar="FILE", help="Write the findings as SARIF 2.1.0.")
@click.option("--baseline", type=_FILE, metavar="FILE", help="Leave out the findings that this file knows.")
@click.option("--write-baseline", is_flag=True, help="Write all findings into the file of --baseline.")
@click.option("--unchecked", is_flag=True, help="Name each task that states no check, too (SR305).")
@click.option("--fix", is_flag=True, help="Correct what is safe to correct: the blanks around checkboxes (SR107).")
def check(
    paths: tuple[str, ...],
    jobs: int | None,
    json: bool,
    sarif: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    unchecked: bool,
    fix: bool,
) -> ExitCode:
    """Find contradictions in specs; run nothing, and change nothing without --fix.

    It finds ticked tasks that say they were skipped, duplicate IDs, files of ticked tasks that never existed, guides
    that cannot be followed, and commands that cannot work on some system. Exit 1 if it finds something.
    """
    if write_baseline and baseline is None:
        raise click.UsageError("--write-baseline needs a file: --baseline FILE")
    settings = settings_here(paths, write=False, jobs=jobs, json=json)
    return start_check(settings, Lint(sarif, baseline, write_baseline, fix, unchecked))

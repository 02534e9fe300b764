"""``spec-run diff``, ``spec-run apply`` and ``spec-run clean``."""

from __future__ import annotations

import click

from spec_runner.app import changes
from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode

_IGNORED = click.option("--ignored", is_flag=True, help="Include files that Git ignores.")


@click.command("diff", epilog="""\b
Examples:
  spec-run diff specs/001-login
  spec-run diff --patch specs/001-login | less""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--patch", is_flag=True, help="Print a patch that Git can apply.")
@_IGNORED
def diff(paths: tuple[str, ...], patch: bool, ignored: bool) -> ExitCode:
    """Show what the commands of the last run changed in their work tree.

    One line a file: A added, M changed, D deleted, R renamed. None of it is in the repository yet.
    """
    return changes.diff(settings_here(paths, write=False), as_patch=patch, with_ignored=ignored)


@click.command("apply", epilog="""\b
Examples:
  spec-run diff specs/001-login && spec-run apply specs/001-login""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@_IGNORED
def apply(paths: tuple[str, ...], ignored: bool) -> ExitCode:
    """Copy what the commands changed into the repository: all of it or nothing, and nothing in .git.

    Refuse it if your own files have changed since the work tree was made.
    """
    return changes.apply(settings_here(paths, write=False), with_ignored=ignored)


@click.command("clean", epilog="""\b
Examples:
  spec-run clean specs/001-login
  spec-run clean --all""")  # fmt: skip
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Remove all your work trees, of every repository.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before --all.")
def clean(paths: tuple[str, ...], everything: bool, yes: bool) -> ExitCode:
    """Remove the work trees of specs; without a PATH, those whose repository is gone.

    They are listed first. A work tree that a run is using is left alone.
    """
    return changes.clean(settings_here(paths, write=False), everything=everything, is_sure=yes)

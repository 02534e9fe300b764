"""``spec-run init``."""

from __future__ import annotations

import click

from spec_runner.app.init import init as start
from spec_runner.cli.agent import NAMES
from spec_runner.cli.here import settings_here
from spec_runner.core.text.printable import visible
from spec_runner.errors import ExitCode


@click.command("init", epilog="""\b
Examples:
  spec-run init specs/001-login
  spec-run init --agent claude   no turn ends on a false tick""")  # fmt: skip
@click.argument("path", metavar="[PATH]", required=False)
@click.option("--agent", type=click.Choice(NAMES), metavar="NAME",
              help="Instead, make a coding agent of this repository prove its ticks: claude, codex, copilot, cursor, "
              "gemini, other.")  # fmt: skip
def init(path: str | None, agent: str | None) -> ExitCode:
    """Write a commented spec-run.toml into a spec folder; never replace one that is there."""
    if agent:
        if path:
            raise click.UsageError("--agent is for a repository, not for a spec; leave out the path")
        from spec_runner.app.agent import write_settings

        click.echo(visible(str(write_settings(agent, settings_here().here))))
        return ExitCode.PASSED
    click.echo(visible(str(start(settings_here((path,) if path else ())))))
    return ExitCode.PASSED

"""``spec-run agent``."""

from __future__ import annotations

import sys

import click

from spec_runner.cli.here import settings_here
from spec_runner.errors import ExitCode

NAMES = ("claude", "codex", "copilot", "cursor", "gemini", "other")


@click.command("agent", epilog="""\b
Examples:
  spec-run agent                 list the agents and their files
  spec-run agent claude          print what belongs in its file
  spec-run init --agent claude   write it""")  # fmt: skip
@click.argument("name", metavar="[NAME]", required=False, type=click.Choice(NAMES))
@click.option("--stop", "is_stop", is_flag=True, help="Answer the agent's question on stdin: may the turn end?")
@click.option("--strict", is_flag=True, help="With --stop: only a proven tick lets a turn end.")
def agent(name: str | None, is_stop: bool, strict: bool) -> ExitCode:
    """Print the settings that keep a coding agent at work while a checkbox that it ticked is false or unproven.

    NAME is claude, codex, copilot, cursor, gemini, or other: the rules for an agent without hooks.
    """
    from spec_runner.app.agent import agent_lines, settings_text

    if is_stop and name and name != "other":
        return _answer(name, strict)
    if is_stop:
        raise click.UsageError("--stop answers an agent with hooks; name one")
    click.echo(settings_text(name).rstrip("\n") if name else "\n".join(agent_lines()))
    return ExitCode.PASSED


def _answer(name: str, strict: bool) -> ExitCode:
    from spec_runner.app.agent import stop

    given = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "replace")
    return stop(name, given, settings_here(strict=strict))

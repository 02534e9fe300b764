"""``spec-run mcp``."""

from __future__ import annotations

from pathlib import Path

import click

from spec_runner.cli.here import current_directory
from spec_runner.errors import ExitCode


@click.command("mcp", epilog="""\b
Examples:
  claude mcp add spec-run -- spec-run mcp
  spec-run mcp path/to/repository""")  # fmt: skip
@click.argument("repository", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def mcp(repository: Path | None) -> ExitCode:
    """Answer a coding agent over the Model Context Protocol, on stdin and stdout.

    Its tools are plan, check, verify, prove and show. They take names of specs and tasks of the REPOSITORY, the one
    that you are in if none is named; what is held stays held. Needs: pip install 'spec-run[mcp]'
    """
    from spec_runner.app.mcp import serve

    serve(current_directory() / (repository or "."))
    return ExitCode.PASSED

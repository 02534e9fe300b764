"""``spec-run worker``."""

from __future__ import annotations

import os
import shlex
import sys

import click

from spec_runner.errors import ExitCode


@click.command("worker", epilog="""\b
Examples:
  spec-run worker tcp://10.0.0.7:8786
  eval "$(spec-run worker -j 8 tcp://10.0.0.7:8786)\"""")  # fmt: skip
@click.argument("address", metavar="ADDRESS")
@click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N",
              help="Run up to N specs at once.  [default: the number of processors]")  # fmt: skip
def worker(address: str, jobs: int | None) -> ExitCode:
    """Print the line that starts workers of dask for the scheduler at this address; start nothing.

    The machine needs this spec-run with the extra fleet, and the repository at the same path and commit as the one
    that asks (--on dask:ADDRESS). Each spec runs in a process and a sandbox there.
    """
    count = str(jobs or os.cpu_count() or 1)
    words = (sys.executable, "-m", "dask", "worker", address, "--nworkers", count, "--nthreads", "1", "--no-dashboard")
    click.echo(shlex.join(words))
    return ExitCode.PASSED

"""A process with all that it starts, ended together: a session of its own; on Windows a job."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from spec_runner.system.process import procfs

KILL = 9
"""SIGKILL, which Windows has no name for."""
_LONGEST = 3.0
"""Seconds that we wait for the system to end what it was told to."""


class Tree:
    """A process that leads a session of its own."""

    def __init__(self, words: Sequence[str], cwd: Path, environment: Mapping[str, str], output: int) -> None:
        """``output`` is where it prints. Raises OSError where the program or the directory is missing."""
        self._popen = self._start(words, cwd, environment, output)
        self.pid = self._popen.pid

    def _start(
        self, words: Sequence[str], cwd: Path, environment: Mapping[str, str], output: int
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words, cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip

    def wait(self) -> int:
        """Its exit status, negative for a signal, when it has ended; what it started may go on."""
        return self._popen.wait()

    def pids(self) -> set[int]:
        """All that is left of it."""
        return procfs.members(self.pid) | procfs.descendants(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal to all of it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def end(self) -> None:
        """End all of it at once, also what it starts meanwhile."""
        deadline = time.monotonic() + _LONGEST
        while (found := self.pids()) and time.monotonic() < deadline:
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(0.05)
            for pid in found - {self.pid}:
                # Orphans may have become ours.
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)


def start_tree(words: Sequence[str], cwd: Path, environment: Mapping[str, str], output: int) -> Tree:
    """Start a process as the system can end it. Raises OSError."""
    if os.name != "nt":
        return Tree(words, cwd, environment, output)
    from spec_runner.system.process.jobs import JobTree

    return JobTree(words, cwd, environment, output)

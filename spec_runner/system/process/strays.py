"""Processes that left the group they were started in: adopted, found below us, ended (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable

from spec_runner.system.process import procfs

_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of every orphan below this process, so that none is lost from sight."""
    if procfs.AVAILABLE:
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def signal_all(pids: Iterable[int], number: int) -> None:
    """Send a signal to each of these that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(without: frozenset[int] = frozenset()) -> None:
    """End every process below this one but ``without`` and theirs; one that starts others meanwhile is met again."""
    while found := procfs.descendants(os.getpid(), without):
        signal_all(found, signal.SIGKILL)
        for pid in found:
            # Only a child of ours can be waited for; the others become ours when their parents are gone.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

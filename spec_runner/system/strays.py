"""Processes that left the group they were started in: found by what they carry or by who their parent is (Linux)."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_HAS_PROC = os.path.isdir("/proc/self")


def adopt() -> None:
    """Become the parent of every orphan below this process, so that none is lost from sight."""
    if _HAS_PROC:
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(mark: str, adopted_but: set[int] | None) -> None:
    """End every process that has the entry ``mark`` in its environment, and every orphan that was adopted.

    ``adopted_but`` are the children that somebody else waits for; None leaves orphans alone. A process that starts
    others while it is looked at is met again.
    """
    while found := {*_marked(mark.encode()), *(_adopted(adopted_but) if adopted_but is not None else ())}:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _marked(mark: bytes) -> Iterator[int]:
    for pid in _processes():
        with contextlib.suppress(OSError):
            if mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                yield pid


def _adopted(known: set[int]) -> Iterator[int]:
    """Children of this process that it did not start itself: they lead no group that is known."""
    for pid in _processes():
        with contextlib.suppress(OSError, ValueError, IndexError):
            stat = Path(f"/proc/{pid}/stat").read_bytes()
            # The name in brackets may hold blanks; behind it: state, parent, group, session.
            parent, session = (int(stat[stat.rindex(b")") + 2 :].split()[field]) for field in (1, 3))
            if parent == os.getpid() and pid not in known and session != os.getsid(0):
                yield pid


def _processes() -> Iterator[int]:
    for entry in os.scandir("/proc") if _HAS_PROC else ():
        if entry.name.isdigit():
            yield int(entry.name)

"""Signals, heard by somebody else for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERRUPT = "SIGINT"
END = ("SIGTERM", "SIGHUP") if hasattr(signal, "SIGHUP") else ("SIGTERM", "SIGBREAK")
"""A request to end, and a terminal that closes; on Windows Ctrl-Break too."""


@contextmanager
def heard_by(hear: Callable[[int], object], *names: str) -> Iterator[None]:
    """Let a function hear signals meanwhile, each by its number; for the main thread alone.

    What whoever started us chose to ignore (nohup) stays ignored, and a system may not know all of them.
    """
    numbers = [number for name in names if (number := getattr(signal, name, None))]
    wanted = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda seen, _: hear(seen)) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""A process in a sandbox: its output drained, its end waited for, its whole group stopped."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Protocol

from spec_runner.core.plan.events import OverDisk, OverMemory
from spec_runner.system.process.trees import KILL

KEPT = 64 * 1024
"""Bytes kept of the beginning and of the end of an output; what is between is read and dropped."""
GRACE = 3.0
"""Seconds between asking a process to stop and insisting."""
LINGER = 0.25
"""Seconds that output is waited for after the process has ended: a job in the background may hold the pipe for ever."""
_LONGEST_LINGER = 3.0


class Capture:
    """The beginning and the end of an output."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        room = KEPT - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * KEPT:
            self._dropped += len(self._tail) - KEPT
            del self._tail[:-KEPT]

    @property
    def is_whole(self) -> bool:
        """Nothing was dropped."""
        return not self._dropped and len(self._tail) <= KEPT

    @property
    def text(self) -> str:
        """The kept output; where something is missing, a line says how much."""
        return "".join(self.parts)

    @property
    def parts(self) -> tuple[str, str, str]:
        """The beginning, the line that says how much is missing, and the end; all in the first if nothing is."""
        missing = self._dropped + max(len(self._tail) - KEPT, 0)
        if not missing:
            return (self._head + self._tail).decode("utf-8", "replace"), "", ""
        head, tail = self._head.decode("utf-8", "replace"), self._tail[-KEPT:].decode("utf-8", "replace")
        return head, f"\n… {missing} bytes left out …\n", tail


class Hearing(Protocol):
    """Takes what a process prints, as it comes."""

    def add(self, data: bytes) -> object:
        """Take the next piece."""
        ...

    def end(self) -> object:
        """Nothing more will come."""
        ...


class Process:
    """A process in a sandbox: it leads a group of its own, has one pipe for what it prints, and nothing to read."""

    def __init__(self, pipe: int, hearing: Hearing, send: Callable[[int, int], None]) -> None:
        """``pipe`` is where its output is read, ``send`` sends a signal (second) to a process group (first)."""
        self.pid = 0
        self.capture = Capture()
        self.returncode: int | None = None
        """Its exit status, negative for a signal; None while it runs."""
        self.is_lost = False
        """The sandbox ended before it did: how it ended is not known."""
        self.is_service = False
        """It is to go on while others come and go."""
        self.over: OverMemory | OverDisk | None = None
        """The limit of the sandbox that it was ended for."""
        self.began = time.time()
        self._hearing, self._send = hearing, send
        self._heard = time.monotonic()
        self._is_telling = self._has_lingered = False
        self._ended, self._drained = threading.Event(), threading.Event()
        threading.Thread(target=self._drain, args=(pipe,), name="drain", daemon=True).start()

    def end(self, status: int, *, is_lost: bool = False) -> None:
        """Say how it ended."""
        self.returncode, self.is_lost = status, is_lost
        self._ended.set()

    @property
    def silence(self) -> float:
        """Seconds since it last printed something."""
        return time.monotonic() - self._heard

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most so long; True if it has. Its last output is there then."""
        if not self._ended.wait(min(max(seconds, 0), threading.TIMEOUT_MAX)):
            return False
        if not self._has_lingered:
            self._linger()
        return True

    def _linger(self) -> None:
        """Wait for what is still in the pipe: it counts for how it ended; who hears of it may take their time."""
        latest = time.monotonic() + _LONGEST_LINGER
        while not self._drained.wait(LINGER) and self._is_telling and time.monotonic() < latest:
            continue
        self._has_lingered = True

    def stop(self, grace: float = GRACE) -> None:
        """Ask the whole group to stop, wait, insist."""
        self.signal_group(signal.SIGTERM)
        if not self.wait(grace):
            self.kill()
            self.wait(grace)
        self.kill()

    def kill(self) -> None:
        """End the whole group now."""
        self.signal_group(KILL)

    def signal_group(self, number: int) -> None:
        """Send a signal to every process of the group, also when its leader has ended."""
        self._send(self.pid, number)

    def _drain(self, pipe: int) -> None:
        with os.fdopen(pipe, "rb", buffering=0) as output:
            while data := output.read(KEPT):
                self.capture.add(data)
                self._heard = time.monotonic()
                self._is_telling = True
                self._hearing.add(data)
                self._is_telling = False
        self._hearing.end()
        self._drained.set()

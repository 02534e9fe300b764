"""A process that was started: its output drained, its end waited for, its whole group stopped."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

KEPT = 64 * 1024
"""Bytes kept of the beginning and of the end of an output; what is between is read and dropped."""
GRACE = 3.0
"""Seconds between asking a process to stop and insisting."""
LINGER = 0.25
"""Seconds that output is waited for after the process has ended: a job in the background may hold the pipe for ever."""
_LINE_EVERY = 0.1


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
    def text(self) -> str:
        """The kept output; where something is missing, a line says how much."""
        missing = self._dropped + max(len(self._tail) - KEPT, 0)
        tail = bytes(self._tail[-KEPT:])
        gap = f"\n… {missing} bytes left out …\n".encode() if missing else b""
        return (bytes(self._head) + gap + tail).decode("utf-8", "replace")


class Process:
    """A process in a group of its own, with one pipe for what it prints and nothing to read."""

    def __init__(
        self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> None:
        """Start it. Raises OSError where the program or the directory is missing."""
        self._on_line = on_line
        self._said, self._heard = 0.0, time.monotonic()
        self.capture = Capture()
        self._popen = subprocess.Popen(
            words, cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, bufsize=0,
        )  # fmt: skip
        self._drained = threading.Event()
        self._ended: int | None = None
        self._pidfd = _open_pidfd(self._popen.pid)
        threading.Thread(target=self._drain, name=f"drain-{self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def silence(self) -> float:
        """Seconds since it last printed something."""
        return time.monotonic() - self._heard

    @property
    def returncode(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        if self._ended is None:
            self._ended = self._popen.poll()
        return self._ended

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most so long; True if it has. Its last output is there then."""
        deadline = time.monotonic() + max(seconds, 0)
        while self.returncode is None:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._wait_for_end(left)
        self._drained.wait(LINGER)
        return True

    def _wait_for_end(self, seconds: float) -> None:
        if self._pidfd is not None:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(min(seconds, 3600) * 1000)
        else:
            time.sleep(min(seconds, 0.02))

    def stop(self, grace: float = GRACE) -> None:
        """Ask the whole group to stop, wait, insist."""
        self.signal_group(signal.SIGTERM)
        if not self.wait(grace):
            self.kill()
            self.wait(grace)
        self.kill()

    def kill(self) -> None:
        """End the whole group now."""
        self.signal_group(getattr(signal, "SIGKILL", signal.SIGTERM))

    def signal_group(self, number: int) -> None:
        """Send a signal to every process of the group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.pid, number)
            elif self.returncode is None:
                self._popen.send_signal(number)

    def close(self) -> None:
        """Let go of what waiting for it needed."""
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None

    def _drain(self) -> None:
        pipe = self._popen.stdout
        assert pipe is not None
        while data := pipe.read(KEPT):
            self.capture.add(data)
            now = self._heard = time.monotonic()
            if now - self._said >= _LINE_EVERY:
                self._said = now
                self._on_line(data.rstrip(b"\r\n").rpartition(b"\n")[2][-4096:].decode("utf-8", "replace"))
        pipe.close()
        self._drained.set()


def _open_pidfd(pid: int) -> int | None:
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return None

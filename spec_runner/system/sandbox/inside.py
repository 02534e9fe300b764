"""The inside of a sandbox, asked from outside: one socket to the agent that runs there."""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from spec_runner.errors import MALFORMED
from spec_runner.system.process.process import Hearing, Process
from spec_runner.system.sandbox.agent import GRACE, receive, send

_START_SECONDS = 20.0
_ANSWER_SECONDS = 30.0
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "SYSTEMROOT")
"""What the agent needs of the user's environment; the rest may hold secrets, and commands might read it there."""


class SandboxEndedError(OSError):
    """The sandbox is over, and nothing can be asked of it any more."""

    def __init__(self, said: str = "") -> None:
        super().__init__(0, f"the sandbox has ended{': ' if said else ''}{said}", "")


class Inside:
    """Starts and asks in a sandbox; safe to use from several threads."""

    def __init__(self, words: Callable[[int], Sequence[str]], rules: Mapping[str, Any] | None) -> None:
        """``words`` start the agent in its sandbox, given the number of its socket.

        Raises SandboxEndedError with what was printed where the sandbox cannot be made.
        """
        self.on_guest: Callable[[socket.socket], None] = lambda guest: guest.close()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._answers: dict[int, SimpleQueue[tuple[dict[str, Any], list[int]]]] = {}
        self._starting: dict[int, Process] = {}
        self._running: dict[int, Process] = {}
        self._is_over = False
        self.was_killed = False
        """It ended without being asked to."""
        ours, theirs = socket.socketpair()
        self._line = ours
        self._popen = self._launch(words, theirs)
        theirs.close()
        # A sandbox that cannot be made may be gone before it is told anything.
        with contextlib.suppress(OSError):
            send(ours, {"rules": rules})
        ours.settimeout(_START_SECONDS)
        if receive(ours) is None:
            self._popen.kill()
            said = self._popen.communicate()[0].decode("utf-8", "replace").strip()
            ours.close()
            raise SandboxEndedError(said.splitlines()[-1] if said else "")
        ours.settimeout(None)
        threading.Thread(target=self._listen, name="sandbox", daemon=True).start()

    def _launch(self, words: Callable[[int], Sequence[str]], theirs: socket.socket) -> subprocess.Popen[bytes]:
        # A sandbox that dies with its parent dies with the *thread* that made it: this one stays until it is over.
        made: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()

        def keep() -> None:
            try:
                popen = subprocess.Popen(
                    words(theirs.fileno()), cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, start_new_session=True, pass_fds=(theirs.fileno(),),
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                )  # fmt: skip
            except OSError as error:
                made.put(error)
                return
            made.put(popen)
            popen.wait()

        threading.Thread(target=keep, name="keep-sandbox", daemon=True).start()
        popen = made.get()
        if isinstance(popen, OSError):
            raise SandboxEndedError(str(popen))
        return popen

    @property
    def pid(self) -> int:
        """The process outside that all of the sandbox is below."""
        return self._popen.pid

    def start(self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], hearing: Hearing) -> Process:
        """Start a process. Raises OSError where the program or the directory is missing."""
        reads, writes = os.pipe()
        process = Process(reads, hearing, self._signal)
        message = {"do": "start", "words": list(words), "cwd": str(cwd), "environment": dict(environment)}
        try:
            self._ask(message, (writes,), process)
        finally:
            os.close(writes)
        return process

    def ports(self, process: Process) -> tuple[int, ...]:
        """The TCP ports on which a process, or one that it started, listens."""
        return tuple(self._ask({"do": "ports", "pid": process.pid})[0]["ports"])

    def running(self) -> list[Process]:
        """What was started and has not ended."""
        return list(self._running.values())

    def held_bytes(self, *, is_exact: bool) -> tuple[dict[Process, int], int]:
        """The memory of each thing that was started, and of what is left of those that ended.

        Quickly looked up it is never too little for what processes have mapped, and may be too much.
        """
        answer, _ = self._ask({"do": "memory", "exact": is_exact})
        running = self._running.copy()
        held = {running[pid]: int(count) for pid, count in answer["held"] if pid in running}
        return held, int(answer["others"])

    def end_some(
        self, processes: Iterable[Process], others: bool, places: Iterable[Path], since: float, count: int
    ) -> int:
        """End some of what runs, at once, with ``others`` also what is left of those that ended.

        Before, files below some places that changed since a time are removed, the largest first, until ``count`` bytes
        are free: how many there were.
        """
        message = {
            "do": "end some", "pids": [each.pid for each in processes], "others": others,
            "places": list(map(str, places)), "since": since, "count": count,
        }  # fmt: skip
        return int(self._ask(message)[0]["freed"])

    def is_folder(self, path: Path) -> bool:
        return bool(self._ask({"do": "is_folder", "path": str(path)})[0]["is"])

    def read(self, path: Path, *, below: Path) -> bytes:
        """Raises OSError where there is no plain file, also for a place that is not ``below``."""
        return base64.b64decode(self._ask({"do": "read", "path": str(path), "below": str(below)})[0]["data"])

    def write(self, path: Path, data: bytes, *, below: Path, mode: int = 0o644) -> None:
        """Write a file, and the folders above it. Raises OSError, also for a place that is not ``below``."""
        encoded = base64.b64encode(data).decode()
        self._ask({"do": "write", "path": str(path), "data": encoded, "below": str(below), "mode": mode})

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection as the commands would make it. Raises OSError."""
        _, files = self._ask({"do": "connect", "host": host, "port": port})
        made = socket.socket(fileno=files[0])
        made.settimeout(None)
        return made

    def open_door(self) -> int:
        """A port that only the commands can reach; who comes is given to ``on_guest``."""
        return int(self._ask({"do": "door"})[0]["port"])

    def end(self) -> None:
        """Ask everything to stop, wait, insist; then the sandbox is over."""
        try:
            self._ask({"do": "end"})
        except OSError:
            self.was_killed = True
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(GRACE)
        self._popen.kill()
        self._popen.wait()
        assert self._popen.stdout is not None
        self._popen.stdout.close()

    def _signal(self, group: int, number: int) -> None:
        with contextlib.suppress(OSError):
            self._ask({"do": "signal", "pid": group, "number": number})

    def _ask(
        self, message: dict[str, Any], files: tuple[int, ...] = (), process: Process | None = None
    ) -> tuple[dict[str, Any], list[int]]:
        """The answer to a message. Raises OSError as it came from inside, and SandboxEndedError."""
        number = next(self._ids)
        answered = self._answers[number] = SimpleQueue()
        if process:
            self._starting[number] = process
        try:
            with self._lock:
                if self._is_over:
                    raise SandboxEndedError
                send(self._line, {"id": number, **message}, files)
            answer, carried = answered.get(timeout=_ANSWER_SECONDS)
        except Empty:
            # Whatever holds the agent holds the sandbox.
            self._popen.kill()
            raise SandboxEndedError("it did not answer") from None
        except OSError:
            raise SandboxEndedError from None
        finally:
            self._answers.pop(number, None)
            self._starting.pop(number, None)
        if "error" in answer:
            raise OSError(*answer["error"])
        return answer, carried

    def _listen(self) -> None:
        """Take in what comes from inside, until the sandbox is over."""
        # What the agent would never say comes from somebody else: it ends the sandbox.
        try:
            while received := receive(self._line):
                self._take(*received)
        except MALFORMED:
            self._popen.kill()
        with self._lock:
            self._is_over = True
        for process in (*self._running.values(), *self._starting.values()):
            process.end(-9, is_lost=True)
        for waiting in list(self._answers.values()):
            waiting.put(({"error": [0, "the sandbox has ended", ""]}, []))

    def _take(self, message: dict[str, Any], files: list[int]) -> None:
        if "guest" in message:
            self.on_guest(socket.socket(fileno=files[0]))
        elif "ended" in message:
            self._running.pop(message["ended"]).end(message["status"])
        else:
            process = self._starting.get(message["id"])
            if process and "pid" in message:
                process.pid = message["pid"]
                self._running[process.pid] = process
            self._answers[message["id"]].put((message, files))

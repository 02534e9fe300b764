"""The level plain where no agent can stand between (Windows): what is started is a child of this process.

It answers as ``Inside`` does. Files are reached as this program reaches them, connections are made as it makes them.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from spec_runner.system.process import ports, procfs
from spec_runner.system.process.process import GRACE, Hearing, Process
from spec_runner.system.process.trees import KILL, Tree, start_tree
from spec_runner.system.sandbox.disk import give_back
from spec_runner.system.trusted import read_below, write_below

HAS_AGENT = hasattr(socket, "send_fds") and hasattr(os, "fork")
"""Whether an agent can be handed what it is asked about."""
_CONNECT_SECONDS = 2.0


class Direct:
    """Starts and asks, without anybody between; safe to use from several threads."""

    def __init__(self) -> None:
        self.on_guest: Callable[[socket.socket], None] = lambda guest: guest.close()
        self.was_killed = False
        self._lock = threading.Lock()
        self._trees: dict[int, Tree] = {}
        """Also of what has ended: some of what it started may be left."""
        self._running: dict[int, Process] = {}

    @property
    def pid(self) -> int:
        """The process that all of the sandbox is below."""
        return os.getpid()

    def start(self, words: Sequence[str], *, cwd: Path, environment: Mapping[str, str], hearing: Hearing) -> Process:
        """Start a process. Raises OSError where the program or the directory is missing."""
        reads, writes = os.pipe()
        process = Process(reads, hearing, self._signal)
        try:
            tree = start_tree(words, cwd, environment, writes)
        finally:
            os.close(writes)
        process.pid = tree.pid
        with self._lock:
            self._trees[tree.pid], self._running[tree.pid] = tree, process
        threading.Thread(target=self._wait, args=(tree, process), name="wait", daemon=True).start()
        return process

    def _wait(self, tree: Tree, process: Process) -> None:
        status = tree.wait()
        with self._lock:
            self._running.pop(tree.pid, None)
        process.end(status)

    def ports(self, process: Process) -> tuple[int, ...]:
        """The TCP ports on which a process, or one that it started, listens."""
        return ports.ports_of(self._trees[process.pid].pids())

    def running(self) -> list[Process]:
        """What was started and has not ended."""
        return list(self._running.values())

    def held_bytes(self, *, is_exact: bool) -> tuple[dict[Process, int], int]:
        """The memory of each thing that was started, and of what is left of those that ended."""
        with self._lock:
            running, trees = self._running.copy(), self._trees.copy()
        held = {running[pid]: procfs.resident_bytes(tree.pids()) for pid, tree in trees.items() if pid in running}
        left = set[int]().union(*(tree.pids() for pid, tree in trees.items() if pid not in running))
        return held, procfs.resident_bytes(left)

    def end_some(
        self, processes: Iterable[Process], others: bool, places: Iterable[Path], since: float, count: int
    ) -> int:
        """End some of what runs, at once, with ``others`` also what is left of those that ended; see ``Inside``."""
        pids = {each.pid for each in processes}
        for pid, tree in self._trees.copy().items():
            if pid in pids or (others and pid not in self._running):
                tree.end()
        return give_back(map(str, places), since, count)

    def is_folder(self, path: Path) -> bool:
        return path.is_dir()

    def read(self, path: Path, *, below: Path) -> bytes:
        """Raises OSError where there is no plain file, also for a place that is not ``below``."""
        return read_below(str(path), str(below))

    def write(self, path: Path, data: bytes, *, below: Path, mode: int = 0o644) -> None:
        """Write a file, and the folders above it. Raises OSError, also for a place that is not ``below``."""
        write_below(str(path), data, str(below), mode)

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection as the commands would make it. Raises OSError."""
        return socket.create_connection((host, port), timeout=_CONNECT_SECONDS)

    def open_door(self) -> int:
        """Raises OSError: everybody could come in."""
        raise OSError(0, "this system has no network of its own for the commands", "")

    def end(self) -> None:
        """Ask everything to stop, wait, insist."""
        running = self.running()
        for process in running:
            process.signal_group(15)
        deadline = time.monotonic() + GRACE
        for process in running:
            process.wait(deadline - time.monotonic())
        for tree in self._trees.values():
            tree.end()

    def _signal(self, group: int, number: int) -> None:
        tree = self._trees.get(group)
        if tree and number == KILL:
            tree.end()
        elif tree:
            tree.signal(number)

"""The first process in a sandbox: it starts what it is told to, says how it ended, and ends everything with itself.

It is asked over one socket, a message at a time: four bytes of length, then JSON. Files that a message is about (a pipe
for output, a connection) travel beside it. When the socket closes, spec-run is gone, however it went.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from spec_runner.system.process import ports, procfs, strays
from spec_runner.system.sandbox.disk import give_back
from spec_runner.system.trusted import LARGEST_BELOW, read_below, write_below

GRACE = 3.0
"""Seconds between asking a process to stop and insisting."""
_CONNECT_SECONDS = 2.0
_LONGEST = 2 * LARGEST_BELOW
"""Bytes of a message."""
_PR_SET_DUMPABLE = 4
_IPC_RMID = 0
_FILES = 4
"""File descriptors that a message may carry."""


def send(line: socket.socket, message: Mapping[str, Any], files: tuple[int, ...] = ()) -> None:
    """Send a message and the files it is about. Raises OSError when nobody is there."""
    data = json.dumps(message).encode()
    data = struct.pack("!I", len(data)) + data
    sent = socket.send_fds(line, [data], files) if files else 0
    line.sendall(data[sent:])


def receive(line: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its files; None when the other side is gone."""
    try:
        head, files, _, _ = socket.recv_fds(line, 4, _FILES)
        while head and len(head) < 4:
            head += line.recv(4 - len(head)) or b""
        data = bytearray()
        if head and struct.unpack("!I", head)[0] > _LONGEST:
            return None
        while head and len(data) < struct.unpack("!I", head)[0]:
            piece = line.recv(struct.unpack("!I", head)[0] - len(data))
            if not piece:
                return None
            data += piece
    except OSError:
        return None
    return (json.loads(data), files) if head else None


class Agent:
    """Does what the messages ask for."""

    def __init__(self, line: socket.socket, *, has_own_memory: bool) -> None:
        """``has_own_memory``: what processes share without a file is shared with nobody outside."""
        self._line, self._has_own_memory = line, has_own_memory
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._started: set[int] = set()
        self._woken, wakes = os.pipe()
        self._doors: dict[int, socket.socket] = {}
        os.set_blocking(wakes, False)
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        # Handlers that do nothing, instead of ignoring: what is ignored would be ignored by the commands too.
        for name in ("SIGCHLD", "SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT"):
            signal.signal(getattr(signal, name), lambda *_: None)

    def serve(self) -> None:
        """Answer until the socket closes; then nothing that was started is left."""
        while True:
            watched = [self._line.fileno(), self._woken, *self._doors]
            ready, _, _ = select.select(watched, [], [])
            if self._woken in ready:
                self._reap()
            for door in [each for each in ready if each in self._doors]:
                self._let_in(self._doors[door])
            if self._line.fileno() in ready and not self._answer_next():
                self._end_adopted_by_others()
                return strays.end()

    def _answer_next(self) -> bool:
        received = receive(self._line)
        if received is None:
            return False
        message, files = received
        try:
            answer, carried = self._do(message, files)
        except OSError as error:
            answer, carried = {"error": [error.errno or errno.EIO, error.strerror or str(error), error.filename]}, ()
        except ValueError as error:
            # A NUL in a name or in a command: no system call takes it.
            answer, carried = {"error": [errno.EINVAL, str(error), None]}, ()
        finally:
            for file in files:
                os.close(file)
        self._tell({"id": message["id"], **answer}, carried)
        for file in carried:
            os.close(file)
        return True

    def _tell(self, message: Mapping[str, Any], files: tuple[int, ...] = ()) -> None:
        # Nobody to tell: the next look at the socket ends everything.
        with contextlib.suppress(OSError):
            send(self._line, message, files)

    def _do(self, message: dict[str, Any], files: list[int]) -> tuple[dict[str, Any], tuple[int, ...]]:
        match message["do"]:
            case "start":
                return {"pid": self._start(message, files[0])}, ()
            case "signal":
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(message["pid"], message["number"])
            case "ports":
                return {"ports": ports.listening_ports(message["pid"])}, ()
            case "memory":
                return self._held(is_exact=message["exact"]), ()
            case "end some":
                self._end_some(message["pids"], others=message["others"])
                return {"freed": give_back(message["places"], message["since"], message["count"])}, ()
            case "is_folder":
                return {"is": os.path.isdir(message["path"])}, ()
            case "read":
                return {"data": base64.b64encode(read_below(message["path"], message["below"])).decode()}, ()
            case "write":
                write_below(message["path"], base64.b64decode(message["data"]), message["below"], message["mode"])
            case "connect":
                return {}, (_connect(message["host"], message["port"]),)
            case "door":
                return {"port": self._open_door()}, ()
            case "end":
                self._end()
        return {}, ()

    def _held(self, *, is_exact: bool) -> dict[str, Any]:
        """The memory of each thing that was started, with all below it; and of what is left of those that ended."""
        children, seen = procfs.children(), set[tuple[int, int]]()
        count = partial(procfs.held_bytes, seen=seen) if is_exact else procfs.resident_bytes
        trees = {pid: {pid, *procfs.below(pid, children)} for pid in self._running}
        others = procfs.below(os.getpid(), children).difference(*trees.values())
        held = [[pid, count(tree)] for pid, tree in trees.items()]
        shared = sum(procfs.unattached().values()) if is_exact and self._has_own_memory else 0
        return {"held": held, "others": count(others) + shared}

    def _remove_shared(self) -> None:
        """Remove the memory that a process left to all others."""
        if self._has_own_memory and procfs.AVAILABLE:
            import ctypes

            libc = ctypes.CDLL(None)
            for segment in procfs.unattached():
                libc.shmctl(segment, _IPC_RMID, None)

    def _end_some(self, pids: list[int], *, others: bool) -> None:
        """End some of what was started with all below it, and, with ``others``, what is left of those that ended."""
        kept = frozenset(self._running.keys() - set(pids))
        if others and not kept:
            self._end_at_once()
            self._remove_shared()
            return
        found: set[int] = set()
        while True:
            children = procfs.children()
            new = set(pids).union(*(procfs.below(pid, children) for pid in (*pids, *found)))
            new = (new | procfs.below(os.getpid(), children, kept)) if others else new
            if new <= found:
                break
            # Stopped before it is ended: what loses its parent would not be found below it any more.
            strays.signal_all(new - found, signal.SIGSTOP)
            found |= new
        strays.signal_all(found, signal.SIGKILL)
        if others:
            self._remove_shared()

    def _start(self, message: dict[str, Any], output: int) -> int:
        process = subprocess.Popen(
            message["words"], cwd=message["cwd"], env=message["environment"], stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        self._running[process.pid] = process
        self._started.add(process.pid)
        return process.pid

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                process = self._running.pop(pid, None)
                if process:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    self._tell({"ended": pid, "status": process.returncode})

    def _open_door(self) -> int:
        """Listen where only the sandbox can reach; who comes is passed to the outside."""
        door = socket.create_server(("127.0.0.1", 0))
        self._doors[door.fileno()] = door
        port: int = door.getsockname()[1]
        return port

    def _let_in(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            guest, _ = door.accept()
            with guest:
                self._tell({"guest": True}, (guest.fileno(),))

    def _end(self) -> None:
        """Ask, wait, insist."""
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while self._running and time.monotonic() < deadline:
            select.select([self._woken], [], [], max(deadline - time.monotonic(), 0))
            self._reap()
        self._end_at_once()

    def _end_at_once(self) -> None:
        """Insist. The ends of what was started are reported; the others are nobody's."""
        if os.getpid() == 1:
            # All that there is in our namespace, at one moment: nothing can fork its way past it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        self._end_adopted_by_others()
        while found := procfs.descendants(os.getpid()) | set(self._running):
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            select.select([self._woken], [], [], 0.05)
            self._reap()

    def _end_adopted_by_others(self) -> None:
        """Where orphans are not adopted by us, the session that they were started in tells them (macOS)."""
        if not procfs.AVAILABLE:
            ours = {each.pid for each in procfs.processes() if {each.group, each.session} & self._started}
            strays.signal_all(ours, signal.SIGKILL)


def _connect(host: str, port: int) -> int:
    return socket.create_connection((host, port), timeout=_CONNECT_SECONDS).detach()


def _close_to_others() -> None:
    """Keep commands, which run as the same user, from tracing this process and from using its files."""
    if procfs.AVAILABLE:
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _confine(rules: Mapping[str, list[str]] | None) -> bool:
    """Hold this process, and all that it starts, to the rules of its level; whether they share memory among themselves
    only. No rules: nothing is held; empty ones: its mounts and namespaces hold it already.
    """
    if rules is None:
        return False
    from spec_runner.system.sandbox import landlock, seccomp

    has_own_memory = not rules or landlock.leave_shared_memory(rules)
    landlock.restrict(rules)
    seccomp.restrict(shares_memory=not has_own_memory, sees_others=bool(rules))
    return has_own_memory


def main(descriptor: int) -> None:
    """Serve the socket with this number; the first message says what it and the commands may do."""
    os.set_inheritable(descriptor, False)
    _close_to_others()
    line = socket.socket(fileno=descriptor)
    strays.adopt()
    received = receive(line)
    if received is None:
        return
    has_own_memory = _confine(received[0]["rules"])
    send(line, {"ready": os.getpid()})
    Agent(line, has_own_memory=has_own_memory).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))

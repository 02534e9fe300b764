"""The program, started as often as the tests want and imported once: a process that forks for each run.

Each run is a process of its own, with its own environment, directory and streams; only what Python itself takes to
start, and to import the program, is not paid again. What depends on how Python is started is tested on real processes.
"""

from __future__ import annotations

import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_FILES = 3
"""Of a request: stdout, stderr, and where the answer goes."""


class Forks:
    """The process that forks, asked over a socket."""

    def __init__(self, python: Sequence[str] = (sys.executable,), environment: Mapping[str, str] = os.environ) -> None:
        """``python`` starts an interpreter, as whoever the runs are to be."""
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._server = subprocess.Popen(
            [*python, __file__, str(theirs.fileno())], pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(ROOT), **environment}, cwd=ROOT,
        )  # fmt: skip
        theirs.close()

    def run(
        self, words: tuple[str, ...], cwd: Path, environment: dict[str, str], seconds: float
    ) -> tuple[int, bytes, bytes]:
        """The exit code of a run, and what it wrote. Raises TimeoutExpired after so many seconds."""
        request = json.dumps({"words": words, "cwd": str(cwd), "environment": environment}).encode()
        pipes = [os.pipe() for _ in range(_FILES)]
        socket.send_fds(self._line, [request], [writes for _, writes in pipes])
        for _, writes in pipes:
            os.close(writes)
        out, err, answer = _read_all([reads for reads, _ in pipes], seconds)
        pid, *status = answer.split()
        if not status:
            os.kill(int(pid), signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(words), seconds, out, err)
        return int(status[0]), out, err

    def close(self) -> None:
        """End the process; runs that go on are not ended."""
        self._line.close()
        self._server.wait()


def _read_all(files: list[int], seconds: float) -> list[bytes]:
    """What comes out of pipes until all are closed, or the time is over."""
    import selectors

    read, deadline = dict.fromkeys(files, b""), time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for each in files:
            selector.register(each, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(deadline - time.monotonic()):
                data = os.read(key.fd, 65536)
                read[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
    for each in files:
        os.close(each)
    return [read[each] for each in files]


def _serve(line: socket.socket) -> dict[str, Any]:
    """Fork for each request until the socket closes; in a fork, what it is to run comes back."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, files, _, _ = socket.recv_fds(line, 1 << 20, _FILES)
        if not request:
            os._exit(0)
        if os.fork() == 0:
            line.close()
            return _forked(json.loads(request), *files)
        for each in files:
            os.close(each)


def _forked(asked: dict[str, Any], out: int, err: int, answer: int) -> dict[str, Any]:
    """Between the one that forks and the run: waits for its end, and says how it was."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid:
        os.close(out)
        os.close(err)
        os.write(answer, b"%d " % pid)
        _, status = os.waitpid(pid, 0)
        os.write(answer, b"%d" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    for each in (out, err, answer):
        os.close(each)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["cwd"])
    return asked


def _import_all() -> None:
    import spec_runner

    for each in pkgutil.walk_packages(spec_runner.__path__, "spec_runner."):
        if each.name != "spec_runner.__main__":
            # What the interpreter lacks is imported by who needs it, and missed then.
            with suppress(ImportError):
                __import__(each.name)


if __name__ == "__main__":
    _import_all()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    from spec_runner.__main__ import main

    sys.argv = ["spec-run", *asked["words"]]
    sys.exit(main())

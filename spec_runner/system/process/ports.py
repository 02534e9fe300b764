"""Which processes listen where, read from /proc (Linux); elsewhere as far as psutil knows."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from spec_runner.system.process import procfs

_LISTENING = "0A"


def listening_ports(session: int) -> tuple[int, ...]:
    """The TCP ports on which a process of this session (or process group) listens, in order."""
    return ports_of(procfs.members(session))


def ports_of(pids: Collection[int]) -> tuple[int, ...]:
    """The TCP ports on which one of these processes listens, in order."""
    if not procfs.AVAILABLE:
        return tuple(sorted({port for pid in pids for port in procfs.ports_of_psutil(pid)}))
    inodes = {inode for pid in pids for inode in _sockets(pid)}
    if not inodes:
        return ()
    return tuple(sorted({port for inode, port in _listeners(next(iter(pids))) if inode in inodes}))


def holder(port: int) -> str | None:
    """The program that listens on a port, with its process number; None if that cannot be seen."""
    if not procfs.AVAILABLE:
        return None
    inodes = {inode for inode, listening in _listeners("self") if listening == port}
    for each in procfs.processes() if inodes else ():
        if inodes & set(_sockets(each.pid)):
            with contextlib.suppress(OSError):
                name = Path(f"/proc/{each.pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"{name} (pid {each.pid})"
    return None


def _sockets(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    yield target[8:-1]


def _listeners(pid: int | str) -> Iterator[tuple[str, int]]:
    """Inode and port of every listening socket in the network that a process sees."""
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING:
                    yield fields[9], int(fields[1].rpartition(":")[2], 16)

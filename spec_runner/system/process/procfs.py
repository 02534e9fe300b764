"""What Linux tells of processes below /proc; elsewhere there is nothing to read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

AVAILABLE = os.path.isdir("/proc/self/fd")


class Stat(NamedTuple):
    """Who a process is among the others."""

    pid: int
    parent: int
    group: int
    session: int


def processes() -> Iterator[Stat]:
    """Every process that can be seen from here."""
    for entry in os.scandir("/proc") if AVAILABLE else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                data = Path(f"/proc/{entry.name}/stat").read_bytes()
                # The name in brackets may hold blanks; behind it: state, parent, group, session.
                fields = data[data.rindex(b")") + 2 :].split(maxsplit=4)
                yield Stat(int(entry.name), int(fields[1]), int(fields[2]), int(fields[3]))


def descendants(pid: int, without: frozenset[int] = frozenset()) -> set[int]:
    """Every process below ``pid``, but not those in ``without`` nor what is below them."""
    children: dict[int, list[int]] = {}
    for each in processes():
        children.setdefault(each.parent, []).append(each.pid)
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = [child for child in children.get(waiting.pop(), ()) if child not in without and child not in found]
        found.update(new)
        waiting += new
    return found


def resident_bytes(pids: set[int]) -> int:
    """The memory that these processes hold together, in bytes; what they share is counted once for each."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE")

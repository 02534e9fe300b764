"""Whether the kernel ended processes for lack of memory."""

from __future__ import annotations

import contextlib
from pathlib import Path


def oom_kills() -> int:
    """How many processes of our control group, else of the machine, it has ended so far; 0 where nobody counts."""
    for place in (_own_events(), Path("/proc/vmstat")):
        with contextlib.suppress(OSError, ValueError):
            for line in place.read_text(encoding="ascii").splitlines():
                key, _, count = line.partition(" ")
                if key == "oom_kill":
                    return int(count)
    return 0


def _own_events() -> Path:
    """The events of our control group; those of all groups below it are counted with it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines():
            number, _, group = line.split(":", 2)
            if number == "0":
                return Path("/sys/fs/cgroup", group.lstrip("/"), "memory.events")
    return Path("/sys/fs/cgroup/memory.events")

"""A watch over what a sandbox takes of the machine: memory and disk. What takes it beyond a limit is ended."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Collection
from typing import Any, NamedTuple

from spec_runner.core.plan.events import OverDisk, OverMemory
from spec_runner.system.process.process import Process
from spec_runner.system.sandbox.disk import disk_bytes
from spec_runner.system.sandbox.sandbox import Sandbox

_LOOK_EVERY = 0.25
_EXACT_EVERY = 8
"""Looks from one at what no process has mapped to the next."""
_DISK_EVERY = 2.0
_SHARE = 20
"""A look at the disk may take a twentieth of the time between two."""


class Limits(NamedTuple):
    """Bytes; None: as much as there is."""

    memory: int | None = None
    disk: int | None = None


def usual_limits(shares: int = 1) -> Limits:
    """Three quarters of the machine's memory, shared by so many, and ten gigabytes of what commands write."""
    memory = None
    with contextlib.suppress(ValueError, OSError, AttributeError):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4 // shares
    return Limits(memory, 10 * 1000**3)


class Watch:
    """Looks at a sandbox from time to time, in a thread of its own, until it is stopped.

    Over a limit, what took most is ended, and the sandbox goes on: what comes after it has nothing to do with it.
    """

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits
        self._stopped, self._began = threading.Event(), time.time()
        # Before the first command writes anything.
        self._before = disk_bytes(sandbox.written) if limits.disk else 0
        if limits.memory or limits.disk:
            threading.Thread(target=self._look, name="watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _look(self) -> None:
        looks, next_disk = 0, time.monotonic() + _DISK_EVERY
        with contextlib.suppress(OSError):
            while not self._stopped.wait(_LOOK_EVERY):
                looks += 1
                if self._limits.memory:
                    self._look_at_memory(self._limits.memory, is_exact=looks % _EXACT_EVERY == 0)
                if self._limits.disk and time.monotonic() >= next_disk:
                    took = self._look_at_disk(self._limits.disk)
                    next_disk = time.monotonic() + max(_DISK_EVERY, took * _SHARE)

    def _look_at_memory(self, limit: int, *, is_exact: bool) -> None:
        held, others = self._sandbox.inside.held_bytes(is_exact=is_exact)
        if sum(held.values()) + others > limit and not is_exact:
            held, others = self._sandbox.inside.held_bytes(is_exact=True)
        if sum(held.values()) + others <= limit:
            return
        most = max(held, key=held.__getitem__, default=None)
        if most and held[most] > others:
            self._end([most], OverMemory(limit), others=False)
        else:
            # What is left of commands that ended is nobody's any more: who runs may stand on it.
            self._end(held, OverMemory(limit), others=True)

    def _look_at_disk(self, limit: int) -> float:
        """The seconds that the look itself took."""
        began = time.monotonic()
        too_much = disk_bytes(self._sandbox.written) - self._before - limit
        took = time.monotonic() - began
        if too_much > 0:
            self._end_for_disk(limit, too_much)
        return took

    def _end_for_disk(self, limit: int, too_much: int) -> None:
        running = self._sandbox.inside.running()
        ended = [each for each in running if not each.is_service] or running
        since = min((each.began for each in ended), default=self._began)
        freed = self._end(ended, OverDisk(limit), others=True, since=since, count=too_much + limit)
        # Where too little could be removed, the next ones have half of the limit.
        self._before += max(too_much + limit // 2 - freed, 0)

    def _end(self, processes: Collection[Process], over: OverMemory | OverDisk, **how: Any) -> int:
        for each in processes:
            each.over = over
        return self._sandbox.end_some(processes, **how)

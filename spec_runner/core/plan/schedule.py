"""Tasks and how they depend on each other → what may start now, and what will not run any more.

Phases are walls. Tasks run in the order written; neighbours marked parallel form a group that starts from the same
state. Groups come one after the other, so the result does not depend on how many workers there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from spec_runner.errors import SpecError


class Node(NamedTuple):
    """A task as the schedule sees it."""

    key: str
    line: int
    phase: int = 0
    """Which wall it stands behind: the phase's number in the document."""
    parallel: bool = False
    runs: bool = True
    """There is something to run; the others only keep neighbours apart."""
    depends_on: tuple[str, ...] = ()
    """Tasks that must be over before it starts, as the document says."""
    needs: tuple[str, ...] = ()
    """Tasks whose failure makes it pointless: a service for a probe, a change of directory for what follows."""


def groups(nodes: Iterable[Node]) -> tuple[tuple[Node, ...], ...]:
    """The tasks that run, in groups; a group with more than one task may run side by side.

    Raises SpecError where tasks of a phase wait for each other in a circle.
    """
    made: list[list[Node]] = []
    parted = True
    keys: set[str] = set()
    for node in _in_order(list(nodes)):
        if not node.runs:
            parted = parted or not node.parallel
            continue
        last = made[-1] if made else []
        joins = bool(last) and not parted and node.parallel and last[-1].parallel and last[-1].phase == node.phase
        if joins and keys.isdisjoint((*node.depends_on, *node.needs)):
            last.append(node)
        else:
            made.append([node])
            keys = set()
        keys.add(node.key)
        parted = False
    return tuple(tuple(group) for group in made)


def _in_order(nodes: list[Node]) -> Iterator[Node]:
    """The nodes as written, but each behind those of its phase that it depends on."""
    by_key = {node.key: node for node in nodes}
    emitted: set[str] = set()
    for node in nodes:
        # A stack instead of recursion: chains may be as long as the document.
        stack, waiting = [node], {node.key}
        while stack:
            top = stack[-1]
            if top.key in emitted:
                waiting.discard(stack.pop().key)
                continue
            missing = [
                by_key[key]
                for key in top.depends_on
                if key in by_key and key not in emitted and by_key[key].phase == top.phase
            ]
            if not missing:
                emitted.add(top.key)
                waiting.discard(stack.pop().key)
                yield top
            elif missing[0].key in waiting:
                circle = " → ".join([*(each.key for each in stack), missing[0].key])
                raise SpecError(f"tasks wait for each other ({circle})", todo="remove one 'depends on'", line=node.line)
            else:
                stack.append(missing[0])
                waiting.add(missing[0].key)


class Cancelled(NamedTuple):
    """A task that will not run because of another one."""

    key: str
    because: str


class Schedule:
    """What may start now. Tell it what was started and how it ended; it knows no time and starts nothing itself."""

    def __init__(self, nodes: Iterable[Node], *, jobs: int = 1, keep_going: bool = False) -> None:
        self._groups = groups(nodes)
        self._jobs = max(jobs, 1)
        self._keep_going = keep_going
        self._at = 0
        self._next = 0
        self._running: set[str] = set()
        self._lost: dict[str, str] = {}
        """Tasks that did not pass → the task that is to blame."""
        self._stopped_by: str | None = None
        """The task whose failure ended the run for all groups from here on."""

    @property
    def is_over(self) -> bool:
        """Nothing runs and nothing can start any more."""
        return not self._running and self._at >= len(self._groups)

    @property
    def group(self) -> tuple[Node, ...]:
        """The group that runs now."""
        return self._groups[self._at] if self._at < len(self._groups) else ()

    def advance(self) -> tuple[list[str], list[Cancelled]]:
        """The tasks to start now, and those that are cancelled on the way to them."""
        started: list[str] = []
        cancelled: list[Cancelled] = []
        while self._at < len(self._groups):
            group = self._groups[self._at]
            while self._next < len(group) and len(self._running) < self._jobs:
                node = group[self._next]
                self._next += 1
                blame = self._blame(node)
                if blame:
                    self._lost[node.key] = blame
                    cancelled.append(Cancelled(node.key, blame))
                else:
                    self._running.add(node.key)
                    started.append(node.key)
            if self._next < len(group) or self._running:
                break
            self._at, self._next = self._at + 1, 0
            if not self._keep_going and not self._stopped_by:
                # The first one in the document is to blame, whichever ended first.
                self._stopped_by = next((node.key for node in group if self._lost.get(node.key) == node.key), None)
        return started, cancelled

    def finish(self, key: str, *, passed: bool) -> None:
        """Say that a started task is over."""
        self._running.discard(key)
        if not passed:
            self._lost[key] = key

    def _blame(self, node: Node) -> str | None:
        if self._stopped_by:
            return self._stopped_by
        return next((self._lost[key] for key in (*node.depends_on, *node.needs) if key in self._lost), None)

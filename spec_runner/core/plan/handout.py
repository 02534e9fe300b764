"""Which spec may start next, while others run: in their order, and never two that need the same ports."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable

from spec_runner.core.plan.model import Plan, PlannedSpec, PlannedStep
from spec_runner.core.text.addresses import LOCAL_HOST

_PORT = re.compile(rf"{LOCAL_HOST}|--port\b", re.IGNORECASE)


class Handout:
    """The specs of a plan, handed out one by one."""

    def __init__(self, plan: Plan, specs: Iterable[int] | None = None) -> None:
        """``specs`` are the numbers of those that are handed out; those of them that have nothing to run are not."""
        wanted = range(len(plan.specs)) if specs is None else specs
        working = [number for number in wanted if plan.specs[number].has_work]
        self._single = frozenset(
            number for number in working if plan.network == "host" and uses_ports(plan.specs[number])
        )
        self._beside = deque(number for number in working if number not in self._single)
        self._in_a_row = deque(number for number in working if number in self._single)
        self._has_ports: int | None = None
        """The spec that has this machine's ports now."""

    def take(self) -> int | None:
        """The next spec that may start; None where there is none, or none before another one is over."""
        row = self._in_a_row if self._has_ports is None else deque[int]()
        if row and (not self._beside or row[0] < self._beside[0]):
            self._has_ports = row.popleft()
            return self._has_ports
        return self._beside.popleft() if self._beside else None

    def give_back(self, spec: int) -> None:
        """Say that a spec is over."""
        if spec == self._has_ports:
            self._has_ports = None

    @property
    def in_a_row(self) -> frozenset[int]:
        """The specs that may not run beside each other."""
        return self._single


def uses_ports(spec: PlannedSpec) -> bool:
    """Whether it starts a server or asks one on this machine: the same port is free for one spec at a time."""
    return any(step.action == "run" and _uses_port(step) for step in spec.steps)


def _uses_port(planned: PlannedStep) -> bool:
    step = planned.step
    return step.kind in ("service", "url") or (step.kind == "command" and bool(_PORT.search(step.command)))

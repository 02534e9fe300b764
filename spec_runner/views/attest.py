"""What a replay has shown, as a statement that others can sign and check."""

from __future__ import annotations

import json
from typing import Any

from spec_runner.core.evidence.attest import replay_statement
from spec_runner.core.evidence.verify import Verification
from spec_runner.core.plan.events import Event
from spec_runner.core.result.summary import Summary
from spec_runner.views.json import sandbox_object
from spec_runner.views.report import Put


class AttestView:
    """Hands over the statement when the replay is over."""

    def __init__(self, version: str, put: Put, *, is_of_commit: bool) -> None:
        """``is_of_commit``: what is judged is what the commit has."""
        self._version, self._put, self._is_of_commit = version, put, is_of_commit

    def hear(self, event: Event) -> None:
        """What happened is told when it is over."""

    def finish(self, summary: Summary, code: int) -> None:
        """Hand over the statement."""
        assert isinstance(summary, Verification)
        sandbox = sandbox_object(summary.plan)
        made: dict[str, Any] = replay_statement(summary, self._version, sandbox, is_of_commit=self._is_of_commit)
        self._put(json.dumps(made, indent=2) + "\n")

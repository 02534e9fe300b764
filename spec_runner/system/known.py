"""What is known of repositories before anything runs, each thing asked once: one command decides by one answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spec_runner.core.evidence.records import History, Record, history_of, records
from spec_runner.system import journal

if TYPE_CHECKING:
    from spec_runner.system.worktree.git import GitStatus


class Known:
    """What the journal and Git say of each repository that a command is about."""

    def __init__(self) -> None:
        self._records: dict[Path, list[Record]] = {}
        self._histories: dict[Path, History] = {}
        self._statuses: dict[Path, GitStatus | None] = {}

    def records(self, root: Path) -> list[Record]:
        """The records of its journal. Raises SpecError where it is none that may be read."""
        if root not in self._records:
            self._records[root] = list(records(journal.load(root)))
        return self._records[root]

    def history(self, root: Path) -> History:
        """What earlier runs saw. Raises SpecError as ``records``."""
        if root not in self._histories:
            self._histories[root] = history_of(self.records(root))
        return self._histories[root]

    def git_status(self, root: Path) -> GitStatus | None:
        """The commit that it stands at, and what differs from it; None without Git."""
        if root not in self._statuses:
            from spec_runner.system.worktree import git

            self._statuses[root] = git.status(root)
        return self._statuses[root]

    def head(self, root: Path) -> str | None:
        """The commit that it stands at; asking for it alone costs less."""
        from spec_runner.system.worktree import git

        known = self._statuses.get(root)
        return known.head if known else git.head(root)

"""What a repository brings along."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from spec_runner.core.result.machine import names_brought
from spec_runner.system.worktree import git


def code_names(root: Path) -> Callable[[str], bool]:
    """Says whether the repository has code of a name: a module, or a folder that holds some; it looks when asked."""

    @cache
    def names() -> frozenset[str]:
        return names_brought(map(os.fsdecode, git.listed_files(root) or []))

    return lambda name: name in names()

"""Which files a repository has, and ever had."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from spec_runner.core.result.machine import names_brought
from spec_runner.system.worktree import git


def file_memory(root: Path) -> Callable[[str], bool] | None:
    """Says whether a path, or one that ends in it, is in the repository or was in any commit; None without Git."""
    if not (root / ".git").exists() or git.program() is None:
        return None

    @cache
    def present() -> frozenset[str]:
        return _endings(git.listed_files(root) or [])

    @cache
    def past() -> frozenset[str]:
        log = git.read(root, "log", "--all", "--format=", "--name-only", "--no-renames", "--diff-filter=A", "-z")
        return _endings((log or b"").replace(b"\n", b"\0").split(b"\0"))

    def has_file(path: str) -> bool:
        wanted = os.path.normpath(path).replace("\\", "/")
        return (root / wanted).exists() or wanted in present() or wanted in past()

    return has_file


def committed_files(root: Path) -> Callable[[str], bool]:
    """Says whether a path, or one that ends in it, is in the current commit; without Git, in the folder."""

    @cache
    def names() -> frozenset[str] | None:
        listed = git.read(root, "ls-tree", "-r", "-z", "--name-only", "HEAD") if (root / ".git").exists() else None
        return None if listed is None else _endings(listed.split(b"\0"))

    def has_file(path: str) -> bool:
        wanted = os.path.normpath(path).replace("\\", "/")
        found = names()
        return (root / wanted).exists() if found is None else wanted in found

    return has_file


def code_names(root: Path) -> Callable[[str], bool]:
    """Says whether the repository has code of a name: a module, or a folder that holds some; it looks when asked."""

    @cache
    def names() -> frozenset[str]:
        return names_brought(map(os.fsdecode, git.listed_files(root) or []))

    return lambda name: name in names()


def _endings(names: list[bytes]) -> frozenset[str]:
    """Each path and every shorter path that it ends in: people leave the first folders out."""
    found: set[str] = set()
    for name in names:
        parts = os.fsdecode(name).split("/")
        found.update("/".join(parts[start:]) for start in range(len(parts)))
    return frozenset(found)

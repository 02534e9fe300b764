"""Which specs a change touches, so that a pull request pays for its own alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.errors import SpecError
from spec_runner.system.repository import SpecPaths
from spec_runner.system.worktree import git


def only_changed(places: Sequence[SpecPaths | SpecError], settings: Settings) -> list[SpecPaths | SpecError]:
    """The specs with a file that changed since the commit that was asked for; all of them where none was.

    Raises SpecError where Git knows no such commit.
    """
    since = settings.changed_since
    if since is None:
        return list(places)
    changed = lru_cache(maxsize=None)(lambda root: _changed(root, since))
    found = [each for each in places if isinstance(each, SpecError) or _is_touched(each, changed(each.root))]
    if not found:
        settings.err.write(f"note: no spec here has changed since {since}\n")
    return found


def _changed(root: Path, since: str) -> frozenset[str]:
    """The files that differ from a commit, relative to the root, committed or not; what its branch did since is not."""
    commit = git.commit_of(root, since)
    if commit is None:
        todo = "name a commit or a branch; a shallow clone lacks older ones"
        raise SpecError(f"Git does not know the commit {since} of --changed-since", todo=todo, path=str(root))
    # A shallow clone may lack the commit that both began at: then more has changed than the branch did, never less.
    base = git.read(root, "merge-base", commit, "HEAD")
    words = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", (base or commit.encode()).decode().strip(), "HEAD")
    committed = os.fsdecode(git.read(root, *words) or b"").split("\0")
    stands = git.status(root)
    return frozenset(committed) | {name for name, _ in stands.changed} if stands else frozenset(committed)


def _is_touched(place: SpecPaths, changed: frozenset[str]) -> bool:
    """Whether one of its documents changed, or a file beside or below them; the root itself is nobody's own folder."""
    folder = os.path.relpath(place.folder.resolve(), place.root)
    if folder != os.curdir and any(name.startswith(f"{folder}/") for name in changed):
        return True
    return any(os.path.relpath(file.resolve(), place.root) in changed for file in (place.tasks, place.guide) if file)

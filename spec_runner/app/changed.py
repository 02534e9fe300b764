"""Which specs a change touches, so that a pull request pays for its own alone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha1, sha256
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.repository import SpecPaths
from spec_runner.system.worktree import git

WORKING_TREE = "working-tree"
"""The commit at hand, for what is not committed."""
_SHA256 = 64
"""Letters of a digest in a repository that has the longer ones."""


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


def only_ticked(places: Sequence[SpecPaths | SpecError], settings: Settings) -> list[SpecPaths | SpecError]:
    """Of several specs those in which something may be ticked since ``--ticked-since``: the others are not even read.

    Told by what the documents hold, whatever Git's index says of them: commands can write that.
    """
    since = settings.ticked_since
    if since is None or len(places) < 2:
        return list(places)
    revision = "HEAD" if since == WORKING_TREE else since
    held = lru_cache(maxsize=None)(lambda root: _held(root, revision))
    found = [each for each in places if isinstance(each, SpecError) or not _is_held(each, held(each.root))]
    if len(found) < len(places):
        same = f"{len(places) - len(found)} of {len(places)} specs have the tasks of {revision}"
        settings.err.write(f"note: {same}: nothing was ticked in them\n")
    return found


def _held(root: Path, revision: str) -> Mapping[str, str]:
    """The files of a commit, each with the digest that Git knows its content by; none where there is no such commit."""
    commit = git.commit_of(root, revision)
    listed = git.read(root, "ls-tree", "-r", "-z", commit) if commit else None
    lines = (line.partition("\t") for line in os.fsdecode(listed or b"").split("\0"))
    return {name: about.rpartition(" ")[2] for about, _, name in lines if name}


def _is_held(place: SpecPaths, held: Mapping[str, str]) -> bool:
    """Whether the tasks of a spec are those of a commit."""
    digest = held.get(place.document)
    if digest is None or place.tasks is None:
        return False
    try:
        data = files.read(place.tasks)
    except SpecError:
        return False
    made = sha256 if len(digest) == _SHA256 else sha1
    return made(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == digest

"""A repository in which commands run: what Git would obey outside later, and what proves a task, stays as it is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from spec_runner.system.trusted import Folder

_WRITTEN = frozenset({
    "objects", "refs", "logs", "index", "HEAD", "packed-refs", "ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG",
    "AUTO_MERGE", "MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "SQUASH_MSG", "CHERRY_PICK_HEAD", "REVERT_HEAD",
})  # fmt: skip
"""What of ``.git`` a commit, a branch and a merge write. Whatever else is there is read-only."""
_COMMON, _ITSELF = "commondir", b".\n"
"""A file that leads Git to the folder with the configuration. It says what is so without it, so that none is made."""


def guards(root: Path) -> Iterator[str]:
    """Mounts, in bubblewrap's words, over the parts of a repository that stay as they are."""
    for git in _repositories(root):
        if not git.is_dir():
            yield from ("--ro-bind", str(git), str(git))
            continue
        # A folder that something is mounted on cannot be moved away with what is mounted in it.
        for place in (git, git / "objects"):
            yield from ("--bind-try", str(place), str(place))
        for entry in sorted(os.scandir(git), key=lambda each: each.name):
            if entry.name not in _WRITTEN and not entry.name.endswith(".lock") and not entry.is_symlink():
                yield from ("--ro-bind-try", entry.path, entry.path)
        for place in (git / "hooks", git / "info", git / "objects" / "info"):
            if not place.exists():
                yield from ("--tmpfs", str(place), "--remount-ro", str(place))
        yield from ("--ro-bind-try", str(git / "objects" / "info"), str(git / "objects" / "info"))
    if (root / ".spec-run").exists():
        yield from ("--ro-bind", str(root / ".spec-run"), str(root / ".spec-run"))


def prepare(root: Path) -> None:
    """Put files where guards are to be, before commands run; ``tidy`` removes them."""
    for git in _repositories(root):
        with contextlib.suppress(OSError), Folder(git) as folder:
            if folder.stat(_COMMON) is None and folder.stat("HEAD"):
                folder.replace(_COMMON, _ITSELF)


def tidy(root: Path) -> None:
    """Remove the files that ``prepare`` put there."""
    for git in _repositories(root):
        with contextlib.suppress(OSError), Folder(git) as folder:
            if folder.read(_COMMON, len(_ITSELF)) == _ITSELF:
                folder.remove(_COMMON)


def _repositories(root: Path) -> Iterator[Path]:
    """What is called ``.git`` in the repository and below it; links are not followed."""
    for top, folders, names in os.walk(root):
        if ".git" in names or ".git" in folders:
            yield Path(top, ".git")
        folders[:] = [name for name in folders if name != ".git"]

"""Grounds: what a setup leaves is made once for a repository and a commit, and lies below each work tree that needs it.

A ground is the folder of a sandbox in which nothing but the setup ran, and which is over: nobody writes there now.
Work trees of the same commit show it below their own changes, at the level that can (bubblewrap).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from spec_runner import __version__
from spec_runner.core.plan.model import Setup
from spec_runner.core.plan.setup import setup_digest
from spec_runner.errors import MALFORMED
from spec_runner.system.locks import Lock
from spec_runner.system.sandbox.sandbox import Layout
from spec_runner.system.state import plain_name, state_folder
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree import copies, git

_NOTE = "ground.json"


class Left(NamedTuple):
    """What a setup left behind for the commands after it."""

    state: str | None
    """The shell's state, as ``Shell.name_of`` names it; None where there is none."""
    commit: str
    environment: Mapping[str, str]
    """What the sandbox had given to its first command."""
    unprepared: Mapping[str, str] = {}
    """What it did not make ready, by ecosystem → the command that failed."""


class Ground(NamedTuple):
    """A folder that was prepared."""

    folder: Path
    root: Path
    """The repository."""
    left: Left


def grounds_folder(environment: Mapping[str, str]) -> Path | None:
    """Where this user's grounds are; None where there is no such place."""
    state = state_folder(environment)
    return state and state / "prepared"


def all_grounds(environment: Mapping[str, str]) -> Iterator[Ground]:
    """Every ground of this user that is whole."""
    place = grounds_folder(environment)
    with contextlib.suppress(OSError):
        for folder in sorted(place.iterdir()) if place else ():
            ground = load(folder)
            if ground:
                yield ground


def load(folder: Path) -> Ground | None:
    """The ground in a folder; None if there is none, or it was never finished."""
    try:
        with Folder(folder) as opened:
            told = json.loads(opened.read(_NOTE))
        root, commit, state = told["root"], told["commit"], told["state"]
        texts = (root, commit, *told["environment"], *told["environment"].values(), *([] if state is None else [state]))
        if any(b"\0" in os.fsencode(each) for each in texts):
            return None
        return Ground(folder, Path(root), Left(state, commit, dict(told["environment"])))
    except MALFORMED:
        return None


def remove_free(ground: Ground) -> bool:
    """Remove a ground that no run has; False where one has it, or some of it is left."""
    with contextlib.suppress(OSError), _lock_of(ground.folder) as lock:
        return lock.take() and copies.remove(ground.folder)
    return False


def can_share(layout: Layout) -> str | None:
    """The commit whose tracked files are all that the work tree has; None where it has more, or shows no ground."""
    if layout.level != "bubblewrap" or layout.in_place or layout.keeping or layout.mirrors:
        return None
    if layout.content == "everything" or not (layout.root / ".git").exists():
        return None
    if layout.content == "tracked" and git.read(layout.root, "diff", "--quiet", "HEAD", "--") is None:
        return None
    return git.head(layout.root)


class Grounds:
    """The grounds of one run: each is made when it is first asked for, and held until the run is over."""

    def __init__(self) -> None:
        self._held: dict[str, Ground] = {}
        self._locks = contextlib.ExitStack()
        self._temporary: list[Path] = []

    def of(self, layout: Layout, setup: Setup, make: Callable[[Path, str], Left | None]) -> Ground | None:
        """The ground that a work tree of this layout stands on; ``make`` makes it in a folder that is not there yet.

        None where there can be none, and where the run was stopped meanwhile. Raises OSError.
        """
        commit = can_share(layout) if setup.steps else None
        if commit is None:
            return None
        key = _key(layout, setup, commit)
        if key not in self._held:
            made = self._find(layout, key, commit, make)
            if made is None:
                return None
            self._held[key] = made
        return self._held[key]

    def _find(self, layout: Layout, key: str, commit: str, make: Callable[[Path, str], Left | None]) -> Ground | None:
        place = grounds_folder(layout.host)
        if place is None or layout.variables:
            # What was made with somebody's values is kept for nobody.
            return self._make(layout, self._temporary_folder(), commit, make)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = place / f"{plain_name(layout.root.name) or 'repository'}-{key}"
        lock = self._locks.enter_context(_lock_of(folder))
        while not lock.take():
            if lock.take(shared=True) and load(folder):
                break  # Others stand on it.
            if layout.is_stopped():
                return None
            time.sleep(0.1)
        found = load(folder)
        if found is None:
            copies.remove(folder)
            found = self._make(layout, folder, commit, make)
            if found and found.left.unprepared:
                self._temporary.append(folder)
            elif found:
                _note(found)
                _remove_older(found, layout.host)
        lock.take(shared=True)
        return found

    def _temporary_folder(self) -> Path:
        folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="spec-run-")))
        self._temporary.append(folder)
        return folder / "ground"

    def _make(
        self, layout: Layout, folder: Path, commit: str, make: Callable[[Path, str], Left | None]
    ) -> Ground | None:
        left = make(folder, commit)
        if left is None:
            copies.remove(folder)
            return None
        return Ground(folder, layout.root, left)

    def close(self) -> None:
        """Give back what is held; what nobody else may stand on is removed."""
        for folder in self._temporary:
            copies.remove(folder)
        self._locks.close()


@contextlib.contextmanager
def _lock_of(folder: Path) -> Iterator[Lock]:
    with Folder(folder.parent) as parent:
        lock = Lock(parent, f"{folder.name}.lock")
    try:
        yield lock
    finally:
        lock.close()


def _key(layout: Layout, setup: Setup, commit: str) -> str:
    """What a ground depends on, as a short fixed text."""
    path = layout.host.get("PATH", "")
    python = shutil.which("python3", path=path) or ""
    parts = (
        __version__,
        str(layout.root),
        commit,
        setup_digest(setup),
        layout.network,
        layout.registries,
        layout.shell,
        path,
        python,
    )
    return sha256(json.dumps([*parts, sorted(layout.variables.items())]).encode()).hexdigest()[:16]


def _note(ground: Ground) -> None:
    told: dict[str, Any] = {
        "root": str(ground.root), "commit": ground.left.commit, "state": ground.left.state,
        "environment": dict(ground.left.environment),
    }  # fmt: skip
    with Folder(ground.folder) as folder:
        folder.replace(_NOTE, json.dumps(told).encode())


def _remove_older(ground: Ground, environment: Mapping[str, str]) -> None:
    """Grounds of the same repository at another commit go, where no run has them."""
    for other in all_grounds(environment):
        if other.root == ground.root and other.left.commit != ground.left.commit:
            remove_free(other)

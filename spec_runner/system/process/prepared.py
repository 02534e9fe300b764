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

    def given(self, variables: Mapping[str, str]) -> Left:
        """The same, with these variables in its environment."""
        return self._replace(environment={**self.environment, **variables})

    def without(self, variables: Mapping[str, str]) -> Left:
        """The same, without them."""
        kept = {name: value for name, value in self.environment.items() if name not in variables}
        return self._replace(environment=kept)


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


def load(folder: Path, place: Path | None = None, name: str = _NOTE) -> Ground | None:
    """The ground in a folder; None if there is none, or it was never finished.

    ``place`` is where the note on it lies, if that is not the folder itself.
    """
    try:
        with Folder(place or folder) as opened:
            told = json.loads(opened.read(name))
        root, commit, state = told["root"], told["commit"], told["state"]
        unprepared = dict(told.get("unprepared") or {})
        texts = [root, commit, *([] if state is None else [state])]
        for pairs in (told["environment"], unprepared):
            texts += [*pairs, *pairs.values()]
        if any(b"\0" in os.fsencode(each) for each in texts):
            return None
        return Ground(folder, Path(root), Left(state, commit, dict(told["environment"]), unprepared))
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

    def __init__(self, shared: Path | None = None) -> None:
        """``shared`` is the folder of a run of several processes (``own_folder``), whose grounds these are too."""
        self._held: dict[str, Ground] = {}
        self._locks = contextlib.ExitStack()
        self._shared, self._owns = shared, shared is None

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

    @property
    def _of_run(self) -> Path:
        """The folder for what is nobody else's: what was made with somebody's values, and notes on what failed."""
        self._shared = self._shared or own_folder()
        return self._shared

    def _find(self, layout: Layout, key: str, commit: str, make: Callable[[Path, str], Left | None]) -> Ground | None:
        place = grounds_folder(layout.host)
        if place is None or layout.variables:
            place = self._of_run
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder, failed = place / f"{plain_name(layout.root.name) or 'repository'}-{key}", f"{key}.json"
        lock = self._locks.enter_context(_lock_of(folder))

        def found_again() -> Ground | None:
            found = load(folder) or (load(folder, self._shared, failed) if self._shared else None)
            # No note holds values: who stands on the ground was given the same.
            return found and found._replace(left=found.left.given(layout.variables))

        while not lock.take():
            if lock.take(shared=True) and found_again():
                break  # Others stand on it.
            if layout.is_stopped():
                return None
            time.sleep(0.1)
        found = found_again()
        if found is None:
            copies.remove(folder)
            left = make(folder, commit)
            if left is None:
                copies.remove(folder)
                return None
            found = Ground(folder, layout.root, left)
            noted = found._replace(left=left.without(layout.variables))
            if left.unprepared:
                _note(noted, self._of_run, failed)
            else:
                _note(noted, folder)
            if place != self._shared and not left.unprepared:
                _remove_older(found, layout.host)
        lock.take(shared=True)
        return found

    def close(self) -> None:
        """Give back what is held; what nobody else may stand on is removed."""
        if self._owns and self._shared:
            remove_own(self._shared)
        self._locks.close()


def own_folder() -> Path:
    """A new folder for the grounds of one run."""
    return Path(os.path.realpath(tempfile.mkdtemp(prefix="spec-run-")))


def remove_own(shared: Path) -> None:
    """Remove the folder of a run, and what it says could not be made ready."""
    for note in shared.glob("*.json"):
        with contextlib.suppress(*MALFORMED), Folder(shared) as opened:
            copies.remove(Path(json.loads(opened.read(note.name))["folder"]))
    copies.remove(shared)


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


def _note(ground: Ground, place: Path, name: str = _NOTE) -> None:
    left = ground.left
    told: dict[str, Any] = {
        "folder": str(ground.folder), "root": str(ground.root), "commit": left.commit, "state": left.state,
        "environment": dict(left.environment), "unprepared": dict(left.unprepared),
    }  # fmt: skip
    with Folder(place) as folder:
        folder.replace(name, json.dumps(told).encode())


def _remove_older(ground: Ground, environment: Mapping[str, str]) -> None:
    """Grounds of the same repository at another commit go, where no run has them."""
    for other in all_grounds(environment):
        if other.root == ground.root and other.left.commit != ground.left.commit:
            remove_free(other)

"""Changes of a work tree that is kept, taken over into the repository: all of them or none, however it ends.

What is to be done is noted first, beside the tree. Every new file is laid beside its place, and every old one kept
there, until all have changed places; then the note says so, and what is left goes. Whoever finds a note of before that
moment puts everything back.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spec_runner.core.evidence.changes import Change
from spec_runner.core.plan.model import TASKS
from spec_runner.errors import MALFORMED, SpecError, said
from spec_runner.system.signals import END, INTERRUPT, heard_by
from spec_runner.system.trusted import Folder, beside_name, changed_at
from spec_runner.system.worktree import git, sparse
from spec_runner.system.worktree.changes import content
from spec_runner.system.worktree.kept import Tree

_NOTE = "taking-over.json"
_PUT_BACK = "put-back.json"
"""What files were when they had been put back: that alone is no edit of the user."""


class _Step(NamedTuple):
    """What becomes of one path."""

    path: str
    """Relative to the root."""
    new: str | None
    """The name beside it of the file that comes; None where there is none to come."""
    old: str | None
    """The name beside it that the file which goes has meanwhile; None where there was none."""
    made: int
    """How many of the folders above it are made for it."""

    @property
    def above(self) -> tuple[str, ...]:
        return Path(self.path).parts[:-1]

    @property
    def name(self) -> str:
        return Path(self.path).name


def apply(tree: Tree, found: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """Take changes over into the repository: those that were, and the documents that were left as they are.

    A task list that was changed on both sides is left: spec-run itself writes marks in it. Raises SpecError, with
    nothing changed, where other files of the user are not what they were, or cannot be written.
    """
    put_back(tree)
    ours = _read(tree, _PUT_BACK)
    apart = [change for change in found if _conflicts(tree, change, ours if isinstance(ours, dict) else {})]
    left = [change for change in apart if os.path.basename(change.path) == TASKS and not change.before]
    conflicts = [change.path for change in apart if change not in left]
    if conflicts:
        named = ", ".join(conflicts[:5]) + (f" and {len(conflicts) - 5} more" if len(conflicts) > 5 else "")
        todo = "commit or undo your changes, or run again; spec-run diff --patch shows what the commands changed"
        raise SpecError(f"your files have changed since the work tree was made: {named}", todo=todo)
    wanted = [change for change in found if change not in left]
    steps = [step for change in wanted for step in _steps(tree.root, change)]
    try:
        _note(tree, steps, is_done=False)
        _take_over(tree, steps)
    except OSError as error:
        what = f"nothing was applied, since a file cannot be written ({said(error)})"
        raise SpecError(what, todo="check its permissions", path=str(error.filename or tree.root)) from None
    return wanted, left


def is_half_done(tree: Tree) -> bool:
    """Whether a taking over was killed, or is going on."""
    return _noted(tree) is not None


def put_back(tree: Tree) -> list[str]:
    """Put right what a taking over that was killed left, if one was; what the user should know comes back.

    Nobody else may be taking over. Raises OSError where the repository is gone.
    """
    noted = _noted(tree)
    if noted is None:
        return []
    steps, is_done = noted
    with _undisturbed(), Folder(tree.root) as root:
        notes = _tidy(root, steps) if is_done else _undo(tree, root, steps)
        with contextlib.suppress(OSError), Folder(tree.folder) as folder:
            if not is_done:
                before = {step.path: _version(seen) for step in steps if step.old and (seen := _seen(root, step))}
                folder.replace(_PUT_BACK, json.dumps({**(_read(tree, _PUT_BACK) or {}), **before}).encode(), 0o600)
            folder.remove(_NOTE)
    return notes


def _seen(root: Folder, step: _Step) -> os.stat_result | None:
    with contextlib.suppress(OSError), root.inner(*step.above) as folder:
        # What was kept beside it stays where somebody has edited it since.
        return None if step.old and folder.stat(step.old) else folder.stat(step.name)
    return None


def _version(seen: os.stat_result) -> list[int]:
    return [seen.st_ino, changed_at(seen), seen.st_size]


def _conflicts(tree: Tree, change: Change, ours: Mapping[str, Any]) -> bool:
    """Whether the user touched what a change is about since the tree was made, or a link would lead it elsewhere.

    ``ours`` is what paths were when they were put back.
    """
    for path in filter(None, (change.path, change.before)):
        place = tree.root / path
        above = [tree.root / each for each in list(Path(path).parents)[:-1]]
        if any(each.is_symlink() or (os.path.lexists(each) and not each.is_dir()) for each in above):
            return True
        if os.path.lexists(place) and not (place.is_dir() and not place.is_symlink()):
            seen = place.lstat()
            if changed_at(seen) >= tree.looked and ours.get(path) != _version(seen):
                return True
        elif change.kind in ("changed", "deleted") or path == change.before or _was_there(tree, change):
            return True
    return False


def _was_there(tree: Tree, change: Change) -> bool:
    """A file that is new to the repository is one that the user removed, if the tree had it from there."""
    if tree.upper:
        return git.read(tree.root, "cat-file", "-e", f"HEAD:{change.path}") is not None
    return change.path in tree.copied


def _steps(root: Path, change: Change) -> Iterator[_Step]:
    if change.before:
        yield _Step(change.before, None, beside_name(os.path.basename(change.before)), 0)
    name = os.path.basename(change.path)
    old = beside_name(name) if os.path.lexists(root / change.path) else None
    made = sum(not os.path.lexists(root / each) for each in Path(change.path).parents)
    yield _Step(change.path, beside_name(name) if change.kind != "deleted" else None, old, made)


def _take_over(tree: Tree, steps: Sequence[_Step]) -> None:
    """Lay every file beside its place, then let all change places. Raises OSError with nothing changed."""
    try:
        # This may take long, and is interrupted at once; what comes then is done before anybody is heard.
        with Folder(tree.top) as top, Folder(tree.root) as root:
            for step in steps:
                if step.new:
                    _lay(top, root, step)
            with _undisturbed():
                try:
                    for step in steps:
                        _exchange(root, step)
                    _note(tree, steps, is_done=True)
                finally:
                    put_back(tree)
    except BaseException:
        put_back(tree)
        raise


def _lay(top: Folder, root: Folder, step: _Step) -> None:
    """Copy what commands made: never the right to run as whoever takes it over."""
    assert step.new
    with top.inner(*step.above) as source, root.inner(*step.above, is_made=True) as target:
        seen = source.stat(step.name)
        if seen and stat.S_ISLNK(seen.st_mode):
            target.link(step.new, source.target(step.name))
            return
        with (
            os.fdopen(source.open(step.name, os.O_RDONLY), "rb") as file,
            os.fdopen(target.open(step.new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as laid,
        ):
            sparse.copy(file.fileno(), laid.fileno())


def _exchange(root: Folder, step: _Step) -> None:
    with root.inner(*step.above) as folder:
        if step.old and step.new is None:
            folder.rename(step.name, step.old)
        elif step.new:
            if step.old:
                folder.keep_as(step.name, step.old)
            folder.rename(step.new, step.name)


def _undo(tree: Tree, root: Folder, steps: Sequence[_Step]) -> list[str]:
    """Every path is again what it was, but for those that the user has edited since."""
    notes = []
    for step in reversed(steps):
        with contextlib.suppress(OSError), root.inner(*step.above) as folder:
            is_waiting = step.new is not None and folder.stat(step.new) is not None
            if step.old and (old := folder.stat(step.old)):
                now = folder.stat(step.name)
                is_theirs = now and not is_waiting and now.st_ino != old.st_ino and not _is_ours(tree, step)
                if is_theirs:
                    notes.append(f"{step.path} was edited meanwhile; what it was before is beside it, in {step.old}")
                    continue
                folder.rename(step.old, step.name)
                if folder.stat(step.old):
                    # Two names of one file: the system leaves both.
                    folder.remove(step.old)
            elif step.new and not step.old and not is_waiting and _is_ours(tree, step):
                folder.remove(step.name)
            if is_waiting and step.new:
                folder.remove(step.new)
        _remove_made(root, step)
    return notes


def _is_ours(tree: Tree, step: _Step) -> bool:
    """Whether what has the name now is what was taken over."""
    if step.new is None:
        return False
    with contextlib.suppress(OSError):
        return content(tree.root / step.path) == content(tree.top / step.path)
    return False


def _remove_made(root: Folder, step: _Step) -> None:
    for depth in range(len(step.above), len(step.above) - step.made, -1):
        with contextlib.suppress(OSError), root.inner(*step.above[: depth - 1]) as folder:
            folder.remove_folder(step.above[depth - 1])


def _tidy(root: Folder, steps: Sequence[_Step]) -> list[str]:
    for step in steps:
        with contextlib.suppress(OSError), root.inner(*step.above) as folder:
            if step.old and folder.stat(step.old):
                folder.remove(step.old)
    return []


def _note(tree: Tree, steps: Sequence[_Step], *, is_done: bool) -> None:
    with Folder(tree.folder) as folder:
        folder.replace(_NOTE, json.dumps({"done": is_done, "steps": steps}).encode(), 0o600)


def _noted(tree: Tree) -> tuple[list[_Step], bool] | None:
    note = _read(tree, _NOTE)
    with contextlib.suppress(*MALFORMED):
        return [_Step(*each) for each in note["steps"]], note["done"] is True
    return None


def _read(tree: Tree, name: str) -> Any:
    with contextlib.suppress(*MALFORMED), Folder(tree.folder) as folder:
        return json.loads(folder.read(name))
    return None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C and a request to end are heard afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    try:
        with heard_by(heard.append, INTERRUPT, *END):
            yield
    finally:
        for number in heard:
            signal.raise_signal(number)

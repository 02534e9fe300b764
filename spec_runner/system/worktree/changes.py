"""What commands changed in a work tree that is kept."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.evidence.changes import Change
from spec_runner.errors import SpecError, said
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree import git, sparse

_NEVER = frozenset({".git", ".spec-run"})
_ENVIRONMENT = re.compile(r"\.env(?!\.(?:example|sample|template|dist)$)(?:\.[^/]*)?")
"""Files that hold the values of keys: what spec-run writes for env tasks is in one."""
_LARGEST_SHOWN = 32 * 1024 * 1024


class TreeFiles(NamedTuple):
    """Where the files of a kept tree are, and what is known of them."""

    root: Path
    top: Path
    """The upper folder of an overlay, or the folder of a copy."""
    is_overlay: bool
    made: int
    """The change time (ns) from which on commands have touched a file of a copy."""
    copied: frozenset[str]
    laid: dict[str, int]
    """The change time (ns) of each file that was brought into a copy later on."""


def changes(tree: TreeFiles) -> list[Change]:
    """What differs, by path; ``.git`` is left out. Raises SpecError where the tree cannot be read."""
    try:
        found = list(_of_overlay(tree) if tree.is_overlay else _of_copy(tree))
    except OSError as error:
        raise SpecError(f"cannot read the work tree ({said(error)})", path=str(error.filename or tree.top)) from None
    return sorted(_with_ignored(tree.root, _renamed(tree, found)), key=lambda change: change.path)


def _of_overlay(tree: TreeFiles) -> Iterator[Change]:
    """The upper folder of an overlay is the list of changes: a device 0:0 stands for a file that is gone."""
    for folder, names, found in os.walk(tree.top):
        here = os.path.relpath(folder, tree.top)
        names[:] = sorted(name for name in names if name not in _NEVER)
        for name in names:
            path = os.path.normpath(os.path.join(here, name))
            if os.path.islink(os.path.join(folder, name)):
                yield from _compared(tree, path, Path(folder, name))
            elif is_opaque(os.path.join(folder, name)):
                yield from _replaced_folder(tree.root, path, Path(folder, name))
        for name in sorted(found):
            path = os.path.normpath(os.path.join(here, name))
            place = Path(folder, name)
            if name in _NEVER:
                continue
            if is_whiteout(place.lstat()):
                yield from _gone(tree.root, path)
            else:
                yield from _compared(tree, path, place)


def is_whiteout(seen: os.stat_result) -> bool:
    """Whether it stands in an upper folder for something that is gone."""
    return stat.S_ISCHR(seen.st_mode) and seen.st_rdev == 0


def is_opaque(folder: str) -> bool:
    """Whether a folder of an upper one shows nothing of what is below it."""
    for name in ("user.overlay.opaque", "trusted.overlay.opaque"):
        with contextlib.suppress(OSError):
            if os.getxattr(folder, name, follow_symlinks=False) == b"y":
                return True
    return False


def _replaced_folder(root: Path, path: str, now: Path) -> Iterator[Change]:
    """A folder that was removed and made anew: what was in it and is not there again is gone."""
    for folder, _, names in os.walk(root / path):
        for name in names:
            below = os.path.relpath(os.path.join(folder, name), root / path)
            if not os.path.lexists(now / below):
                yield Change("deleted", os.path.join(path, below))


def _gone(root: Path, path: str) -> Iterator[Change]:
    place = root / path
    if place.is_dir() and not place.is_symlink():
        for folder, _, names in os.walk(place):
            yield from (Change("deleted", os.path.relpath(os.path.join(folder, name), root)) for name in names)
    elif os.path.lexists(place):
        yield Change("deleted", path)


def _of_copy(tree: TreeFiles) -> Iterator[Change]:
    """A file of a copy was touched if its change time is not before that of the whole copy."""
    seen: set[str] = set()
    for folder, names, found in os.walk(tree.top):
        names[:] = sorted(name for name in names if name not in _NEVER)
        links = [name for name in names if os.path.islink(os.path.join(folder, name))]
        for name in (name for name in (*found, *links) if name not in _NEVER):
            place = Path(folder, name)
            path = os.path.relpath(place, tree.top)
            seen.add(path)
            if os.name == "nt" or place.lstat().st_ctime_ns >= tree.made:
                # Windows tells when a file was made, not when it was changed: there each is compared.
                yield from _compared(tree, path, place)
    for path in sorted(tree.copied - seen):
        if Path(path).parts[0] not in _NEVER and os.path.lexists(tree.root / path):
            yield Change("deleted", path)


def _compared(tree: TreeFiles, path: str, now: Path) -> Iterator[Change]:
    before = tree.root / path
    if not stat.S_ISREG(now.lstat().st_mode) and not now.is_symlink():
        return
    if not os.path.lexists(before) or (before.is_dir() and not before.is_symlink()):
        yield Change("added", path)
    elif _size(before) != _size(now) or content(before) != content(now):
        yield Change("changed", path)


def _size(place: Path) -> tuple[int, int]:
    seen = place.lstat()
    return stat.S_IFMT(seen.st_mode), seen.st_size


def content(place: Path) -> tuple[int, bytes]:
    """What a file is to Git: whether it is a link or may be run, and a digest of its bytes. Raises OSError."""
    with Folder(place.parent) as folder:
        return content_in(folder, place.name)


def content_in(folder: Folder, name: str) -> tuple[int, bytes]:
    """The same of a file in an open folder. Raises OSError."""
    seen = folder.stat(name)
    mode = seen.st_mode if seen else 0
    if stat.S_ISLNK(mode):
        return stat.S_IFLNK, os.fsencode(folder.target(name))
    with os.fdopen(folder.open(name, os.O_RDONLY), "rb") as file:
        digest = sha256(b"%d" % os.fstat(file.fileno()).st_size)
        for at, data in sparse.pieces(file.fileno()):
            digest.update(b"%d:" % at + data)
    return mode & stat.S_IXUSR, digest.digest()


def _renamed(tree: TreeFiles, found: list[Change]) -> Iterator[Change]:
    """A file that is gone and one with the same content that is new are one that was renamed."""
    gone: dict[tuple[int, bytes], list[Change]] = {}
    for change in found:
        if change.kind == "deleted":
            gone.setdefault(content(tree.root / change.path), []).append(change)
    taken: set[str] = set()
    made: list[Change] = []
    for change in found:
        same = gone.get(content(tree.top / change.path)) if change.kind == "added" else None
        if same:
            before = same.pop()
            taken.add(before.path)
            made.append(change._replace(kind="renamed", before=before.path))
        else:
            made.append(change)
    return (change for change in made if not (change.kind == "deleted" and change.path in taken))


def _with_ignored(root: Path, found: Iterator[Change]) -> list[Change]:
    made = list(found)
    ignored = git.ignored(root, [os.fsencode(change.path) for change in made])
    return [change._replace(is_ignored=os.fsencode(change.path) in ignored) for change in made]


def patch(tree: TreeFiles, found: Sequence[Change]) -> tuple[bytes, list[Change]]:
    """The changes as Git writes them, and those that are left out of it: secrets, and what is far too large to read.

    Raises SpecError without Git.
    """
    if git.program() is None:
        raise SpecError("Git is not installed", todo="install git, which writes the patch")
    left = [change for change in found if _is_unprintable(tree, change)]
    with tempfile.TemporaryDirectory(prefix="spec-run-") as folder:
        for change in (each for each in found if each not in left):
            if change.kind != "added":
                _lay(tree.root / (change.before or change.path), Path(folder, "a", change.before or change.path))
            if change.kind != "deleted":
                _lay(tree.top / change.path, Path(folder, "b", change.path))
        for side in ("a", "b"):
            Path(folder, side).mkdir(exist_ok=True)
        return git.difference(Path(folder), "a", "b"), left


def _is_unprintable(tree: TreeFiles, change: Change) -> bool:
    if any(_ENVIRONMENT.fullmatch(os.path.basename(path)) for path in (change.path, change.before) if path):
        return True
    places = (tree.top / change.path, tree.root / (change.before or change.path))
    return any(place.lstat().st_size > _LARGEST_SHOWN for place in places if os.path.lexists(place))


def _lay(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)

"""Edits of the repository since its kept work tree last saw it, and how they come into that tree.

Nothing that commands wrote is followed: a place in the tree is reached folder by folder, never through a link, and
where commands made something else of a folder, the tree is made anew.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.core.plan.model import TASKS
from spec_runner.system.repository import SpecPaths
from spec_runner.system.trusted import Folder, beside_name, changed_at
from spec_runner.system.worktree import copies, git, git_config, sparse
from spec_runner.system.worktree.changes import TreeFiles, content_in, is_opaque, is_whiteout

GIT = ".git"
"""What stands for the history of a repository among the paths that changed."""
_GONE = "gone"
_Met: TypeAlias = Literal["still", "same", "free", "both"]
"""What a tree has where the repository changed: nothing as well, the same, nothing of the commands', or theirs."""


class Seen(NamedTuple):
    """A repository as a work tree saw it: its commit, and the files that the commit does not say everything about."""

    head: str
    """Empty where there is no commit."""
    files: dict[str, str]
    """Size, time and mode of each by its path."""


class Edits(NamedTuple):
    """What changed in the repository, as it is to come into a work tree."""

    now: Seen
    since: int
    """The change time (ns) that every file touched after that look is at or behind."""
    paths: tuple[str, ...] = ()
    """Relative to the root; ``.git`` where the repository stands at another commit."""
    same: tuple[str, ...] = ()
    """Those that commands made what they are in the repository now."""
    both: frozenset[str] = frozenset()
    """Those that commands changed as well: the repository's win."""
    has_own_commits: bool = False
    """The commands made commits, which the repository's history takes the place of."""


class ApartError(Exception):
    """What commands made and what changed in the repository cannot be one tree; says which path."""


def seen_of(place: SpecPaths, status: git.GitStatus | None) -> Seen:
    """What a repository is now; its task lists are left out, because marking changes them."""
    root, head = place.root, status.head if status else None
    if status is None or head is None:
        paths: Iterable[str] = below(root, root)
    else:
        paths = [*(path.rstrip("/") for path, _ in status.changed), *below(place.folder.resolve(), root)]
    wanted = (path for path in paths if os.path.basename(path) != TASKS and path != place.document)
    return Seen(head or "", {path: stamp(root / path) for path in wanted})


def below(top: Path, root: Path) -> Iterator[str]:
    """Every file below a folder, relative to ``root``, without what changes with every run."""
    for folder, names, found in os.walk(top):
        names[:] = sorted(name for name in names if name not in (".git", ".spec-run", "__pycache__"))
        yield from (os.path.relpath(os.path.join(folder, name), root) for name in sorted(found))


def with_new(seen: Seen, root: Path, paths: Iterable[str]) -> Seen:
    """The same repository with these of its files as they are now."""
    return Seen(seen.head, {**seen.files, **{path: stamp(root / path) for path in paths}})


def stamp(path: Path) -> str:
    """What tells a file from the same one after an edit."""
    try:
        seen = path.lstat()
    except OSError:
        return _GONE
    return f"{seen.st_size} {seen.st_mtime_ns} {seen.st_mode:o}"


def changed(root: Path, before: Seen, now: Seen) -> list[str]:
    """The paths that are not what they were. Raises ApartError where nobody can tell."""
    names = {*before.files, *now.files}
    if before.head != now.head and before.head:
        diff = git.read(root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", before.head, now.head or "")
        if diff is None or not now.head:
            raise ApartError("the commit that it was made of")
        names |= {name for each in diff.split(b"\0") if (name := os.fsdecode(each)) and os.path.basename(name) != TASKS}
    found = sorted(name for name in names if before.files.get(name) != now.files.get(name, stamp(root / name)))
    return [*found, GIT] if before.head != now.head else found


def edits_of(tree: TreeFiles, paths: Collection[str], now: Seen, since: int) -> Edits:
    """How these changes come into a tree. Raises ApartError where they cannot, and OSError."""
    stores = {os.path.relpath(store, tree.root) for store in git_config.stores(tree.root)}
    with Folder(tree.top) as top, Folder(tree.root) as root:
        met = {path: _met(tree, top, root, path) for path in paths if path != GIT and path not in stores}
        moved = [GIT] if GIT in paths else []
        own = bool(moved) and top.stat_below(f"{GIT}/logs/HEAD") is not None
    coming = [path for path, found in met.items() if found in ("free", "both")]
    both = frozenset(path for path, found in met.items() if found == "both")
    same = tuple(path for path, found in met.items() if found == "same")
    return Edits(now, since, (*coming, *moved), same, both, own)


def _met(tree: TreeFiles, top: Folder, root: Folder, path: str) -> _Met:
    *above, name = Path(path).parts
    theirs = _there(root, path)
    with ExitStack() as opened:
        here, is_covered = top, False
        for each in above:
            seen = here.stat(each)
            if seen is None:
                return _missing(tree, path, is_there=theirs is not None, is_covered=is_covered)
            if not stat.S_ISDIR(seen.st_mode):
                return _still(path, is_so=theirs is None)
            is_covered = is_covered or (tree.is_overlay and is_opaque(str(here.path / each)))
            here = opened.enter_context(here.inner(each))
        seen = here.stat(name)
        if seen is None:
            return _missing(tree, path, is_there=theirs is not None, is_covered=is_covered)
        if tree.is_overlay and is_whiteout(seen):
            return "both" if theirs else "same"
        if not (stat.S_ISREG(seen.st_mode) or stat.S_ISLNK(seen.st_mode)):
            raise ApartError(path)
        is_same = theirs is not None and theirs == content_in(here, name)
    if is_covered:
        return _still(path, is_so=is_same)
    is_touched = changed_at(seen) >= tree.made and tree.laid.get(path) != changed_at(seen)
    return "same" if is_same else "both" if tree.is_overlay or is_touched else "free"


def _still(path: str, *, is_so: bool) -> _Met:
    if not is_so:
        raise ApartError(path)
    return "still"


def _there(root: Folder, path: str) -> tuple[int, bytes] | None:
    """What the repository has there; None for nothing. Raises ApartError for what is no file or link."""
    *above, name = Path(path).parts
    with suppress(FileNotFoundError, NotADirectoryError), root.inner(*above) as folder:
        seen = folder.stat(name)
        if seen and not (stat.S_ISREG(seen.st_mode) or stat.S_ISLNK(seen.st_mode)):
            raise ApartError(path)
        return content_in(folder, name) if seen else None
    return None


def _missing(tree: TreeFiles, path: str, *, is_there: bool, is_covered: bool) -> _Met:
    """An overlay shows what the repository has, but below a folder made anew; of a copy commands removed something."""
    if not is_there or is_covered:
        return _still(path, is_so=not is_there) if is_covered or not tree.is_overlay else "free"
    return "both" if not tree.is_overlay and path in tree.copied | set(tree.laid) else "free"


def bring_in(tree: TreeFiles, edits: Edits, objects: Path) -> dict[str, int]:
    """Let the changes be in the tree; the change time of each file that was laid into a copy comes back.

    May be done again after it was killed. Raises OSError.
    """
    laid: dict[str, int] = {}
    with Folder(tree.top) as top, Folder(tree.root) as root:
        for path in edits.same:
            # From now on it is the repository's.
            if tree.is_overlay:
                _remove(top, path)
            elif seen := top.stat_below(path):
                laid[path] = changed_at(seen)
        for path in (each for each in edits.paths if each != GIT):
            if tree.is_overlay:
                _remove(top, path) if path in edits.both else None
            elif os.path.lexists(tree.root / path):
                laid[path] = _lay(tree, root, top, path)
            else:
                _remove(top, path)
    if GIT in edits.paths:
        if not copies.remove(tree.top / GIT):
            raise OSError(0, "it cannot be removed", str(tree.top / GIT))
        if not tree.is_overlay:
            copies.give_history(tree.root, tree.top, objects)
    return laid


def _remove(top: Folder, path: str) -> None:
    *above, name = Path(path).parts
    with suppress(FileNotFoundError), top.inner(*above) as folder:
        folder.remove(name)


def is_shown(upper: Path, path: str) -> bool:
    """Whether an overlay with this upper folder shows a file as the repository has it. Raises OSError."""
    *above, name = Path(path).parts
    with ExitStack() as opened:
        here = opened.enter_context(Folder(upper))
        for each in above:
            seen = here.stat(each)
            if seen is None:
                return True
            if not stat.S_ISDIR(seen.st_mode) or is_opaque(str(here.path / each)):
                return False
            here = opened.enter_context(here.inner(each))
        return here.stat(name) is None


def _lay(tree: TreeFiles, root: Folder, top: Folder, path: str) -> int:
    """Put a file of the repository into a copy; links to places in the repository lead to those of the copy."""
    *above, name = Path(path).parts
    beside = beside_name(name)
    with root.inner(*above) as source, top.inner(*above, is_made=True) as target:
        seen = source.stat(name)
        if seen and stat.S_ISLNK(seen.st_mode):
            to = source.target(name)
            inside = os.path.isabs(to) and Path(to).is_relative_to(tree.root)
            target.link(beside, os.path.relpath(to, tree.root.joinpath(*above)) if inside else to)
        else:
            with (
                os.fdopen(source.open(name, os.O_RDONLY), "rb") as file,
                os.fdopen(target.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new,
            ):
                sparse.copy(file.fileno(), new.fileno())
        target.rename(beside, name)
        laid = target.stat(name)
        return changed_at(laid) if laid else 0

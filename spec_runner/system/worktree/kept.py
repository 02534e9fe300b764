"""The work trees that are kept between runs: to go on in, to look at, to take changes over from.

Each spec has at most one, in the user's state folder; an overlay cannot lie in the repository that it covers. When a
tree is taken up again, what changed in the repository meanwhile comes into it, and its note says what changed when.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, NamedTuple

from spec_runner.core.evidence.sight import Edited
from spec_runner.errors import MALFORMED
from spec_runner.system.repository import SpecPaths
from spec_runner.system.state import plain_name, state_folder
from spec_runner.system.trusted import Folder, changed_at
from spec_runner.system.worktree import git
from spec_runner.system.worktree.changes import TreeFiles
from spec_runner.system.worktree.edits import (
    ApartError,
    Edits,
    Seen,
    below,
    bring_in,
    changed,
    edits_of,
    seen_of,
    stamp,
    with_new,
)

_NOTE = "tree.json"
_NAMES = "names"
_NO_EDITS = Edits(Seen("", {}), 0)


class Tree(NamedTuple):
    """A work tree that is kept."""

    folder: Path
    """All that belongs to it."""
    id: str
    """The same text for the same tree, and for no other one."""
    root: Path
    """The repository that it was made of."""
    document: str
    """The spec's document, relative to the root."""
    level: str
    key: str
    """For the fingerprint: without it, a secret in it could be guessed."""
    fingerprint: str
    """What its mirrors and its values were."""
    made: int
    """The change time (ns) that every file touched since is at or behind."""
    looked: int = 0
    """The same for every file of the repository that was touched since the tree last saw it."""
    edition: int = 0
    """How often changes of the repository have come into it."""
    seen: Seen | None = None
    """The repository as it last saw it; None where it was made by another version of this program."""
    edited: Mapping[str, Edited] = {}
    """The paths that have come into it since it was made."""
    laid: Mapping[str, int] = {}
    """Of a copy: the change time (ns) of each file that has come into it since."""

    @property
    def upper(self) -> Path | None:
        """The folder of changes, where the tree is an overlay."""
        return self.folder / "upper" if (self.folder / "upper").is_dir() else None

    @property
    def copy(self) -> Path:
        """The folder of the copy, where it is none."""
        return self.folder / "work" / (self.root.name or "repository")

    @property
    def top(self) -> Path:
        """The folder that has what commands made."""
        return self.upper or self.copy

    @property
    def files(self) -> TreeFiles:
        """Where its files are, and what is known of them."""
        upper = self.upper
        copied = frozenset[str]() if upper else self.copied
        return TreeFiles(self.root, self.top, upper is not None, self.made, copied, dict(self.laid))

    @property
    def copied(self) -> frozenset[str]:
        """The names of the files that were copied, relative to the root."""
        with Folder(self.folder) as folder:
            data = folder.read(_NAMES, 1 << 30)
        return frozenset(os.fsdecode(name) for name in data.split(b"\0") if name)


def folder_for(place: SpecPaths, environment: Mapping[str, str]) -> Path | None:
    """Where the tree of a spec is, if it has one."""
    state = state_folder(environment)
    if state is None:
        return None
    digest = sha256(os.fsencode(place.root) + b"\0" + os.fsencode(place.document)).hexdigest()[:12]
    return state / "trees" / f"{plain_name(place.folder.resolve().name) or 'spec'}-{digest}"


def load(folder: Path | None) -> Tree | None:
    """The tree in a folder; None if there is none, or it was never finished."""
    if folder is None:
        return None
    try:
        with Folder(folder) as opened:
            note = json.loads(opened.read(_NOTE))
        names = ("id", "root", "document", "level", "key", "fingerprint")
        tree, root, document, level, key, now = (_text(note[name]) for name in names)
        bytes.fromhex(key)
        made = int(_text(note["made"]))
        return _with_edits(Tree(folder, tree, Path(root), document, level, key, now, made, made), note.get("seen"))
    except MALFORMED:
        return None


def _with_edits(tree: Tree, note: Any) -> Tree:
    """The tree with what it saw of the repository, as its note has it. Raises ValueError, KeyError, TypeError."""
    if note is None:
        return tree
    return tree._replace(
        looked=int(note["looked"]),
        edition=int(note["edition"]),
        seen=Seen(_text(note["head"]), {_text(path): _text(stamp) for path, stamp in note["files"].items()}),
        edited={_text(path): Edited(int(at), int(both)) for path, (at, both) in note["edited"].items()},
        laid={_text(path): int(at) for path, at in note["laid"].items()},
    )


def _text(value: object) -> str:
    """A text that the system takes for a name. Raises ValueError."""
    if not isinstance(value, str) or "\0" in value or len(value) > 1 << 16:
        raise ValueError("no text")
    os.fsencode(value)
    return value


def all_trees(environment: Mapping[str, str]) -> Iterator[Tree]:
    """Every tree of this user."""
    state = state_folder(environment)
    with contextlib.suppress(OSError):
        for folder in sorted((state / "trees").iterdir()) if state else ():
            tree = load(folder)
            if tree:
                yield tree


def note(tree: Tree, copied: Iterable[bytes] | None) -> Tree:
    """Write down that a tree is whole; from now on it may be taken up."""
    if copied is not None:
        with Folder(tree.folder) as folder:
            folder.replace(_NAMES, b"\0".join(copied))
    now = tick(tree.folder)
    return _written(tree._replace(made=now, looked=now))


def _written(tree: Tree) -> Tree:
    note: dict[str, Any] = {
        name: str(getattr(tree, name)) for name in ("id", "root", "document", "level", "key", "fingerprint", "made")
    }
    if tree.seen:
        note["seen"] = {
            "head": tree.seen.head, "files": tree.seen.files, "looked": tree.looked, "edition": tree.edition,
            "edited": tree.edited, "laid": tree.laid,
        }  # fmt: skip
    with Folder(tree.folder) as folder:
        folder.replace(_NOTE, json.dumps(note).encode())
    return tree


def tick(folder: Path) -> int:
    """A change time that no file has so far: the file system's clock goes in steps of some milliseconds."""
    place = folder / "tick"
    place.touch()
    before = changed_at(place.stat())
    while True:
        place.write_bytes(b"")
        os.utime(place)
        now = changed_at(place.stat())
        if now > before:
            return now
        time.sleep(0.001)


class Keeping(NamedTuple):
    """How a run's work tree is kept: in which folder, for what, and the one that is taken up, if any."""

    folder: Path
    document: str
    key: str
    fingerprint: str
    tree: Tree | None
    why_new: str | None
    """Why a tree that is there is not taken up."""
    edits: Edits = _NO_EDITS
    """What of the repository comes into the tree that is taken up; for a new one only how the repository is now."""

    def made(self, root: Path, level: str) -> Tree:
        """The tree that is made, not yet noted."""
        tree = Tree(self.folder, secrets.token_hex(8), root, self.document, level, self.key, self.fingerprint, 0)
        return tree._replace(seen=self.edits.now)

    @property
    def edited(self) -> Mapping[str, Edited]:
        """The paths that have changed since the tree was made, with those that come into it now."""
        return _edited(self.tree, self.edits) if self.tree else {}


def _edited(tree: Tree, edits: Edits) -> Mapping[str, Edited]:
    now = tree.edition + 1
    coming = {
        path: Edited(now, now if path in edits.both else tree.edited.get(path, Edited(0, 0)).by_both)
        for path in edits.paths
    }
    return {**tree.edited, **coming}


def brought_up(tree: Tree, edits: Edits) -> Tree:
    """The tree with the changes of the repository in it. Raises OSError.

    Which evidence they make stale is noted first: however this ends, nothing is taken for proven that is not.
    """
    if edits.paths:
        tree = _written(tree._replace(edition=tree.edition + 1, edited=_edited(tree, edits)))
    laid = bring_in(tree.files, edits, tree.folder / "objects")
    if laid or not tree.upper:
        gone = {path for path in edits.paths if path not in laid}
        with Folder(tree.folder) as folder:
            folder.replace(_NAMES, b"\0".join(sorted(map(os.fsencode, (tree.copied | set(laid)) - gone))))
    return _written(tree._replace(seen=edits.now, looked=edits.since, laid={**tree.laid, **laid}))


def taken_over(tree: Tree, paths: Iterable[str]) -> Tree:
    """The tree after what it has at these paths was taken over: it is the repository's now. Raises OSError."""
    if tree.seen is None:
        return tree
    paths = sorted(paths)
    now = with_new(tree.seen, tree.root, paths)
    files = tree.files
    same = edits_of(files, paths, now, tree.looked).same
    laid = bring_in(files, Edits(now, tree.looked, same=same), tree.folder / "objects")
    return _written(tree._replace(seen=now, laid={**tree.laid, **laid}))


def keeping(
    place: SpecPaths,
    environment: Mapping[str, str],
    level: str,
    values: Iterable[bytes],
    mirrors: Iterable[Path],
    status: Callable[[], git.GitStatus | None],
    *,
    fresh: bool = False,
    writes: bool = False,
) -> Keeping | None:
    """How the work tree of a spec is kept; None where the user has no place for it.

    ``writes``: it is about to be used.
    """
    folder = folder_for(place, environment)
    if folder is None:
        return None
    tree = load(folder)
    key = tree.key if tree else secrets.token_hex(16)
    # Before anything is looked at: what is edited from now on is newer.
    since = tick(folder) if tree and writes else 0
    now, seen = fingerprint(key, values, mirrors), seen_of(place, status())
    edits, why_new = Edits(seen, since), _why_new(tree, now, level, fresh) if tree else None
    if tree and tree.seen and not why_new:
        try:
            edits = edits_of(tree.files, changed(tree.root, tree.seen, seen), seen, since)
        except ApartError as apart:
            why_new = f"{apart} changed, and the commands made something else of its place"
        except OSError as error:
            why_new = f"the work tree cannot be read: {error.strerror}"
    return Keeping(folder, place.document, key, now, None if why_new else tree, why_new, edits)


def _why_new(tree: Tree, now: str, level: str, fresh: bool) -> str | None:
    if fresh:
        return "--fresh"
    if tree.level != level:
        return f"the last run was in a sandbox of another level, {tree.level}"
    if tree.seen is None:
        return "another version of spec-run made the work tree"
    return None if tree.fingerprint == now else "a value, or a mirror, is not what it was"


def fingerprint(key: str, values: Iterable[bytes], mirrors: Iterable[Path]) -> str:
    """What a run starts from beside the repository: its values and its mirrors."""
    digest = blake2b(key=bytes.fromhex(key), digest_size=16)
    for part in (*values, *(each for mirror in mirrors for each in _content(mirror))):
        digest.update(b"%d:" % len(part) + part)
    return digest.hexdigest()


def _content(top: Path) -> Iterator[bytes]:
    """Names, sizes and times of everything below a place, but what changes with every run."""
    if not top.is_dir():
        yield stamp(top).encode()
        return
    yield from (os.fsencode(name) + stamp(top / name).encode() for name in below(top, top))
    if (top / ".git").is_dir():
        yield git.read(top, "rev-parse", "HEAD") or b""

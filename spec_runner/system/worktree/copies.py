"""The work tree of a run: a copy of the repository that commands may change as they like."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from spec_runner.system.worktree import git, git_config

_LEFT_OUT = frozenset({".spec-run"})
Content: TypeAlias = Literal["everything", "tracked", "commit"]
"""What of a Git repository is in a work tree: the files as they are (a copy leaves ignored ones out), of these only the
tracked ones, or the tracked ones as they are in the current commit."""


class Copied(NamedTuple):
    """What was copied."""

    names: tuple[bytes, ...]
    """Files and links, relative to the root."""
    warning: str | None
    """What could not be done as it should."""


class CopyStoppedError(Exception):
    """The run was interrupted while its work tree was made."""


def copy_repository(
    root: Path,
    target: Path,
    wanted: Iterable[Path],
    is_stopped: Callable[[], bool],
    without: Path | None = None,
    content: Content = "everything",
    objects: Path | None = None,
) -> Copied:
    """Copy a repository: with Git its history, its tracked files and the untracked ones that are not ignored.

    ``wanted`` folders are copied whatever Git says of them; ``without`` is left out, wherever it stands; ``objects`` is
    where links to the objects of the history are put. Without Git, or in a plain folder, everything is copied. Raises
    OSError and CopyStoppedError.
    """
    copy = _Copy(root, target, is_stopped, without, content, objects)
    if not (root / ".git").exists():
        copy.folder(root)
    elif copy.repository(root):
        for folder in wanted:
            copy.folder(folder)
    else:
        copy.folder(root)
        copy.warning = f"Git could not read {root}: every file was copied, ignored ones too"
    return Copied(tuple(copy.names), copy.warning)


class _Copy:
    def __init__(
        self,
        root: Path,
        target: Path,
        is_stopped: Callable[[], bool],
        without: Path | None,
        content: Content,
        objects: Path | None,
    ) -> None:
        self._root, self._target, self._is_stopped, self._without = root, target, is_stopped, without
        self._content, self._objects = content, objects
        self._made: set[str] = set()
        self._stores = git_config.stores(root)
        """Where Git keeps passwords: in no copy."""
        self.names: list[bytes] = []
        self.warning: str | None = None

    def repository(self, top: Path) -> bool:
        """Copy what Git sees of a repository, with a history of its own; False where Git cannot."""
        target = self._in_target(top)
        names = git.listed_files(top, only_tracked=self._content != "everything")
        if names is None or not git.clone_history(top, target, self._objects):
            return False
        is_checked_out = self._content == "commit" and git.check_out(target)
        # Only now: what is checked out above is checked out without any setting of the repository's own.
        _configure(top, target)
        if is_checked_out:
            self.names += git.listed_files(target, only_tracked=True) or []
            return True
        for name in names:
            self.entry(top / os.fsdecode(name))
        return True

    def folder(self, folder: Path) -> None:
        """Copy everything below a folder; what is there already is left."""
        for top, folders, names in os.walk(folder):
            for name in [*names, *(each for each in folders if os.path.islink(os.path.join(top, each)))]:
                # A file called .git leads to the user's own repository: what is done in the copy must not reach it.
                if name != ".git":
                    self.entry(Path(top, name))
            folders[:] = [name for name in folders if name not in _LEFT_OUT and Path(top, name) != self._without]
            self._make(self._in_target(Path(top)))

    def entry(self, source: Path) -> None:
        """Copy one file, link or (a submodule, a nested repository) folder; a file that is gone is left out."""
        if self._is_stopped():
            raise CopyStoppedError
        target = self._in_target(source)
        try:
            mode = source.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return
        if stat.S_ISDIR(mode):
            if not ((source / ".git").exists() and not target.exists() and self.repository(source)):
                self.folder(source)
            return
        self._make(target.parent)
        self.names.append(os.fsencode(source.relative_to(self._root)))
        if stat.S_ISLNK(mode):
            self._link(source, target)
        elif stat.S_ISREG(mode) and not target.exists():
            self._file(source, target)

    def _file(self, source: Path, target: Path) -> None:
        try:
            clean = git_config.instead_of(source, self._root)
            if source in self._stores:
                self.names.pop()
            elif clean is None:
                shutil.copy2(source, target)
            else:
                target.write_bytes(clean)
        except FileNotFoundError:
            # It went between the look and the copy: our own marking writes beside a document for a moment.
            self.names.pop()
        except PermissionError:
            self.warning = f"{source.relative_to(self._root)} cannot be read; it is not in the work tree"

    def _link(self, source: Path, target: Path) -> None:
        """A link to a place in the repository must not lead out of the copy."""
        to = os.readlink(source)
        if os.path.isabs(to) and Path(to).is_relative_to(self._root):
            to = os.path.relpath(self._in_target(Path(to)), target.parent)
        if not os.path.lexists(target):
            os.symlink(to, target)

    def _in_target(self, source: Path) -> Path:
        return self._target / source.relative_to(self._root)

    def _make(self, folder: Path) -> None:
        if str(folder) not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(str(folder))


def lay_new(root: Path, folder: Path, lower: Path, upper: Path, is_stopped: Callable[[], bool]) -> None:
    """Let an overlay that nobody has used yet show also what of a repository's folder is not in what lies below."""
    copy = _Copy(root, upper, is_stopped, None, "everything", None)
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (*_LEFT_OUT, ".git")]
        for place in (Path(top, name) for name in names):
            if not os.path.lexists(lower / place.relative_to(root)):
                copy.entry(place)


def give_history(root: Path, target: Path, objects: Path | None) -> None:
    """Give a copy that has none the history of the repository as it is now. Raises OSError."""
    if not git.clone_history(root, target, objects):
        raise OSError(0, "Git could not read its history", str(root))
    _configure(root, target)


def _configure(root: Path, target: Path) -> None:
    with (target / ".git" / "config").open("ab") as file:
        file.write(git_config.copied(root))


def lay_over(root: Path, upper: Path, file: Path, text: bytes) -> None:
    """Let an overlay that nobody has used yet show a text in the place of a file; its folders stay what they are."""
    target = upper
    for name in file.relative_to(root).parts:
        below = file if target is upper else None
        target = target / name
        below = root / target.relative_to(upper)
        if below == file:
            target.write_bytes(text)
        else:
            target.mkdir(exist_ok=True)
        shutil.copystat(below, target)
        owner = below.stat()
        with contextlib.suppress(OSError):
            os.chown(target, owner.st_uid, owner.st_gid)


def remove(folder: Path) -> bool:
    """Remove a tree, also where a command took the permissions to do so away; False if some of it could not be."""
    # Commands may lay folders in folders deeper than Python has open files, or calls, to follow them.
    for words in (("rm", "-rf", "--"), ("chmod", "-R", "u+rwx", "--"), ("rm", "-rf", "--")):
        program = shutil.which(words[0]) if os.name == "posix" and os.path.lexists(folder) else None
        if program:
            quiet = subprocess.DEVNULL
            subprocess.run([program, *words[1:], str(folder)], stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    if os.path.lexists(folder):
        _remove_by_hand(folder)
    return not os.path.lexists(folder)


def _remove_by_hand(folder: Path) -> None:
    def insist(function: Callable[[str], object], path: str, _: object) -> None:
        with contextlib.suppress(OSError):
            for place in (os.path.dirname(path), path):
                if not os.path.islink(place) and os.path.isdir(place):
                    os.chmod(place, 0o700)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)

    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, onerror=insist)
        # What was in the way may be gone now.
        shutil.rmtree(folder, ignore_errors=True)

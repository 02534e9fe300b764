"""A repository looked into: its files, what became of those that were, and which words stand in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from pathlib import Path

from spec_runner.core.evidence.looking import Fate, Names, Place, Stands, Tree
from spec_runner.core.result.machine import names_brought
from spec_runner.system.trusted import Folder, changed_at
from spec_runner.system.worktree import git

_DEFINES = re.compile(
    r"\b(?:class|def|function|func|fn|const|let|var|val|interface|type|struct|enum|trait|object|record|module|component)\s+"
    r"(?:\([^)]*\)\s*)?(\w+)"
)
_WORD = re.compile(r"\w+")
_LONGEST = 1_000_000
"""Bytes of a file that are looked into."""
_LINE = re.compile(rb"([^\0]*)\0(\d{1,9})[:\0](.*)", re.DOTALL)
"""A line that `git grep` found."""
_TEXT_ENDINGS = ("md", "mdx", "rst", "adoc", "txt")


def names_of(root: Path) -> Names:
    """The files of a folder, without those that Git ignores; none where there is no repository of Git."""
    return Names(os.fsdecode(name) for name in git.listed_files(root) or [])


def content_of(root: Path) -> Callable[[str], str | None]:
    """The text of a plain file of a repository by its path; None where there is none."""

    @cache
    def content(path: str) -> str | None:
        data = dict(_plain(root, [path])).get(path)
        return None if data is None else data.decode("utf-8", "replace")

    return content


def code_names(root: Path) -> Callable[[str], bool]:
    """Says whether the repository has code of a name: a module, or a folder that holds some; it looks when asked."""

    @cache
    def names() -> frozenset[str]:
        return names_brought(map(os.fsdecode, git.listed_files(root) or []))

    return lambda name: name in names()


def tree_of(root: Path, *, commit: str | None = None) -> Tree | None:
    """What can be seen of a repository, as it lies there or at a commit; None without Git."""
    if not (root / ".git").exists() or git.program() is None:
        return None
    listed = git.read(root, "ls-tree", "-r", "-z", "--name-only", commit) if commit else None
    found = listed.split(b"\0") if listed is not None else git.listed_files(root) or []
    names = Names(os.fsdecode(name) for name in found if name)

    @cache
    def past() -> tuple[Mapping[str, Fate], Mapping[str, list[str]]] | None:
        return _past(root)

    def fate(path: str) -> Fate | None:
        fates, by_name = past() or ({}, {})
        wanted = path.lower()
        named = by_name.get(wanted.rpartition("/")[2], ())
        if path.startswith("/"):
            return fates.get(path[1:])
        ends = [each for each in named if f"/{each.lower()}".endswith(f"/{wanted}")]
        return _last(fates, ends[0]) if ends else None

    def is_ignored(paths: Sequence[str]) -> frozenset[str]:
        return frozenset(map(os.fsdecode, git.ignored(root, [os.fsencode(path) for path in paths])))

    def read(files: Sequence[str]) -> Mapping[str, bytes]:
        return _committed(root, commit, files) if commit else dict(_plain(root, files))

    return Tree(names, fate, lambda: past() is not None, is_ignored, lambda words: _stands(root, words), read)


def fingerprint_of(root: Path) -> tuple[str, int]:
    """What tells all that can be seen of a repository from another state of it, and when it last changed (ns).

    Without Git there is nothing to see.
    """
    from hashlib import sha256

    listed = git.listed_files(root)
    if listed is None:
        return "", 0
    top, newest = os.fsencode(root), 0
    refs = git.read(root, "for-each-ref", "--format=%(objectname) %(refname)") or b""
    hashed = sha256(b"%s\0%s" % (refs, (git.head(root) or "").encode()))
    for name in (*listed, b".git/shallow"):
        with suppress(OSError):
            seen = os.lstat(os.path.join(top, name))
            hashed.update(b"%s\0%d %d %d\0" % (name, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))
            newest = max(newest, changed_at(seen))
    return hashed.hexdigest(), newest


def _past(root: Path) -> tuple[Mapping[str, Fate], Mapping[str, list[str]]] | None:
    """What became of every file that any commit moved or deleted, the newest such commit; None where Git cannot say."""
    words = ("log", "--all", "--no-merges", "--raw", "-z", "--format=%x01%h", "--diff-filter=ARD")
    # In a clone that lacks contents Git can compare names alone.
    log = git.read(root, *words, "-M")
    log = git.read(root, *words, "--no-renames") if log is None else log
    if log is None or git.read(root, "rev-parse", "--is-shallow-repository") != b"false\n":
        return None
    fates: dict[str, Fate] = {}
    added: dict[str, Fate] = {}
    seen: dict[str, list[str]] = {}
    commit = ""
    parts = iter(log.split(b"\0"))
    for part in parts:
        if part.startswith(b"\x01"):
            commit = part[1:].decode("ascii", "replace").strip()
            continue
        kind = part.strip().rpartition(b" ")[2][:1] if part.lstrip(b"\n").startswith(b":") else b""
        if kind not in (b"A", b"R", b"D"):
            continue
        name = os.fsdecode(next(parts, b""))
        to = os.fsdecode(next(parts, b"")) if kind == b"R" else None
        for each in (name, to):
            if each:
                seen.setdefault(each.rpartition("/")[2].lower(), []).append(each)
                added.setdefault(each, Fate(commit, is_seen=True))
        if kind != b"A":
            fates.setdefault(name, Fate(commit, to))
    return added | fates, seen


def _last(fates: Mapping[str, Fate], path: str) -> Fate:
    """Where a file went in the end, through however many renames."""
    fate, passed = fates[path], {path}
    while fate.renamed_to and fate.renamed_to in fates and fate.renamed_to not in passed:
        passed.add(fate.renamed_to)
        after = fates[fate.renamed_to]
        if after.renamed_to is None:
            break
        fate = after
    return fate


def _stands(root: Path, words: Sequence[str]) -> Mapping[str, Stands]:
    # One pattern of all words is looked for in one pass; one pattern for each would be tried one after the other.
    given = "|".join(words).encode()
    excluded = [f":(exclude)*.{ending}" for ending in _TEXT_ENDINGS]
    asked = ("grep", "-I", "-w", "-n", "-E", "-z", "--no-color", "--untracked", "-f", "-", "--", ".", *excluded)
    wanted, found = frozenset(words), dict[str, Stands]()
    for found_line in (git.read(root, *asked, given=given) or b"").split(b"\n"):
        line = _LINE.match(found_line)
        if line is None:
            continue
        text = line[3][:400].decode("utf-8", "replace")
        place, defined = Place(os.fsdecode(line[1]), int(line[2]), text), wanted.intersection(_DEFINES.findall(text))
        for word in wanted.intersection(_WORD.findall(text)):
            seen = found.get(word, Stands((), 0))
            is_new = len(seen.places) < 40 and sum(each.file == place.file for each in seen.places) < 3
            places = (*seen.places, place) if is_new else seen.places
            found[word] = Stands(places, seen.lines + 1, seen.defined_in or (place.file if word in defined else None))
    return found


def _plain(root: Path, files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The plain files of the folder itself; a link, or what lies behind one, is left out."""
    with Folder(Path(os.path.realpath(root))) as top:
        for folder, names in groupby(sorted(files), lambda file: file.rpartition("/")[0]):
            with suppress(OSError), top.inner(*filter(None, folder.split("/"))) as inner:
                for file in names:
                    with suppress(OSError):
                        yield file, inner.read(file.rpartition("/")[2], _LONGEST)


def _committed(root: Path, commit: str, files: Sequence[str]) -> Mapping[str, bytes]:
    """The same of a commit, asked of Git at once."""
    asked = "".join(f"{commit}:{file}\n" for file in files if "\n" not in file).encode("utf-8", "surrogateescape")
    data, found, at = git.read(root, "cat-file", "--batch", given=asked) or b"", dict[str, bytes](), 0
    for file in files:
        end = data.find(b"\n", at)
        words = data[at:end].split()
        if end < 0 or len(words) != 3:
            at = end + 1
            continue
        size = int(words[2])
        if words[1] == b"blob":
            found[file] = data[end + 1 : end + 1 + min(size, _LONGEST)]
        at = end + size + 2
    return found

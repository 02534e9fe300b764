"""A repository's own Git configuration as the commands may see it: without what lets its owner in elsewhere."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.result.masking import secret_values
from spec_runner.system.worktree import git

_SHOWN = re.compile(
    r"core\.(?!sshcommand|askpass|gitproxy|fsmonitor|editor|pager|alternaterefscommand)\w+"
    r"|extensions\.\w+|init\.\w+|index\.\w+|feature\.\w+|user\.(?:name|email|useconfigonly)|lfs\.repositoryformatversion"
    r"|remote\..*\.(?:url|pushurl|fetch|push|tagopt|prune|mirror|promisor|partialclonefilter)"
    r"|branch\..*|submodule\..*|(?:merge|diff|pull|push|rebase|commit|tag|format|fetch|status|log|i18n|gc|pack|rerere)\..*"
    r"|(?:advice|alias|apply|blame|checkout|clean|color|column|grep|stash|versionsort|worktree|gitflow|filter)\..*"
    r"|lfs\.(?:url|https?://.*\.locksverify)|http\.(?:.*\.)?(?:sslverify|sslcainfo|postbuffer|version|lowspeed\w+)",
    re.IGNORECASE | re.DOTALL,
)
"""The keys that commands see; what is not known may be a credential."""
_COPIED = re.compile(
    r"extensions\.partialclone|user\.(?:name|email)|branch\..*|core\.(?:autocrlf|eol|filemode|ignorecase|symlinks)"
    r"|remote\..*\.(?:url|pushurl|fetch|tagopt|promisor|partialclonefilter)",
    re.IGNORECASE | re.DOTALL,
)
"""Those of them that mean the same in a copy, which has files and an index of its own."""
_SECRET_KEY = re.compile(r"(?:token|secret|pass(?:word|wd|phrase)?|apikey|extraheader|cookie)$", re.IGNORECASE)
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*://)([^/\s@\"']*)@", re.IGNORECASE)
_LONG = 16
"""A user's name in an address is a token if it is at least this long."""
_NAMES = ("config", "config.worktree")
_STORE = re.compile(r"\bstore\b.*--file[= ]['\"]?([^\s'\"]+)")
_STORES = (".git-credentials", ".git/credentials", ".git/.git-credentials")
_NOT_SEARCHED = frozenset({"node_modules", "__pycache__", "venv", ".venv", "site-packages", ".tox", ".spec-run"})
_DEPTH = 3
"""How deep below the root repositories in the repository are looked for."""

Pair = tuple[str, str | None]


class Clean(NamedTuple):
    """A file with credentials, and what commands see in its place."""

    file: Path
    text: bytes


def cleaned(root: Path) -> list[Clean]:
    """Each file in or of a repository that may hold credentials of Git, with what may be seen of it."""
    configurations = (Clean(file, text_of(shown(_pairs(file)))) for file in _files(root))
    return [*configurations, *(Clean(store, b"") for store in stores(root))]


def instead_of(file: Path, root: Path) -> bytes | None:
    """What a copy has in the place of a file below ``root`` that may hold credentials; None for any other file."""
    is_of_git = file.name in _NAMES and ".git" in file.relative_to(root).parts
    return text_of(shown(_pairs(file))) if is_of_git else None


def secrets(root: Path) -> frozenset[str]:
    """The credentials in the configuration of a repository and what it includes, to be masked."""
    found: set[str] = set()
    for file in _files(root):
        found.update(_secrets(_pairs(file)))
    if (root / ".git").exists():
        # What is included lies elsewhere and is not seen; a program that was given it might still print it.
        found.update(_secrets(_parsed(git.read(root, "config", "--local", "--includes", "--list", "-z"))))
    for store in stores(root):
        with suppress(OSError):
            found.update(_secrets(("", line) for line in store.read_text("utf-8", "replace").splitlines()))
    return frozenset(found)


def copied(root: Path) -> bytes:
    """What a copy of a repository has of its configuration."""
    return text_of(pair for file in _own_files(root) for pair in shown(_pairs(file), _COPIED))


def shown(pairs: Iterable[Pair], keys: re.Pattern[str] = _SHOWN) -> Iterator[Pair]:
    """What of a configuration commands may see, addresses without who asks."""
    for key, value in pairs:
        if keys.fullmatch(key) and not _SECRET_KEY.search(key):
            open_value = None if value is None else _without_user(value)
            if not secret_values({"value": open_value or ""}) and _without_user(key) == key:
                yield key, open_value


def text_of(pairs: Iterable[Pair]) -> bytes:
    """The file that Git reads as these keys and values."""
    lines: list[str] = []
    for key, value in pairs:
        section, _, rest = key.partition(".")
        below, _, name = rest.rpartition(".")
        quoted = f' "{_escaped(below)}"' if below else ""
        lines.append(f"[{section}{quoted}]\n\t{name}" + ("" if value is None else f' = "{_escaped(value)}"'))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\b", "\\b")


def _pairs(file: Path) -> list[Pair]:
    return _parsed(git.read(file.parent, "config", "--file", str(file), "--no-includes", "--list", "-z"))


def _parsed(listed: bytes | None) -> list[Pair]:
    """Keys and values as Git lists them; a key may hold no line ending, a value may."""
    entries = (os.fsdecode(entry).partition("\n") for entry in (listed or b"").split(b"\0") if entry)
    return [(key, value if end else None) for key, end, value in entries]


def _without_user(text: str) -> str:
    """The text with no user in its addresses; a name that a shell is entered by stays."""

    def without(found: re.Match[str]) -> str:
        is_shell = "ssh" in found.group(1).lower()
        user = found.group(2).partition(":")[0]
        return f"{found.group(1)}{user}@" if is_shell and user else found.group(1)

    return _ADDRESS.sub(without, text)


def _secrets(pairs: Iterable[Pair]) -> Iterator[str]:
    for key, value in pairs:
        for _, user in _ADDRESS.findall(f"{key}\n{value}"):
            name, colon, password = user.partition(":")
            yield from (each for each in (password, name if not colon and len(name) >= _LONG else "") if each)
            yield from secret_values({"user": name}).values()
        if not value:
            continue
        if key.lower().endswith("extraheader"):
            yield from _of_header(value)
        elif _SECRET_KEY.search(key):
            yield value
        yield from secret_values({"value": value}).values() if not _ADDRESS.search(value) else ()


def _of_header(header: str) -> Iterator[str]:
    """The credential of a header such as ``AUTHORIZATION: basic eDp0b2tlbg==``: as it stands, and decoded."""
    given = header.partition(":")[2].split()
    if not given:
        return
    yield given[-1]
    with suppress(binascii.Error, ValueError):
        yield base64.b64decode(given[-1], validate=True).decode("utf-8").partition(":")[2]


def stores(root: Path) -> list[Path]:
    """The files below a repository that Git keeps passwords in: the usual ones, and those that its settings name."""
    values = [value or "" for file in _own_files(root) for key, value in _pairs(file) if key.endswith(".helper")]
    named = (found.group(1) for value in values if (found := _STORE.search(value)))
    places = (Path(os.path.normpath(root / name)) for name in (*_STORES, *named))
    return [place for place in dict.fromkeys(places) if place.is_relative_to(root) and place.is_file()]


def _own_files(root: Path) -> Iterator[Path]:
    """The configuration of the repository itself, wherever it lies."""
    yield from (place for place in _places(root) if place.is_file()) if (root / ".git").exists() else ()


@cache
def _places(root: Path) -> tuple[Path, ...]:
    """Where a repository has its configuration; asked several times in a run, and always the same."""
    return tuple(place for name in _NAMES if (place := git.place_in_git(root, name)))


def _files(root: Path) -> list[Path]:
    """The configuration of the repository, of its submodules and linked work trees, and of repositories in it."""
    found = [*_own_files(root)]
    for common in [place.parent for place in found if place.name == "config"]:
        found += [*_below(common / "modules"), *_below(common / "worktrees")]
    for folder, names, _ in os.walk(root):
        if folder != str(root) and ".git" in names:
            found += _below(Path(folder, ".git"))
        is_deep = os.path.relpath(folder, root).count(os.sep) >= _DEPTH - 1
        names[:] = [] if is_deep else [name for name in names if name not in _NOT_SEARCHED and name != ".git"]
    return list(dict.fromkeys(found))


def _below(top: Path) -> Iterator[Path]:
    """The files of configuration below a folder that is Git's own."""
    for folder, names, files in os.walk(top):
        yield from (place for name in _NAMES if name in files and (place := Path(folder, name)).is_file())
        names[:] = [name for name in names if name not in ("objects", "refs", "logs", "hooks", "info")]

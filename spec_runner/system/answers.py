"""What was found out about specs, kept in the user's state folder for as long as nothing that it came from changes.

A file is taken for unchanged while its inode, size and times are. What changed within the last moments is not kept:
another change could have the same time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import spec_runner
from spec_runner.errors import MALFORMED
from spec_runner.system.repository import SpecPaths
from spec_runner.system.state import keep, read_kept

_LARGEST = 64 * 1024 * 1024
_SETTLED = 2_000_000_000
"""Nanoseconds after which a change of a file cannot go unseen: the clocks of file systems go in steps."""

Stamp = list[list[int] | None]
"""Of each file what tells it from a changed one; None for one that is not there."""


class Answers:
    """What was found out about the specs of a repository, by the path of each spec's document."""

    def __init__(self, environment: Mapping[str, str], about: str, root: Path) -> None:
        from hashlib import sha256

        self._environment = environment
        self._name = f"{about}-{sha256(os.fsencode(root)).hexdigest()[:16]}"
        self._kept: dict[str, Any] = {}
        self._new: dict[str, Any] = {}
        with suppress(*MALFORMED):
            kept = json.loads(read_kept(environment, self._name, _LARGEST))
            if kept["program"] == _program() and isinstance(kept["answers"], dict):
                self._kept = kept["answers"]

    def find(self, document: str, stamp: Stamp) -> Any:
        """What was found out about a spec, if its files are as they were."""
        kept = self._kept.get(document)
        return kept[1] if isinstance(kept, list) and len(kept) == 2 and kept[0] == stamp else None

    def keep(self, document: str, stamp: Stamp, answer: object) -> None:
        """Remember what was found out; ``stamp`` was taken before the files were read."""
        if max((max(each[2:]) for each in stamp if each), default=0) < time.time_ns() - _SETTLED:
            self._new[document] = [stamp, answer]

    def save(self) -> None:
        """Write down what is new; what cannot be kept is found out again."""
        if self._new:
            with suppress(OSError):
                answers = {**self._kept, **self._new}
                data = json.dumps({"program": _program(), "answers": answers}, separators=(",", ":"))
                keep(self._environment, self._name, data.encode())


def stamp_of(place: SpecPaths) -> Stamp:
    """What tells the documents, the configuration and the values of a spec from changed ones."""
    own = (place.folder / "spec-run.toml", place.root / "pyproject.toml", place.root / ".env")
    return [_stamp(file) if file else None for file in (place.tasks, place.guide, *own)]


def _stamp(file: Path) -> list[int] | None:
    try:
        seen = os.stat(file)
    except OSError:
        return None
    return [seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns]


@cache
def _program() -> str:
    """The program that reads, told apart from a changed one also where its version is the same."""
    folder = Path(str(spec_runner.__file__)).parent / "core"
    newest = max(entry.stat().st_mtime_ns for entry in folder.rglob("*.py"))
    return f"{spec_runner.__version__} {newest}"

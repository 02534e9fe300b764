"""What was read of documents, kept by their bytes in ``.spec-run/cache``, where that folder is there already."""

from __future__ import annotations

import contextlib
import json
import os
from functools import cache
from hashlib import sha256
from pathlib import Path

import spec_runner
from spec_runner.core.evidence.status import StatusReading, from_json, to_json
from spec_runner.system.journal import FOLDER
from spec_runner.system.trusted import Folder

_NAME = "cache"
_MOST = 10_000
"""PlanCache that are kept of a repository."""


class PlanCache:
    """What was read of a repository's documents. Nothing is made in a repository that was never run."""

    def __init__(self, root: Path) -> None:
        self._folder = root / FOLDER
        self._kept: dict[str, object] = {}
        self._is_new = False
        with contextlib.suppress(OSError, ValueError, RecursionError), Folder(self._folder) as folder:
            kept = json.loads(folder.read(_NAME))
            self._kept = kept if isinstance(kept, dict) else {}

    def find(self, key: str) -> StatusReading | None:
        """What was read of these documents, if it is known."""
        return from_json(self._kept.get(key))

    def keep(self, key: str, reading: StatusReading) -> None:
        """Remember what was read."""
        self._kept[key], self._is_new = to_json(reading), True

    def save(self) -> None:
        """Write down what is new, if there is a place for it; what could not be is read again."""
        if not self._is_new:
            return
        with contextlib.suppress(OSError), Folder(self._folder) as folder:
            folder.replace(_NAME, json.dumps(dict(list(self._kept.items())[-_MOST:])).encode())


def key_of(documents: tuple[tuple[str, bytes], ...]) -> str:
    """These documents as this very program reads them."""
    hashed = sha256(_program())
    for name, data in documents:
        hashed.update(b"%s %d\n" % (os.fsencode(name), len(data)))
        hashed.update(data)
    return hashed.hexdigest()


@cache
def _program() -> bytes:
    """The program that reads, told apart from a changed one also where its version is the same."""
    folder = Path(str(spec_runner.__file__)).parent / "core"
    newest = max(entry.stat().st_mtime_ns for entry in folder.rglob("*.py"))
    return f"{spec_runner.__version__} {newest}\n".encode()

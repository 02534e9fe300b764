"""What commands changed in a work tree."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Change(NamedTuple):
    """A file that is not in the tree what it is in the repository."""

    kind: Literal["added", "changed", "deleted", "renamed"]
    path: str
    """Relative to the root."""
    before: str | None = None
    """The path that it had, for one that was renamed."""
    is_ignored: bool = False
    """Git ignores it: a build's result, a cache."""

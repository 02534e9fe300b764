"""A tree to look into that is no more than its files' texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spec_runner.core.evidence.looking import Fate, Names, Stands, Tree

GONE = {
    "src/old.py": Fate("abc1234", "src/new.py"),
    "src/dropped.py": Fate("def5678"),
    "dropped.py": Fate("def5678"),
    "src/side.py": Fate("fed4321", is_seen=True),
}


def tree(
    files: Mapping[str, str],
    *,
    knows_past: bool = True,
    stands: Mapping[str, Stands] | None = None,
    gone: Mapping[str, Fate] = GONE,
) -> Tree:
    def read(names: Sequence[str]) -> Mapping[str, bytes]:
        return {name: files[name].encode() for name in names}

    return Tree(
        Names(files), gone.get, lambda: knows_past, lambda paths: frozenset({"src/ignored.py"} & set(paths)),
        lambda words: stands or {}, read,
    )  # fmt: skip

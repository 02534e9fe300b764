"""Show what one feature or one rule of the reader does: which decisions are others without it.

    python -m tools.without DOCUMENTS --feature NAME …            features that are dropped; the rest is trained anew
    python -m tools.without DOCUMENTS --edit FILE OLD NEW …       a text of a module that is another one
        [--sample N] [--seed N]                                   differences to print: no more than two of a repository

DOCUMENTS is a folder with an ``index.tsv``. Every document is planned by a copy of the program with the change and by
the program as it stands; nothing is executed. Printed are the counts of each move, and for the sample the line of the
document, to be read and judged.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tools.plans import ROOT, decisions, documents, plans

_OF_ONE = 2
"""Differences of one repository in a sample, at most."""


class Move(NamedTuple):
    """One command that is decided otherwise."""

    document: str
    line: int
    command: str
    without: str
    now: str

    @property
    def kind(self) -> str:
        return f"{self.without} → {self.now}"


def changed(program: Path, features: list[str], edits: list[tuple[str, str, str]], labels: Path) -> None:
    """Make a copy of the program, in ``program``, that does without some features and with other texts."""
    for folder in ("spec_runner", "tools", "labels"):
        shutil.copytree(ROOT / folder, program / folder)
    for file, old, new in edits:
        path = next(program.glob(f"spec_runner/**/{file}"))
        text = path.read_text("utf-8")
        if old not in text:
            sys.exit(f"{file} has no {old!r}")
        path.write_text(text.replace(old, new), "utf-8")
    if features:
        with (program / "spec_runner/core/decide/score.py").open("a", encoding="utf-8") as score:
            score.write(_DROPPING.format(names=features))
        words = [sys.executable, "-m", "tools.train", str(labels.resolve()), "--write", "--anyway"]
        subprocess.run(words, cwd=program, stdout=subprocess.DEVNULL, check=True)


_DROPPING = """

def _never(candidate: object) -> bool:
    return False


class _Dropped(Feature[Any]):
    def __new__(cls, name: str, *rest: Any) -> Any:
        return _Kept(name, _never) if name in {names!r} else _Kept(name, *rest)


_Kept, Feature = Feature, _Dropped  # type: ignore[misc]
"""


def moves(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Move]:
    """What is decided otherwise, document by document."""
    for name in now:
        before, after = decisions(then[name]), decisions(now[name])
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key, "left"), after.get(key, "left")
            if old != new:
                yield Move(name, *key, old, new)


def sample(found: list[Move], number: int, seed: int) -> list[Move]:
    """Some moves at random, few of one repository."""
    found, of = found[:], Counter[str]()
    random.Random(seed).shuffle(found)
    taken: list[Move] = []
    for move in found:
        repository = move.document.split("/")[1]
        of[repository] += 1
        if of[repository] <= _OF_ONE and len(taken) < number:
            taken.append(move)
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--feature", action="append", default=[])
    parser.add_argument("--edit", action="append", nargs=3, default=[], metavar=("FILE", "OLD", "NEW"))
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    those = list(documents(asked.documents))
    with tempfile.TemporaryDirectory() as place:
        changed(Path(place), asked.feature, [tuple(edit) for edit in asked.edit], asked.documents)
        found = list(moves(plans(Path(place), those), plans(ROOT, those)))
    for move in sample(found, asked.sample, asked.seed):
        rows = (asked.documents / move.document).read_text("utf-8", "replace").split("\n")
        print(f"\n{move.kind}: {move.document}:{move.line}\n  {move.command[:160]}")
        print("\n".join(f"    {row.strip()[:300]}" for row in rows[max(move.line - 3, 0) : move.line + 1]))
    print("\n".join(f"{count:5}  {kind}" for kind, count in Counter(move.kind for move in found).most_common(12)))
    print(f"{len(found)} decisions in {len({move.document for move in found})} of {len(those)} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Show what one feature or one rule of the reader does: which decisions are others without it.

    python -m tools.without DOCUMENTS --feature NAME …            features that are dropped; the rest is trained anew
    python -m tools.without DOCUMENTS --edit FILE OLD NEW …       a text of a module that is another one
        [--sample N] [--seed N]                                   differences to print, few of one repository

DOCUMENTS is a folder with an ``index.tsv``. Every document is read by a copy of the program with the change and by the
program as it stands; nothing is executed. Printed are the counts of each move, and for the sample the line of the
document, to be read and judged.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Step
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document
from tools.plans import ROOT, documents

_OF_ONE = 2
"""Differences of one repository in a sample, as long as others have some."""
Decisions = dict[str, dict[str, str]]
"""Each document → each of its commands, with its line before it → what is decided on it."""


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


def decisions(folder: Path) -> Decisions:
    """What the program, as it stands, decides on each command of each document."""
    return {
        name: {f"{step.line} {' '.join(step.command.split())}": _decision(step) for step in _steps(kind, data)}
        for name, kind, data in documents(folder)
    }


def _steps(kind: str, data: bytes) -> Iterator[Step]:
    if kind == "tasks.md":
        for task in read_document(data).tasks:
            yield from decide(task).steps
        return
    for block in read_guide(data).blocks:
        if block.action in ("run", "hold"):
            yield from (step for step in block.steps if step.kind != "file")


def _decision(step: Step) -> str:
    kind = "" if step.kind == "command" else f"{step.kind}, "
    holds = step.holds or ((step.hold,) if step.hold else ())
    return kind + (f"hold {'+'.join(holds)}" if holds else "run")


def changed(program: Path, features: list[str], edits: list[list[str]], folder: Path) -> Decisions:
    """What a copy of the program, made in ``program``, decides without some features and with other texts."""
    for part in ("spec_runner", "tools", "labels"):
        shutil.copytree(ROOT / part, program / part)
    for file, old, new in edits:
        path = next(program.glob(f"spec_runner/**/{file}"))
        text = path.read_text("utf-8")
        if old not in text:
            sys.exit(f"{file} has no {old!r}")
        path.write_text(text.replace(old, new), "utf-8")
    if features:
        with (program / "spec_runner/core/decide/score.py").open("a", encoding="utf-8") as score:
            score.write(_DROPPING.format(names=features))
        _ask(program, "tools.train", folder, "--write", "--anyway")
    found: Decisions = json.loads(_ask(program, "tools.without", folder, "--print"))
    return found


def _ask(program: Path, tool: str, folder: Path, *options: str) -> bytes:
    words = [sys.executable, "-m", tool, str(folder.resolve()), *options]
    made = subprocess.run(
        words, cwd=program, env={**os.environ, "PYTHONPATH": str(program)}, stdout=subprocess.PIPE, check=True
    )
    return made.stdout


_DROPPING = """

def _never(candidate: object) -> bool:
    return False


class _Dropped(Feature[Any]):
    def __new__(cls, name: str, *rest: Any) -> Any:
        return _Kept(name, _never) if name in {names!r} else _Kept(name, *rest)


_Kept, Feature = Feature, _Dropped
"""


def moves(then: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]]) -> Iterator[Move]:
    """What is decided otherwise, document by document."""
    for name, after in now.items():
        before = then[name]
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key, "left"), after.get(key, "left")
            if old != new:
                line, _, command = key.partition(" ")
                yield Move(name, int(line), command, old, new)


def sample(found: list[Move], number: int, seed: int) -> list[Move]:
    """Some moves at random, as few of one repository as will do."""
    found, of = found[:], Counter[str]()
    random.Random(seed).shuffle(found)
    first, rest = list[Move](), list[Move]()
    for move in found:
        repository = move.document.split("/")[1]
        of[repository] += 1
        (first if of[repository] <= _OF_ONE else rest).append(move)
    return [*first, *rest][:number]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--feature", action="append", default=[])
    parser.add_argument("--edit", action="append", nargs=3, default=[], metavar=("FILE", "OLD", "NEW"))
    parser.add_argument("--sample", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--print", action="store_true", help="only what is decided, as JSON")
    asked = parser.parse_args()
    if asked.print:
        print(json.dumps(decisions(asked.documents)))
        return 0
    with tempfile.TemporaryDirectory() as place:
        then = changed(Path(place, "then"), asked.feature, asked.edit, asked.documents)
    now = decisions(asked.documents)
    found = list(moves(then, now))
    for move in sample(found, asked.sample, asked.seed):
        rows = (asked.documents / move.document).read_text("utf-8", "replace").split("\n")
        print(f"\n{move.kind}: {move.document}:{move.line}\n  {move.command[:160]}")
        print("\n".join(f"    {row.strip()[:300]}" for row in rows[max(move.line - 3, 0) : move.line + 1]))
    print("\n".join(f"{count:5}  {kind}" for kind, count in Counter(move.kind for move in found).most_common(12)))
    print(f"{len(found)} decisions in {len({move.document for move in found})} of {len(now)} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Show which plans a change changes.

    python tools/plans.py DOCUMENTS              which plans differ from the hashes in tests/documents/plans.tsv
    python tools/plans.py DOCUMENTS --write      write the hashes anew
    python tools/plans.py DOCUMENTS --against REV [--show N]
                                                 what differs from another commit, plan by plan
    python tools/plans.py DOCUMENTS --against REV --decisions [--show N]
                                                 which commands are run, held or left otherwise, each on a line,
                                                 those that changed most first, and how many of each kind

DOCUMENTS is a folder with an ``index.tsv`` that names its files. Each one is planned by itself, in a folder of its
own, by ``spec-run run --dry-run --json``; nothing is executed. Documents are known by their digest: no text of theirs
is kept.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HASHES = ROOT / "tests" / "documents" / "plans.tsv"
_AT_ONCE = 40
"""Documents that one process plans."""


def documents(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """The path of each document in the folder, the name that a spec gives it, and its bytes."""
    for line in (folder / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, _, kind, *_ = line.split("\t")
        yield name, "quickstart.md" if kind == "quickstart" else "tasks.md", (folder / name).read_bytes()


def plans(program: Path, found: list[tuple[str, str, bytes]]) -> dict[str, Any]:
    """The plan of each document by its path, made by the checkout ``program``."""
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [
            (program, Path(place), found[start : start + _AT_ONCE], start) for start in range(0, len(found), _AT_ONCE)
        ]
        return {name: plan for part in pool.map(lambda each: _part(*each), parts) for name, plan in part}


def _part(program: Path, place: Path, found: list[tuple[str, str, bytes]], start: int) -> list[tuple[str, Any]]:
    folders = []
    for number, (_, name, data) in enumerate(found, start):
        folder = place / "specs" / f"{number:04d}-case"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(data)
        folders.append(str(folder.relative_to(place)))
    words = [sys.executable, "-m", "spec_runner", "run", "--dry-run", "--json", "--sandbox", "plain", *folders]
    environment = {**os.environ, "PYTHONPATH": str(program), "HOME": str(place)}
    done = subprocess.run(words, cwd=place, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    try:
        told = json.loads(done.stdout)["specs"]
    except ValueError:
        sys.exit(f"the plans of {found[0][0]} and others were not printed:\n{done.stderr.decode(errors='replace')}")
    return [(name, _steady(plan)) for (name, _, _), plan in zip(found, told, strict=True)]


def _steady(plan: Mapping[str, Any]) -> Any:
    """A plan without the place that it was made in."""
    return {key: value for key, value in plan.items() if key != "path"}


def digest(plan: object) -> str:
    return sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:16]


def read_hashes() -> dict[str, str]:
    """The digest of each document → that of its plan."""
    lines = HASHES.read_text(encoding="utf-8").splitlines() if HASHES.exists() else []
    return dict(line.split("\t") for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--against", metavar="REV")
    parser.add_argument("--decisions", action="store_true")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="differences to print, at most")
    asked = parser.parse_args()
    found = list(documents(asked.documents))
    now = plans(ROOT, found)
    if asked.against:
        then = plans_at(asked.against, found)
        return _compare_decisions(then, now, asked.show) if asked.decisions else _compare(then, now, asked.show)
    hashes = {sha256(data).hexdigest()[:16]: digest(now[name]) for name, _, data in found}
    if asked.write:
        HASHES.write_text("".join(f"{key}\t{value}\n" for key, value in sorted(hashes.items())), encoding="utf-8")
    before = read_hashes()
    changed = [name for name, _, data in found if before.get(key := sha256(data).hexdigest()[:16]) != hashes[key]]
    print("\n".join([*changed, f"{len(changed)} of {len(found)} plans differ"]))
    return 1 if changed else 0


def plans_at(revision: str, found: list[tuple[str, str, bytes]]) -> dict[str, Any]:
    """The plans as another commit makes them."""
    with tempfile.TemporaryDirectory() as place:
        program = Path(place, "then")
        words = ["git", "-C", str(ROOT), "worktree", "add", "--quiet", "--detach", str(program), revision]
        subprocess.run(words, check=True)
        try:
            return plans(program, found)
        finally:
            subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(program)], check=True)


def _compare(then: Mapping[str, Any], now: Mapping[str, Any], most: int) -> int:
    changed = [name for name in now if then[name] != now[name]]
    for name in changed[:most]:
        print(f"\n== {name}")
        print("\n".join(_difference(then[name], now[name])))
    print(f"\n{len(changed)} of {len(now)} plans differ")
    return 1 if changed else 0


def _compare_decisions(then: Mapping[str, Any], now: Mapping[str, Any], most: int) -> int:
    found: dict[str, list[tuple[str, str]]] = {}
    for name in now:
        before, after = decisions(then[name]), decisions(now[name])
        lines = sorted(before.keys() | after.keys())
        moves = [(key, before.get(key, "left"), after.get(key, "left")) for key in lines]
        changed = [(f"{old} → {new}", f"{line}: {text}") for (line, text), old, new in moves if old != new]
        if changed:
            found[name] = changed
    for name, changed in sorted(found.items(), key=lambda each: -len(each[1]))[:most]:
        print(f"\n== {name}")
        print("\n".join(f"{move:40} {what[:160]}" for move, what in changed))
    moved = Counter(move for changed in found.values() for move, _ in changed)
    places = Counter(move for changed in found.values() for move in {move for move, _ in changed})
    print("\n".join(["", *(f"{count:5} in {places[move]:4} documents  {move}" for move, count in moved.most_common())]))
    print(f"{len(found)} of {len(now)} documents are decided otherwise")
    return 1 if found else 0


def decisions(plan: Mapping[str, Any]) -> dict[tuple[int, str], str]:
    """What is decided on each command of a plan, by its line and its text: ``run``, or ``hold`` with the reasons."""
    return {
        (step["line"], " ".join(step["command"].split())): _decision(step)
        for part in (*plan.get("tasks", ()), *plan.get("blocks", ()))
        for step in part["steps"]
        if step["kind"] != "file"
    }


def _decision(step: Mapping[str, Any]) -> str:
    """The step's own reasons; that nobody asks for a guide, or that it needs what another makes, is none."""
    kind = "" if step["kind"] == "command" else f"{step['kind']}, "
    # Plans of earlier commits name only the gravest reason.
    holds = step.get("holds") or ([step["hold"]] if step["hold"] else [])
    return kind + (f"hold {'+'.join(holds)}" if holds else "run")


def _difference(before: Any, after: Any) -> Iterator[str]:
    then, now = (json.dumps(plan, indent=1, ensure_ascii=False).splitlines() for plan in (before, after))
    for line in difflib.unified_diff(then, now, n=2, lineterm=""):
        if not line.startswith(("---", "+++")):
            yield line


if __name__ == "__main__":
    sys.exit(main())

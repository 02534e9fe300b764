"""What marking costs, as ratios in one run: ``python benchmarks/marking.py [--long]``.

Two things are told: a run of 1,000 tasks of ``true`` with marks and journal against one without (``--no-write``), and
what the recorder alone takes for a task in documents of more and more tasks (``--long``: up to 100,000).
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from spec_runner.app.plan import Settings, make_plan, read_specs
from spec_runner.core.plan.events import (
    Event,
    Place,
    SpecFinished,
    SpecStarted,
    StepFinished,
    StepResult,
    StepStarted,
    TaskFinished,
)
from spec_runner.core.plan.model import Plan
from spec_runner.system.recorder import Recorder

TASKS = 1_000
RUNS = 3


def write(root: Path, count: int) -> None:
    """A spec with this many tasks, in phases of a hundred."""
    lines = ["# Tasks\n"]
    for number in range(count):
        if number % 100 == 0:
            lines.append(f"\n## Phase {number // 100 + 1}\n\n")
        lines.append(f"- [ ] T{number:05} Run `true`\n")
    file = root / "specs" / "a" / "tasks.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(lines))


def whole_run(root: Path, *words: str) -> float:
    """Seconds of a whole run of TASKS tasks."""
    write(root, TASKS)
    began = time.perf_counter()
    command = [sys.executable, "-m", "spec_runner", "run", "--sandbox", "best", *words, "specs/a"]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def recorded(root: Path, count: int) -> tuple[float, float]:
    """Seconds, and of them those of the processor, that the recorder takes for a task of a document with this many."""
    write(root, count)
    settings = Settings(("specs",), root, {}, io.StringIO(), io.StringIO(), dry_run=True)
    found = read_specs(settings)
    plan = make_plan(found, settings)
    recorder = Recorder(plan, [read.place for read in found])
    began = time.perf_counter(), time.process_time()
    for event in happening(plan):
        recorder.hear(event)
    recorder.finish(0)
    seconds = time.perf_counter() - began[0], time.process_time() - began[1]
    recorder.close()
    assert (root / "specs" / "a" / "tasks.md").read_text().count("[X]") == count
    return seconds[0] / count, seconds[1] / count


def happening(plan: Plan) -> Iterator[Event]:
    """The events of a run in which every task passes."""
    yield SpecStarted(0, "tree")
    for task in plan.specs[0].tasks:
        place = Place(0, task.task.key)
        yield StepStarted(place, ".")
        yield StepFinished(place, StepResult("passed", exit=0))
        yield TaskFinished(0, task.task.key, "passed")
    yield SpecFinished(0)


def print_whole_run(folder: Path) -> None:
    least = {"--no-write": float("inf"), "": float("inf")}
    for number in range(RUNS):
        for words in least:
            root = folder / (f"{number}{words}")
            root.mkdir()
            least[words] = min(least[words], whole_run(root, *([words] if words else [])))
    ratio = least[""] / least["--no-write"]
    print(f"{TASKS} tasks of true, marked: {ratio:5.2f} × the time without ({least[''] / TASKS * 1000:.1f} ms a task)")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if "--alone" not in sys.argv:
            print_whole_run(Path(folder))
        counts = [1_000, 10_000, 100_000] if "--long" in sys.argv else [1_000, 10_000]
        base: tuple[float, float] | None = None
        for count in counts:
            tries = RUNS if count < 100_000 else 1
            wall, cpu = min(recorded(Path(folder, f"{count}-{number}"), count) for number in range(tries))
            base = base or (wall, cpu)
            said = f"{wall / base[0]:5.2f} × as long a task ({wall * 1e6:.0f} µs), {cpu / base[1]:5.2f} × the processor"
            print(f"{count:7} tasks, the recorder alone: {said} ({cpu * 1e6:.0f} µs)")


if __name__ == "__main__":
    main()

"""What a sandbox costs: until it is ready for a repository of 5,000 files, and for each command in it.

Usage: python benchmarks/sandbox.py. Prints milliseconds, medians of one run, for each level that this machine offers.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from spec_runner.system.process.heard import LatestLine
from spec_runner.system.process.shell import Shell, State
from spec_runner.system.sandbox.levels import LEVELS, offered
from spec_runner.system.sandbox.sandbox import Layout, Sandbox

FILES = 5000
COMMANDS = 500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = _repository(Path(folder) / "repository")
        bare = statistics.median(_milliseconds(_run_bare) for _ in range(COMMANDS))
        print(f"{'plain bash -c true':<28} {bare:7.1f} ms")
        for level in LEVELS:
            if offered(level).problem is None:
                _measure(root, level, bare)


def _measure(root: Path, level: str, bare: float) -> None:
    began = time.perf_counter()
    sandbox = Sandbox(Layout(root, root, dict(os.environ), {}, lambda: False, level))
    ready = (time.perf_counter() - began) * 1000
    shell, state = Shell(sandbox), State(sandbox.root)
    taken = []
    for _ in range(COMMANDS):
        began = time.perf_counter()
        started = shell.start("true", state, LatestLine(lambda line: None))
        started.process.wait(20)
        state = started.state()
        taken.append((time.perf_counter() - began) * 1000)
    sandbox.close()
    print(f"{level:<28} {ready:7.1f} ms until ready, {statistics.median(taken) - bare:5.1f} ms more for each command")


def _repository(root: Path) -> Path:
    for number in range(FILES):
        place = root / f"folder-{number % 50}" / f"file-{number}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"print({number})\n" * 20, encoding="utf-8")
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *words], cwd=root, check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-q", "-m", "All"], cwd=root, check=True
    )
    return root


def _run_bare() -> None:
    subprocess.run(["bash", "-c", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _milliseconds(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

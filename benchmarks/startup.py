"""What the small answers cost, as ratios to a bare Python start: ``python benchmarks/startup.py [SPEC]``.

CPU time of whole processes, user and system together; the least of several runs each, in turn, so that a busy machine
disturbs all alike. The package is compiled first, as an installation does it.
"""

from __future__ import annotations

import compileall
import resource
import shutil
import subprocess
import sys
from pathlib import Path

RUNS = 15
SHIPPED = Path(__file__).resolve().parent.parent / "specs" / "005-chatkit-backend-setup"


def cpu_seconds(words: list[str]) -> float:
    """CPU seconds of one whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    spec = sys.argv[1] if len(sys.argv) > 1 else str(SHIPPED)
    program = [shutil.which("spec-run", path=str(Path(sys.executable).parent)) or "spec-run"]
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "spec-run --version": [*program, "--version"],
        "spec-run --help": [*program, "--help"],
        "spec-run run --help": [*program, "run", "--help"],
        "spec-run run --dry-run": [*program, "run", "--dry-run", spec],
        "spec-run run --dry-run --json": [*program, "run", "--dry-run", "--json", spec],
    }
    compileall.compile_dir(Path(__file__).resolve().parent.parent / "spec_runner", quiet=1)
    least = dict.fromkeys(commands, float("inf"))
    for _ in range(RUNS):
        for name, words in commands.items():
            least[name] = min(least[name], cpu_seconds(words))
    base = least["python -c pass"]
    for name, seconds in least.items():
        print(f"{name:32} {seconds / base:6.2f} × a bare start ({seconds * 1000:.0f} ms)")


if __name__ == "__main__":
    main()

"""What a command costs here and with tools that also run commands out of a file: ``python benchmarks/peers.py``.

Each tool runs the same commands (``test -d .``) as its own kind of file tells them, one after another, as a whole
process, in a folder made anew for each run. Printed is how many times the least of several runs is that of a script
that starts a bash for each command: the time on the clock, and the processor's time, user and system together, of the
tool and all it waited for.

Tools that are not here are skipped, and how to get them is said: nothing that is measured depends on them.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

COUNTS = (3, 100)
RUNS = 5
COMMAND = "test -d ."


class Peer(NamedTuple):
    """A tool: how it gets here, the file that it reads, and what is typed to run that."""

    name: str
    source: str
    file: str
    text: Callable[[int], str]
    words: tuple[str, ...]


def _lines(line: str, head: str = "", tail: str = "") -> Callable[[int], str]:
    """A file with one line for each command; ``{0}`` is its number."""
    return lambda count: head + "".join(line.format(number) + "\n" for number in range(count)) + tail


_TASKS = _lines(f"- [ ] T{{0:04}} Run `{COMMAND}`", "# Tasks\n\n## Phase 1: All\n\n")
_SPEC = ("spec-run", "this program", "specs/a/tasks.md", _TASKS)
_STEPS = 'schema_version: "1.0"\nworkflow:\n  id: "all"\n  name: "All"\n  version: "0.1.0"\nsteps:\n'
PEERS = (
    Peer("bash", "the system", "all.sh", _lines(f"bash -c '{COMMAND}'", "set -e\n"), ("bash", "all.sh")),
    Peer("make", "the system", "Makefile", _lines(f"\t@{COMMAND}", "all:\n"), ("make", "-s")),
    Peer("just", "pip install rust-just", "justfile", _lines(f"  @{COMMAND}", "all:\n"), ("just",)),
    Peer("cram", "pip install cram", "all.t", _lines(f"  $ {COMMAND}"), ("cram", "all.t")),
    Peer("bats", "npm install bats", "all.bats", _lines(f'@test "{{0}}" {{{{ {COMMAND}; }}}}'), ("bats", "all.bats")),
    Peer(
        "doit",
        "pip install doit",
        "dodo.py",
        lambda count: (
            f"def task_all():\n    for n in range({count}):\n"
            f"        yield {{'name': str(n), 'actions': ['{COMMAND}']}}\n"
        ),
        ("doit",),
    ),
    Peer(
        "mechanical-markdown",
        "pip install mechanical-markdown",
        "all.md",
        _lines(f"<!-- STEP\nname: {{0}}\n-->\n\n```bash\n{COMMAND}\n```\n\n<!-- END_STEP -->\n"),
        ("mm.py", "all.md"),
    ),
    Peer(
        "specify workflow",
        "pip install specify-cli",
        "all.yml",
        _lines(f'  - id: "s{{0}}"\n    type: shell\n    run: "{COMMAND}"', _STEPS),
        ("specify", "workflow", "run", "all.yml"),
    ),
    Peer(*_SPEC, ("spec-run", "run", "--sandbox", "best", "specs/a")),
    Peer(*_SPEC, ("spec-run", "run", "--sandbox", "best", "--no-write", "specs/a")),
    Peer(*_SPEC, ("spec-run", "run", "--dry-run", "specs/a")),
)


class Cost(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


def run(peer: Peer, count: int) -> Cost:
    """What one run costs."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, peer.file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(peer.text(count), encoding="utf-8")
        if peer.name == "specify workflow":
            Path(folder, ".specify").mkdir()
        program = found(peer)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [program, *peer.words[1:]], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, (peer.words, done.stdout[-500:], done.stderr[-500:])
        return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def found(peer: Peer) -> str:
    """Where a tool is: beside this Python first; empty where it is not here."""
    return shutil.which(peer.words[0], path=str(Path(sys.executable).parent)) or shutil.which(peer.words[0]) or ""


def main() -> None:
    here = [peer for peer in PEERS if found(peer)]
    for peer in PEERS:
        if peer not in here:
            print(f"{peer.name} is not here: {peer.source}")
    print("| commands | " + " | ".join(f"{count}: time, CPU" for count in COUNTS) + " |")
    print("|---|" + "---|" * len(COUNTS))
    least = {(peer, count): Cost(float("inf"), float("inf")) for peer in here for count in COUNTS}
    for _ in range(RUNS):
        for key, known in least.items():
            now = run(*key)
            least[key] = Cost(min(known.wall, now.wall), min(known.cpu, now.cpu))
    for peer in here:
        ratios = [
            f"{cost.wall / base.wall:.1f}, {cost.cpu / base.cpu:.1f}"
            for count in COUNTS
            for cost, base in [(least[peer, count], least[here[0], count])]
        ]
        print(f"| `{' '.join(peer.words)}` | " + " | ".join(ratios) + " |")


if __name__ == "__main__":
    main()

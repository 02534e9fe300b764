"""How the time grows, as ratios: ``python benchmarks/scale.py``.

One file of 1,000, 10,000 and 100,000 tasks, planned here and as a whole dry run; then ``check`` over a thousand specs
of sixty tasks and a guide each, beside only reading their documents. CPU time, user and system together.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.model import Choices, ReadSpec, plan_spec
from spec_runner.core.text.document import read_document

SIZES = (1_000, 10_000, 100_000)
SPECS = 1_000
TASK = "- [ ] T{0:06} [P] [US1] Run `make part-{0}` in `parts/` and check that it passes\n"
TASKS_OF_A_SPEC = (
    "Create the model for part {0} with its fields in src/part_{1}/model_{0}.py",
    "Implement the service `Service{0}` in `src/part_{1}/service_{0}.py` (depends on T{2:03})",
    "Add validation and error handling to the endpoint of part {0}",
    "Write the contract test for POST /api/v1/parts/{0} in `tests/contract/test_part_{0}.py`",
    "Document how part {0} behaves when its input is empty, with an example",
)
"""In public specs four tasks in ten have a code span, and one in twenty-five a command."""
COMMAND = "Run `make check-{0}` in `parts/p{1}/` and check that it passes"
GUIDE = """# Quickstart

## Setup

```bash
pip install -r requirements-{0}.txt
```

## Run

```bash
uvicorn app.main:app --port 8{0:03}
```

Open http://localhost:8{0:03}/docs and look.
"""


def one_file(count: int) -> bytes:
    """A document of so many tasks that each have a command."""
    return ("# Tasks\n\n## Phase 1: All\n\n" + "".join(TASK.format(number) for number in range(count))).encode()


def write_spec(folder: Path, number: int) -> None:
    """A spec as people have them: six phases of ten tasks, half of them done, and a guide."""
    rows = [f"# Tasks: Feature {number}\n"]
    for task in range(1, 61):
        if task % 10 == 1:
            rows.append(f"\n## Phase {task // 10 + 1}: Part {task // 10 + 1}\n\n")
        words = COMMAND if task % 20 == 0 else TASKS_OF_A_SPEC[task % len(TASKS_OF_A_SPEC)]
        mark, parallel = "X" if task < 30 else " ", "[P] " if task % 3 else ""
        rows.append(f"- [{mark}] T{task:03} {parallel}[US1] {words.format(task, number, max(task - 1, 1))}\n")
    folder.mkdir(parents=True)
    (folder / "tasks.md").write_text("".join(rows), encoding="utf-8")
    (folder / "quickstart.md").write_text(GUIDE.format(number), encoding="utf-8")


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process and of those it waited for."""
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def program(folder: str, *words: str) -> Callable[[], object]:
    """A run of the program in a folder; it may find something, but not fail."""

    def run() -> None:
        done = subprocess.run([sys.executable, "-m", "spec_runner", *words], cwd=folder, stdout=subprocess.DEVNULL)
        assert done.returncode in (0, 1), done.returncode

    return run


def show_growth(name: str, measure: Callable[[int], float]) -> None:
    """The seconds for each size, and how often the smaller one's they are."""
    before = 0.0
    for size in SIZES:
        seconds = measure(size)
        growth = f", {seconds / before:.1f} × the tenth of it" if before else ""
        print(f"{name} {size} tasks: {seconds:.2f} s{growth}", flush=True)
        before = seconds


def planning(size: int) -> float:
    """CPU seconds for reading and planning one file."""
    data = one_file(size)
    return cpu(lambda: plan_spec(ReadSpec("a", tasks=read_document(data)), Choices(), decide))


def dry_run(size: int) -> float:
    """CPU seconds of a dry run of one file."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "specs", "001-many")
        spec.mkdir(parents=True)
        (spec / "tasks.md").write_bytes(one_file(size))
        return cpu(program(folder, "run", "--dry-run", str(spec)))


def show_check() -> None:
    """What ``check`` costs over many specs beside reading each of their documents once."""
    with tempfile.TemporaryDirectory() as folder:
        specs = [Path(folder, "specs", f"{number:04}-feature") for number in range(SPECS)]
        for number, spec in enumerate(specs):
            write_spec(spec, number)
        reading = cpu(lambda: read_all(specs))
        checking = cpu(program(folder, "check", "specs"))
        print(f"check {SPECS} specs: {checking:.2f} s, {checking / reading:.2f} × reading them ({reading:.2f} s)")


def read_all(specs: list[Path]) -> None:
    """Read the two documents of each spec."""
    for spec in specs:
        read_document((spec / "tasks.md").read_bytes())
        read_guide((spec / "quickstart.md").read_bytes())


def main() -> None:
    # As in a dry run.
    gc.disable()
    show_growth("plan", planning)
    show_growth("dry run of", dry_run)
    show_check()


if __name__ == "__main__":
    main()

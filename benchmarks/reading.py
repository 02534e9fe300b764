"""What reading and deciding cost beside reading alone: ``python benchmarks/reading.py FOLDER``.

Prints the time for planning every markdown document below a folder as a ratio to mistune's own reading of the same
texts (its syntax tree, nothing rendered), and how the time for one file grows from 1,000 to 10,000 and 100,000 tasks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import mistune

from spec_runner.core.document import read_document
from spec_runner.core.guide import read_guide
from spec_runner.core.intent import decide
from spec_runner.core.plan import Choices, ReadSpec, plan_spec

TASK = "- [ ] T{0:06} [P] [US1] Run `make part-{0}` in `parts/` and check that it passes\n"


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds, the least of three goes."""
    least = float("inf")
    for _ in range(3):
        before = time.process_time()
        work()
        least = min(least, time.process_time() - before)
    return least


def plan(data: bytes, *, is_guide: bool) -> None:
    """Plan a document as a dry run does."""
    if is_guide:
        plan_spec(ReadSpec("a", guide=read_guide(data)), Choices(), decide)
    else:
        plan_spec(ReadSpec("a", tasks=read_document(data)), Choices(), decide)


def plan_all(texts: list[tuple[bytes, bool]]) -> None:
    """Plan every document."""
    for data, is_guide in texts:
        plan(data, is_guide=is_guide)


def main() -> None:
    files = sorted(Path(sys.argv[1]).rglob("*.md")) if len(sys.argv) > 1 else []
    texts = [(path.read_bytes(), "quickstart" in path.name) for path in files]
    if texts:
        tree = mistune.create_markdown(renderer=None)
        alone = cpu(lambda: [tree(data.decode("utf-8", "replace")) for data, _ in texts])
        planned = cpu(lambda: plan_all(texts))
        print(f"{len(texts)} documents: {planned / alone:.2f} × mistune alone ({planned:.1f} s, {alone:.1f} s)")
    before = 0.0
    for count in (1_000, 10_000, 100_000):
        data = ("# Tasks\n\n## Phase 1: All\n\n" + "".join(TASK.format(number) for number in range(count))).encode()
        started = time.process_time()
        plan(data, is_guide=False)
        seconds = time.process_time() - started
        print(f"{count} tasks: {seconds:.2f} s" + (f", {seconds / before:.1f} × the tenth of it" if before else ""))
        before = seconds


if __name__ == "__main__":
    main()

"""A run that is ended at any moment: it goes on from there, runs nothing twice that passed, and leaves nothing running."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from spec_runner.core.evidence.records import records
from spec_runner.system.journal import load
from tests.conftest import OFFERED, Project, no_strays

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
MOMENTS = 4 if THOROUGH else 2
COUNT = 9
RECORDS = 3 * COUNT + 3
"""Lines of the journal that a whole run writes: it begins, each task begins, ends and is marked, it ends."""


def told(root: Path) -> list[tuple[str, str]]:
    """What the journal says of each task, in order: that it began, or how it ended."""
    return [
        (record.get("outcome", "began"), record["task"])
        for record in records(load(root))
        if record["event"] in ("step-started", "task-finished")
    ]


def end_at(project: Project, number: signal.Signals, level: str, lines: int) -> int:
    """Start a run and end it once it has written so many lines into its journal; its exit code."""
    journal = project.root / ".spec-run" / "journal"
    before = journal.read_bytes().count(b"\n") if journal.exists() else 0
    process = project.started("run", "--sandbox", level, project.spec)
    while process.poll() is None and (not journal.exists() or journal.read_bytes().count(b"\n") < before + lines):
        time.sleep(0.001)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert b"Traceback" not in said, said
    return process.returncode


@pytest.mark.parametrize("level", [level for level in ("bubblewrap", "plain") if level in OFFERED])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_that_is_ended_at_any_moment_goes_on(
    project: Project, number: signal.Signals, level: str, forever: str
) -> None:
    dice, moments, specs = random.Random(f"{number}{level}"), 0, 0
    while moments < MOMENTS:
        specs += 1
        project.tasks("".join(f"- [ ] T{n:03} Run `(sleep {forever} >/dev/null 2>&1 &); echo T{n:03} >>log`\n" for n in range(COUNT))
            + f"- [ ] T{COUNT:03} Run `test $(sort -u log | wc -l) = {COUNT}`\n")  # fmt: skip
        project.write("version", str(specs))
        project.commit()
        before, done, code = len(told(project.root)), set[str](), -1
        while code != 0:
            code = end_at(project, number, level, dice.randrange(1, RECORDS))
            moments += code != 0
            deadline = time.monotonic() + 20
            while not no_strays(f"sleep {forever}"):
                assert time.monotonic() < deadline
            seen = told(project.root)[before:]
            before += len(seen)
            again = done & {task for what, task in seen if what == "began"}
            assert not again, f"{again} passed, and ran once more"
            done |= {task for what, task in seen if what == "passed"}
            assert project.marks.count("X") <= len(done)
        assert project.marks == "X" * (COUNT + 1)
    print(f"{number.name} at {level}: ended at {moments} moments of {specs} specs")

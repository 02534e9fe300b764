"""A run that is killed, or whose disk is full or broken, at any system call: nothing torn, nothing lost, nothing invented."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from spec_runner.core.evidence.records import records
from spec_runner.core.text.document import read_document
from spec_runner.core.text.marks import NewMark, mark, unmarked
from spec_runner.system.journal import load
from tests.conftest import ROOT
from tests.system.fault_server import run

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SAMPLE = (3, 1, 2) if THOROUGH else (1, 1, 1)
"""How many calls of a name are hit: the first ones, the last ones, and some between."""
DOCUMENTS = {
    "shipped": (ROOT / "specs" / "005-chatkit-backend-setup" / "tasks.md").read_bytes(),
    "fifty": "".join(f"- [ ] T{number:03} Run `make step{number}`\r\n" for number in range(50)).encode(),
}


class Server:
    """The process that forks the runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.fault_server"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def hit(self, root: Path, inject: str | None = None) -> int:
        """How a run ended that was hit so."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"root": str(root), "inject": inject}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    started = Server()
    if started.hit(Case(tmp_path_factory.mktemp("try"), "shipped").root) != 0:
        started.close()
        pytest.skip("strace may not look at processes here")
    yield started
    started.close()


class Case:
    """A repository with one document, made anew for each run."""

    def __init__(self, root: Path, name: str, links: bool = False, *, is_new: bool = True) -> None:
        """The repository that is there already, unless it ``is_new``."""
        self.root, self.before = root, DOCUMENTS[name]
        self.file = root / "specs" / "a" / "tasks.md"
        if not is_new:
            return
        shutil.rmtree(root, ignore_errors=True)
        self.file.parent.mkdir(parents=True)
        self.file.write_bytes(self.before)
        if links:
            (root / "other-name").hardlink_to(self.file)

    @property
    def results(self) -> list[str]:
        """The tasks whose end the journal has, in order."""
        return [record["task"] for record in records(load(self.root)) if record["event"] == "task-finished"]

    def marked(self, keys: list[str]) -> bytes:
        """The document with these tasks passed."""
        return mark(read_document(self.before), tuple(NewMark(key, "passed") for key in keys))

    @property
    def final(self) -> bytes:
        return self.marked([task.key for task in read_document(self.before).tasks])


def points(server: Server, case: Case) -> list[tuple[str, int]]:
    """Calls that change the disk in a whole run: the name of each and which one of that name it is.

    Of each name the first ones, the last ones and some between: every task makes the same calls.
    """
    assert server.hit(case.root) == 0
    lines = (case.root / "trace").read_text().splitlines()
    counts = Counter(line.partition("(")[0] for line in lines if "O_RDONLY" not in line)
    counts["openat"] = sum(line.startswith("openat") for line in lines)
    dice, (first, last, between) = random.Random(len(lines)), SAMPLE
    chosen = []
    for name in sorted(name for name in counts if "(" not in name and name.isalnum()):
        numbers = range(1, counts[name] + 1)
        inner = numbers[first : max(len(numbers) - last, first)]
        some = sorted(dice.sample(inner, min(between, len(inner))))
        chosen += [(name, number) for number in (*numbers[:first], *some, *numbers[max(len(numbers) - last, first) :])]
    return chosen


@pytest.mark.parametrize(("name", "links"), [("shipped", False), ("shipped", True), ("fifty", False)])
def test_a_run_killed_at_any_call_tears_nothing_and_loses_nothing(
    server: Server, tmp_path: Path, name: str, links: bool
) -> None:
    chosen = points(server, Case(tmp_path / "all", name, links))
    killed = recovering = 0
    dice = random.Random(name)
    for call, number in chosen:
        case = Case(tmp_path / "one", name, links)
        code = server.hit(case.root, f"{call}:signal=KILL:when={number}")
        killed += code == -9
        assert_whole(case, (call, number))
        # What it left is put right by the next run, which is killed at its first writes as well.
        call, number = dice.choice(chosen)[0], dice.randrange(1, 9)
        recovering += server.hit(case.root, f"{call}:signal=KILL:when={number}") == -9
        assert_whole(case, (call, number))
        run_again(case, case.results)
    both = f"killed at {killed} of {len(chosen)} system calls, and at {recovering} while that was put right"
    print(f"{name}{' with two names' if links else ''}: {both}")
    # How many writes a run makes depends on how quick it is.
    assert killed > len(chosen) * 0.6


def assert_whole(case: Case, point: tuple[str, int]) -> None:
    """The document is as it was after some of the results."""
    results = case.results
    wholes = [case.marked(results[:count]) for count in range(len(results) + 1)]
    # A file with two names is written in place, and is whole again when the next run has begun.
    assert case.file.read_bytes() in wholes or case.file.stat().st_nlink > 1, point


def run_again(case: Case, results: list[str]) -> None:
    """The next run first brings every result into the document, and then completes."""
    assert run(case.root) == []
    assert case.file.read_bytes() == case.final
    assert sorted(path.name for path in case.file.parent.iterdir()) == ["tasks.md"]
    assert case.results[: len(results)] == results


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("links", [False, True])
def test_a_disk_that_fails_at_any_call_leaves_a_whole_document_and_is_told(
    server: Server, tmp_path: Path, error: str, links: bool
) -> None:
    chosen = points(server, Case(tmp_path / "all", "shipped", links))
    said, whole = Counter[int](), len(Case(tmp_path / "all", "shipped", links, is_new=False).results)
    for call, number in chosen:
        case = Case(tmp_path / "one", "shipped", links)
        code = server.hit(case.root, f"{call}:error={error}:when={number}")
        said[code] += 1
        assert code in (0, 2), (call, number, (case.root / "said").read_text())
        document = read_document(case.file.read_bytes())
        assert unmarked(document) == unmarked(read_document(case.before)), (call, number)
        before = {task.key: task.mark for task in read_document(case.before).tasks}
        changed = {task.key for task in document.tasks if task.mark != before[task.key]}
        assert changed <= set(case.results), (call, number)
        is_done = case.file.read_bytes() == case.final and len(case.results) == whole
        assert is_done or (case.root / "said").read_text(), (call, number)
        run_again(case, case.results)
    print(f"{error}: {len(chosen)} system calls, {dict(said)}")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_journal_cut_anywhere_is_gone_on_with(tmp_path: Path, name: str) -> None:
    case = Case(tmp_path / "whole", name)
    run(case.root)
    lines = load(case.root).splitlines(keepends=True)
    told = list(records(b"".join(lines)))
    assert len(told) == len(lines)
    for number, line in enumerate(lines[1:], start=1):
        # A line is read by itself, so that one before it stands for all.
        for length in range(0, len(line), 7 if THOROUGH else 97):
            assert list(records(lines[number - 1] + line[:length])) == [told[number - 1]]

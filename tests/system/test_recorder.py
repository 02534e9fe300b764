"""What a run leaves: the journal first, the document second, and nothing of anybody else's lost."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spec_runner.app.ready import make_ready
from spec_runner.core.evidence.records import read_history, records
from spec_runner.core.plan.events import SpecStarted, TaskFinished, Warned
from spec_runner.core.plan.model import Plan
from spec_runner.core.text.document import read_document
from spec_runner.system.journal import load, load_output
from spec_runner.system.known import Known
from spec_runner.system.recorder import Recorder
from spec_runner.system.repository import find_specs
from tests.recording import happening, planned, record_run, settings_for, task_events

THREE = "- [ ] T001 Run `test -d .`\n- [x] T002 Run `make`\n- [ ] T003 Run `ls`\n"


def write(root: Path, text: str | bytes) -> Path:
    file = root / "specs" / "a" / "tasks.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def told(root: Path, event: str) -> list[dict[str, Any]]:
    return [record for record in records(load(root)) if record["event"] == event]


def mend(root: Path) -> str:
    """Make ready for another run, as the program does; what it says comes back."""
    from contextlib import ExitStack

    settings = settings_for(root, dry_run=False)
    with ExitStack() as stack:
        make_ready(find_specs(settings.paths, root, {}), settings, Known(), stack)
    return settings.err.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_run_is_told_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    record_run(tmp_path, "one", fails=lambda key: key == "T002")
    assert file.read_text() == THREE.replace("[ ]", "[x]").replace(
        "[x] T002 Run `make`", "[ ] T002 Run `make` (FAILED: exit 1)"
    )
    events = [record["event"] for record in records(load(tmp_path)) if record["event"] != "document-marked"]
    assert events == ["run-started", "spec-started", *["step-started", "task-finished"] * 3, "run-finished"]
    run = told(tmp_path, "run-started")[0]
    assert [document["path"] for document in run["documents"]] == ["specs/a/tasks.md"]
    assert run["box"].keys() == {"level", "network"}
    task = told(tmp_path, "task-finished")[1]
    assert (task["task"], task["line"], task["outcome"], task["tree"]) == ("T002", 2, "failed", "one")
    step = task["steps"][0]
    assert (step["command"], step["cwd"], step["exit"], step["reason"]) == ("make", ".", 1, "exit 1")
    assert load_output(tmp_path, step["output"]) == "output of T002\n"


def test_a_killed_run_is_known_to_have_been_inside_its_task(tmp_path: Path) -> None:
    write(tmp_path, THREE)
    plan, places = planned(tmp_path)
    recorder = Recorder(plan, places)
    recorder.hear(SpecStarted(0, "one"))
    for event in (*task_events(0, "T001"), task_events(0, "T002")[0]):
        recorder.hear(event)
    assert [record["task"] for record in told(tmp_path, "step-started")] == ["T001", "T002"]
    assert [record["task"] for record in told(tmp_path, "task-finished")] == ["T001"]
    assert not told(tmp_path, "run-finished")
    recorder.close()


@pytest.mark.parametrize("links", [False, True])
def test_results_that_did_not_reach_the_document_are_written_by_the_next_run(tmp_path: Path, links: bool) -> None:
    file = write(tmp_path, THREE)
    if links:
        (tmp_path / "other-name.md").hardlink_to(file)
    before = file.read_bytes()
    record_run(tmp_path, fails=lambda key: key == "T002")
    after = file.read_bytes()
    whole, path = load(tmp_path), tmp_path / ".spec-run" / "journal"
    marked = [line for line in whole.splitlines(True) if b"document-marked" not in line]
    # As a run leaves it that is killed before it could write the document.
    for count in range(len(marked) + 1):
        path.write_bytes(b"".join(marked[:count]))
        file.write_bytes(before)
        ended = [record["task"] for record in told(tmp_path, "task-finished")]
        said = mend(tmp_path)
        assert (f"{len(ended)} results of a killed run" in said) == bool(ended)
        expected = [was if key not in ended else then for key, was, then in zip(
            ("T001", "T002", "T003"), before.splitlines(True), after.splitlines(True), strict=True)]  # fmt: skip
        assert file.read_bytes() == b"".join(expected)
        assert mend(tmp_path) == ""
    assert file.stat().st_nlink == 1 + links


def test_a_result_is_not_written_over_what_somebody_changed_since(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    record_run(tmp_path)
    path = tmp_path / ".spec-run" / "journal"
    path.write_bytes(b"".join(line for line in load(tmp_path).splitlines(True) if b"document-marked" not in line))
    edited = THREE.replace("[ ] T001", "[~] T001").replace("`ls`", "`ls -l`")
    file.write_text(edited)
    mend(tmp_path)
    assert file.read_text() == edited


def test_a_file_left_beside_the_document_is_removed_unless_it_may_be_an_edit(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    old, empty, edit = (file.with_name(f".tasks.md.{name * 4}.spec-run") for name in ("ab", "cd", "ef"))
    other = file.with_name(".tasks.md.spec-run")
    old.write_text(THREE.replace("[ ]", "[x]"))
    empty.touch()
    other.touch()
    edit.write_text(THREE + "- [ ] T004 New\n")
    said = mend(tmp_path)
    assert [path.exists() for path in (old, empty, edit, other)] == [False, False, True, True]
    assert "may hold an edit of yours" in said
    assert file.read_text() == THREE


def test_a_document_is_not_written_for_every_task_in_quick_succession(tmp_path: Path) -> None:
    count = 400
    file = write(tmp_path, "".join(f"- [ ] T{number} Run `test -d .`\n" for number in range(count)))
    record_run(tmp_path)
    assert len(told(tmp_path, "task-finished")) == count
    assert len(told(tmp_path, "document-marked")) < count / 4
    assert file.read_text().count("[X]") == count


def test_what_waits_is_written_when_nothing_else_happens(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    plan, places = planned(tmp_path)
    recorder = Recorder(plan, places)
    recorder.hear(SpecStarted(0, "one"))
    for event in (*task_events(0, "T001"), *task_events(0, "T003"), task_events(0, "T002")[0]):
        recorder.hear(event)
    recorder.flush()
    assert file.read_text().count("[x]") == 3
    recorder.close()


def test_a_phase_that_is_over_is_written(tmp_path: Path) -> None:
    file = write(
        tmp_path, "## One\n- [ ] T1 Run `test -d .`\n- [ ] T2 Run `test -d .`\n## Two\n- [ ] T3 Run `test -d .`\n"
    )
    plan, places = planned(tmp_path)
    recorder = Recorder(plan, places)
    recorder.hear(SpecStarted(0, "one"))
    for event in (*task_events(0, "T1"), *task_events(0, "T2"), task_events(0, "T3")[0]):
        recorder.hear(event)
    assert file.read_text().count("[X]") == 2
    recorder.close()


def test_a_document_that_cannot_be_written_keeps_its_result_in_the_journal(tmp_path: Path) -> None:
    file = write(tmp_path, THREE)
    plan, places = planned(tmp_path)
    recorder = Recorder(plan, places)
    file.unlink()
    file.mkdir()
    recorder.hear(SpecStarted(0, "one"))
    said = [each for event in task_events(0, "T001") for each in recorder.hear(event)]
    warned = [each for each in said if isinstance(each, Warned)]
    assert [each.unwritten for each in warned] == [True]
    assert "the result is in the journal" in warned[0].message
    recorder.close()
    file.rmdir()
    write(tmp_path, THREE)
    assert "1 results of a killed run were written" in mend(tmp_path)
    assert file.read_text() == THREE.replace("[ ] T001", "[x] T001")


EDITS: tuple[Callable[[list[str], random.Random], None], ...] = (
    lambda lines, dice: lines.insert(dice.randrange(len(lines) + 1), f"# A heading of mine {dice.random()}\n"),
    lambda lines, dice: lines.insert(dice.randrange(len(lines) + 1), f"- [ ] N{dice.randrange(10**6)} Run `new`\n"),
    lambda lines, dice: lines.__setitem__(slice(None), [line.replace("\n", "\r\n") for line in lines]),
    lambda lines, dice: lines.remove(dice.choice(lines)) if len(names(lines)) > 4 else None,
    lambda lines, dice: lines.insert(0, lines.pop()) if lines else None,
)


class Editor:
    """A person at an editor who loads the document anew before each edit, and saves it in one of the ways editors do."""

    def __init__(self, file: Path, seed: int) -> None:
        self.file, self.dice = file, random.Random(seed)
        self.mine: set[str] = set()
        self.gone: set[str] = set()

    def save(self) -> None:
        lines = self.load()
        before = names(lines)
        self.dice.choice(EDITS)(lines, self.dice)
        self.gone |= before - names(lines)
        text = "".join(lines)
        self.mine = {line.strip() for line in lines if "mine" in line}
        if self.dice.random() < 0.5:
            beside = self.file.with_name("saved~")
            beside.write_text(text, newline="")
            os.replace(beside, self.file)
        else:
            self.file.write_text(text, newline="")

    def load(self) -> list[str]:
        """The document as it is; for an instant it may be without the last edit, which must come back."""
        deadline = time.monotonic() + 5
        while True:
            with self.file.open(newline="") as opened:
                lines = opened.read().replace("\r\n", "\n").splitlines(True)
            if self.mine <= {line.strip() for line in lines} and not self.gone & names(lines):
                return lines
            assert time.monotonic() < deadline, (self.mine, self.gone, lines)


def names(lines: list[str]) -> set[str]:
    return {line[6:10] for line in lines if line.startswith("- [") and line[6] == "T"}


RUNS = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 20


def twelve(root: Path) -> tuple[Path, Recorder, Plan]:
    text = "# Plan\n\n" + "".join(f"- [ ] T{number:03} Run `make step{number}`\n" for number in range(12))
    file = write(root, text)
    plan, places = planned(root)
    return file, Recorder(plan, places), plan


def assert_true(root: Path, file: Path, editor: Editor, outcomes: dict[str, str]) -> None:
    """No edit is lost, no mark is wrong, and every result is in the journal."""
    editor.load()
    document = read_document(file.read_bytes())
    for task in document.tasks:
        seen = outcomes.get(str(task.id))
        assert not task.is_ticked or seen == "passed"
        assert not task.notes or seen == "failed"
    assert {key: seen.outcome for (_, key), seen in read_history(load(root)).seen.items()} == outcomes


@pytest.mark.parametrize("part", range(2))
def test_whoever_edits_the_document_between_two_marks_loses_nothing(tmp_path: Path, part: int) -> None:
    for seed in range(part * RUNS // 2, (part + 1) * RUNS // 2):
        dice, root = random.Random(seed), tmp_path / str(seed)
        file, recorder, plan = twelve(root)
        editor, outcomes = Editor(file, seed), dict[str, str]()
        for event in happening(plan, fails=lambda key, dice=dice: dice.random() < 0.3):  # type: ignore[misc]
            recorder.hear(event)
            if isinstance(event, TaskFinished):
                outcomes[event.task] = event.outcome
                if dice.random() < 0.4:
                    recorder.flush()
            if dice.random() < 0.3:
                editor.save()
        recorder.finish(0)
        recorder.close()
        assert_true(root, file, editor, outcomes)
        for task in read_document(file.read_bytes()).tasks:
            assert task.state == {"passed": "claimed", "failed": "failed", None: "open"}[outcomes.get(str(task.id))]


@pytest.mark.parametrize("part", range(2))
def test_whoever_edits_the_document_at_any_moment_loses_nothing(tmp_path: Path, part: int) -> None:
    for seed in range(part * RUNS // 2, (part + 1) * RUNS // 2):
        root = tmp_path / str(seed)
        file, recorder, plan = twelve(root)
        editor, outcomes, over = Editor(file, seed), dict[str, str](), threading.Event()

        def edit(editor: Editor = editor, over: threading.Event = over) -> None:
            while not over.is_set() and len(editor.mine) < 40:
                editor.save()

        person = threading.Thread(target=edit)
        person.start()
        for event in happening(plan, fails=lambda key, seed=seed: (seed + int(key[1:])) % 3 == 0):  # type: ignore[misc]
            recorder.hear(event)
            if isinstance(event, TaskFinished):
                outcomes[event.task] = event.outcome
                recorder.flush()
        over.set()
        while person.is_alive():
            recorder.flush()
        recorder.settle()
        recorder.finish(0)
        recorder.close()
        assert_true(root, file, editor, outcomes)

"""The real program beside other runs and people, and after it was killed."""

from __future__ import annotations

import signal
from pathlib import Path

from spec_runner.core.evidence.records import records
from spec_runner.system.journal import load
from tests.app.test_interrupt import wait_for
from tests.conftest import Project


def test_a_second_run_of_a_spec_says_who_has_it(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `expr one`\n- [ ] T002 Run `sleep {forever}`\n")
    first = project.started("run", project.spec)
    wait_for(first, f"sleep {forever}".encode())
    second = project.run_spec()
    assert second.code == 2
    assert f"another run is using this spec (process {first.pid} since 20" in second.err
    assert "--wait" in second.err
    assert project.run_spec("-n").code == 0
    assert project.run_spec("--no-write", "--only", "T001").code == 0
    project.write("specs/002-other/tasks.md", "- [ ] T001 Run `test -d .`\n")
    assert project.run("run", "specs/002-other").code == 0
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert project.run_spec("--only", "T001").code == 0


def test_a_run_that_waits_goes_on_when_the_other_one_is_over(project: Project, tmp_path: Path, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `sleep {forever}`\n")
    first = project.started("run", project.spec)
    wait_for(first, f"sleep {forever}".encode())
    second = project.started("run", "--wait", "--timeout", "1", project.spec)
    wait_for(second, f"waiting for another run of specs/001-case/tasks.md: process {first.pid}".encode())
    first.send_signal(signal.SIGINT)
    first.communicate()
    second.communicate(timeout=60)
    assert second.returncode == 1
    assert "(FAILED: timed out after 1 s)" in project.text()


def test_a_killed_run_loses_no_result(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `expr one`\n- [ ] T002 Run `sleep {forever}`\n- [ ] T003 Run `expr three`\n")
    project.commit()
    process = project.started("run", project.spec)
    wait_for(process, f"sleep {forever}".encode())
    process.kill()
    process.communicate()
    told = list(records(load(project.root)))
    assert [record["event"] for record in told if record["event"] != "document-marked"] == [
        "run-started", "spec-started", "step-started", "task-finished", "step-started",
    ]  # fmt: skip
    assert told[0]["commit"] == {"head": project.git("rev-parse", "HEAD").strip(), "dirty": False}
    file = project.root / project.spec / "tasks.md"
    file.write_text(file.read_text().replace(f"sleep {forever}", "test -d ."))
    assert project.run_spec().code == 0
    assert project.marks == "XXX"
    assert sorted(path.name for path in file.parent.iterdir()) == ["tasks.md"]


def test_a_task_is_marked_before_a_long_one_goes_on(project: Project, forever: str) -> None:
    file = project.tasks(
        "".join(f"- [ ] T{number:03} Run `test -d .`\n" for number in range(1, 5))
        + f"- [ ] T005 Run `sleep {forever}`\n"
    )
    process = project.started("run", project.spec)
    wait_for(process, f"sleep {forever}".encode())
    while file.read_text().count("[X]") < 4:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert list(records(load(project.root)))[-1]["signal"] == signal.SIGINT


def test_a_checkout_in_the_middle_is_kept(project: Project) -> None:
    file = project.tasks("- [ ] T001 Run `expr one`\n- [ ] T002 Run `expr two`\n- [ ] T003 Run `expr three`\n")
    project.write("back.sh", "git checkout -q -- specs\n")
    project.commit()
    file.write_text("# Mine\n\n" + file.read_text().replace("expr two", "bash back.sh"))
    assert project.run_spec("--in-place").code == 0
    assert project.text() == "- [ ] T001 Run `expr one`\n- [ ] T002 Run `expr two`\n- [X] T003 Run `expr three`\n"


def test_a_document_with_two_names_keeps_both(project: Project) -> None:
    file = project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `false`\n")
    other = project.root / "same.md"
    other.hardlink_to(file)
    assert project.run_spec().code == 1
    assert other.samefile(file)
    assert other.read_text() == "- [X] T001 Run `test -d .`\n- [ ] T002 Run `false` (FAILED: exit 1)\n"

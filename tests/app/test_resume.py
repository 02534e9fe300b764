"""A run goes on where the one before ended, and only where that is right."""

from __future__ import annotations

import io
import os
import signal
from typing import Any

import pytest

from spec_runner.app.plan import Read, Settings
from spec_runner.app.run import run
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from tests.app.test_run import SERVER
from tests.conftest import OFFERED, Project, no_strays

LEVELS = [level for level in ("bubblewrap", "plain") if level in OFFERED]
FOREVER = 600_000_000 + os.getpid()
"""Seconds; the number tells a process of this test from those of another one that runs beside it."""
TASKS = """\
- [ ] T001 Run `echo once >>log && X=kept`
- [ ] T002 Navigate to the folder `cd sub`
- [ ] T003 Run `false`
- [ ] T004 Run `test "$X" = kept && test "$(cat ../log)" = once && basename "$PWD" | grep -q sub`
"""


def ran(project: Project, *words: str) -> dict[str, Any]:
    """The outcome of each task, and the report itself under an empty name."""
    done = project.run_spec("--json", *words)
    tasks = {task["id"]: task["outcome"] for task in done.json["specs"][0]["tasks"]}
    return {**tasks, "": done}


@pytest.fixture
def failed(project: Project) -> Project:
    """A spec of which two tasks passed and the third failed."""
    project.write("sub/file", "x")
    project.tasks(TASKS)
    project.commit()
    assert project.run_spec("--sandbox", LEVELS[0]).code == 1
    assert project.marks == "XX C"
    return project


def edit(project: Project, before: str, after: str) -> None:
    file = project.root / project.spec / "tasks.md"
    file.write_text(file.read_text().replace(before, after))


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_proven_is_not_run_again_and_its_state_is_there(project: Project, level: str) -> None:
    project.write("sub/file", "x")
    project.tasks(TASKS)
    project.commit()
    assert project.run_spec("--sandbox", level).code == 1
    edit(project, "`false`", "`true`")
    planned = project.run("-n", "--sandbox", level, project.spec).out
    assert "T001   [X] not run     proven by an earlier run in this work tree" in planned
    found = ran(project, "--sandbox", level)
    assert found[""].code == 0, found[""].err
    assert [found[key] for key in ("T001", "T002", "T003", "T004")] == [None, None, "passed", "passed"]
    assert project.marks == "XXXX"


def test_what_is_saved_between_the_plan_and_the_run_takes_nothing_from_the_plan(project: Project) -> None:
    project.tasks("- [ ] T001 Run `echo made >made.txt`\n- [ ] T002 Run `false`\n")
    project.commit()
    assert project.run_spec().code == 1
    edit(project, "`false`", "`test -f made.txt`")

    def save(found: list[Read], plan: Plan) -> Summary:
        project.write("saved-meanwhile", "x")
        return Summary(plan)

    environment = {**os.environ, "XDG_STATE_HOME": str(project.root.parent / "state")}
    out = io.StringIO()
    assert run(Settings((project.spec,), project.root, environment, out, io.StringIO()), save) == 0, out.getvalue()
    assert "1 passed, 1 proven before" in out.getvalue()
    assert project.marks == "XX"
    # The next run finds what was saved.
    assert "everything is run again" in project.run("-n", project.spec).out


def test_a_proven_spec_is_a_success_in_which_nothing_runs(project: Project) -> None:
    project.tasks("- [ ] T001 Run `true`\n- [ ] T002 Run `true`\n")
    project.commit()
    assert project.run_spec().code == 0
    before = project.text()
    done = project.run_spec()
    assert (done.code, done.out) == (0, "\n2 proven before\n")
    assert project.text() == before


def test_an_edited_command_is_run_with_all_that_comes_after_it(project: Project) -> None:
    project.tasks("- [ ] T001 Run `true`\n- [ ] T002 Run `true`\n- [ ] T003 Run `true`\n")
    project.commit()
    project.run_spec()
    edit(project, "T002 Run `true`", "T002 Run `echo`")
    found = ran(project)
    assert [found[key] for key in ("T001", "T002", "T003")] == [None, "passed", "passed"]


def test_a_tick_that_was_taken_away_is_run(project: Project) -> None:
    project.tasks("- [ ] T001 Run `true`\n- [ ] T002 Run `true`\n")
    project.commit()
    project.run_spec()
    edit(project, "- [X] T002", "- [ ] T002")
    found = ran(project)
    assert [found[key] for key in ("T001", "T002")] == [None, "passed"]


def test_a_repository_that_changed_is_proven_anew(failed: Project) -> None:
    failed.write("new-file", "x")
    found = ran(failed)
    assert found["T001"] == "passed"
    planned = failed.run("-n", failed.spec).out
    assert "everything is run again" not in planned
    failed.write("new-file", "y")
    assert (
        "everything is run again: the repository, or a value, is not what it was" in failed.run("-n", failed.spec).out
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.run("clean", project.spec),
        lambda project: project.write(".env", "A_KEY=another\n"),
        lambda project: project.config("[env]\nA_KEY = 'x'\n"),
        lambda project: project.git("commit", "-q", "--allow-empty", "-m", "x"),
    ],
    ids=["the tree was removed", "a value", "the configuration", "the commit"],
)
def test_everything_else_that_changes_is_noticed(failed: Project, change: Any) -> None:
    change(failed)
    assert ran(failed)["T001"] == "passed"


def test_a_fresh_run_starts_over(failed: Project) -> None:
    assert ran(failed, "--fresh")["T001"] == "passed"


def test_a_task_that_is_asked_for_by_name_runs_proven_or_not(failed: Project) -> None:
    assert ran(failed, "--only", "T002")["T002"] == "passed"
    assert ran(failed, "--from", "T002", "--until", "T002")["T002"] == "passed"
    found = ran(failed, "--until", "T002")
    assert (found["T001"], found["T002"]) == (None, None)


def test_a_selection_starts_from_the_state_of_what_is_proven_before_it(project: Project) -> None:
    project.write("inner/file", "x")
    project.tasks(
        "- [ ] T001 Run `export GREETING=hello`\n- [ ] T002 Run `cd inner`\n- [ ] T003 Run `echo made >made.txt`\n"
        '- [ ] T004 Run `test "$GREETING" = hello && test -f file && test -f made.txt`\n- [ ] T005 Run `true`\n'
    )
    project.commit()
    assert project.run_spec().code == 0
    for words in (("--from", "T004"), ("--only", "T004")):
        assert project.run_spec(*words).code == 0
        assert project.marks == "XXXXX"
    assert all(outcome is None for outcome in list(ran(project).values())[:4])


def test_services_are_started_again_for_what_comes_after_them(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER)
    project.tasks(
        f"- [ ] T001 Run `true`\n- [ ] T002 Start the server using `python server.py {free_port}`\n"
        f"- [ ] T003 Run `false`\n- [ ] T004 Verify it at `http://localhost:{free_port}/docs`\n"
    )
    project.commit()
    assert project.run_spec().code == 1
    edit(project, "`false`", "`true`")
    found = ran(project)
    assert found[""].code == 0, found[""].err
    assert [found[key] for key in ("T001", "T002", "T003", "T004")] == [None, "passed", "passed", "passed"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_run_that_was_ended_goes_on(project: Project, number: signal.Signals) -> None:
    project.tasks(
        f"- [ ] T001 Run `echo once >>log`\n- [ ] T002 Run `echo started >started.txt; sleep {FOREVER}`\n"
        '- [ ] T003 Run `test "$(cat log)" = once`\n'
    )
    project.commit()
    process = project.started("run", "-v", project.spec)
    assert process.stderr is not None
    while f"sleep {FOREVER}".encode() not in process.stderr.readline():
        pass
    process.send_signal(number)
    process.wait(30)
    process.communicate()
    assert project.marks[0] == "X"
    edit(project, f"; sleep {FOREVER}", "")
    found = ran(project)
    assert found[""].code == 0, found[""].err
    assert [found[key] for key in ("T001", "T002", "T003")] == [None, "passed", "passed"]
    assert no_strays(f"sleep {FOREVER}")

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
ALL_LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]
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
    edit(project, "`false`", "`test -d .`")
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
    assert "run again from T001 on: saved-meanwhile has changed" in project.run("-n", project.spec).out


def test_a_proven_spec_is_a_success_in_which_nothing_runs(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n")
    project.commit()
    assert project.run_spec().code == 0
    before = project.text()
    done = project.run_spec()
    assert (done.code, done.out) == (0, "\n2 proven before\n")
    assert project.text() == before


def test_an_edited_command_is_run_with_all_that_comes_after_it(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n- [ ] T003 Run `test -d .`\n")
    project.commit()
    project.run_spec()
    edit(project, "T002 Run `test -d .`", "T002 Run `echo`")
    found = ran(project)
    assert [found[key] for key in ("T001", "T002", "T003")] == [None, "passed", "passed"]


def test_a_tick_that_was_taken_away_is_run(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n")
    project.commit()
    project.run_spec()
    edit(project, "- [X] T002", "- [ ] T002")
    found = ran(project)
    assert [found[key] for key in ("T001", "T002")] == [None, "passed"]


def test_a_repository_that_changed_is_proven_anew(failed: Project) -> None:
    failed.write("new-file", "x")
    found = ran(failed)
    assert found["T001"] == "passed"
    assert "run again" not in failed.run("-n", failed.spec).out
    failed.write("new-file", "y")
    assert "run again from T001 on: new-file has changed since it was proven" in failed.run("-n", failed.spec).out


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


EDITED = """\
- [ ] T001 Run `export GREETING=hello`
- [ ] T002 Run `mkdir -p made && cp source made/copy && echo ours >both && rm removed folder/old`
- [ ] T003 Run `cat source both >>made/log`
"""


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_the_work_tree_survives_edits_and_the_repositorys_side_wins(project: Project, level: str) -> None:
    for name in ("source", "both", "removed", "gone", "folder/old", "folder/kept", "sub/file"):
        project.write(name, "one\n")
    project.tasks(EDITED)
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    for name in ("source", "both", "removed", "new/file"):
        project.write(name, "two\n")
    (project.root / "gone").unlink()
    planned = project.run("-n", "--sandbox", level, project.spec).out
    assert "changed by you and by the commands; the work tree takes yours: both, removed" in planned
    # What the commands removed of the user's makes even the task stale that reads nothing.
    assert "run again from T001 on" in planned
    edit(project, "T003 Run `cat", "T003 Run `test ! -e gone && cat new/file removed made/copy")
    done = project.run_spec("--sandbox", level, "--only", "T003")
    assert done.code == 0, done.out + done.err
    upper = next((project.root.parent / "state/spec-run/trees").iterdir())
    log = next(place for place in upper.rglob("log") if place.parent.name == "made")
    assert log.read_text() == "one\nours\n" + "two\ntwo\none\n" + "two\n" * 2
    # The next edit of the same file is nobody's but the user's; what is taken over is no edit.
    project.write("both", "three\n")
    found = project.run("-n", "--sandbox", level, project.spec).out
    assert "changed by you and by the commands" not in found


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_only_what_may_have_seen_an_edit_runs_again(project: Project, level: str) -> None:
    project.write("requirements.txt", "\n")
    project.write("source", "one")
    project.tasks(
        "- [ ] T001 Run `pip install -q -r requirements.txt`\n- [ ] T002 Run `cat source >>log`\n"
        "- [ ] T003 Run `test -f log`\n"
    )
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    project.write("source", "two")
    assert "run again from T002 on: source has changed" in project.run("-n", "--sandbox", level, project.spec).out
    found = ran(project, "--sandbox", level)
    assert [found[key] for key in ("T001", "T002", "T003")] == [None, "passed", "passed"]
    project.git("commit", "-qam", "Edit")
    assert "run again from T002 on: .git has changed" in project.run("-n", "--sandbox", level, project.spec).out
    found = ran(project, "--sandbox", level)
    assert [found[key] for key in ("T001", "T002", "T003")] == [None, "passed", "passed"]
    project.write("requirements.txt", "# more\n")
    assert ran(project, "--sandbox", level)["T001"] == "passed"


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_what_is_taken_over_makes_nothing_run_again(project: Project, level: str) -> None:
    project.write("changed", "one\n")
    project.write("gone", "x")
    project.tasks("- [ ] T001 Run `echo two >changed && rm -f gone && mkdir -p d && echo new >d/new`\n")
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    assert project.run("apply", project.spec).code == 0
    done = project.run_spec("--sandbox", level)
    assert (done.code, done.out) == (0, "\n1 proven before\n")
    # The user edits what the commands had written: it is theirs alone, and can be taken over again.
    project.write("changed", "three\n")
    done = project.run_spec("--sandbox", level)
    assert done.code == 0
    assert "changed by you and" not in done.out + done.err
    assert project.run("diff", project.spec).out == "M changed\n"
    assert project.run("apply", project.spec).code == 0
    assert (project.root / "changed").read_text() == "two\n"


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_a_tree_in_which_a_folder_gave_way_to_a_link_is_made_anew(project: Project, level: str) -> None:
    outside = project.root.parent / "outside"
    outside.mkdir()
    project.write("folder/file", "one")
    project.tasks(f"- [ ] T001 Run `mv folder old && ln -s {outside} folder`\n")
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    project.write("folder/file", "two")
    project.write("folder/new", "two")
    told = "everything is run again: folder/file changed, and the commands made something else of its place"
    assert told in project.run("-n", "--sandbox", level, project.spec).out
    assert project.run_spec("--sandbox", level).code == 0
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_a_commit_of_the_user_comes_into_the_tree_and_credentials_do_not(project: Project, level: str) -> None:
    project.write("file", "one")
    project.tasks("- [ ] T001 Run `git log --format=%s && git commit -q --allow-empty -m Theirs`\n")
    project.commit()
    project.git("remote", "add", "origin", "https://me:s3cret-token-of-mine@example.invalid/x.git")
    assert project.run_spec("--sandbox", level).code == 0
    project.write("file", "two")
    project.git("commit", "-qam", "Mine")
    edit(project, "git log --format=%s", "git status --porcelain file; git config --list; git log --format=%s")
    done = project.run("run", "-v", "--sandbox", level, project.spec)
    assert done.code == 0, done.out
    assert "the commits that the commands made are dropped" in done.err + done.out
    assert "s3cret" not in done.out + done.err + "".join(map(str, (project.root / ".spec-run").rglob("*")))
    tree = next((project.root.parent / "state/spec-run/trees").iterdir())
    configs = [place.read_text() for place in tree.rglob("config") if place.parent.name == ".git"]
    assert configs
    assert not any("s3cret" in text for text in configs)


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
        '- [ ] T004 Run `test "$GREETING" = hello && test -f file && test -f made.txt`\n- [ ] T005 Run `test -d .`\n'
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
        f"- [ ] T001 Run `test -d .`\n- [ ] T002 Start the server using `python server.py {free_port}`\n"
        f"- [ ] T003 Run `false`\n- [ ] T004 Verify it at `http://localhost:{free_port}/docs`\n"
    )
    project.commit()
    assert project.run_spec().code == 1
    edit(project, "`false`", "`test -d .`")
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


def test_a_run_says_how_long_it_took_before(project: Project) -> None:
    project.tasks("- [ ] T001 Run `sleep 2.1; test -d specs`\n- [ ] T002 Run `test -d specs`\n")
    assert "when it last ran" not in project.run_spec("-n").out
    project.run_spec("--sandbox", "plain")
    assert "s when it last ran\n" in project.run_spec("-n", "--fresh").out
    assert "when it last ran" not in project.run_spec("-n", "--fresh", "--only", "T002").out

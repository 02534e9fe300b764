"""What strangers wrote reaches no terminal as they wrote it, and what is held runs only when it is named."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Project

UNSEEN = "\u202e\u200b\x1b\x9b\u2066"


def is_clean(text: str) -> bool:
    return not set(UNSEEN) & set(text)


HOSTILE = (
    "# Tasks \u202e\n\n## Phase 1: \x1b[31mSetup\u2066\n\n- [ ] T001 Say \u202eno\u202c and run `echo a\u200bb`\n"
    "- [ ] T002 Run `printf '\\033[8m\\342\\200\\256oops\\n'; false`\n"
)


@pytest.mark.parametrize("words", [("-n", "-v"), ("--keep-going", "-v"), ("--json",), ("-n", "--json")])
def test_nothing_hostile_reaches_a_terminal(project: Project, words: tuple[str, ...]) -> None:
    project.tasks(HOSTILE)
    done = project.run_spec(*words)
    assert is_clean(done.out) and is_clean(done.err)
    if "--json" in words:
        assert done.json["specs"][0]["tasks"][0]["title"].startswith("Say \u202eno")
        assert done.task("T001")["steps"][0]["hold"] == "hidden"


def test_errors_are_shown_without_what_a_terminal_obeys(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    for words in (
        ["run", "no\x1b[31m\u202esuch"],
        ["run", "--only", "T\u202e9", project.spec],
        ["--no\u202e\x1b[8mne"],
    ):
        done = project.run(*words)
        assert done.code == 2 and is_clean(done.out + done.err), done.err


def test_a_command_with_something_unseen_is_held_and_shown(project: Project) -> None:
    project.tasks("- [ ] T001 Run `echo a\u202eb >made`\n- [ ] T002 Run `echo '👩\u200d💻' >own`\n")
    done = project.run_spec("-n")
    assert "held        hidden: echo a\\u202eb" in done.out
    assert "echo '👩\u200d💻' >own" in done.out
    assert project.run_spec("--allow", "hidden").code == 0
    assert project.marks == "XX"


def test_one_of_several_reasons_does_not_release_a_command(project: Project) -> None:
    project.tasks("- [ ] T001 Run `sudo -n true /srv > /etc/x || true`\n")
    held = "held        destructive, privileged: sudo"
    assert held in project.run_spec("-n", "--allow", "destructive").out
    assert held in project.run_spec("-n", "--allow", "privileged").out
    assert held not in project.run_spec("-n", "--allow", "privileged,destructive").out
    assert held not in project.run_spec("-n", "--allow", "t001").out
    assert project.run_spec("-n", "--json").steps("T001")[0]["holds"] == ["destructive", "privileged"]


def test_a_word_that_allows_nothing_is_an_error(project: Project) -> None:
    project.tasks("- [ ] T001 Run `sudo -n true; test -d .`\n")
    project.write("specs/002-other/tasks.md", "- [ ] T012 Run `sudo -n true; test -d .`\n")
    done = project.run("run", "-n", "--allow", "outwrad", project.spec)
    assert (done.code, done.err) == (2, "spec-run: there is no reason or task outwrad; did you mean outward?\n")
    done = project.run("run", "-n", "--allow", "T013", "specs")
    assert (done.code, done.err) == (2, "spec-run: there is no reason or task t013; did you mean T012?\n")
    allowed = project.run("run", "-n", "--json", "--allow", "T012", "specs")
    actions = [task["action"] for spec in json.loads(allowed.out)["specs"] for task in spec["tasks"]]
    assert actions == ["hold", "run"]

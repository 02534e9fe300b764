"""What a setup leaves lies below the work trees of all specs of a commit, and is kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spec_runner.system.process.prepared import all_grounds
from tests.conftest import OFFERED, Done, Project

pytestmark = pytest.mark.skipif("bubblewrap" not in OFFERED, reason="work trees are laid over others by bubblewrap")
SETUP = (
    "--setup",
    "mkdir built && date +%N >built/stamp && export LEFT=yes",
    "--setup",
    "echo x >~/home; pip --version",
)


def specs(project: Project, *lines: str, count: int = 2) -> None:
    for number in range(1, count + 1):
        text = "# Tasks\n\n" + "".join(f"- [X] T{index:03} Run `{line}`\n" for index, line in enumerate(lines, 1))
        project.write(f"specs/{number:03}-case/tasks.md", text)
    project.commit()


def verify(project: Project, *words: str) -> Done:
    # One after the other: else whichever process comes first does the setup.
    return project.run("verify", "--json", "-j", "1", *words, "specs")


def verdicts(done: Done) -> list[list[str]]:
    return [[each["verdict"] for each in spec["ticks"]] for spec in done.json["specs"]]


def outcomes(done: Done) -> list[list[tuple[str, str | None]]]:
    return [[(step["outcome"], step["reason"]) for step in spec["setup"]] for spec in done.json["specs"]]


def grounds(project: Project) -> list[Path]:
    return [each.folder for each in all_grounds(project.world)]


def test_specs_of_a_commit_share_one_setup_and_feel_nothing_of_each_other(project: Project) -> None:
    project.write("ruin.sh", "rm -r built ~/home\n")
    specs(project, 'test "$LEFT" = yes && cat built/stamp ~/home', "bash ruin.sh")
    done = verify(project, *SETUP)
    assert verdicts(done) == [["proven", "proven"]] * 2, done.err
    first, second = outcomes(done)
    assert first == [("passed", None)] * 2
    assert [reason and reason.partition(" at ")[0] for _, reason in second] == ["done before"] * 2
    again = verify(project, *SETUP)
    assert verdicts(again) == [["proven", "proven"]] * 2
    assert all(reason and reason.startswith("done before") for spec in outcomes(again) for _, reason in spec)
    assert len(grounds(project)) == 1


def test_another_commit_or_another_setup_is_prepared_anew(project: Project) -> None:
    specs(project, "cat built/stamp", count=1)
    verify(project, *SETUP)
    assert outcomes(verify(project, *SETUP, "--setup", "true"))[0][0] == ("passed", None)
    assert len(grounds(project)) == 2
    project.write("more", "x")
    project.git("add", "more")
    project.git("commit", "-qm", "more")
    assert outcomes(verify(project, *SETUP))[0] == [("passed", None)] * 2
    assert len(grounds(project)) == 1, "nothing of the older commit is kept"


def test_a_setup_that_failed_is_done_once_in_a_run_and_never_kept(project: Project) -> None:
    specs(project, "test -d built && false")
    done = verify(project, "--setup", "mkdir built; exit 3")
    assert verdicts(done) == [["cannot tell"]] * 2
    assert [spec[0] for spec in outcomes(done)] == [("failed", "exit 3"), ("failed", "as before in this run")]
    assert done.json["specs"][1]["ticks"][0]["cause"] == {"kind": "not prepared", "what": "mkdir built; exit 3"}
    assert not grounds(project)


def test_what_was_made_with_values_is_kept_for_nobody(project: Project) -> None:
    specs(project, 'test "$(cat token)" = "hard to guess"')
    done = verify(project, "--setup", 'printf "%s" "$TOKEN" >token', "--env", "TOKEN=hard to guess")
    assert verdicts(done) == [["proven"]] * 2
    assert not grounds(project)


def test_a_spec_that_is_not_committed_is_there_and_only_in_its_own_tree(project: Project) -> None:
    specs(project, "test -e built/stamp && test -e specs/002-case/new")
    project.write("specs/002-case/new", "x")
    assert verdicts(verify(project, *SETUP)) == [["false"], ["proven"]]


def test_what_was_prepared_is_removed_with_everything_else(project: Project) -> None:
    specs(project, "cat built/stamp")
    verify(project, *SETUP)
    (folder,) = grounds(project)
    done = project.run("clean", "--all", "--yes")
    assert done.code == 0 and "what was prepared for" in done.out
    assert not folder.exists()


def test_a_program_behind_links_is_there_with_the_packages_beside_it(project: Project, tmp_path: Path) -> None:
    package = tmp_path / "lib" / "node_modules" / "tool"
    for folder in (package, tmp_path / "node" / "bin", tmp_path / "path"):
        folder.mkdir(parents=True)
    (package / "said").write_text("it ran")
    program = package / "run.sh"
    program.write_text('#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/said"\n')
    program.chmod(0o755)
    (tmp_path / "node" / "bin" / "mytool").symlink_to("../../lib/node_modules/tool/run.sh")
    (tmp_path / "path" / "mytool").symlink_to(tmp_path / "node" / "bin" / "mytool")
    project.environment["PATH"] = f"{tmp_path / 'path'}:{os.environ['PATH']}"
    specs(project, 'test "$(mytool)" = "it ran"', count=1)
    assert verdicts(verify(project, "--no-setup")) == [["proven"]]

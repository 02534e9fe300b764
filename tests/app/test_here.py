"""Which spec a command is about where no path is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spec_runner.__main__ import main as program
from spec_runner.cli import main
from tests.conftest import Project

TASK = "- [ ] T001 Run `test -d .`\n"


@pytest.fixture
def repository(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A repository on the branch main, without a spec."""
    for name in ("SPECIFY_FEATURE_DIRECTORY", "SPECIFY_FEATURE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(project.root.parent / "state"))
    monkeypatch.chdir(project.root)
    project.write("README.md", "# A program\n")
    project.commit()
    return project


def planned(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The paths of the specs that a dry run plans."""
    assert main(["-n", "--json", *words]) == 0
    return [spec["path"] for spec in json.loads(capsys.readouterr().out)["specs"]]


def specs(project: Project, *names: str) -> None:
    for name in names:
        project.write(f"{name}/tasks.md", TASK)


@pytest.mark.parametrize(
    "place", ["specs/001-login", ".specify/specs/001-login", "openspec/changes/login", ".kiro/specs/login"]
)
def test_the_only_spec_of_a_repository_is_meant(
    repository: Project, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    specs(repository, place)
    assert planned(capsys) == [place]


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        ("002-anything", "specs/002-pay"), ("feat/002-x", "specs/002-pay"), ("20260319-143022-x", "specs/20260319-143022-y"),
        ("plain", "specs/plain"), ("feat/plain", "specs/plain"), ("a/b/plain", None), ("004-two", None), ("main", None),
        ("02-x", None), ("specs", None),
    ],
)  # fmt: skip
def test_a_branch_names_a_spec_as_spec_kit_reads_it(
    repository: Project, capsys: pytest.CaptureFixture[str], branch: str, found: str | None
) -> None:
    names = ("001-login", "002-pay", "20260319-143022-y", "plain", "004-a", "004-b")
    specs(repository, *(f"specs/{name}" for name in names))
    if branch != "main":
        repository.git("checkout", "-q", "-b", branch)
    if found:
        assert planned(capsys) == [found]
    else:
        assert main(["-n"]) == 2
        assert "there are 6 specs here; name one of specs/001-login, " in capsys.readouterr().err


def test_the_variable_of_spec_kit_stands_for_the_branch(
    repository: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    specs(repository, "specs/001-login", "specs/002-pay")
    monkeypatch.setenv("SPECIFY_FEATURE", "002-x")
    assert planned(capsys) == ["specs/002-pay"]


def test_who_stands_in_a_spec_means_it(
    repository: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    specs(repository, "specs/001-login", "specs/002-pay", "specs/002-pay/contracts/x")
    repository.write(".specify/feature.json", '{"feature_directory": "specs/001-login"}')
    assert planned(capsys) == ["specs/001-login"]
    (repository.root / "src").mkdir()
    for place, found in (("specs/002-pay", "."), ("specs/002-pay/contracts", ".."), ("src", "../specs/001-login")):
        monkeypatch.chdir(repository.root / place)
        assert planned(capsys) == [found]


def test_alone_it_lists_what_is_here_and_runs_nothing(
    repository: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    specs(repository, "specs/001-login", "specs/002-pay")
    (repository.root / "src").mkdir()
    for place in (".", "specs/002-pay", "src"):
        monkeypatch.chdir(repository.root / place)
        assert main([]) == 0
        said = capsys.readouterr().out
        assert "last run" in said and ("001-login" in said or place == "specs/002-pay"), place
    assert not (repository.root / ".spec-run").exists()
    assert Path("../specs/001-login/tasks.md").read_text() == TASK


def test_the_repositorys_own_git_is_not_asked_for_the_branch(repository: Project, tmp_path: Path) -> None:
    specs(repository, "specs/001-login", "specs/002-pay")
    repository.write("bin/git", f"#!/bin/sh\n: >{tmp_path}/ran\necho 002-x\n").chmod(0o755)
    repository.environment = {"PATH": f"{repository.root}/bin:/usr/bin:/bin"}
    assert repository.run("-n").code == 2
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("words", [("--version",), ("-V",)])
def test_the_version_has_a_short_name(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("spec-run ")


def test_help_is_a_command_too(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for words in (("help", "verify"), ("verify", "--help"), ("help",), ("--help",)):
        assert main(words) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2] == said[3]


@pytest.mark.parametrize("words", [["--help"], ["run", "-h"], ["help", "check"], ["verify", "--help"]])
def test_help_in_a_pipe_is_the_library_s(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert main(words) == 0
    made = capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["spec-run", *words])
    monkeypatch.setattr("spec_runner.cli.main", None)
    assert program() == 0 and capsys.readouterr().out == made


@pytest.mark.parametrize(
    ("tasks", "after"),
    [
        ("- [ ] first run `false`\n- [ ] then run `test -d .`\n", " X"),
        ("- [ ] T001 Run `false`\n- [~] T002 Run `test -d .`\n- [ ] T003 Run `test -d .`\n", " ~X"),
        ("- [ ] T001 Run `false`\n- [ ] T002 Run `test -d .` (depends on T001)\n- [-] T003 Later\n", "  -"),
        ("- [ ] T001 Run `false`\n- [ ] T002 Run `test -d .`\n", " C"),
    ],
)
def test_a_foreign_list_goes_on_after_a_failure(project: Project, tasks: str, after: str) -> None:
    project.tasks(tasks)
    assert project.run_spec("--sandbox", "plain").code == 1
    assert project.marks == after


def test_verify_says_what_is_not_committed(project: Project) -> None:
    project.tasks("- [X] T001 Run `test -d .`\n")
    project.write("a.py", "")
    project.commit()
    assert "not committed" not in project.run("verify", "--sandbox", "plain", project.spec).out
    project.write("a.py", "1")
    project.tasks("- [X] T001 Run `test -d .`\n\n")
    assert "1 file is not committed and is not seen: a.py\n" in project.run("verify", "-n", project.spec).out
    for name in "bcde":
        project.write(f"{name}.py", "")
    said = project.run("verify", "--sandbox", "plain", project.spec).out
    assert "5 files are not committed and are not seen: a.py, b.py, c.py, …\n" in said
    assert "not committed" not in project.run("verify", "-n", "--ticked-since", "working-tree", project.spec).out

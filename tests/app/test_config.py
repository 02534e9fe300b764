"""The configuration of a spec, the command that writes one, and what a shell completes."""

from __future__ import annotations

import pytest

from tests.conftest import Project

GROUP = "- [ ] T001 [P] [US1] Run `false`\n- [ ] T002 Run `test -d .`\n"


def test_a_commented_configuration_is_written_once(project: Project) -> None:
    project.tasks(GROUP)
    done = project.run("init", project.spec)
    place = project.root / project.spec / "spec-run.toml"
    assert (done.code, done.out) == (0, f"{place}\n")
    place.write_text(place.read_text() + "# mine\n")
    done = project.run("init", project.spec)
    assert done.code == 2
    assert "the file exists already" in done.err
    assert place.read_text().endswith("# mine\n")


def test_everything_in_the_commented_configuration_is_understood(project: Project) -> None:
    project.tasks(GROUP)
    project.run("init", project.spec)
    place = project.root / project.spec / "spec-run.toml"
    settings = [
        line[2:]
        for line in place.read_text().splitlines()
        if line.startswith("# ") and (" = " in line or line[2] == "[")
    ]
    project.write(f"{project.spec}/sample/file", "x")
    place.write_text("\n".join(line for line in settings if not line.startswith("Address")) + "\n")
    assert project.run("-n", project.spec).code == 0


def test_habits_of_a_spec_hold_unless_something_is_typed(project: Project) -> None:
    project.tasks(GROUP)
    project.config("[run]\ntimeout = 7\nkeep-going = true\n")
    assert project.run("-n", "--json", project.spec).json["specs"][0]["tasks"][0]["steps"][0]["timeout"] == 7
    assert (
        project.run("-n", "--timeout", "9", "--json", project.spec).json["specs"][0]["tasks"][0]["steps"][0]["timeout"]
        == 9
    )
    assert project.run_spec("--no-keep-going").code == 1
    assert project.marks == " C"
    project.run_spec()
    assert project.marks == " X"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[run]\ntimeuot = 7\n", "unknown key 'timeuot' @2; did you mean 'timeout'?"),
        ("[run]\njobs = 0\n", "'jobs' must be a number of tasks @2; write jobs = 4"),
        ("[run]\njobs = true\n", "'jobs' must be a number of tasks @2; write jobs = 4"),
        (
            '[run]\nkeep-going = "yes"\n',
            "'keep-going' must be true or false @2; write keep-going = true",
        ),
        ("[sandbox]\nlevel = 'plain'\n", "unknown key 'sandbox' @1"),
    ],
)
def test_what_is_wrong_in_a_configuration_is_named_with_its_line(project: Project, text: str, said: str) -> None:
    project.tasks(GROUP)
    project.config(text)
    done = project.run("-n", project.spec)
    assert done.code == 2
    place = f": {project.root}/{project.spec}/spec-run.toml:"
    assert said.replace(" @", place) in done.err


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("spec-run --only T00", ["T001", "T002"]),
        ("spec-run --only T001,T00", ["T001,T001", "T001,T002"]),
        ("spec-run run --story U", ["US1"]),
        ("spec-run verify --phase Set", ["Setup"]),
        ("spec-run doc", ["doctor"]),
        ("spec-run spe", ["spe"]),
    ],
)
def test_a_shell_completes_from_the_document_at_hand(project: Project, typed: str, completed: list[str]) -> None:
    project.tasks(f"## Setup\n\n{GROUP}")
    words = typed.split(" ")
    project.environment = {
        "_SPEC_RUN_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1),
        "SPECIFY_FEATURE_DIRECTORY": project.spec,
    }  # fmt: skip
    assert [line.partition(",")[2] for line in project.run().out.splitlines()] == completed


def test_a_shell_completes_from_the_document_that_is_typed(project: Project) -> None:
    project.tasks(GROUP)
    project.write("specs/002-other/tasks.md", "- [ ] T077 Run `test -d .`\n")
    for typed in ("spec-run specs/002-other --only T0", "spec-run verify specs/002-other --only T0"):
        project.environment = {
            "_SPEC_RUN_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")),
        }  # fmt: skip
        assert project.run().out == "plain,T077\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell_is_printed(project: Project, shell: str) -> None:
    assert "_SPEC_RUN_COMPLETE" in project.run("completion", shell).out

"""Values come from those who are named: no document, no configuration and no link takes one that nobody gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Project

ENV_TASK = "- [ ] T001 Configure environment variables (`CLOUD_TOKEN`) in a `.env` file\n"
NEEDS = "CLOUD_TOKEN has no value; --env NAME or --env-file FILE gives it"


def test_a_document_that_names_a_variable_of_the_caller_does_not_get_it(project: Project) -> None:
    project.environment = {"CLOUD_TOKEN": "value-of-the-caller"}
    project.tasks(ENV_TASK)
    assert "with CLOUD_TOKEN ← no value" in project.run_spec("-n").out
    assert project.run_spec().code == 1
    assert f"(FAILED: {NEEDS})" in project.text()


def test_the_callers_variable_is_given_by_its_name_and_masked(project: Project) -> None:
    project.environment = {"CLOUD_TOKEN": "value-of-the-caller"}
    project.tasks(f"{ENV_TASK}- [ ] T002 Run `echo $CLOUD_TOKEN && cat .env && test ${{#CLOUD_TOKEN}} = 19`\n")
    assert "with CLOUD_TOKEN ← --env" in project.run_spec("-n", "--env", "CLOUD_TOKEN").out
    done = project.run_spec("--env", "CLOUD_TOKEN", "--json")
    assert done.code == 0, done.out
    assert done.steps("T002")[0]["output"] == "•••\nCLOUD_TOKEN=•••\n"
    assert done.steps("T001")[0]["sources"] == {"CLOUD_TOKEN": "--env"}
    assert done.json["specs"][0]["variables"] == {"CLOUD_TOKEN": "--env"}


def test_commands_get_the_variables_that_are_named_the_first_source_first(project: Project) -> None:
    project.write("values.env", "B=file\nC=file\nSECRET_D=file-secret\nPATH=/nowhere\n")
    project.config('[env]\nA = "config"\nB = "config"\nC = "config"\nCI = "no"\n')
    project.write(".env", "E=never\n")
    project.tasks('- [ ] T001 Run `echo "$A $B $C $SECRET_D $E $CI"`\n- [ ] T002 Run `cd . && echo $C`\n')
    words = ("--env-file", "values.env", "--env", "C=typed")
    done = project.run_spec(*words, "--json")
    assert done.code == 0, done.err
    assert [done.steps(task)[0]["output"] for task in ("T001", "T002")] == ["config ••• typed •••  no\n", "typed\n"]
    told = project.run_spec("-n", *words).out
    assert "every command has A ← spec-run.toml, B ← --env-file values.env, C ← --env, CI ← spec-run.toml" in told


def test_a_link_out_of_the_repository_is_no_env_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("CLOUD_TOKEN=value-of-somebody\n")
    (project.root / ".env").symlink_to("../credentials")
    project.tasks(ENV_TASK)
    done = project.run_spec("-n")
    assert "with CLOUD_TOKEN ← no value" in done.out
    assert ".env leads out of the repository: it is not read" in done.out
    assert project.run_spec().code == 1
    (project.root / ".env").unlink()
    (project.root / "shared.env").write_text("CLOUD_TOKEN=value-of-the-project\n")
    (project.root / ".env").symlink_to("shared.env")
    assert project.run_spec().code == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("NOT_SET_HERE", "NOT_SET_HERE is not set here: --env; write NOT_SET_HERE=VALUE"),
        ("A-B=1", "'A-B' is not a variable name: --env"),
        ("PATH=/x", "PATH belongs to the sandbox: --env"),
        ("SHELLOPTS=noexec", "SHELLOPTS belongs to the sandbox: --env"),
        ("BASH_ENV=x", "BASH_ENV belongs to the sandbox: --env"),
    ],
)
def test_a_variable_that_cannot_be_given_is_refused(project: Project, typed: str, said: str) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run_spec("-n", "--env", typed)
    assert (done.code, said in done.err) == (2, True), done.err


def test_a_configuration_cannot_turn_a_failure_into_a_pass(project: Project) -> None:
    project.tasks("- [ ] T001 Run `false`\n")
    for name in ("SHELLOPTS", "BASH_ENV", "LD_PRELOAD", "PATH"):
        project.config(f'[env]\n{name} = "noexec"\n')
        done = project.run_spec()
        assert done.code == 2, done.out
        assert f"spec-run: '{name}' cannot be set: " in done.err
        assert "spec-run.toml:2" in done.err


GUIDE = """\
# Quickstart

## Setup

```bash
export CLOUD_TOKEN=your-token-here REGION="eu"
export PORT=<port>
test "$CLOUD_TOKEN$REGION$PORT" = value-of-the-callereu8000 && echo "$CLOUD_TOKEN"
```
"""


def test_an_export_of_a_placeholder_takes_the_real_value(project: Project) -> None:
    project.environment = {"CLOUD_TOKEN": "value-of-the-caller"}
    project.guide(GUIDE)
    project.write(".env", "PORT=8000\n")
    told = project.run("quickstart", "-n", project.spec).out
    assert "(CLOUD_TOKEN ← no value: --env NAME or --env-file FILE gives it)" in told
    assert "held        placeholder: export CLOUD_TOKEN=your-token-here" in told
    words = ("quickstart", "--env", "CLOUD_TOKEN", "--json", project.spec)
    done = project.run(*words)
    assert done.code == 0, done.out
    steps = done.json["specs"][0]["blocks"][0]["steps"]
    assert [step["command"] for step in steps[:2]] == [
        'export CLOUD_TOKEN=your-token-here REGION="eu"',
        "export PORT=<port>",
    ]
    assert [step.get("sources") for step in steps] == [{"CLOUD_TOKEN": "--env"}, {"PORT": ".env"}, None]
    assert steps[2]["output"] == "•••\n"


def test_an_export_of_a_task_takes_it_too_and_nothing_else_is_released(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Run `export CLOUD_TOKEN='<your token>'`\n"
        '- [ ] T002 Run `test "$CLOUD_TOKEN" = abc`\n'
        "- [ ] T003 Run `export CLOUD_TOKEN=your-token && git push`\n"
        "- [ ] T004 Run `export OTHER=your-token CLOUD_TOKEN=your-token`\n"
    )
    done = project.run_spec("--env", "CLOUD_TOKEN=abc", "--json")
    assert [task["action"] for task in done.json["specs"][0]["tasks"]] == ["run", "run", "hold", "hold"]
    assert (done.code, project.marks) == (0, "XX  "), done.out

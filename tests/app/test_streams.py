"""What is printed obeys nobody, and a result that could not be written is no success."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Project

TASKS = "- [ ] T001 Run `test -d .`\n- [X] T002 Create `there.py`\n"


def ended(project: Project, redirected: str, *words: str) -> int:
    """The exit code of the program whose streams a shell has redirected."""
    command = subprocess.list2cmdline(project.command(*words))
    process = subprocess.run(
        ["bash", "-c", f"{command} {redirected}"], cwd=project.root, capture_output=True, check=False,
        env={**os.environ, "XDG_STATE_HOME": str(project.root.parent / "state"), **project.environment},
    )  # fmt: skip
    assert b"Traceback" not in process.stderr + process.stdout
    return process.returncode


@pytest.mark.parametrize("redirected", ["> /dev/full", ">&-"])
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--json"), ("run",), ("run", "--json-events"), ("run", "-n"), ("run", "-n", "--json"), ("verify",),
        ("verify", "--json"), ("check",), ("check", "--json"), ("status",), ("status", "--json"), ("show",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_result_that_cannot_be_written_is_no_success(
    project: Project, words: tuple[str, ...], redirected: str
) -> None:
    project.tasks(TASKS)
    project.write("there.py", "x")
    project.commit()
    assert ended(project, redirected, *words, project.spec) == 2
    if words[0] == "run" and "-n" not in words:
        assert project.marks == "XX", "what was seen is marked all the same"


@pytest.mark.parametrize("redirected", ["2> /dev/full", "2>&-", "<&-", "2>&- <&-", "| head -c 1"])
def test_nobody_needs_to_hear_the_progress(project: Project, redirected: str) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    before = project.text()
    assert ended(project, redirected, "run", project.spec) == 0
    assert project.text() == before.replace("[ ]", "[X]")
    assert ended(project, redirected, "run", "--no-such") in (0, 2)


HOSTILE = "x\n::error title=forged::forged\n\x1b[31mred"


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("run", "-n"),
        ("run", "--json"),
        ("verify",),
        ("check",),
        ("status",),
        ("show",),
        ("quickstart",),
        ("init",),
    ],
    ids=" ".join,
)
def test_the_name_of_a_spec_says_nothing_to_github_or_a_terminal(project: Project, words: tuple[str, ...]) -> None:
    project.spec = f"specs/{HOSTILE}"
    project.tasks("- [ ] T001 Run `test -d .`\n- [X] T002 Run `false`\n")
    project.guide("# Quickstart\n\n## Setup\n\n```bash\nfalse\n```\n")
    project.commit()
    project.environment = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project.root)}
    done = project.run(*words, "--keep-going", project.spec) if words == ("run",) else project.run(*words, project.spec)
    for line in (done.out + done.err).split("\n"):
        assert "\x1b" not in line
        assert not line.lstrip().startswith("::") or line.startswith(("::error file=", "::warning file=")), line


def test_a_heading_runs_nothing_when_a_shell_completes_it(project: Project, tmp_path: Path) -> None:
    title = f"Phase 1: `touch {tmp_path}/ran` $(touch {tmp_path}/ran) \"a' {{1,2}};&|<> * !x \\"
    project.tasks(f"## {title}\n\n- [ ] T001 Run `test -d .`\n")
    for typed in ("spec-run --phase Ph", 'spec-run --phase "Ph', "spec-run --phase 'Ph"):
        project.environment = {
            "_SPEC_RUN_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": "2",
            "SPECIFY_FEATURE_DIRECTORY": project.spec,
        }  # fmt: skip
        word = project.run().out.rstrip("\n").partition(",")[2]
        opening = typed[len("spec-run --phase ")].strip("P")
        shown = subprocess.run(
            ["bash", "-c", f"printf '%s\\n' {opening}{word}{opening}"], cwd=tmp_path, capture_output=True, check=False
        )
        assert not (tmp_path / "ran").exists()
        if not opening:
            assert shown.stdout.decode() == f"{title}\n"


def test_the_first_line_says_what_the_network_is(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    assert "network host (all that you can reach, and this machine's own services)\n" in project.run_spec("-n").out
    assert json.loads(project.run_spec("-n", "--json").out)["box"]["network"] == "host"

"""The hooks for pre-commit, run by the real pre-commit on real commits."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from tests.conftest import ROOT, Project

MANIFEST = ROOT / ".pre-commit-hooks.yaml"


def _local(hook: dict[str, Any]) -> dict[str, Any]:
    """A hook as the manifest has it, of a program that is installed already: nothing is fetched."""
    return {**hook, "language": "system"}


@pytest.fixture
def commits(project: Project) -> Project:
    """A repository in which pre-commit keeps watch."""
    hooks = [_local(hook) for hook in yaml.safe_load(MANIFEST.read_text())]
    project.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
    project.shim()
    project.git("init", "-q", "-b", "main")
    install = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(install, cwd=project.root, env=world(project), capture_output=True, check=True)
    return project


def commit(project: Project, *added: str) -> subprocess.CompletedProcess[str]:
    """Add files, and commit; pre-commit's own hook keeps watch."""
    for path in added:
        project.git("add", "--", path)
    words = ["git", "-c", "user.name=Test", "-c", "user.email=test@localhost", "commit", "-m", "All"]
    environment = world(project)
    return subprocess.run(words, cwd=project.root, env=environment, capture_output=True, text=True, check=False)


def world(project: Project) -> dict[str, str]:
    above = project.root.parent
    state = {
        "PRE_COMMIT_HOME": str(above / "cache"),
        "XDG_STATE_HOME": str(above / "state"),
        "PRE_COMMIT_COLOR": "never",
    }
    return {**os.environ, "PATH": f"{above / 'bin'}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull, **state}


def test_the_manifest_is_one_that_pre_commit_reads() -> None:
    assert [hook["id"] for hook in load_manifest(str(MANIFEST))] == ["check", "verify-changed"]


def test_a_commit_is_kept_back_by_the_ticks_that_it_adds_alone(commits: Project) -> None:
    one, two = "- [ ] T001 Run `test -f made`\n", "- [ ] T002 Run `test -f other`\n"
    commits.tasks(one + two)
    done = commit(commits, ".pre-commit-config.yaml", commits.spec)
    assert done.returncode == 0, done.stderr

    commits.tasks(one.replace("[ ]", "[X]") + two)
    refused = commit(commits, commits.spec)
    assert refused.returncode == 1
    assert "T001   false" in refused.stderr

    commits.write("made", "")
    commits.git("add", "made")
    # What is not staged is no part of the commit: pre-commit puts it aside, and it is not judged.
    commits.tasks((one + two).replace("[ ]", "[X]"))
    done = commit(commits)
    assert done.returncode == 0, done.stderr
    assert "1 tick: 1 proven" in done.stderr and "T002" not in done.stderr
    assert commits.marks == "XX"

    refused = commit(commits, commits.spec)
    assert refused.returncode == 1
    assert "T002   false" in refused.stderr and "T001" not in refused.stderr.partition("verify-changed")[2]


def test_before_the_first_commit_every_tick_is_new(commits: Project) -> None:
    commits.tasks("- [X] T001 Run `false`\n")
    refused = commit(commits, ".pre-commit-config.yaml", commits.spec)
    assert refused.returncode == 1 and "T001   false" in refused.stderr


def test_a_spec_that_contradicts_itself_is_kept_back(commits: Project) -> None:
    commits.tasks("- [ ] T001 Run `test -d .`\n- [ ] T001 Run `test -d .`\n")
    refused = commit(commits, ".pre-commit-config.yaml", commits.spec)
    assert refused.returncode == 1 and "T001" in refused.stderr

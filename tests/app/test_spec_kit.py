"""The extension for spec-kit, installed by spec-kit's own program into a project that it made."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tests.conftest import ROOT, Project

OURS = ROOT / "integrations" / "spec-kit"

pytest.importorskip("specify_cli", reason="spec-kit's own program needs Python 3.11")


def specify(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Run spec-kit's own program in the repository."""
    from_here = [sys.executable, "-c", "from specify_cli import main; main()", *words]
    environment = project.world | {"PATH": f"{project.shim().parent}:{project.world['PATH']}"}
    return subprocess.run(
        from_here, cwd=project.root, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def test_spec_kit_takes_the_extension_and_its_workflow_fails_for_a_false_tick(project: Project) -> None:
    project.git("init", "-q")
    made = ("init", "--here", "--force", "--integration", "claude", "--script", "sh", "--ignore-agent-tools")
    for words in (made, ("extension", "add", "--dev", str(OURS))):
        done = specify(project, *words)
        assert done.returncode == 0, done.stdout + done.stderr

    settings = yaml.safe_load((project.root / ".specify/extensions.yml").read_text(encoding="utf-8"))
    assert settings["hooks"]["after_implement"][0]["command"] == "speckit.spec-run.verify"
    skills = project.root / ".claude/skills"
    commands = sorted(path.name for path in skills.glob("speckit-spec-run-*"))
    assert commands == ["speckit-spec-run-guide", "speckit-spec-run-verify"]
    said = (skills / commands[1] / "SKILL.md").read_text(encoding="utf-8")
    assert "spec-run verify --ticked-since working-tree" in said

    workflow = str(OURS / "workflows" / "verify.yml")
    for command, code in (("true", 0), ("false", 1)):
        project.tasks(f"- [X] T001 Run `{command}`\n")
        done = specify(project, "workflow", "run", workflow)
        assert done.returncode == code, done.stdout + done.stderr

"""The extension for spec-kit, installed by spec-kit's own program into a project that it made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

SPECIFY = shutil.which("specify")


@pytest.mark.skipif(SPECIFY is None, reason="spec-kit's `specify` is not installed")
def test_spec_kit_takes_the_extension_and_calls_it_after_an_implementation(tmp_path: Path) -> None:
    made = [str(SPECIFY), "init", "made", "--integration", "claude", "--script", "sh", "--ignore-agent-tools"]
    added = [str(SPECIFY), "extension", "add", "--dev", str(ROOT / "integrations" / "spec-kit")]
    for words, folder in ((made, tmp_path), (added, tmp_path / "made")):
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    settings = yaml.safe_load((tmp_path / "made/.specify/extensions.yml").read_text(encoding="utf-8"))
    assert settings["hooks"]["after_implement"][0]["command"] == "speckit.spec-run.verify"
    commands = sorted(path.name for path in (tmp_path / "made/.claude/skills").glob("speckit-spec-run-*"))
    assert commands == ["speckit-spec-run-guide", "speckit-spec-run-verify"]
    told = (tmp_path / "made/.claude/skills" / commands[1] / "SKILL.md").read_text(encoding="utf-8")
    assert "spec-run verify --ticked-since working-tree" in told

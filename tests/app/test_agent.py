"""What coding agents are given: settings in their own files, and answers to their own questions."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from spec_runner.cli.agent import NAMES
from spec_runner.views.agents import AGENTS, added_to
from tests.conftest import Project

CLAUDE = {
    "session_id": "abc", "transcript_path": "/t.jsonl", "permission_mode": "default", "hook_event_name": "Stop",
    "stop_hook_active": False, "last_assistant_message": "Done.",
}  # fmt: skip
CODEX = {
    "session_id": "abc", "turn_id": "1", "model": "m", "hook_event_name": "Stop", "stop_hook_active": False,
    "transcript_path": None, "last_assistant_message": "Done.", "permission_mode": "default",
}  # fmt: skip
COPILOT = {"sessionId": "abc", "timestamp": 1704614750000, "transcriptPath": "/t.jsonl", "stopReason": "end_turn"}
GEMINI = {
    "session_id": "abc", "transcript_path": "/t.json", "hook_event_name": "AfterAgent", "timestamp": "2026-11-21T00:00:00Z",
    "prompt": "Do it", "prompt_response": "Done.", "stop_hook_active": False,
}  # fmt: skip
CURSOR = {
    "conversation_id": "abc", "generation_id": "def", "hook_event_name": "stop", "status": "completed", "loop_count": 0,
}  # fmt: skip
TICKED = "- [X] T001 Run `test -f made`\n- [X] T002 Think about names\n- [X] T003 Run `no-such-tool build`\n"


def ask(project: Project, name: str, given: object, *words: str) -> tuple[int, Any, str]:
    """The exit code, the answer and what stands on stderr."""
    process = project.started("agent", name, "--stop", *words, stdin=subprocess.PIPE)
    text = given if isinstance(given, str) else json.dumps(given)
    out, err = process.communicate(text.encode(), timeout=60)
    return process.returncode, json.loads(out) if out else None, err.decode()


@pytest.fixture
def ticked(project: Project) -> Project:
    project.tasks(TICKED.replace("[X]", "[ ]"))
    project.commit()
    project.tasks(TICKED)
    return project


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("claude", CLAUDE, "reason"),
        ("codex", CODEX, "reason"),
        ("copilot", COPILOT, "reason"),
        ("gemini", GEMINI, "reason"),
        ("cursor", CURSOR, "followup_message"),
    ],
)
def test_a_turn_does_not_end_on_a_false_tick(ticked: Project, name: str, given: dict[str, Any], said: str) -> None:
    place = {"workspace_roots": [str(ticked.root)]} if name == "cursor" else {"cwd": str(ticked.root)}
    code, answer, _ = ask(ticked, name, {**given, **place})
    assert code == 0
    assert f"- T001 in {ticked.spec}/tasks.md is false: exit 1\n" in answer.pop(said)
    assert answer == {} if name == "cursor" else {"decision": "deny" if name == "gemini" else "block"}


def test_what_cannot_be_told_is_said_once_and_what_is_false_again(ticked: Project) -> None:
    _, answer, _ = ask(ticked, "claude", CLAUDE)
    assert "T003" in answer["reason"] and "T002" not in answer["reason"]
    _, answer, _ = ask(ticked, "claude", {**CLAUDE, "stop_hook_active": True})
    assert "T001" in answer["reason"] and "T003" not in answer["reason"]
    ticked.write("made", "")
    assert ask(ticked, "claude", {**CLAUDE, "stop_hook_active": True})[:2] == (0, {})
    _, answer, _ = ask(ticked, "claude", CLAUDE, "--strict")
    assert "T002" in answer["reason"] and "T001" not in answer["reason"]


def test_what_is_committed_or_was_ended_by_a_person_ends(ticked: Project) -> None:
    assert ask(ticked, "cursor", {**CURSOR, "status": "aborted"})[:2] == (0, {})
    ticked.git("commit", "-qam", "Ticked")
    assert ask(ticked, "claude", CLAUDE)[:2] == (0, {})


def test_a_question_that_cannot_be_answered_stops_nobody(ticked: Project) -> None:
    code, answer, err = ask(ticked, "claude", "no json")
    assert (code, answer) == (1, None) and "not a JSON object" in err
    code, answer, _ = ask(ticked, "claude", {**CLAUDE, "cwd": "/"})
    assert (code, answer) == (1, None)


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_added_once_and_nothing_there_is_lost(project: Project, name: str) -> None:
    assert project.run("agent", name).out == added_to(name, None)
    file = project.root / AGENTS[name].file
    file.parent.mkdir(parents=True, exist_ok=True)
    own = {"hooks": {"Other": [{"command": "own"}]}, "model": "x"}
    file.write_text("# Own rules\n" if name == "other" else json.dumps(own))
    project.commit()
    for _ in range(2):
        assert project.run("init", "--agent", name).code == 0
    text = file.read_text()
    if name == "other":
        assert text == "# Own rules\n\n" + added_to(name, None)
    else:
        now = json.loads(text)
        assert now["hooks"].pop("Other") == own["hooks"]["Other"] and now.pop("model") == "x"  # type: ignore[index]
        assert now == AGENTS[name].settings


def test_settings_that_are_not_plain_json_are_left_alone(project: Project) -> None:
    file = project.write(".claude/settings.json", "{} // mine\n")
    project.commit()
    refused = project.run("init", "--agent", "claude")
    assert refused.code == 2 and "spec-run agent claude" in refused.err
    assert file.read_text() == "{} // mine\n"
    project.write("elsewhere/settings.json", "{}")
    file.unlink()
    file.symlink_to("../elsewhere/settings.json")
    assert project.run("init", "--agent", "claude").code == 2
    assert (project.root / "elsewhere/settings.json").read_text() == "{}"

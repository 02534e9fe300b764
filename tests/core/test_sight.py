"""What a command can have seen of the repository, by its words."""

from __future__ import annotations

import json

import pytest

from spec_runner.core.decide.tasks import decide
from spec_runner.core.evidence.sight import Edited, unseen_since
from spec_runner.core.plan.model import Choices, PlannedTask, ReadSpec, plan_spec
from spec_runner.core.plan.selection import Selection
from spec_runner.core.text.document import read_document

FILES = {
    "package.json": json.dumps({"scripts": {"test": "vitest"}, "dependencies": {"left-pad": "^1.0.0"}}),
    "hooked/package.json": json.dumps({"scripts": {"prepare": "tsc"}}),
    "linked/package.json": json.dumps({"dependencies": {"other": "file:../other"}}),
    "wrong/package.json": "[]",
    "requirements.txt": "flask==3.0  # web\n\n# more\npytest>=8\n",
    "editable.txt": "-e .\n",
    "local.txt": "./packages/one\n",
}


def planned(command: str) -> PlannedTask:
    read = ReadSpec("spec", read_document(f"- [X] T001 Run `{command}`\n".encode()))
    return plan_spec(read, Choices(Selection()), lambda task: decide(task, system="linux", has_guide=False)).tasks[0]


def stands(command: str, path: str, edition: int = 0, by_both: int = 0) -> bool:
    task = planned(command)
    assert task.steps, command
    return unseen_since(task, edition, {path: Edited(1, by_both)}, FILES.get)[0]


@pytest.mark.parametrize(
    ("command", "sees"),
    [
        ("npm install", "package.json"),
        ("npm ci", "package-lock.json"),
        ("pip install -r requirements.txt", "requirements.txt"),
        ("python3 -m pip install -q flask", "pip.conf"),
        ("go mod download", "go.sum"),
    ],
)
def test_an_installation_sees_its_manifests_alone(command: str, sees: str) -> None:
    assert stands(command, "src/code.js")
    assert stands(command, ".git")
    assert not stands(command, sees)


@pytest.mark.parametrize(
    "command",
    [
        "npm test", "npm run build", "pytest", "make", "cat README.md", "npm install ./packages/one",
        "cd hooked && npm install", "npm install && npm test", "npm install > log.txt", "pip install -e .",
        "pip install .", "pip install -r editable.txt", "pip install -r local.txt", "pip install -r nowhere.txt",
        "pip install -r requirements.txt -c more.txt", "npm install $NAME", "npm install | tee log.txt", "poetry install",
        "./npm install", "NODE_ENV=x npm install", "cd linked && npm install", "cd wrong && npm install",
    ],
)  # fmt: skip
def test_anything_else_may_see_anything(command: str) -> None:
    assert not stands(command, "src/code.js")


def test_moving_and_setting_see_nothing() -> None:
    for command in ("cd sub", "export A=1", "source .venv/bin/activate", "python -m venv .venv"):
        assert stands(command, "src/code.js"), command


def test_evidence_of_after_the_edit_stands_and_what_was_undone_is_proven_for_nobody() -> None:
    assert stands("make", "src/code.js", edition=1)
    assert not stands("npm install", "src/code.js", by_both=1)
    assert stands("npm install", "src/code.js", edition=1, by_both=1)

"""Manifests and notes of another shape than anybody would write: no command ends as a fault of spec-run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spec_runner.cli import main
from spec_runner.system.worktree import kept
from tests.conftest import Project

SHAPES = ["[]", "1", '"x"', "null", "1e999", "NaN", "[" * 20_000, '{"a":' * 20_000, "{", "\0", "", "9" * 5000]
FIELDS = ["scripts", "dependencies", "devDependencies", "workspaces", "bin", "engines", "name", "packageManager"]
TOML = ["a = " + "[" * 5000, "tool = 1", "tool = []\n#tool.spec-run", "project = 1", "[project]\ndependencies = 1",
        "[project]\nname = 1\noptional-dependencies = [1]", "[dependency-groups]\ndev = [1, {include-group = 1}]",
        "[build-system]\nrequires = 1", "[tool]\npoetry = 1", "[tool.poetry]\ngroup = 1\ndependencies = []"]  # fmt: skip
COMMANDS = (["check"], ["run", "-n"], ["verify", "-n"], ["quickstart", "-n"], ["run", "-n", "--tests"])
TASKS = (
    "- [X] T001 Run `npm test`\n- [X] T002 Run `pytest`\n- [X] T003 Add tests in tests/a.test.js and tests/test_a.py\n"
)


def assert_no_fault(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project.root)
    for name, value in project.world.items():
        monkeypatch.setenv(name, value)
    for words in COMMANDS:
        assert main([*words, "specs/001-case"]) != 3, capsys.readouterr().err


def repository(project: Project) -> Project:
    project.tasks(TASKS)
    project.guide("# Quickstart\n\n## Setup\n\n```bash\nnpm ci\nnpm run build\npytest\n```\n")
    for path in ("tests/a.test.js", "tests/test_a.py", "requirements.txt", "package-lock.json"):
        project.write(path, "")
    return project


PACKAGES = [
    *SHAPES,
    *(json.dumps(dict.fromkeys(FIELDS, 0)).replace(" 0", f" {shape}") for shape in SHAPES[:5]),
    *(f'{{"{field}": 1}}' for field in FIELDS),
]


@pytest.mark.parametrize("shape", PACKAGES)
def test_a_package_json_of_any_shape(
    project: Project, shape: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository(project).write("package.json", shape)
    project.commit()
    assert_no_fault(project, monkeypatch, capsys)


@pytest.mark.parametrize("text", TOML)
def test_a_pyproject_of_any_shape(
    project: Project, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository(project).write("pyproject.toml", text)
    project.commit()
    assert_no_fault(project, monkeypatch, capsys)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("field", ["made", "seen", "looked", "edition", "head", "files", "edited", "laid"])
def test_a_note_of_a_work_tree_of_any_shape_is_no_note(tmp_path: Path, field: str, shape: str) -> None:
    seen = {"looked": 1, "edition": 1, "head": "a", "files": {}, "edited": {}, "laid": {}}
    note = {"id": "a", "root": "/", "document": "a", "level": "plain", "key": "00", "fingerprint": "a", "made": "1"}
    whole = json.dumps({**note, "seen": seen})
    (tmp_path / kept._NOTE).write_text(whole)
    assert kept.load(tmp_path)
    value = json.dumps({"made": note["made"], "seen": seen, **seen}[field])
    (tmp_path / kept._NOTE).write_text(whole.replace(f'"{field}": {value}', f'"{field}": {shape}'))
    tree = kept.load(tmp_path)
    assert tree is None or field == "seen" or isinstance(tree.looked, int)


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000"])
def test_a_name_that_no_file_can_have_is_no_note(tmp_path: Path, name: str) -> None:
    seen = {"looked": 1, "edition": 1, "head": "a", "files": {"NAME": "a"}, "edited": {}, "laid": {}}
    note = {"id": "a", "root": "/", "document": "a", "level": "plain", "key": "00", "fingerprint": "a", "made": "1"}
    for there in (True, False):
        text = json.dumps({**note, "seen": seen})
        (tmp_path / kept._NOTE).write_text(text if there else text.replace("NAME", name))
        assert bool(kept.load(tmp_path)) == there

"""Many specs at once: shared among processes, known again, one report."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from spec_runner.app import find
from spec_runner.app.check import check
from spec_runner.app.plan import Settings
from spec_runner.app.status import status
from spec_runner.system import answers
from spec_runner.system.repository import SpecPaths
from tests.conftest import Project

TICKED = (
    "# Tasks\n\n- [x] T001 Create `src/made_{0}.py`\n- [x] T002 (SKIPPED) Write it\n- [ ] T001 Run `brew install x`\n"
)
GUIDE = "# Quickstart\n\n## Setup\n\n```bash\ncd app\npip install -r requirements.txt\n```\n"


@pytest.fixture
def many(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Sixty specs, and a machine on which whatever changed has settled."""
    for number in range(60):
        project.write(f"specs/{number:03}-case/tasks.md", TICKED.format(number))
        project.write(f"specs/{number:03}-case/quickstart.md", GUIDE)
    project.write("src/made_7.py", "made = 7\n")
    project.commit()
    monkeypatch.setattr(answers, "_SETTLED", -10_000_000_000)
    return project


def said(project: Project, command: Callable[[Settings], object], **typed: object) -> str:
    """What a command prints of all specs, and how it ends."""
    out = io.StringIO()
    settings = Settings(("specs",), project.root, project.world, out, out, write=False, **typed)  # type: ignore[arg-type]
    return f"{command(settings)}\n{out.getvalue()}"


def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The specs that are looked into from now on."""
    seen: list[str] = []

    def remember(checker: object, places: list[SpecPaths]) -> list[find._Answer]:
        seen.extend(place.path for place in places)
        return before(checker, places)  # type: ignore[arg-type]

    before = find._Checker.check
    monkeypatch.setattr(find._Checker, "check", remember)
    return seen


def test_processes_find_what_one_finds_in_the_same_order(many: Project) -> None:
    alone = said(many, check, jobs=1)
    assert alone.count("SR104") == 60 and "made_7.py" not in alone
    many.environment["XDG_STATE_HOME"] = str(many.root.parent / "another")
    assert said(many, check, jobs=3) == alone
    assert json.loads(many.run("check", "--json", "-j", "2", "specs").out)["specs"][59]["path"] == "specs/059-case"


def test_what_did_not_change_is_not_looked_for_again(many: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = said(many, check, jobs=1)
    seen = looked_for(monkeypatch)
    assert said(many, check, jobs=1) == first
    assert seen == []


@pytest.mark.parametrize("change", ["document", "guide", "folder", "file", "commit", "configuration"])
def test_whatever_findings_come_from_makes_them_be_looked_for(
    many: Project, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    said(many, check, jobs=1)
    seen = looked_for(monkeypatch)
    if change == "document":
        many.write("specs/003-case/tasks.md", TICKED.format(3).replace("SKIPPED", "DEFERRED"))
    elif change == "guide":
        (many.root / "specs/003-case/quickstart.md").unlink()
    elif change == "folder":
        many.write("app/main.py", "")
    elif change == "file":
        many.write("src/made_3.py", "made = 3\n")
    elif change == "commit":
        many.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    else:
        many.write("specs/003-case/spec-run.toml", "timeout = 5\n")
    after = said(many, check, jobs=1)
    assert "specs/003-case" in seen
    many.environment["XDG_STATE_HOME"] = str(many.root.parent / "another")
    assert said(many, check, jobs=1) == after


@pytest.mark.parametrize("command", [check, status])
@pytest.mark.parametrize("nonsense", [b"", b"[]", b"\xff", b'{"program": 1, "answers": 2}', None])
def test_answers_that_are_damaged_are_not_taken(
    many: Project, command: Callable[[Settings], object], nonsense: bytes | None
) -> None:
    first = said(many, command)
    (file,) = (many.root.parent / "state" / "spec-run").glob(f"{command.__name__}-*")
    kept = json.loads(file.read_bytes())
    assert len(kept["answers"]) == 60
    hollow = {document: [stamp, {"a": 1}] for document, (stamp, _) in kept["answers"].items()}
    file.write_bytes(json.dumps({**kept, "answers": hollow}).encode() if nonsense is None else nonsense)
    assert said(many, command) == first


def test_what_changed_within_the_last_moments_is_not_kept(many: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_SETTLED", 1_000_000_000_000)
    said(many, check)
    assert not list((many.root.parent / "state").glob("spec-run/check-*"))


def test_nothing_that_a_repository_holds_is_taken_for_an_answer(many: Project, tmp_path: Path) -> None:
    first = said(many, check)
    state = many.root.parent / "state" / "spec-run"
    many.write(".spec-run/cache", b"{}")
    for file in state.iterdir():
        os.link(file, tmp_path / file.name)
        file.unlink()
        file.symlink_to(tmp_path / file.name)
    assert said(many, check) == first

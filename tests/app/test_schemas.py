"""The published schemas hold for all that the program prints, and name every name in it."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.app.test_interrupt import wait_for
from tests.conftest import ROOT, Project

FOLDER = ROOT / "docs" / "schema"
SHIPPED = ROOT / "specs" / "005-chatkit-backend-setup"
TASKS = """\
# Tasks

## Phase 1: Setup

- [x] T001 Run `test -d .`
- [ ] T002 Create `a.py`
- [ ] T003 Run `git push`
- [ ] T004 [P] [US1] Run `sh -c 'kill -9 $$'`
- [ ] T005 [P] Configure (`NO_SUCH_KEY_HERE`) in a `.env` file
- [ ] T006 Run `echo six` (depends on T004)
- [X] T007 Verify at `http://localhost:1/`
- [~] T008 Run `test -d .`
- [ ] Run quickstart.md validation
"""
GUIDE = "# Q\n\n## Setup\n\n```bash\necho a  # Expected: a\nsudo true\necho $?\n```\n\n```json\n{}\n```\n\n## Troubleshooting\n\n```bash\nls\n```\n"


def schema(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((FOLDER / f"{name}@1.json").read_text(encoding="utf-8"))
    return made


def closed(made: Any) -> Any:
    """The schema without its leave to add names: whoever adds one has to tell of it."""
    if isinstance(made, list):
        return [closed(each) for each in made]
    if not isinstance(made, dict):
        return made
    inner = {name: closed(each) for name, each in made.items() if name != "later"}
    if "anyOf" in inner:
        inner["anyOf"] = [each for each in inner["anyOf"] if each != {"$ref": "#/$defs/later"}]
    return {"additionalProperties": False, **inner} if "properties" in made and "required" in made else inner


def hold(name: str, told: Any) -> None:
    """The output holds to the schema as it is published, and has no name that it does not tell of."""
    for made in (schema(name), closed(schema(name))):
        problems = [f"{each.json_path}: {each.message}" for each in Draft202012Validator(made).iter_errors(told)]
        assert not problems, problems[:5]


@pytest.fixture
def project(project: Project) -> Project:
    """A spec in which tasks end in every way, beside one that passes and one that cannot be read."""
    project.tasks(TASKS)
    project.guide(GUIDE)
    project.write("specs/002-good/tasks.md", "- [ ] T001 Run `python3 -m http.server 0`\n- [ ] T002 Run `test -d .`\n")
    project.write("specs/003-broken/tasks.md", b"\xff\xfe- [ ]")
    return project


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_a_schema_is_one(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_a_plan_holds_to_its_schema(project: Project) -> None:
    hold("plan", project.run("run", "-n", "--json", "specs").json)
    hold("plan", project.run("run", "-n", "--json", "--timeout", "0.5", "--only", "T001", "specs").json)
    hold("plan", project.run("quickstart", "-n", "--json", "specs").json)


def test_the_plan_of_the_shipped_spec_holds_to_its_schema(project: Project) -> None:
    told = project.run("run", "-n", "--json", str(SHIPPED)).json
    hold("plan", told)
    assert len(told["specs"][0]["tasks"]) == 9


def test_a_report_holds_to_its_schema(project: Project) -> None:
    for words in ((), ("--keep-going",), ("--no-write",)):
        hold("run", project.run("run", "--json", "--timeout", "1.5", *words, "specs").json)
    hold("run", project.run("quickstart", "--json", "specs").json)


def test_the_report_of_an_interrupted_run_holds_to_its_schema(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep 60808`\n- [ ] T003 Run `test -d .`\n")
    for form, name in (("--json", "run"), ("--json-events", "events")):
        process = project.started("run", form, project.spec)
        wait_for(process, b"sleep 60808")
        process.send_signal(signal.SIGINT)
        for line in process.communicate(timeout=90)[0].splitlines():
            hold(name, json.loads(line))


def test_every_event_holds_to_its_schema(project: Project) -> None:
    seen = set()
    for words in (("run",), ("run", "--keep-going", "-v"), ("quickstart",)):
        done = project.run(*words, "--json-events", "--timeout", "1.5", "specs")
        for line in done.out.splitlines():
            told = json.loads(line)
            hold("events", told)
            seen.add(told["event"])
    assert seen >= {
        "run-started", "spec-started", "step-started", "output-seen", "output-printed", "step-finished", "task-finished",
        "task-cancelled", "spec-finished", "run-finished",
    }  # fmt: skip


def test_what_check_finds_holds_to_its_schema(project: Project) -> None:
    project.tasks("- [X] T002 Run `test -d .` (FAILED: why)\n- [ ] T001 Run `rm -rf C:\\x`\n- [ ] T001 a\n")
    told = project.run("check", "--json", "specs").json
    hold("check", told)
    assert any(spec["findings"] for spec in told["specs"])
    assert any(spec["error"] for spec in told["specs"])


def test_what_verify_says_holds_to_its_schema(project: Project) -> None:
    hold("verify", project.run("verify", "--json", "--timeout", "1.5", "specs").json)
    project.commit()
    told = project.run("verify", "--json", "--timeout", "1.5", "specs").json
    hold("verify", told)
    assert {"proven", "cannot tell"} <= {tick["verdict"] for tick in told["specs"][0]["ticks"]}
    assert told["specs"][2]["error"]


def test_what_is_shown_holds_to_its_schema(project: Project) -> None:
    hold("show", project.run("show", "--json", "specs").json)
    project.commit()
    assert project.run("run", "--keep-going", "--timeout", "1.5", project.spec).code == 1
    hold("show", project.run("show", "--json", project.spec).json)
    project.tasks(TASKS.replace("`test -d .`", "`echo`").replace("T004", "T044"))
    for words in ((), ("T001",)):
        told = project.run("show", "--json", project.spec, *words).json
        hold("show", told)
        assert {name for task in told["specs"][0]["tasks"] for name in task["changed"]} >= {"command"}
    hold("show", project.run("show", "--json", "specs/003-broken").json)


def test_what_an_interrupted_run_left_holds_to_its_schemas(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep 60809`\n")
    for number in (signal.SIGINT, signal.SIGKILL):
        process = project.started("run", "--fresh", "--json", project.spec)
        wait_for(process, b"sleep 60809")
        process.send_signal(number)
        process.communicate(timeout=90)
        hold("status", project.run("status", "--json").json)
        hold("show", project.run("show", "--json", project.spec).json)


def test_what_this_machine_can_do_holds_to_its_schema(project: Project) -> None:
    hold("doctor", project.run("doctor", "--json").json)
    hold("doctor", Project(project.root, environment={"PATH": ""}).run("doctor", "--json").json)


def test_the_schemas_refuse_what_they_do_not_tell_of(project: Project) -> None:
    shutil.copytree(SHIPPED, project.root / "specs" / "005", ignore=shutil.ignore_patterns("__pycache__"))
    told = project.run("run", "-n", "--json", "specs/005").json
    told["specs"][0]["tasks"][0]["steps"][0]["action"] = "jump"
    with pytest.raises(AssertionError, match="jump"):
        hold("plan", told)
    told["specs"][0]["tasks"][0]["steps"][0] |= {"action": "run", "new": 1}
    with pytest.raises(AssertionError, match="new"):
        hold("plan", told)
    assert Draft202012Validator(schema("plan")).is_valid(told)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_a_schema_says_nothing_twice(path: Path) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(pairs) == len(dict(pairs)), pairs
        return dict(pairs)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


def test_what_is_known_of_specs_holds_to_its_schema(project: Project) -> None:
    for words in ((), ("--keep-going",)):
        hold("status", project.run("status", "--json", "specs").json)
        hold("show", project.run("show", "--json", "specs").json)
        project.run("run", "--timeout", "1.5", *words, "specs")
    project.commit()
    project.run("run", "--only", "T001", project.spec)
    hold("status", project.run("status", "--json", "specs").json)
    told = project.run("show", "--json", project.spec, "T001").json
    hold("show", told)
    assert told["specs"][0]["tasks"][0]["commit"]["head"] == project.git("rev-parse", "HEAD").strip()

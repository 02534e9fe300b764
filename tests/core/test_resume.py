"""Where a run goes on, decided from the plan and what is proven."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain, combinations
from typing import Any

import pytest

from spec_runner.core.decide.tasks import decide
from spec_runner.core.plan.model import PROVEN, Choices, PlannedSpec, ReadSpec, plan_spec
from spec_runner.core.plan.needed import World
from spec_runner.core.plan.resume import resumed
from spec_runner.core.plan.selection import Selection
from spec_runner.core.text.document import read_document

TASKS = b"""\
- [X] T001 Run `make a`
- [X] T002 [P] Run `make b`
- [X] T003 [P] Run `make c`
- [X] T004 Start the server using `python server.py`
- [ ] T005 Run `make d`
- [X] T006 Run `make e` (FAILED: exit 1)
- [X] T007 Think about it
"""


def planned(text: bytes = TASKS, **selection: object) -> PlannedSpec:
    choices = Choices(Selection(**selection))  # type: ignore[arg-type]
    read = ReadSpec("spec", read_document(text))
    return plan_spec(read, choices, lambda task: decide(task, system="linux", has_guide=False))


def runs(spec: PlannedSpec) -> list[str]:
    return [str(task.task.id) for task in spec.tasks if task.action == "run"]


@pytest.mark.parametrize(
    ("proven", "rest", "last"),
    [
        ([], ["T001", "T002", "T003", "T004", "T005", "T006"], ()),
        (["T002"], ["T001", "T002", "T003", "T004", "T005", "T006"], ()),
        (["T001"], ["T002", "T003", "T004", "T005", "T006"], ("T001",)),
        (["T001", "T002"], ["T002", "T003", "T004", "T005", "T006"], ("T001",)),
        (["T001", "T002", "T003"], ["T004", "T005", "T006"], ("T001",)),
        (["T001", "T002", "T003", "T004"], ["T004", "T005", "T006"], ("T004", "T001")),
        (["T001", "T002", "T003", "T004", "T005", "T006"], ["T004", "T005", "T006"], ("T004", "T001")),
    ],
)
def test_a_run_goes_on_at_the_first_group_that_is_not_proven(
    proven: list[str], rest: list[str], last: tuple[str, ...]
) -> None:
    found = resumed(planned(), proven)
    assert runs(found.spec) == rest
    assert found.last == last


def test_what_the_user_named_runs_again_with_all_after_it() -> None:
    everything = ["T001", "T002", "T003", "T004"]
    assert runs(resumed(planned(start="T002"), everything).spec) == ["T002", "T003", "T004", "T005", "T006"]
    assert runs(resumed(planned(only=("T001",)), everything).spec) == ["T001"]
    assert runs(resumed(planned(until="T003"), everything).spec) == []


@pytest.mark.parametrize(
    ("chosen", "proven", "rest", "last", "unsupported"),
    [
        # What was left out and is proven gives its state, and its services; what is not leaves a gap.
        ({"start": "T005"}, ["T001", "T002", "T003", "T004"], ["T004", "T005", "T006"], ("T004", "T001"), []),
        ({"start": "T002"}, ["T001"], ["T002", "T003", "T004", "T005", "T006"], ("T001",), []),
        ({"start": "T005"}, ["T001", "T002", "T003"], ["T005", "T006"], ("T001",), ["T005", "T006"]),
        ({"start": "T005"}, [], ["T005", "T006"], (), ["T005", "T006"]),
        ({"only": ("T001", "T006")}, ["T001", "T002", "T003"], ["T001", "T006"], (), ["T006"]),
        ({"only": ("T003",)}, ["T001", "T002", "T003"], ["T003"], ("T001",), []),
        ({"until": "T003"}, [], ["T001", "T002", "T003"], (), []),
        ({}, [], ["T001", "T002", "T003", "T004", "T005", "T006"], (), []),
    ],
)
def test_what_is_left_out_gives_its_state_if_it_is_proven_and_else_leaves_a_gap(
    chosen: dict[str, Any], proven: list[str], rest: list[str], last: tuple[str, ...], unsupported: list[str]
) -> None:
    found = resumed(planned(**chosen), proven)
    assert (runs(found.spec), found.last, sorted(found.spec.unsupported)) == (rest, last, unsupported)
    assert any("left out and not proven" in warning for warning in found.spec.warnings) == bool(unsupported)


def test_what_comes_after_a_selection_is_not_said_to_be_lacking() -> None:
    found = resumed(planned(only=("T004",)), ["T001"])
    (warning,) = (each for each in found.spec.warnings if "left out" in each)
    assert "T002, T003;" in warning and "T005" not in warning and "T006" not in warning


def test_where_a_task_runs_does_not_depend_on_what_was_left_out() -> None:
    text = b"- [ ] T1 Run `cd a/b`\n- [ ] T2 Run `make`\n- [ ] T3 Run `make x`\n"
    whole = {task.task.key: task.steps for task in planned(text).tasks}
    for task in planned(text, only=("T2",)).tasks[1:]:
        assert [step.cwd for step in task.steps] == [step.cwd for step in whole[task.task.key]] == ["a/b"]


SERVER = """\
- [ ] T1 Write the values `API_KEY` into a `.env` file
- [ ] T2 Start the server with `python server.py`
- [ ] T3 Verify it at `http://localhost:8000/`
"""
SHELL = """\
- [x] T1 Run `mkdir -p web/logs`
- [x] T2 Go to the folder with `cd web`
- [x] T3 Run `export API_URL=http://localhost:9`
- [x] T4 Run `npm test`
- [x] T5 Run `node report.js > logs/report.txt`
- [x] T6 Run `make all`
- [x] T7 Run `grep -c ok logs/report.txt`
- [x] T8 Run `npx eslint .` (depends on T6)
"""
BUILD = """\
- [x] T1 Run `node seed.mjs`
- [x] T2 Run `npm run build`
- [x] T3 Run `npm test`
- [x] T4 Run `node dist/a.js`
- [x] T5 Run `node src/a.js`
"""
PYTHON = """\
- [x] T1 Run `python -m venv .venv`
- [x] T2 Run `source .venv/bin/activate`
- [x] T3 Run `pip install pytest`
- [x] T4 Run `pip install -r requirements.txt`
- [x] T5 Run `cargo build`
- [x] T6 Run `pytest tests`
- [x] T7 Run `go vet ./...`
"""


@pytest.mark.parametrize(
    ("text", "chosen", "proven", "world", "first"),
    [
        # A service, and the values that it reads; a probe of its own.
        (SERVER, "T3", (), World(), {"T2": "T3 needs the service"}),
        (SERVER, "T2", (), World(), {}),
        # The terminal that a command is typed in, the files that it names, the task that it names.
        (SHELL, "T7", (), World(), {
            "T1": "T7 needs web/logs", "T2": "T7 needs the directory web", "T3": "T7 needs the variables it sets",
            "T5": "T7 needs web/logs/report.txt",
        }),
        (SHELL, "T8", ("T1", "T2", "T3"), World(), {"T6": "T8 depends on it"}),
        (SHELL, "T4", ("T1", "T2", "T3"), World(), {}),
        # What reads a file that is nowhere needs what builds, and where nothing does, all that makes something.
        (BUILD, "T4", (), World(has_path="src/a.js".__eq__), {"T2": "T4 needs dist/a.js"}),
        (BUILD, "T5", (), World(has_path="src/a.js".__eq__), {}),
        (BUILD.replace("build", "b"), "T4", (), World(has_path="src/a.js".__eq__), {
            "T1": "T4 needs dist/a.js", "T2": "T4 needs dist/a.js",
        }),
        # An environment, and what is installed into it; the setup does what manifests ask for.
        (PYTHON, "T6", (), World(is_set_up=True), {
            "T1": "T2 needs .venv", "T2": "T6 needs the virtual environment",
            "T3": "T6 needs what it installs for python",
        }),
        (PYTHON, "T6", ("T1", "T2"), World(), {
            "T3": "T6 needs what it installs for python", "T4": "T6 needs what it installs for python",
        }),
        (PYTHON, "T7", (), World(), {}),
        (PYTHON, "T7", (), World(makers=True, is_set_up=True), dict.fromkeys(
            ("T1", "T2", "T3", "T4", "T5"), "T7 needs what it may make")),
    ],
)  # fmt: skip
def test_what_a_selection_needs_and_is_not_proven_runs_first(
    text: str, chosen: str, proven: Collection[str], world: World, first: Mapping[str, str]
) -> None:
    spec = resumed(planned(text.encode(), only=(chosen,)), proven, world=world).spec
    assert {str(task.task.id): task.why for task in spec.tasks if task.is_first} == first
    assert {str(task.task.id) for task in spec.tasks if task.action == "run"} == {*first, chosen}
    needing = {task.task.id: task.needs for task in spec.tasks}
    assert world.makers or all(key in needing[why.split()[0]] for key, why in first.items())


def test_only_what_is_proven_is_left_out_and_only_from_the_beginning() -> None:
    before = planned()
    for proven in chain.from_iterable(combinations(runs(before), count) for count in range(7)):
        found = resumed(before, set(proven))
        left_out = {str(task.task.id) for task in found.spec.tasks if task.why == PROVEN}
        assert left_out <= set(proven)
        assert set(runs(before)) == left_out | set(runs(found.spec))
        first = next((task for task in runs(found.spec) if task != "T004"), "T999")
        assert all(task < first for task in left_out)


def test_a_task_that_waits_for_a_held_one_waits_whatever_was_selected() -> None:
    text = b"- [ ] T1 Run `export TOKEN=<token>`\n- [ ] T2 Run `curl -H $TOKEN http://localhost/`\n"
    for chosen in ({}, {"only": ("T2",)}):
        assert planned(text, **chosen).tasks[1].action == "hold"

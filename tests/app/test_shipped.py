"""The spec that is shipped, and the user's own spec that it was made after."""

from __future__ import annotations

import difflib
import fcntl
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED, Project, needs_shared

SPEC = "specs/005-chatkit-backend-setup"
ADDRESS = "https://github.com/openai/openai-chatkit-advanced-samples.git"
KINDS = ["command", "command", "command", "command", "env", "service", "url", "url", "quickstart"]


@pytest.fixture(autouse=True)
def port_8000() -> Iterator[None]:
    """Both specs use this port, so their tests wait for each other, whichever worker runs them."""
    with open(Path(tempfile.gettempdir()) / "spec-run-tests-port-8000", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture
def shipped(project: Project) -> Project:
    shutil.copytree(ROOT / SPEC, project.root / SPEC, ignore=shutil.ignore_patterns("__pycache__"))
    project.spec = SPEC
    project.commit()
    return project


@pytest.fixture
def seed(project: Project) -> Project:
    """The user's spec, byte for byte, with a mirror whose backend folder each test fills as it needs."""
    for name in ("tasks.md", "quickstart.md"):
        project.write(f"{SPEC}/{name}", (SHARED / "seed" / name).read_bytes())
    project.write("mirror/examples/customer-support/backend/pyproject.toml", "[project]\nname = 'x'\n")
    project.write("mirror/examples/customer-support/backend/app/main.py", "")
    settings = (
        f'[git.mirrors]\n"{ADDRESS}" = "mirror"\n[env]\nOPENAI_API_KEY = "sample-a-1"\nGEMINI_API_KEY = "sample-b-2"\n'
    )
    project.write("settings.toml", settings)
    project.spec = SPEC
    return project


def changed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(True), after.splitlines(True)) if line[0] in "+-"]


def test_the_shipped_spec_ends_with_nine_ticks(shipped: Project) -> None:
    before = shipped.text()
    assert shipped.marks == "XXXXXCCCC"
    done = shipped.run("--sandbox", "best", SPEC)
    assert (done.code, shipped.marks) == (0, "XXXXXXXXX"), done.err
    assert "FAILED" not in shipped.text()
    unmarked = re.compile(r"\[.\] (T\d+)|( \(FAILED: .*\))")
    assert unmarked.sub(r"\1", before) == unmarked.sub(r"\1", shipped.text())
    assert shipped.git("status", "--short") == f" M {SPEC}/tasks.md\n"
    assert port_is_free(8000)


def test_the_shipped_spec_is_planned_without_a_trace(shipped: Project) -> None:
    done = shipped.run("-n", "--json", SPEC)
    assert [task["kind"] for task in done.json["specs"][0]["tasks"]] == KINDS
    assert {task["action"] for task in done.json["specs"][0]["tasks"]} == {"run"}
    assert shipped.git("status", "--short") == ""
    assert not (shipped.root / ".spec-run").exists()


def test_the_shipped_guide_works_by_itself(shipped: Project) -> None:
    assert shipped.run("quickstart", SPEC).code == 0


def test_a_stranger_on_the_port_is_told(shipped: Project, listener: Callable[[int], socket.socket]) -> None:
    listener(8000)
    assert shipped.run(SPEC).code == 1
    assert shipped.marks == "XXXXX CCC"
    assert "(FAILED: exit 1 before it listened: its port is in use" in shipped.text()


@needs_shared
@pytest.mark.parametrize("shell", ["bash", "brush"])
@pytest.mark.usefixtures("brush")
def test_the_seed_as_its_repository_really_is(seed: Project, shell: str) -> None:
    before = seed.text()
    done = seed.run("--shell", shell, "--config", "settings.toml", SPEC)
    assert (done.code, seed.marks) == (1, "XX XXCCCC"), done.err
    assert [line[:11] for line in changed_lines(before, seed.text())] == [
        "- - [X] T00", "+ - [X] T00", "- - [X] T00", "+ - [ ] T00",
    ]  # fmt: skip
    lines = {line[6:10]: line for line in seed.text().splitlines() if line.startswith("- [")}
    assert "FAILED" not in lines["T001"]
    message = "(FAILED: exit 1: rm: cannot remove 'title_agent.py': No such file or directory)"
    assert lines["T003"].endswith(message)
    after = (seed.root / SPEC / "tasks.md").read_bytes()
    assert seed.run("--shell", shell, "--config", "settings.toml", SPEC).code == 1
    assert (seed.root / SPEC / "tasks.md").read_bytes() == after


@needs_shared
@pytest.mark.usefixtures("brush")
def test_the_seed_where_its_files_exist_in_brush(seed: Project) -> None:
    sample = ROOT / SPEC / "sample"
    shutil.copytree(sample, seed.root / "mirror", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    done = seed.run("--shell", "brush", "--config", "settings.toml", SPEC)
    assert (done.code, seed.marks) == (0, "XXXXXXXXX"), done.err
    assert port_is_free(8000)


@needs_shared
def test_the_seed_is_planned_without_a_trace(seed: Project) -> None:
    kept = {path: path.stat().st_mtime_ns for path in seed.root.rglob("*")}
    done = seed.run("-n", "--json", SPEC)
    assert [task["kind"] for task in done.json["specs"][0]["tasks"]] == KINDS
    backend = "openai-chatkit-advanced-samples/examples/customer-support/backend"
    assert [task["steps"][0]["cwd"] for task in done.json["specs"][0]["tasks"]][:6] == [".", ".", *[backend] * 4]
    assert {path: path.stat().st_mtime_ns for path in seed.root.rglob("*")} == kept


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [line for fence in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in fence.splitlines() if line]


def test_the_readme_has_two_commands_and_names_what_is_there() -> None:
    first, second = readme_commands()
    assert SPEC in first
    assert "--sandbox best" in first
    assert "pytest" in second
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert link.startswith("https://") or (ROOT / link).exists(), link


def test_what_ci_runs_is_what_a_person_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "./check" in script
    assert "-e '.[dev]'" in script
    assert os.access(ROOT / "check", os.X_OK)
    assert "pytest" in Path(ROOT / "check").read_text(encoding="utf-8")


@needs_shared
def test_the_ticks_of_the_seed_are_not_all_true(seed: Project) -> None:
    seed.commit()
    before = (seed.root / SPEC / "tasks.md").read_bytes()
    done = seed.run("verify", "--json", "--config", "settings.toml", SPEC)
    verdicts = {each["id"]: each["verdict"] for each in done.json["specs"][0]["ticks"]}
    assert verdicts == {"T001": "proven", "T002": "proven", "T003": "false", "T004": "false", "T005": "proven"}
    assert done.code == 1
    assert (seed.root / SPEC / "tasks.md").read_bytes() == before
    assert seed.git("status", "--short") == ""

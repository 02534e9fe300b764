"""The walls of the house: who may import whom, and which module alone uses a library."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "spec_runner"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT = {
    "core": {"core", "errors"},
    "system": {"system", "core", "errors"},
    "views": {"views", "core", "errors"},
    "app": {"app", "system", "views", "core", "errors"},
    "cli": {"cli", "app", "core", "errors"},
    "errors.py": set(),
    "__main__.py": {"cli", "system"},
    "__init__.py": set(),
}
CORE_ROOMS = ("text", "shell", "decide", "plan", "result", "evidence")
"""The rooms of the core, each of which may import itself and those before it."""
ONLY_IN = {
    "mistune": {"core/text/markdown.py"},
    "click": {path.relative_to(PACKAGE).as_posix() for path in (PACKAGE / "cli").glob("*.py")},
    "rich": {"views/console.py"},
    "httpx": {"system/process/services.py"},
    "dotenv": {"system/env.py"},
    "psutil": {"system/process/procfs.py"},
    "mcp": {"app/mcp.py"},
    "distributed": {"app/fleet.py"},
}
NOT_IN_CORE = {
    "os", "pathlib", "subprocess", "socket", "threading", "time", "datetime", "shutil", "tempfile", "random", "uuid", "io",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "spec_runner":
                found |= {f"spec_runner.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_what_it_may(path: Path) -> None:
    place = path.relative_to(PACKAGE)
    own = {name.split(".")[1] for name in imports(path) if name.startswith("spec_runner.")} - {"__version__"}
    assert own <= MAY_IMPORT[place.parts[0]]


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_inside_the_core_an_arrow_only_points_back(path: Path) -> None:
    room = path.relative_to(PACKAGE / "core").parts[0]
    used = {name.split(".")[2] for name in imports(path) if name.startswith("spec_runner.core.")}
    if room in CORE_ROOMS:
        assert used <= set(CORE_ROOMS[: CORE_ROOMS.index(room) + 1])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_used_in_one_place(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    used = {name.split(".")[0] for name in imports(path)} & ONLY_IN.keys()
    assert all(place in ONLY_IN[name] for name in used)


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: path.name)
def test_the_core_knows_no_clock_disk_process_or_network(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & NOT_IN_CORE


def test_the_page_about_the_house_names_every_module() -> None:
    page = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\w+", page))
    rooms = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in ("core", "system", "app", "views")]
    own = {path.stem for path in rooms if path.parent.name != "html"} - {"__init__"}
    assert own <= named, sorted(own - named)


def test_a_dry_run_and_the_small_answers_import_nothing_that_they_do_not_need() -> None:
    import subprocess
    import sys

    spec = PACKAGE.parent / "specs" / "005-chatkit-backend-setup"
    heavy = {"httpx", "rich", "dotenv", "ssl", "asyncio"}
    heavy |= {f"spec_runner.views.{name}" for name in ("report", "events", "junit", "html", "github")}
    for words in (["--version"], ["--help"], ["run", "--dry-run", str(spec)], ["run", "-n", "--json", str(spec)]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "spec_runner", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert not loaded & heavy, words

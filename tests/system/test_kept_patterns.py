"""Patterns that are compiled once on a machine: the same patterns, and never needed."""

from __future__ import annotations

import importlib
import marshal
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from spec_runner.system import kept_patterns
from tests.conftest import ROOT, Project

TASKS = (
    "# Tasks\n\n- [ ] T001 Configure environment variables (`API_TOKEN`) in a `.env` file\n- [ ] T002 Run `test -d .`\n"
)


def kept_file(project: Project) -> Path:
    (found,) = (project.root.parent / "state" / "spec-run").glob("patterns-*")
    return found


@pytest.fixture(autouse=True)
def started_by_itself(project: Project) -> None:
    """Its start is what is tested here: the program is not forked from one that has started already."""
    project.environment["PYTHONHASHSEED"] = "0"


@pytest.fixture
def previewed(project: Project) -> Project:
    project.tasks(TASKS)
    assert project.run_spec("-n").code == 0
    return project


def test_this_python_compiles_patterns_as_we_know_it() -> None:
    compiler: Any = importlib.import_module("re._compiler" if sys.version_info >= (3, 11) else "sre_compile")
    before = compiler._sre, compiler.compile
    try:
        assert kept_patterns.keep_patterns() is not None
    finally:
        compiler._sre, compiler.compile = before


def test_the_second_start_compiles_nothing_of_its_modules(previewed: Project) -> None:
    before = kept_file(previewed).stat()
    previewed.run_spec("-n")
    after = kept_file(previewed).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert after.st_mode & 0o777 == 0o600


def test_a_number_that_is_no_plain_one_is_kept_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Flags(int):
        """As ``re.split`` of Python 3.13 hands on."""

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(kept_patterns, "_is_fixed", lambda pattern: True)
    compiler: Any = importlib.import_module("re._compiler" if sys.version_info >= (3, 11) else "sre_compile")
    before = compiler._sre, compiler.compile
    try:
        patterns = kept_patterns.KeptPatterns()
        patterns.install()
        patterns.compile("[a]", Flags(0))
        patterns.save()
        assert list(kept_patterns.KeptPatterns()._kept) == [("[a]", 0)]
    finally:
        compiler._sre, compiler.compile = before


def test_what_is_kept_is_the_same_pattern(previewed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(previewed.root.parent / "state"))
    patterns = kept_patterns.KeptPatterns()
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(patterns._kept) > 200
    for pattern, flags in patterns._kept:
        kept, fresh = patterns.compile(pattern, flags), re.compile(pattern, flags)
        assert (kept, kept.groups, kept.groupindex) == (fresh, fresh.groups, fresh.groupindex)
        if isinstance(pattern, str):
            assert [found.span() for found in kept.finditer(text)] == [found.span() for found in fresh.finditer(text)]


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign", "link", "folder"])
def test_what_is_damaged_or_foreign_is_not_used(previewed: Project, harm: str) -> None:
    file = kept_file(previewed)
    data, before = file.read_bytes(), previewed.run_spec("-n")
    file.unlink()
    if harm == "folder":
        file.mkdir()
    elif harm == "link":
        (file.parent / "other").write_bytes(data)
        file.symlink_to(file.parent / "other")
    else:
        flipped = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
        file.write_bytes({"cut": data[:5000], "flipped": flipped, "empty": b"", "foreign": b"x" + data}[harm])
    after = previewed.run_spec("-n")
    assert (after.code, after.out, after.err) == (before.code, before.out, before.err)


def test_no_value_of_a_run_is_kept(project: Project) -> None:
    project.tasks(TASKS)
    project.write("secret.env", "API_TOKEN=hunter2hunter2hunter2\n")
    project.run_spec("--sandbox", "best", "--env-file", "secret.env")
    kept = marshal.loads(kept_file(project).read_bytes().split(b"\n", 2)[2])
    assert kept and not any("hunter2" in str(pattern) for pattern, _ in kept)


def test_a_state_folder_that_cannot_be_written_costs_nothing(project: Project) -> None:
    project.tasks(TASKS)
    (project.root.parent / "state").write_text("a file")
    assert project.run_spec("-n").code == 0

"""A repository may be a clone of any kind: what of its history is there is there for the commands too."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import OFFERED, Project

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these clones are POSIX'")
LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]
KINDS = {
    "depth 1": ("--depth", "1"),
    "depth 20": ("--depth", "20"),
    "partial": ("--filter=blob:none",),
    "borrowing": ("--reference",),
    "linked": ("--depth", "2"),
}
_COMMANDS = (
    "git status --porcelain", 'test -z "$(git status --porcelain)"', "git log --format=%s -1 | grep Spec",
    "git show --stat HEAD && git cat-file -p HEAD:file", "echo y >file && git commit -qam Two && git log -2",
)  # fmt: skip


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with 22 commits, the last of which brings a spec: every tick of it is true."""
    source = Project(tmp_path_factory.mktemp("origin") / "source")
    source.write("file", "0")
    source.commit()
    for number in range(20):
        source.git("commit", "-q", "--allow-empty", "-m", f"Commit {number}")
    lines = (f"- [X] T{number:03} Run `{command}`\n" for number, command in enumerate(_COMMANDS))
    source.tasks("".join(lines))
    source.guide("# Quickstart\n\n## Setup\n\n```bash\n" + "\n".join(_COMMANDS) + "\n```\n")
    source.write(".gitignore", ".spec-run/\n")
    source.git("add", "-A")
    source.git("commit", "-q", "-m", "Spec")
    source.git("config", "uploadpack.allowFilter", "true")
    return source.root


def cloned(origin: Path, kind: str, place: Path) -> Project:
    words = KINDS[kind]
    if kind == "borrowing":
        shutil.copytree(origin, place / "lent")
        words = (*words, str(place / "lent"))
    Project(place).git("clone", "-q", *words, f"file://{origin}", str(place / "clone"))
    clone = Project(place / "clone")
    if kind == "linked":
        clone.git("worktree", "add", "-q", "../linked")
        clone = Project(place / "linked")
    return clone


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_clone_of_any_kind_is_run_in(origin: Path, tmp_path: Path, kind: str, level: str) -> None:
    clone = cloned(origin, kind, tmp_path)
    done = clone.run_spec("--sandbox", level)
    assert (done.code, clone.marks) == (0, "X" * len(_COMMANDS)), done.out + done.err
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ["depth 1", "depth 20", "partial"])
@pytest.mark.parametrize("command", ["verify", "quickstart"])
def test_a_clone_of_any_kind_is_verified(origin: Path, tmp_path: Path, kind: str, level: str, command: str) -> None:
    clone = cloned(origin, kind, tmp_path)
    done = clone.run(command, "--sandbox", level, clone.spec)
    assert done.code == 0, done.out + done.err


def test_what_is_staged_in_a_shallow_clone_can_be_committed_in_its_copy(origin: Path, tmp_path: Path) -> None:
    clone = cloned(origin, "depth 1", tmp_path)
    clone.write("new", "only in the index")
    clone.git("add", "new")
    (clone.root / "new").unlink()
    clone.tasks("- [ ] T001 Run `git commit -qm New && git show HEAD:new | grep only`\n")
    done = clone.run_spec("--sandbox", "plain")
    assert done.code == 0, done.out + done.err

"""Machines, repositories and moments that are not as one would wish: a run works, or says what stands in its way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spec_runner.system.worktree import copies
from tests.conftest import OFFERED, Project

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these machines are POSIX'")
LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]
every_level = pytest.mark.parametrize("level", LEVELS)
needs_root = pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may mount")
needs_bubblewrap = pytest.mark.skipif("bubblewrap" not in OFFERED, reason="no bubblewrap here")


def passes(project: Project, level: str, command: str) -> str:
    """What a run with one command said; the command must pass."""
    project.tasks(f"- [ ] T001 Run `{command}`\n")
    done = project.run_spec("--sandbox", level)
    assert done.code == 0, done.out + done.err
    assert project.marks == "X"
    return done.out + done.err


@every_level
@pytest.mark.parametrize("name", ["a b", "a:b", "a,b=c", "it's", 'a"b', "back\\slash", "ünï 🎯", "$HOME", "-dash"])
def test_a_repository_may_have_any_name(tmp_path: Path, level: str, name: str) -> None:
    project = Project(tmp_path / name, spec=f"specs/{name}")
    project.write("file", "x")
    project.tasks("")
    project.commit()
    passes(project, level, "test -f file && echo y >>file && git commit -qam Two && git log -1 --format=%s | grep Two")
    assert (project.root / "file").read_text() == "x"


@every_level
def test_in_a_linked_work_tree_commits_are_made_and_stay_in_the_box(project: Project, level: str) -> None:
    project.write("file", "x")
    project.tasks("")
    project.commit()
    project.git("worktree", "add", "-q", "../linked")
    linked = Project(project.root.parent / "linked")
    passes(linked, level, "git log --format=%s | grep All && echo y >file && git commit -qam Two")
    assert linked.git("log", "--format=%s") == "All\n"
    assert linked.git("branch", "--show-current") == "linked\n"


@every_level
def test_a_guide_and_a_repository_that_borrows_objects_have_their_history(project: Project, level: str) -> None:
    project.write("file", "x")
    project.commit()
    borrowing = Project(project.root.parent / "borrowing")
    project.git("clone", "-q", "--shared", ".", str(borrowing.root))
    borrowing.guide("# Quickstart\n\n## Setup\n\n```bash\ngit log --format=%s | grep All\n```\n")
    assert (done := borrowing.run("quickstart", "--sandbox", level, borrowing.spec)).code == 0, done.out + done.err
    passes(borrowing, level, "git log --format=%s | grep All")


@every_level
def test_submodules_and_sparse_checkouts_are_as_they_are(project: Project, level: str) -> None:
    inner = Project(project.root.parent / "inner")
    inner.write("one", "1")
    inner.commit()
    project.write("seen/file", "x")
    project.write("unseen/file", "x")
    project.tasks("")
    project.commit()
    project.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "inner")
    project.git("commit", "-qm", "Inner")
    project.git("sparse-checkout", "set", "--no-cone", "/seen/", "/specs/", "/inner", "/.gitmodules")
    passes(project, level, "test -f inner/one && test -f seen/file && test ! -e unseen && git -C inner log -1")


@every_level
@pytest.mark.parametrize("home", [None, "/", "/nowhere"])
def test_nobody_needs_a_home(project: Project, level: str, home: str | None) -> None:
    project.tasks("- [ ] T001 Run `touch ~/mine && test -w ~`\n")
    given = {name: value for name, value in os.environ.items() if name != "HOME"} | ({"HOME": home} if home else {})
    words = [sys.executable, "-m", "spec_runner", "run", "--sandbox", level, project.spec]
    given["PYTHONPATH"] = str(Path(__file__).parents[2])
    given["XDG_STATE_HOME"] = str(project.root.parent / "state")
    done = subprocess.run(words, cwd=project.root, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "plain"])
def test_a_home_in_the_repository_is_not_shown_to_commands(project: Project, level: str) -> None:
    project.environment["HOME"] = str(project.root / "home" / "me")
    project.write("home/me/.ssh/id_x", "secret")
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.commit()
    done = project.run_spec("--sandbox", level)
    assert done.code == 2
    assert "your home folder" in done.err + done.out


def programs(folder: Path, *names: str) -> str:
    """A PATH with these programs alone."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)


def test_without_git_a_folder_is_copied(project: Project, tmp_path: Path) -> None:
    project.environment["PATH"] = programs(tmp_path / "bin", "bash", "sh", "true", "test")
    project.write("file", "x")
    passes(project, "plain", "test -f file")


def test_without_bash_it_is_said_what_to_install(project: Project, tmp_path: Path) -> None:
    project.environment["PATH"] = programs(tmp_path / "bin", "sh")
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run_spec("--sandbox", "plain", "--shell", "bash")
    assert done.code == 2
    assert "bash is not installed" in done.err + done.out


@every_level
def test_where_no_state_can_be_kept_the_tree_goes_with_the_run(project: Project, level: str) -> None:
    project.environment["XDG_STATE_HOME"] = "/dev/null"
    assert "the work tree is not kept" in passes(project, level, "test -d .")


@needs_bubblewrap
def test_a_bwrap_that_fails_is_passed_over(project: Project, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    broken = tmp_path / "bin" / "bwrap"
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    broken.chmod(0o755)
    project.environment["PATH"] = f"{broken.parent}{os.pathsep}{os.environ['PATH']}"
    passes(project, "bubblewrap", "test $(ps -e 2>/dev/null | wc -l) -lt 20")


@needs_bubblewrap
@needs_root
def test_where_no_overlay_can_be_made_a_copy_does(project: Project) -> None:
    # An overlay's own changes cannot lie on a file system without extended attributes.
    state = project.root.parent / "state"
    state.mkdir()
    subprocess.run(["mount", "-t", "ramfs", "none", str(state)], check=True)
    try:
        project.write("file", "x")
        project.tasks("")
        project.commit()
        passes(project, "bubblewrap", "test -f file && git log -1 --format=%s | grep All")
    finally:
        subprocess.run(["umount", str(state)], check=True)


@needs_root
@every_level
def test_a_full_disk_is_told_and_the_document_is_whole(project: Project, level: str) -> None:
    state = project.root.parent / "state"
    state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(state)], check=True)
    try:
        project.tasks("- [ ] T001 Run `head -c 9000000 /dev/zero >big`\n- [ ] T002 Run `test -d .`\n")
        done = project.run_spec("--sandbox", level)
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)
    assert done.code == 1, done.out + done.err
    assert "disk" in project.text().lower()
    assert project.marks == " C"


@every_level
def test_a_work_tree_that_removes_itself_harms_nobody(project: Project, level: str) -> None:
    project.write("file", "x")
    project.write("remove.sh", 'rm -rf "$PWD"/* "$PWD" || true\n')
    project.tasks("- [ ] T001 Run `bash remove.sh`\n- [ ] T002 Run `test -f file`\n")
    done = project.run_spec("--sandbox", level)
    assert done.code == 1, done.out
    assert (project.root / "file").read_text() == "x"
    assert project.marks[0] == "X"


def test_folders_deeper_than_python_can_follow_are_removed(tmp_path: Path) -> None:
    script = "import os; [(os.mkdir('d'), os.chdir('d')) for _ in range(3000)]"
    (tmp_path / "tree").mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path / "tree", check=True)
    assert copies.remove(tmp_path / "tree")

"""The work tree that a run leaves: looked at, taken over, removed; and a run without one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import OFFERED, ROOT, Project

TASKS = """\
- [ ] T001 Run `echo two >changed && echo new >added && mkdir -p d && echo x >"d/with blank"`
- [ ] T002 Run `rm gone && git mv moved there && rm -rf folder && mkdir folder && echo y >folder/other`
- [ ] T003 Run `mkdir -p built && echo z >built/big && ln -s added link && chmod +x tool && git commit -qam x`
"""
FOREVER = 700_000_000 + os.getpid()
"""Seconds; the number tells a process of this test from those of another one."""
LEVELS = [level for level in ("bubblewrap", "plain") if level in OFFERED]


@pytest.fixture(params=LEVELS)
def ran(project: Project, request: pytest.FixtureRequest) -> Project:
    """A repository in whose work tree commands changed something of every kind."""
    for name in ("changed", "gone", "moved", "folder/one", "tool", "kept"):
        project.write(name, f"{name}\n")
    project.write(".gitignore", "built\n")
    project.tasks(TASKS)
    project.commit()
    done = project.run_spec("--sandbox", request.param)
    assert done.code == 0, done.out
    return project


def files(root: Path) -> dict[str, str]:
    """Every file below, but what belongs to Git and to spec-run."""
    return {
        os.path.relpath(place, root): os.readlink(place) if place.is_symlink() else place.read_text()
        for place in root.rglob("*")
        if not place.is_dir() and ".git" not in place.parts and ".spec-run" not in place.parts
    }


def test_every_kind_of_change_is_shown(ran: Project) -> None:
    assert ran.run("diff", ran.spec).out.splitlines() == [
        "A added",
        "M changed",
        "A d/with blank",
        "D folder/one",
        "A folder/other",
        "D gone",
        "A link",
        "R moved -> there",
        "M tool",
        "  1 ignored by Git in built (--ignored shows them)",
    ]
    assert "A built/big" in ran.run("diff", "--ignored", ran.spec).out


def test_changes_are_taken_over_whole_and_git_is_left_alone(ran: Project) -> None:
    head = ran.git("rev-parse", "HEAD")
    done = ran.run("apply", ran.spec)
    assert done.code == 0, done.err
    assert done.out == f"{ran.spec}: 4 added, 2 changed, 2 deleted, 1 renamed\n"
    assert ran.git("rev-parse", "HEAD") == head
    found = files(ran.root)
    assert found.pop(f"{ran.spec}/tasks.md").startswith("- [X] T001")
    assert found == {
        ".gitignore": "built\n", "added": "new\n", "changed": "two\n", "d/with blank": "x\n", "folder/other": "y\n",
        "kept": "kept\n", "link": "added", "there": "moved\n", "tool": "tool\n",
    }  # fmt: skip
    assert os.access(ran.root / "tool", os.X_OK)


def test_a_patch_is_one_that_git_applies(ran: Project, tmp_path: Path) -> None:
    patch = ran.run("diff", "--patch", ran.spec).out
    target = Project(tmp_path / "clone")
    ran.git("clone", "-q", ".", str(target.root))
    subprocess.run(["git", "apply"], cwd=target.root, input=patch.encode(), check=True)
    assert ran.run("apply", ran.spec).code == 0
    theirs, ours = files(target.root), files(ran.root)
    assert {name: text for name, text in theirs.items() if "specs" not in name} == {
        name: text for name, text in ours.items() if "specs" not in name
    }


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("changed", lambda file: file.write_text("mine\n")),
        ("tool", lambda file: file.unlink()),
        ("added", lambda file: file.write_text("mine\n")),
        ("d", lambda file: file.symlink_to("/tmp")),
    ],
    ids=["changed", "deleted", "added", "a link in the way"],
)
def test_nothing_is_taken_over_where_the_users_files_changed_since(ran: Project, path: str, change: object) -> None:
    change(ran.root / path)  # type: ignore[operator]
    before = files(ran.root)
    done = ran.run("apply", ran.spec)
    assert done.code == 2
    assert "your files have changed since the work tree was made" in done.err
    assert path in done.err
    assert files(ran.root) == before


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_what_cannot_be_taken_over_whole_is_not_taken_over(ran: Project) -> None:
    (ran.root / "folder").chmod(0o500)
    before = files(ran.root)
    done = ran.run("apply", ran.spec)
    (ran.root / "folder").chmod(0o700)
    assert done.code == 2
    assert "nothing was changed" in done.err
    assert files(ran.root) == before


@pytest.mark.parametrize("level", LEVELS)
def test_no_right_to_run_as_another_user_is_taken_over(project: Project, level: str) -> None:
    project.tasks("- [ ] T001 Run `cp /bin/true tool && (chmod 6755 tool || chmod 755 tool)`\n")
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    assert project.run("apply", project.spec).code == 0
    assert (project.root / "tool").stat().st_mode & 0o7777 == 0o755


def test_a_work_tree_is_removed(ran: Project) -> None:
    trees = ran.root.parent / "state" / "spec-run" / "trees"
    assert len(list(trees.iterdir())) == 1
    assert "removed the work tree" in ran.run("clean", ran.spec).out
    assert list(trees.iterdir()) == []
    done = ran.run("diff", ran.spec)
    assert done.code == 2
    assert "this spec has no work tree" in done.err


@pytest.mark.parametrize("level", LEVELS)
def test_in_place_the_repository_itself_is_changed(project: Project, level: str) -> None:
    project.tasks("- [ ] T001 Run `touch made && pwd -P`\n")
    project.commit()
    done = project.run_spec("--in-place", "--sandbox", level)
    assert done.code == 0, done.out
    assert (project.root / "made").exists()


@pytest.mark.skipif("bubblewrap" not in OFFERED, reason="no bubblewrap here")
def test_an_overlay_shows_ignored_files_too(project: Project) -> None:
    project.write(".gitignore", "node_modules\n")
    project.write("node_modules/one/index.js", "x")
    project.tasks("- [ ] T001 Run `test -f node_modules/one/index.js && rm -r node_modules`\n")
    project.commit()
    assert project.run_spec("--sandbox", "bubblewrap").code == 0
    assert (project.root / "node_modules/one/index.js").exists()


def test_a_tree_whose_repository_is_away_goes_only_when_nothing_is_named(project: Project) -> None:
    project.tasks("- [ ] T001 Run `echo x >f`\n")
    project.commit()
    other = Project(project.root.parent / "other")
    shutil.copytree(project.root, other.root)
    assert project.run_spec().code == other.run_spec().code == 0
    away = other.root.rename(other.root.with_name("away"))
    assert project.run("clean", project.spec).code == 0
    away.rename(other.root)
    assert "f" in other.run("diff", other.spec).out
    other.root.rename(away)
    assert "other" in project.run("clean").out


def test_what_a_run_has_is_never_removed_and_all_are_removed_only_on_a_word(project: Project) -> None:
    project.tasks(f"- [ ] T001 Run `echo x >f`\n- [ ] T002 Run `echo started >g; sleep {FOREVER}`\n")
    project.commit()
    other = Project(project.root.parent / "other")
    other.tasks("- [ ] T001 Run `echo x >f`\n")
    other.commit()
    assert other.run_spec().code == 0
    process = project.started("run", "-v", project.spec)
    assert process.stderr is not None
    while f"sleep {FOREVER}".encode() not in process.stderr.readline():
        pass
    refused = project.run("clean", "--all")
    assert (refused.code, refused.out) == (2, "")
    assert "to remove: the work tree of specs/001-case/tasks.md in" in refused.err
    assert "there is no terminal to ask on" in refused.err
    assert "f" in other.run("diff", other.spec).out
    for words in (("--all", "--yes"), (project.spec,)):
        done = project.run("clean", *words)
        assert done.code == 0
        assert f"a run is using specs/001-case/tasks.md in {project.root}" in done.err
    assert other.run("diff", other.spec).code == 2
    process.terminate()
    process.communicate(timeout=60)
    assert project.marks[0] == "X"
    assert "f" in project.run("diff", project.spec).out


def traced(project: Project, inject: str, *words: str) -> int:
    """How the program ends that is hit at one system call."""
    state = {"XDG_STATE_HOME": str(project.root.parent / "state"), "PYTHONPATH": str(ROOT)}
    tracer = ["strace", "-f", "-o", str(project.root.parent / "trace"), "-e", f"inject={inject}", "--"]
    done = subprocess.run(
        [*tracer, *project.command(*words)], cwd=project.root, env={**os.environ, **state}, capture_output=True, check=False
    )  # fmt: skip
    return done.returncode


@pytest.mark.skipif(not shutil.which("strace") or LEVELS[0] != "bubblewrap", reason="no strace or no bubblewrap here")
@pytest.mark.parametrize("signal", ["KILL", "INT", "TERM"])
def test_all_or_nothing_is_taken_over_however_it_ends(project: Project, signal: str) -> None:
    project.write("changed", "one\n")
    project.write("gone", "gone\n")
    project.tasks(
        "- [ ] T001 Run `echo two >changed && rm gone && mkdir -p d/e && echo new >d/e/f && ln -s d/e/f link`\n"
    )
    project.commit()
    assert project.run_spec().code == 0
    before, after = files(project.root), {"changed": "two\n", "d/e/f": "new\n", "link": "d/e/f"}
    after |= {name: text for name, text in before.items() if name.startswith("specs")}
    # Laid beside, then linked, exchanged and noted, then tidied up.
    for call, number in (
        ("symlinkat", 1),
        ("linkat", 1),
        ("renameat", 2),
        ("renameat", 4),
        ("renameat", 6),
        ("unlinkat", 1),
    ):
        code = traced(project, f"{call}:signal={signal}:when={number}", "apply", project.spec)
        assert code in ((-9, 137) if signal == "KILL" else (0, 130)), (call, number)
        done = project.run("diff", project.spec)
        found = files(project.root)
        assert found in (before, after), (call, number, found)
        assert (project.root / "d").exists() == ("link" in found)
        assert bool(done.out.count("\n") > 1) == (found == before), done.out
        if found == after:
            break
    assert project.run("apply", project.spec).code == 0
    assert files(project.root) == after


@pytest.mark.parametrize("level", LEVELS)
def test_a_command_that_touches_the_task_list_does_not_keep_the_rest_from_being_taken_over(
    project: Project, level: str
) -> None:
    project.tasks(f"- [ ] T001 Run `echo more >>{project.spec}/tasks.md && echo new >added`\n")
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    done = project.run("apply", project.spec)
    assert done.code == 0, done.err
    assert "1 added" in done.out
    assert f"left as it is: {project.spec}/tasks.md" in done.out
    assert project.text() == f"- [X] T001 Run `echo more >>{project.spec}/tasks.md && echo new >added`\n"


@pytest.mark.parametrize("level", LEVELS)
def test_a_file_of_terabytes_is_looked_at_and_taken_over_as_what_it_holds(project: Project, level: str) -> None:
    project.write("was", "x")
    project.tasks("- [ ] T001 Run `truncate -s 8T huge was && echo end >>huge && printf 'K=s3cret\\n' >.env`\n")
    project.commit()
    assert project.run_spec("--sandbox", level).code == 0
    assert project.run("diff", project.spec).out == "A .env\nA huge\nM was\n"
    patch = project.run("diff", "--patch", project.spec)
    assert (patch.code, patch.out) == (0, "")
    assert [line.split()[1] for line in patch.err.splitlines()] == [".env", "huge", "was"]
    done = project.run("apply", project.spec)
    assert done.code == 0, done.err
    assert (project.root / "huge").stat().st_size == 2**43 + 4
    assert (project.root / "huge").stat().st_blocks < 10_000


def test_names_that_differ_in_unseen_signs_do_not_look_alike(project: Project) -> None:
    names = r"printf x >$'a\e[1m' && printf x >'a\x1b[1m' && printf x >$'a\xff' && printf x >$'a\n' && printf x >a"
    project.write("make.sh", names)
    project.tasks("- [ ] T001 Run `bash make.sh`\n")
    project.commit()
    assert project.run_spec().code == 0
    lines = project.run("diff", project.spec).out.splitlines()
    assert sorted(lines) == sorted(["A a", 'A "a\\n"', 'A "a\\x1b[1m"', 'A "a\\\\x1b[1m"', 'A "a\\xff"'])

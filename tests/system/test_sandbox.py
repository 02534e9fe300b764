"""The work tree and the sandbox around it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from spec_runner.system.env import allowed_environment
from spec_runner.system.process.heard import LatestLine
from spec_runner.system.sandbox.places import account_home
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from spec_runner.system.worktree import copies, git
from spec_runner.system.worktree.copies import CopyStoppedError, copy_repository
from tests.conftest import Project, no_strays


def never() -> bool:
    return False


def copied(project: Project, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    target.mkdir()
    assert copy_repository(project.root, target, (), never).warning is None
    return target


def test_a_copy_has_what_git_sees_and_its_history(project: Project, tmp_path: Path) -> None:
    project.write(".gitignore", "ignored\n")
    project.write("a/tracked", "1")
    project.commit()
    project.git("branch", "other")
    project.git("tag", "v1")
    project.write("a/tracked", "2")
    project.write("staged", "x")
    project.git("add", "staged")
    project.write("untracked", "x")
    project.write("ignored", "x")
    copy = Project(copied(project, tmp_path))
    assert sorted(os.listdir(copy.root)) == [".git", ".gitignore", "a", "staged", "untracked"]
    assert (
        copy.git("status", "--short") == project.git("status", "--short") == " M a/tracked\nA  staged\n?? untracked\n"
    )
    assert copy.git("log", "--format=%s") == "All\n"
    assert copy.git("branch", "--format=%(refname:short)").split() == ["main", "other"]
    assert copy.git("tag") == "v1\n"
    assert copy.git("remote") == project.git("remote") == ""


def test_what_is_done_in_a_copy_stays_there(project: Project, tmp_path: Path) -> None:
    project.write("a", "1")
    project.commit()
    copy = Project(copied(project, tmp_path))
    copy.write("a", "2")
    copy.git("commit", "-q", "-a", "-m", "Changed")
    copy.git("branch", "new")
    assert project.git("status", "--short") == ""
    assert project.git("log", "--format=%s") == "All\n"
    assert project.git("branch", "--format=%(refname:short)") == "main\n"


def test_a_repository_without_a_commit_is_copied(project: Project, tmp_path: Path) -> None:
    project.git("init", "-q", "-b", "main")
    project.write("a", "1")
    copy = Project(copied(project, tmp_path))
    assert copy.git("status", "--short") == "?? a\n"


def test_a_plain_folder_is_copied_whole(project: Project, tmp_path: Path) -> None:
    project.write("a/b", "1")
    (project.root / "empty").mkdir()
    (project.root / "a" / "b").chmod(0o755)
    project.write(".spec-run/journal", "x")
    copy = copied(project, tmp_path)
    assert sorted(os.listdir(copy)) == ["a", "empty"]
    assert (copy / "a" / "b").stat().st_mode & 0o777 == 0o755


def test_links_do_not_lead_out_of_the_copy_into_the_repository(project: Project, tmp_path: Path) -> None:
    target = project.write("a/file", "1")
    (project.root / "absolute").symlink_to(target)
    (project.root / "relative").symlink_to("a/file")
    (project.root / "folder").symlink_to("a")
    (project.root / "broken").symlink_to("nowhere")
    copy = copied(project, tmp_path)
    for name in ("absolute", "relative", "folder"):
        assert (copy / name).is_symlink()
        assert (copy / name).resolve().is_relative_to(copy)
    assert (copy / "broken").is_symlink()
    (copy / "absolute").write_text("2")
    assert target.read_text() == "1"


def test_pipes_are_left_out(project: Project, tmp_path: Path) -> None:
    os.mkfifo(project.root / "pipe")
    assert os.listdir(copied(project, tmp_path)) == []


def test_names_of_every_kind_are_copied(project: Project, tmp_path: Path) -> None:
    for name in ("with blank", "ünï 🎯", "new\nline", "-dash"):
        project.write(name, "x")
    project.commit()
    assert sorted(os.listdir(copied(project, tmp_path))) == sorted(
        [".git", "with blank", "ünï 🎯", "new\nline", "-dash"]
    )


def test_copying_can_be_stopped(project: Project, tmp_path: Path) -> None:
    project.write("a", "1")
    with pytest.raises(CopyStoppedError):
        copy_repository(project.root, tmp_path / "copy", (), lambda: True)


def test_a_tree_without_permissions_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "b").chmod(0)
    copies.remove(tmp_path / "a")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ["plain", "with blank", "ünï"])
def test_a_sandbox_goes_without_a_trace(project: Project, name: str, forever: str) -> None:
    root = project.root / name
    root.mkdir()
    sandbox = Sandbox(Layout(root, root, dict(os.environ), {}, never))
    assert sandbox.root.name == name
    words = ["bash", "-c", f"setsid sleep {forever} & (setsid bash -c 'trap \"\" TERM; sleep {forever}' &) ; wait"]
    sandbox.start(words, cwd=sandbox.root, environment=sandbox.environment, hearing=LatestLine(lambda line: None))
    deadline = time.monotonic() + 20
    while no_strays(f"sleep {forever}"):
        assert time.monotonic() < deadline
    sandbox.close()
    assert no_strays(f"sleep {forever}")
    assert not sandbox.base.exists()


def test_the_environment_is_an_allow_list() -> None:
    host = {
        "PATH": "/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC", "HOME": "/home/me", "AWS_SECRET_ACCESS_KEY": "x",
        "GITHUB_TOKEN": "x", "SSH_AUTH_SOCK": "x", "HTTPS_PROXY": "http://me:secret@proxy:1", "JAVA_HOME": "/usr",
    }  # fmt: skip
    assert allowed_environment(host) == {
        "PATH": "/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC", "HTTPS_PROXY": "http://proxy:1", "JAVA_HOME": "/usr",
    }  # fmt: skip


def test_a_mirror_does_not_catch_the_address_of_another_repository() -> None:
    given = git.environment_of({"https://host/a/b": "/mirror"})
    addresses = [given[key] for key in given if key.startswith("GIT_CONFIG_VALUE") and given[key].startswith("https")]
    assert addresses == ["https://host/a/b.git", "https://host/a/b"]


def test_a_plain_folder_becomes_the_same_repository_every_time(project: Project, tmp_path: Path) -> None:
    project.write("a", "1")
    made = [git.mirror(project.root, tmp_path / name) for name in ("one", "two")]
    commits = {Project(Path(each)).git("rev-parse", "HEAD") for each in made}
    assert len(commits) == 1
    assert not (project.root / ".git").exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no accounts here")
def test_the_home_that_the_system_knows_is_hidden_where_home_says_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir=str(tmp_path)))
    assert account_home.__wrapped__() == (str(tmp_path.resolve()),)
    for place in ("/", "/nowhere", "/usr"):
        monkeypatch.setattr(pwd, "getpwuid", lambda _, place=place: SimpleNamespace(pw_dir=place))
        assert account_home.__wrapped__() == ()

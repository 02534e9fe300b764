"""A repository's own configuration lends nothing that lies outside the repository; yours lends what you name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import OFFERED, Project

ADDRESS = "https://example.invalid/x.git"
LEVELS = [level for level in ("bubblewrap", "landlock") if level in OFFERED]


@pytest.fixture
def private(tmp_path: Path) -> Project:
    """Somebody's own repository, beside the one that is run."""
    private = Project(tmp_path / "private")
    private.write("key", "the private key")
    private.commit()
    return private


@pytest.mark.parametrize("named", ["../../../private", "{private}", "link", "link/.git", "../../link"])
@pytest.mark.parametrize("where", ["spec", "pyproject"])
def test_a_mirror_that_leads_out_of_the_repository_is_refused(
    project: Project, private: Project, named: str, where: str
) -> None:
    project.tasks(f"- [ ] T001 Run `git clone {ADDRESS}`\n")
    for place in (project.root / "link", project.root / project.spec / "link"):
        place.symlink_to(private.root)
    mirror = f'"{ADDRESS}" = "{named.format(private=private.root)}"\n'
    if where == "spec":
        project.config(f"[git.mirrors]\n{mirror}")
    else:
        project.write("pyproject.toml", f"[tool.spec-run.git.mirrors]\n{mirror}")
        project.commit()
    for words in (("-n",), ()):
        done = project.run_spec(*words)
        assert done.code == 2
        told = done.out + done.err
        assert "leads out of the repository" in told or "there is no mirror" in told, told


@pytest.mark.parametrize("level", LEVELS)
def test_a_mirror_in_the_repository_lends_no_objects_of_others(project: Project, private: Project, level: str) -> None:
    key = private.git("rev-parse", "HEAD:key").strip()
    objects = private.root / ".git" / "objects"
    for place in ("sample/info", "sample/objects/info"):
        project.write(f"{place}/alternates", f"{objects}\n")
    project.write("sample/HEAD", "ref: refs/heads/main\n")
    project.write("sample/refs/heads/main", private.git("rev-parse", "HEAD"))
    project.write("pyproject.toml", f'[tool.spec-run.git.mirrors]\n"{ADDRESS}" = "sample"\n')
    project.tasks(f"- [ ] T001 Run `git -C sample cat-file -p {key} || ls {objects}`\n")
    project.commit()
    done = project.run_spec("--sandbox", level)
    assert (done.code, "private key" in done.out) == (1, False), done.out


@pytest.mark.parametrize("level", LEVELS)
def test_a_mirror_that_the_user_names_is_lent_with_what_it_borrows(
    project: Project, private: Project, tmp_path: Path, level: str
) -> None:
    private.git("clone", "-q", "--shared", ".", str(tmp_path / "borrowing"))
    (tmp_path / "own.toml").write_text(f'[git.mirrors]\n"{ADDRESS}" = "borrowing"\n')
    project.tasks(f"- [ ] T001 Run `git clone {ADDRESS} && grep private x/key`\n")
    words = ("--config", str(tmp_path / "own.toml"))
    assert f"{ADDRESS} ← ../borrowing" in project.run_spec("-n", *words).out
    done = project.run_spec("--sandbox", level, *words)
    assert done.code == 0, done.out + done.err

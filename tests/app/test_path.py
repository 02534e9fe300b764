"""Programs that a repository brings are run in the sandbox alone, whatever PATH says; a bad entry of it stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import OFFERED, Project

NAMES = ("git", "python3", "python", "bash", "sh", "bwrap", "unshare", "mount", "rm", "chmod", "env")
LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]


@pytest.fixture
def bringing(project: Project, tmp_path: Path) -> Project:
    """A repository whose own programs stand first on PATH: directly, and through a link beside it."""
    project.tasks("- [X] T001 Run `test ! -e ran`\n")
    for name in NAMES:
        project.write(f"bin/{name}", f"#!/bin/sh\n: >{tmp_path}/ran-{name}\nexit 0\n").chmod(0o755)
    (tmp_path / "link").symlink_to(project.root / "bin")
    project.commit()
    project.environment = {
        "PATH": os.pathsep.join([str(project.root / "bin"), str(tmp_path / "link"), os.environ["PATH"]])
    }
    return project


def test_no_program_of_the_repository_is_run_outside(bringing: Project, tmp_path: Path) -> None:
    for words in (("check",), ("-n",), ("status",), ("show",), ("doctor",), ("diff",), ("clean",)):
        bringing.run(*words, *([] if words == ("doctor",) else [bringing.spec]))
        assert sorted(tmp_path.glob("ran-*")) == [], words


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("command", ["run", "verify", "quickstart"])
def test_nor_is_it_by_a_run(bringing: Project, tmp_path: Path, level: str, command: str) -> None:
    bringing.guide("# Quickstart\n\n## Setup\n\n```bash\ntest ! -e ran\n```\n")
    done = bringing.run(command, "--sandbox", level, bringing.spec)
    assert (done.code, sorted(tmp_path.glob("ran-*"))) == (0, []), done.out + done.err


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "plain"])
def test_a_link_of_the_repository_on_path_lends_nothing(project: Project, tmp_path: Path, level: str) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text("the private key")
    project.tasks(f"- [ ] T001 Run `cat {tmp_path}/private/key`\n")
    (project.root / "tools").symlink_to("../private")
    project.environment = {"PATH": f"{project.root}/tools{os.pathsep}{os.environ['PATH']}"}
    done = project.run_spec("--sandbox", level)
    assert (done.code, "the private key" in done.out) == (1, False), done.out


@pytest.mark.parametrize("level", LEVELS)
def test_an_entry_of_path_that_is_no_readable_folder_stops_nothing(
    project: Project, tmp_path: Path, level: str
) -> None:
    (tmp_path / "closed" / "bin").mkdir(parents=True)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    entries = [tmp_path / "closed" / "bin", tmp_path / "file", tmp_path / "loop", "/" + "x" * 300, "", ".", "/nowhere"]
    project.environment = {"PATH": os.pathsep.join([*map(str, entries), os.environ["PATH"]])}
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run_spec("--sandbox", level)
    (tmp_path / "closed").chmod(0o755)
    assert done.code == 0, done.out + done.err

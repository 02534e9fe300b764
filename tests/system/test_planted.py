"""What others can write is never an input: whatever lies where spec-run reads and writes, nothing outside is read, written or lent."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from spec_runner.system.worktree import copies
from tests.conftest import OFFERED, ROOT, Project, forks
from tests.forked import Forks
from tests.system.planting import KINDS, LINKS, SECRET, World
from tests.system.test_attacks import USER, as_user, python_path, users_python

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices are needed")
LEVELS = [level for level in ("bubblewrap", "landlock") if level in OFFERED]
SPEC = "specs/001-case"
SECRETS = "{home}/.ssh/a/b/id {home}/.profile {outside}/photos/one {outside}/video {outside}/tasks.md"
WHOS = ("this user", "an ordinary user")


class Said:
    """What a row of command lines came to."""

    def __init__(self, found: list[tuple[int, str]]) -> None:
        self.codes = [code for code, _ in found]
        self.text = "".join(text for _, text in found)


def environment_of(who: str) -> dict[str, str]:
    """What a run of somebody finds."""
    path = os.environ["PATH"].split(os.pathsep)
    usable = [each for each in path if who == "this user" or not each.startswith("/root")]
    return {"PATH": os.pathsep.join(usable), "PYTHONPATH": python_path()}


@cache
def forks_of(who: str) -> Forks:
    """What runs the program for somebody."""
    if who == "this user":
        return forks()
    found = Forks(as_user(str(users_python())), environment_of(who))
    atexit.register(found.close)
    return found


class Planted(World):
    """A world whose spec has been run once, by somebody."""

    def __init__(self, top: Path, who: str, level: str) -> None:
        super().__init__(top)
        self.who, self.level = who, level
        project = Project(self.root, SPEC)
        leak = SECRETS.format(home=self.home, outside=self.outside)
        project.write(f"{SPEC}/leak.sh", f"echo said; cat {leak} 2>/dev/null; true\n")
        project.tasks(f"- [ ] T001 Run `echo x >made; bash {SPEC}/leak.sh`\n- [ ] T002 Run `false`\n")
        project.guide("# Quickstart\n\n## Setup\n\n```bash\ntrue\n```\n")
        project.commit()
        if who != "this user":
            subprocess.run(["chown", "-R", f"{USER}:{USER}", str(top)], check=True)
        self.call("run --keep-going", "status", "show")
        self.watch()

    def call(self, *lines: str) -> Said:
        """Call the command line; a line is given the spec as its last word."""
        found = []
        for line in lines:
            words = [*line.split(), *(["--sandbox", self.level] if line.startswith("run") else []), SPEC]
            given = {**environment_of(self.who), "HOME": str(self.home), "XDG_STATE_HOME": str(self.state)}
            code, out, err = forks_of(self.who).run(tuple(words), self.root, given, 60)
            found.append((code, (out + err).decode("utf-8", "replace")))
        return Said(found)

    def holds(self, said: Said) -> None:
        """Nothing outside was read, written or lent, and the program itself had no fault."""
        assert 3 not in said.codes, said.text
        assert SECRET.decode() not in said.text
        assert (self.harm, self.lent) == ([], [])


@pytest.fixture
def planted(request: pytest.FixtureRequest) -> Iterator[Planted]:
    who, level = getattr(request, "param", ("this user", LEVELS[0]))
    if who != "this user" and users_python() is None:
        pytest.skip("not root, or no interpreter that an ordinary user can run")
    top = Path(tempfile.mkdtemp(prefix="planted-")).resolve()
    top.chmod(0o755)
    yield Planted(top, who, level)
    copies.remove(top)


everybody = pytest.mark.parametrize("planted", [(who, LEVELS[0]) for who in WHOS], indirect=True, ids=WHOS)
everywhere = pytest.mark.parametrize(
    "planted", [(who, level) for who in WHOS for level in LEVELS], indirect=True,
    ids=[f"{who} {level}" for who in WHOS for level in LEVELS],
)  # fmt: skip


def own_files(world: World) -> list[Path]:
    """Every file that spec-run keeps in a repository, and the one that it kept there once."""
    folder = world.root / ".spec-run"
    found = [place for place in sorted(folder.rglob("*")) if place.is_file()]
    names = {place.name for place in found}
    assert {".gitignore", "journal", "journal.lock"} <= names
    assert any(name.startswith("lock-") for name in names)
    assert any(name.endswith(".txt") for name in names)
    return [*found, folder / "recovery-0123456789abcdef"]


def in_the_tree(world: World) -> list[Path]:
    """Every place that commands can write and that the next run comes by."""
    tree = next((world.state / "spec-run" / "trees").iterdir())
    found = [place for name in ("venv", "scratch", "home", "tmp") for place in sorted((tree / name).rglob("*"))]
    known = [tree / "venv" / "pyvenv.cfg", *(tree / "venv" / "bin" / name for name in ("python", "python3", "pip"))]
    assert set(known) <= set(found)
    return [place for place in found if len(place.relative_to(tree).parts) < 6]


DOCUMENTS = (
    f"{SPEC}/tasks.md", f"{SPEC}/quickstart.md", f"{SPEC}/spec-run.toml", "pyproject.toml", ".env", "junit.xml", "page.html",
    ".specify/feature.json", ".gitignore", ".gitattributes",
)  # fmt: skip
CALLS = ("run --keep-going --junit junit.xml --html page.html", "status", "show", "check", "run -n")


def test_the_watch_sees_a_reader(planted: Planted) -> None:
    (planted.home / ".profile").read_bytes()
    assert planted.harm == [str(planted.home / ".profile")]


@everybody
@pytest.mark.parametrize("kind", [*LINKS, *KINDS])
def test_what_lies_in_the_folder_of_the_journal_leads_nowhere(planted: Planted, kind: str) -> None:
    for place in own_files(planted):
        planted.plant(kind, place)
    planted.holds(planted.call(*CALLS))
    planted.plant(kind, planted.root / ".spec-run" / "output")
    planted.holds(planted.call(*CALLS[:3]))
    planted.plant(kind, planted.root / ".spec-run")
    planted.holds(planted.call(*CALLS))


@everybody
@pytest.mark.parametrize("kind", [*LINKS, *KINDS])
def test_what_stands_for_a_document_or_a_report_leads_nowhere(planted: Planted, kind: str) -> None:
    # The first two keep the others from being read.
    for name in reversed(DOCUMENTS[2:]):
        planted.plant(kind, planted.root / name)
    planted.holds(planted.call(CALLS[0], "check"))
    for name in DOCUMENTS[2:]:
        planted.plant("a forged file", planted.root / name)
        (planted.root / name).unlink()
    for name in DOCUMENTS[:2]:
        planted.plant(kind, planted.root / name)
        planted.holds(planted.call(CALLS[0], "check", "status"))


@everywhere
@pytest.mark.parametrize("kind", [*LINKS, *KINDS])
def test_what_commands_left_in_their_own_folders_leads_nowhere(planted: Planted, kind: str) -> None:
    places = in_the_tree(planted)
    # What is above goes last: below a link nothing can be planted.
    for place in sorted(places, key=lambda each: len(each.parts), reverse=True):
        planted.plant(kind, place)
    planted.holds(planted.call("run --keep-going", "diff --ignored", "diff --patch --ignored", "apply --ignored"))


@everywhere
def test_what_commands_made_of_the_interpreter_lends_nothing(planted: Planted) -> None:
    (planted.root / SPEC / "leak.sh").write_text(
        f"cat {SECRETS.format(home=planted.home, outside=planted.outside)} 2>/dev/null\n"
        f"ln -sfn {planted.home}/.ssh/a/b $VIRTUAL_ENV/bin/python; ln -sf {planted.home}/.profile $VIRTUAL_ENV/pyvenv.cfg; true\n"
    )
    for _ in range(3):
        planted.holds(planted.call("run --keep-going --only T001"))


def test_nearly_all_places_are_counted(planted: Planted) -> None:
    places = len(own_files(planted)) + 2 + len(DOCUMENTS) + len(in_the_tree(planted))
    print(f"{places} places, {len([*LINKS, *KINDS])} kinds of things")
    assert places >= 30


# What came with a repository.


def test_what_git_tracks_is_nobodys_evidence(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.write(".SPEC-run/journal", "forged")
    (project.root / ".SPEC-run").rename(project.root / ".spec-run")
    project.commit()
    for words in (["run"], ["run", "-n"], ["check"], ["status"], ["show"]):
        done = project.run(*words, project.spec)
        assert done.code == 2
        assert "; git rm -r --cached .spec-run" in done.err + done.out
    assert project.marks == " "


def test_a_recovery_copy_of_a_repository_is_not_taken_for_one(project: Project, tmp_path: Path) -> None:
    from hashlib import sha256

    from spec_runner.system.document.overwrite import keep

    profile = tmp_path / "profile"
    profile.write_text("mine\n")
    project.tasks("").unlink()
    (project.root / project.spec / "tasks.md").symlink_to(profile)
    name = sha256(os.fsencode(os.path.relpath(profile, project.root))).hexdigest()[:16]
    keep(project.root / ".spec-run" / f"recovery-{name}", b"none\n", b"evil\n")
    done = project.run_spec()
    assert done.code == 2
    assert f"a link leads out of the repository to {profile}" in done.err + done.out
    assert profile.read_text() == "mine\n"


_FOREIGN = """\
#!/bin/sh
echo "$0 $*" >>{ran}
cat 2>/dev/null
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_no_program_that_a_repository_names_to_git_is_run(project: Project, tmp_path: Path) -> None:
    program = tmp_path / "foreign"
    program.write_text(_FOREIGN.format(ran=tmp_path / "ran"))
    program.chmod(0o755)
    project.tasks("- [X] T001 Create `src/a.py`\n- [ ] T002 Run `test -d .`\n")
    for name in ("a.bin", "src/a.py", "b.txt"):
        project.write(name, "one\n")
    project.write(".gitattributes", "* filter=evil diff=evil merge=evil\n*.txt filter=e.v=il\n")
    project.commit()
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "credential.helper", "diff.external",
        "core.alternateRefsCommand", "gpg.program", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "filter.e.v=il.process", "filter.e.v=il.clean", "diff.evil.textconv", "diff.evil.command", "merge.evil.driver",
        "uploadpack.packObjectsHook", "alias.status", "alias.ls-files", "remote.origin.uploadpack", "pager.status", "pager.log",
    ):  # fmt: skip
        project.git("config", key, str(program))
    for key, value in {
        "log.showSignature": "true", "filter.evil.required": "true", "core.hooksPath": str(tmp_path / "hooks"),
        "remote.origin.url": str(tmp_path), "remote.origin.promisor": "true", "extensions.partialClone": "origin",
        "core.repositoryFormatVersion": "1", "protocol.ext.allow": "always", "remote.evil.url": f"ext::{program}",
        "submodule.recurse": "true",
    }.items():  # fmt: skip
        project.git("config", key, value)
    (tmp_path / "hooks").mkdir()
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "fsmonitor-watchman"):
        shutil.copy(program, tmp_path / "hooks" / name)
    for name in ("a.bin", "b.txt", "src/a.py"):
        # Git has to look into it, to know whether it is another file.
        project.write(name, "two\n")
        os.utime(project.root / name, (1, 1))
    # An object that a partial clone lacks would be fetched.
    next(place for place in (project.root / ".git" / "objects").glob("??/*")).unlink()
    (tmp_path / "ran").unlink(missing_ok=True)
    trace = tmp_path / "trace"
    for words in (["check"], ["-n"], ["status"], ["show"], ["run"], ["verify"], ["diff", "--patch"]):
        state = {"XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
        tracer = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", str(trace), "--"]
        subprocess.run(
            [*tracer, *project.command(*words, project.spec)], cwd=project.root, env={**os.environ, **state},
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        programs = {
            line.split('execve("')[1].split('"')[0] for line in trace.read_text().splitlines() if "execve(" in line
        }
        assert not {each for each in programs if str(tmp_path) in each and "trees" not in each}, words
        assert not (tmp_path / "ran").exists(), words
        if words in (["check"], ["-n"]):
            # The level of isolation is tried by bwrap.
            own = {"python", "python3", "git", "bwrap", "true", os.path.basename(sys.executable)}
            assert {os.path.basename(each) for each in programs} <= own

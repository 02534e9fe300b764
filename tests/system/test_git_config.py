"""A token in Git's configuration, as CI leaves one there, is not in the sandbox; Git works there all the same."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.system.worktree import git_config
from tests.conftest import OFFERED, Project

LEVELS = [level for level in ("bubblewrap", "landlock", "plain") if level in OFFERED]
TOKEN = "ghs_0123456789abcdefghijklmnopqrstuv"
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
PASSWORD = "glcbt-64_Pa55w0rdOfTheJob"
SETTINGS = {
    "http.https://github.com/.extraheader": f"AUTHORIZATION: basic {BASIC}",
    "remote.origin.url": f"https://gitlab-ci-token:{PASSWORD}@example.invalid/group/project.git",
    "remote.other.url": f"https://{TOKEN}@example.invalid/other.git",
    "remote.shell.url": "ssh://git@example.invalid:22/other.git",
    f"url.https://oauth2:{PASSWORD}@example.invalid/.insteadOf": "https://example.invalid/",
    "credential.helper": "store --file=.passwords",
    "core.sshCommand": f"ssh -o SendEnv={TOKEN}",
    "github.oauthtoken": TOKEN,
    "include.path": "../../outside.config",
    "user.nickname": TOKEN,
    "branch.main.remote": "origin",
}


@pytest.fixture
def ci(project: Project, tmp_path: Path) -> Project:
    """A repository as CI checks it out: with tokens in every place that Git knows for them."""
    project.write("file", "x")
    project.write(".gitignore", ".spec-run/\n")
    project.tasks("")
    project.commit()
    project.git("config", "extensions.worktreeConfig", "true")
    project.git("config", "--worktree", "http.https://one.invalid/.extraheader", f"AUTHORIZATION: bearer {TOKEN}")
    for key, value in SETTINGS.items():
        project.git("config", key, value)
    (tmp_path / "repository" / ".git" / "modules" / "m").mkdir(parents=True)
    project.write(".git/modules/m/config", f'[remote "origin"]\n\turl = https://x:{PASSWORD}@example.invalid/m.git\n')
    nested = Project(project.root / "tools")
    nested.write("file", "x")
    nested.commit()
    nested.git("config", "remote.origin.url", f"https://x:{PASSWORD}@example.invalid/tools.git")
    for name in (".passwords", ".git-credentials"):
        project.write(name, f"https://somebody:{PASSWORD}@example.invalid\n")
    (tmp_path / "outside.config").write_text(f"[http]\n\textraheader = X-Token: {PASSWORD}-included\n")
    return project


def linked(project: Project) -> Project:
    project.git("worktree", "add", "-q", "../linked")
    return Project(project.root.parent / "linked")


LOOK = (
    "cat .git/config .git/config.worktree .git/modules/m/config tools/.git/config .passwords .git-credentials"
    " {root}/.git/config {root}/.git-credentials; git config --list --show-origin | cat; git remote -v; true"
)


REMOTES = (
    "https://example.invalid/group/project.git",
    "https://example.invalid/other.git",
    "ssh://git@example.invalid:22/other.git",
)


def leaks(text: str) -> list[str]:
    """The pieces of a credential that are in a text, also such as masking would not find."""
    return [each for each in (TOKEN, BASIC, PASSWORD) if each[:12] in text]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ["run", "verify", "linked", "in place"])
def test_no_credential_is_seen_or_shown(ci: Project, level: str, kind: str) -> None:
    if (level, kind) in (("landlock", "in place"), ("plain", "in place")):
        pytest.skip("no other file can be laid over one of the repository at this level; the run says so")
    root = ci.root
    spec = linked(ci) if kind == "linked" else ci
    look = LOOK.format(root=root) if level != "plain" else LOOK.replace("{root}", ".")
    # Only the first letters: a whole one would be masked.
    words = " ".join(f"-e {each[:12]}" for each in (TOKEN, BASIC, PASSWORD))
    told = "git remote -v | tee remotes && test $(grep -c -F -f wanted remotes) = 6"
    spec.write("wanted", "\n".join(REMOTES))
    spec.write("look.sh", f"({look}) 2>&1 | grep {words} && exit 1; {told}\n")
    spec.git("add", "wanted", "look.sh")
    spec.tasks("- [X] T001 Run `sh look.sh`\n")
    spec.git("commit", "-qam", "Spec")
    command = {"verify": ("verify",), "in place": ("run", "--in-place")}.get(kind, ("run",))
    done = spec.run(*command, "--sandbox", level, spec.spec)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_printed_all_the_same_is_masked(ci: Project, level: str) -> None:
    script = "\n".join(f"echo {value[:9]}''{value[9:]}" for value in (TOKEN, BASIC, PASSWORD, f"{PASSWORD}-included"))
    ci.write("say.sh", script)
    ci.tasks("- [ ] T001 Run `sh say.sh; false`\n")
    done = ci.run_spec("--json", "--sandbox", level)
    assert done.steps("T001")[0]["output"] == "•••\n" * 4
    assert leaks(done.out + done.err + ci.text()) == []


@pytest.mark.parametrize("level", LEVELS)
def test_commands_write_their_own_configuration_and_it_stays_in_the_work_tree(ci: Project, level: str) -> None:
    before = (ci.root / ".git" / "config").read_bytes()
    ci.tasks(
        "- [ ] T001 Run `git config user.name Somebody && git remote add new https://example.invalid/new.git`\n"
        "- [ ] T002 Run `git config user.name | grep Somebody && git remote | grep new && git commit -qam New`\n"
    )
    done = ci.run_spec("--sandbox", level)
    assert done.code == 0, done.out + done.err
    assert (ci.root / ".git" / "config").read_bytes() == before


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "bubblewrap"])
def test_in_place_a_level_that_covers_nothing_says_so(ci: Project, level: str) -> None:
    ci.tasks("- [ ] T001 Run `test -d .`\n")
    assert (
        "commands can read the credentials in Git's configuration" in ci.run_spec("--in-place", "--sandbox", level).err
    )


_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\0\n@"), max_size=30)


@given(st.dictionaries(_TEXT, _TEXT, max_size=4))
def test_what_is_shown_of_a_configuration_means_the_same_to_git(pairs: dict[str, str]) -> None:
    settings = [(f"branch.{name}.description", value) for name, value in pairs.items() if name]
    text = git_config.text_of(git_config.shown(settings))
    read = subprocess.run(["git", "config", "--file", "-", "--list", "-z"], input=text, capture_output=True, check=True)
    told = [tuple(entry.split("\n", 1)) for entry in read.stdout.decode().split("\0") if entry]
    assert told == settings

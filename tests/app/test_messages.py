"""Wrong input, forty-odd kinds of it: one line on stderr in one voice, exit 2, nothing on stdout, nothing changed.

The voice is ``spec-run: what happened: where; what to type``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spec_runner.cli import main
from tests.conftest import Project

FILES: dict[str, str | bytes] = {
    "a/tasks.md": "## Phase 1: Setup\n\n- [X] T001 Run `test -d .`\n- [ ] T002 Run `git push`\n- [ ] T003 Think\n",
    "b/c/tasks.md": "", "b/d/tasks.md": "", "empty/x": "", "notes.txt": "", "utf16/tasks.md": "# T".encode("utf-16"),
    "nul/tasks.md": "a\n\0", "latin/tasks.md": b"caf\xe9", "deep/tasks.md": "> " * 50 + "x\n",
    "circle/tasks.md": "- [ ] T001 Run `test -d .` (depends on T002)\n- [ ] T002 Run `test -d .` (depends on T001)\n",
    "folder/tasks.md/x": "", "bad.toml": "x =\n", "key.toml": "[run]\ntimeuot = 3\n", "type.toml": "[run]\njobs = 'x'\n",
    "mirror.toml": "[git.mirrors]\n'https://x.example/a' = 'none'\n", "env.toml": "[env]\nKEY = 1\n",
    "path.toml": "[env]\nPATH = 'x'\n", "latin.env": b"A=\xff", "a/spec-run.toml": "",
}  # fmt: skip
HELP = "see spec-run run --help"
MESSAGES = [
    ("nowhere", "no such file or folder: nowhere; check the path"),
    ("status nowhere", "no such file or folder: nowhere; check the path"),
    ("check nowhere", "no such file or folder: nowhere; check the path"),
    ("clean nowhere", "no such file or folder: nowhere; check the path"),
    ("verify nowhere", "no such file or folder: nowhere; check the path"),
    ("quickstart -n nowhere", "no such file or folder: nowhere; check the path"),
    ("/dev/null", "this is neither a file nor a folder: /dev/null; name a folder or a markdown file"),
    ("chek", "there is no command, file or folder chek; did you mean check?"),
    ("empty", "no tasks.md and no quickstart.md in this folder or below: empty; name a spec folder"),
    ("notes.txt", "this is not a markdown file: notes.txt; name a tasks.md or a quickstart.md"),
    ("-n", "no PATH is given, and nothing here names a spec; name its folder: spec-run specs/NAME"),
    ("emty", "no such file or folder: emty; did you mean empty?"),
    ("b/c/task.md", "no such file or folder: b/c/task.md; did you mean b/c/tasks.md?"),
    ("help nowhere", "no such command 'nowhere'; see spec-run --help"),
    ("--onyl T001 a", "there is no option --onyl; did you mean --only?"),
    ("show --no-such a", "there is no option --no-such; see spec-run show --help"),
    ("doctor now", "got unexpected extra argument (now); see spec-run doctor --help"),
    ("show", "PATH is missing; see spec-run show --help"),
    ("--timeout soon a", f"'soon' is not a number: --timeout; {HELP}"),
    ("--timeout 0 a", "not a number of seconds above 0 and up to 10000000: --timeout; write 300"),
    ("--memory lots a", "not a size: --memory; write 4G or 512M"),
    ("--jobs 0 a", f"0 is less than 1: --jobs; {HELP}"),
    ("--network wifi a", f"'wifi' is not one of 'host', 'registries', 'none': --network; {HELP}"),
    ("--sandbox docker a", "there is no sandbox docker; use auto, best, or one of bubblewrap, seatbelt, landlock, plain"),
    ("--env 1X=2 a", "'1X' is not a variable name: --env; write NAME or NAME=VALUE"),
    ("--env PATH=/x a", "PATH belongs to the sandbox: --env; name another variable"),
    ("--env NOT_THERE a", "NOT_THERE is not set here: --env; write NOT_THERE=VALUE"),
    ("--allow outwrad a", "there is no reason or task outwrad; did you mean outward?"),
    ("--only T009 a", "there is no task T009; did you mean T003?"),
    ("--only T003-T001 a", "T003 comes after T001; write T001-T003"),
    ("--only mvp a", "nothing is marked MVP and there is no user story; name tasks or phases instead"),
    ("--from T003 --until T001 a", "T003 comes after T001; write --from T001 --until T003"),
    ("--phase Stup a", "there is no phase Stup; did you mean Phase 1: Setup?"),
    ("--story US9 a", "there is no story US9; the document names no story"),
    ("--config none.toml a", "cannot read the file (no such file or directory): none.toml; check the path"),
    ("--config bad.toml a", "the file is not TOML (Invalid value): bad.toml:1; "
     "correct the line"),
    ("--config key.toml a", "unknown key 'timeuot': key.toml:2; did you mean 'timeout'?"),
    ("--config type.toml a", "'jobs' must be a number of tasks: type.toml:2; write jobs = 4"),
    ("--config mirror.toml a", "there is no mirror none: mirror.toml:2; name it relative to mirror.toml"),
    ("--config env.toml a", "the value of 'KEY' must be a string: env.toml:2; put it in quotes"),
    ("--config path.toml a", "'PATH' cannot be set: path.toml:2; name a variable that the sandbox does not need"),
    ("--env-file none.env a", "cannot read the file (no such file or directory): none.env; check the path"),
    ("--env-file latin.env a", "the file is not UTF-8: latin.env; save the file as UTF-8"),
    ("--junit no/junit.xml a", "cannot write the report (no such file or directory): no/junit.xml; "
     "make its folder first"),
    ("--html a/tasks.md a", "--html would overwrite a document or another report: a/tasks.md; name another file"),
    ("-n --junit x.xml a", "--junit reports a run, and --dry-run runs nothing; print the plan with -n --json"),
    ("utf16", "the file is UTF-16, not UTF-8: utf16/tasks.md:1; save it as UTF-8"),
    ("nul", "a NUL byte shows that this is not a text file: nul/tasks.md:2; remove the byte"),
    ("latin", "byte 0xe9 is not UTF-8: latin/tasks.md:1; save the file as UTF-8"),
    ("deep", "nested more than 16 levels deep: deep/tasks.md:1; flatten the list or the quote"),
    ("circle", "tasks wait for each other (T001 → T002 → T001): circle/tasks.md:1; remove one 'depends on'"),
    ("folder", "cannot read the file (is a directory): folder/tasks.md; name the file in it"),
    ("verify --ticked-since nowhere a", "Git does not know the commit nowhere of --ticked-since: .; "
     "name a commit, a branch or working-tree; a shallow clone lacks older ones"),
    ("show a T009", "there is no task T009; did you mean T003?"),
    ("show a T001", "T001 has not run yet: a; run it with: spec-run a"),
    ("show a T002", "T002 is held (outward: git push): a; run it with: spec-run --allow T002 a"),
    ("show a T003", "T003 has nothing to run (no command, address or quickstart in its words): a; "
     "add a check below it: - **Verify**: `COMMAND`"),
    ("show --attest a", "this spec has not run yet: a; run it with: spec-run a"),
    ("diff a", "this spec has no work tree: a; make one with: spec-run a"),
    ("init a", "the file exists already: a/spec-run.toml; edit it"),
    ("init b", "this folder holds 2 specs: b; name one of them"),
]  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("wrong") / "repository")
    for path, text in FILES.items():
        project.write(path, text)
    project.commit()
    return project


@pytest.mark.parametrize(("typed", "message"), MESSAGES, ids=[typed for typed, _ in MESSAGES])
def test_wrong_input_is_answered_in_one_line(
    repository: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, message: str
) -> None:
    root = repository.root
    before = {
        path: path.read_bytes()
        for path in root.rglob("*.*")
        if path.is_file() and not {".git", ".spec-run"} & {*path.parts}
    }
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(root.parent / "state"))
    monkeypatch.delenv("SPECIFY_FEATURE_DIRECTORY", raising=False)
    code = main(typed.split())
    said = capsys.readouterr()
    assert (code, said.err.replace(f"{root}/", "").replace(f"{root};", ".;"), said.out) == (
        2,
        f"spec-run: {message}\n",
        "",
    )
    after = {
        path: path.read_bytes()
        for path in root.rglob("*.*")
        if path.is_file() and not {".git", ".spec-run"} & {*path.parts}
    }
    assert after == before


def test_every_message_says_what_to_type() -> None:
    assert [message for _, message in MESSAGES if "; " not in message] == []


def test_the_path_of_a_message_is_the_one_that_was_typed(
    repository: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(Path(repository.root / "latin"))
    assert main(["-n", path]) == 2
    assert f": {path}/tasks.md:1; " in capsys.readouterr().err

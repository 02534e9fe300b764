"""The real program tells how specs stand, and shows the evidence."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import Project

TASKS = (
    "- [ ] T001 Run `expr one`\n- [x] T002 Run `expr two; false`\n- [ ] T003 Run `expr three`\n"
    "- [x] T004 Write the model\n- [~] T005 Run `expr five`\n- [x] T006 Run `expr six`\n"
)


def test_every_spec_has_a_line_and_all_a_total(project: Project) -> None:
    project.tasks(TASKS)
    project.write("specs/002-other/tasks.md", "- [ ] T001 Run `test -d .`\n")
    project.commit()
    assert project.run_spec().code == 1
    done = project.run("status", "--json", "specs")
    assert done.code == 0
    first, second = done.json["specs"]
    assert done.json["schema"] == "spec-run/status@1"
    counts = {name: first[name] for name in ("done", "claimed", "failed", "cancelled", "open", "other", "no_evidence")}
    assert counts == {"done": 1, "claimed": 1, "failed": 1, "cancelled": 1, "open": 0, "other": 1, "no_evidence": 1}
    assert (first["tasks"], first["ticked"], first["last_run"]["ended"]) == (6, 3, "failed")
    assert (second["open"], second["last_run"]) == (1, None)
    assert done.json["total"] == {**done.json["total"], "tasks": 7, "specs": 2, "done": 1, "open": 1}
    lines = project.run("status", "specs").out.splitlines()
    assert lines[0].split() == ["done", "claimed", "failed", "[C]", "open", "other", "none", "last", "run"]
    row = " ".join(lines[1:3]).split()
    assert row[:8] == ["specs/001-case", "1", "1", "1", "1", "-", "1", "1"] and row[10] == "failed"
    assert lines[4].endswith("never")
    assert lines[5].split()[:4] == ["2", "specs", "1", "1"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", ["001-a", "001-a-name-that-is-longer-than-most-others-are", "001-" + "x" * 90])
def test_status_fits_a_terminal_and_cuts_no_path(project: Project, name: str) -> None:
    project.write(f"specs/{name}/tasks.md", TASKS)
    lines = project.run("status", "specs").out.splitlines()
    assert max(len(line) for line in lines if line != f"specs/{name}") <= 80
    assert any(line.startswith(f"specs/{name}") for line in lines)


def test_status_makes_nothing_in_a_repository_that_was_never_run(project: Project) -> None:
    project.tasks(TASKS)
    kept = {path: path.stat().st_mtime_ns for path in project.root.rglob("*")}
    assert project.run("status").code == 0
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*")} == kept


def test_an_edited_command_is_a_new_command(project: Project) -> None:
    file = project.tasks(TASKS)
    project.run_spec()
    first = project.run("status", "--json").out
    assert project.run("status", "--json").out == first
    file.write_text(file.read_text().replace("expr one", "expr another"))
    changed = project.run("status", "--json").json["specs"][0]
    assert (changed["done"], changed["claimed"]) == (0, 2)


def test_a_spec_that_cannot_be_read_does_not_hide_the_others(project: Project) -> None:
    project.tasks(TASKS)
    project.write("specs/002-bad/tasks.md", b"\xff\xfe")
    done = project.run("status", "specs")
    assert done.code == 2
    assert "UTF-16" in done.err
    assert "specs/001-case" in done.out


def test_a_killed_run_shows_as_unfinished(project: Project) -> None:
    project.tasks("- [ ] T001 Run `expr one`\n")
    project.run_spec()
    path = project.root / ".spec-run" / "journal"
    lines = path.read_bytes().splitlines(True)
    begun = next(number for number, line in enumerate(lines) if b"step-started" in line)
    path.write_bytes(b"".join(lines[: begun + 1]))
    assert project.run("status", "--json").json["specs"][0]["last_run"]["ended"] == "unfinished"
    shown = project.run("show", project.spec)
    assert "T001   began at" in shown.out


def test_the_evidence_of_a_task_is_shown(project: Project) -> None:
    project.tasks(TASKS)
    project.commit()
    project.run_spec()
    done = project.run("show", project.spec, "t002")
    assert done.code == 0
    assert "T002   failed" in done.out
    assert "expr two; false" in done.out
    assert "ended      exit 1" in done.out
    assert "output     two" in done.out
    assert "applies    yes" in done.out
    assert "result     newer than the last change of the repository (" in done.out
    assert project.git("rev-parse", "HEAD")[:12] in done.out
    whole = project.run("show", project.spec).out
    assert [line.split()[0] for line in whole.splitlines()[2:]] == ["T001", "T002", "T003", "T006"]
    assert project.run("show", project.spec, "T999").code == 2


def test_evidence_is_told_apart_from_what_is_there_today(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project.tasks(TASKS)
    project.commit()
    project.run_spec()
    task = project.run("show", "--json", project.spec, "T001").json["specs"][0]["tasks"][0]
    assert (task["applies"], task["changed"], task["steps"][0]["output"]) == (True, [], "one\n")
    file.write_text(file.read_text().replace("expr one", "expr another"))
    project.write("more", "x")
    assert project.run("show", "--json", project.spec, "T001").json["specs"][0]["tasks"][0]["changed"] == [
        "command",
        "files",
    ]
    project.git("add", "-A")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z")
    project.git("commit", "-q", "-m", "More")
    last = project.run("show", "--json", project.spec, "T001").json["specs"][0]["tasks"][0]["last_change"]
    assert (last["files"], last["time"], last["result_is_newer"]) == ([], "2099-01-01T00:00:00Z", False)
    changed = project.run("show", "--json", project.spec, "T002").json["specs"][0]["tasks"][0]["changed"]
    assert changed == ["commit"]
    assert "another commit" in project.run("show", project.spec).out


def test_no_secret_is_in_what_is_kept_or_shown(project: Project) -> None:
    project.write("values.env", "API_KEY=sk-verysecret-9912\n")
    project.tasks(
        "- [ ] T001 Configure environment variables (`API_KEY`) in a `.env` file\n- [ ] T002 Run `cat .env; false`\n"
    )
    project.run_spec("--env-file", "values.env")
    shown = project.run("show", "--json", project.spec).out + project.run("show", project.spec, "T002").out
    assert "API_KEY=•••" in shown
    kept = [path.read_text() for path in Path(project.root, ".spec-run").rglob("*") if path.is_file()]
    assert "verysecret" not in shown + "".join(kept)


def test_a_run_is_attested(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.commit()
    project.run_spec()
    made = project.run("show", "--attest", project.spec).json
    assert made["predicate"]["result"] == "PASSED"
    assert made["predicate"]["passedTests"] == ["specs/001-case/tasks.md#T001"]
    assert made["subject"][0]["digest"]["gitCommit"] == project.git("rev-parse", "HEAD").strip()
    assert project.run("verify", "--attest", "a.json", "--badge", "b.svg", project.spec).code == 0
    again = json.loads((project.root / "a.json").read_text())
    assert (
        again["predicate"]["passedTests"] == made["predicate"]["passedTests"]
        and again["predicate"]["result"] == "PASSED"
    )
    documents = [each["digest"]["sha256"] for each in again["subject"][1:]]
    assert documents == [sha256((project.root / project.spec / "tasks.md").read_bytes()).hexdigest()]
    assert "1 of 1 proven" in (project.root / "b.svg").read_text()


@pytest.mark.parametrize("words", [("show",), ("show", "--attest")])
def test_where_nothing_ran_that_is_said(project: Project, words: tuple[str, ...]) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run(*words, project.spec)
    assert "this spec has not run yet" in done.out + done.err
    assert done.code == (2 if "--attest" in words else 0)


def test_a_spec_is_not_told_as_failed_because_another_one_was(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.write("specs/002-other/tasks.md", "- [ ] T001 Run `false`\n")
    project.commit()
    assert project.run("specs").code == 1
    told = {spec["path"]: spec for spec in project.run("status", "--json").json["specs"]}
    assert {path: spec["last_run"]["ended"] for path, spec in told.items()} == {
        "specs/001-case": "passed", "specs/002-other": "failed",
    }  # fmt: skip
    assert " · passed · " in project.run("show", project.spec).out


@pytest.mark.parametrize(("word", "said"), [
    ("T002", "T002 has nothing to run"), ("T003", "T003 is held (outward: git push): specs/001-case; run it with: spec-run --allow T003 "),
    ("T004", "T004 has not run yet: specs/001-case; run it with: spec-run specs/001-case"), ("T0099", "there is no task T0099; did you mean"),
])  # fmt: skip
def test_show_says_why_it_has_nothing_to_show(project: Project, word: str, said: str) -> None:
    project.tasks(
        "- [ ] T001 Run `test -d .`\n- [ ] T002 Review\n- [ ] T003 Run `git push`\n- [ ] T004 Run `test -d .`\n"
    )
    project.run_spec("--only", "T001")
    done = project.run("show", project.spec, word)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(("words", "said"), [
    (("--env-file", "nowhere"), "cannot read the file (no such file or directory): nowhere"),
    (("--from", "T002", "--until", "T001"), "T002 comes after T001; write --from T001 --until T002"),
])  # fmt: skip
def test_a_preview_refuses_what_the_run_would(project: Project, words: tuple[str, ...], said: str) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n")
    for more in (("-n",), ()):
        done = project.run_spec(*words, *more)
        assert done.code == 2
        assert said in done.err + done.out

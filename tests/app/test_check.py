"""``spec-run check`` on real repositories."""

from __future__ import annotations

from tests.conftest import Project


def test_findings_are_printed_as_compilers_do(project: Project) -> None:
    project.tasks(
        "# T\n- [x] T001 Create `src/never.py`\n- [x] T002 Create `src/gone.py`\n- [x] T003 Create `src/here.py`\n"
    )
    project.write("src/gone.py", "")
    project.write("src/here.py", "")
    project.commit()
    project.git("rm", "-q", "src/gone.py")
    project.git("commit", "-q", "-m", "Gone")
    before = project.text()
    done = project.run("check", "specs")
    assert done.code == 1
    first, second, *_ = done.out.splitlines()
    missing = "src/never.py is in no commit, and nothing like it is there"
    assert first == f"{project.spec}/tasks.md:2: SR104 T001 is ticked, but {missing}"
    gone = project.git("rev-parse", "--short", "HEAD").strip()
    assert second.endswith(f"SR302 T002 is ticked, but src/gone.py is no longer there; deleted in {gone}")
    assert project.text() == before
    told = project.run("check", "--json", "specs").json
    assert told["schema"] == "spec-run/check@1"
    found = told["specs"][0]["findings"]
    assert [(each["line"], each["level"]) for each in found] == [(2, "error"), (3, "note"), (4, "note")]
    assert "it is empty" in found[2]["message"]


def test_nothing_found_is_a_success(project: Project) -> None:
    project.tasks("- [ ] T001 Do it\n")
    done = project.run("check", "specs")
    assert (done.code, done.out) == (0, "nothing found in 1 spec\n")
    assert project.run("check", "nowhere").code == 2


def test_lines_that_are_nearly_tasks_are_told(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Run `test -d .`\n- [] T002 a\n\n-[ ] T003 b\n\n- [ ]T004 c\n\n- [](a.md) link\n- [x](a.md)\n- T005 d\n"
        "```text\n- [] T006 shown\n```\n~~~\n- [ ] T007 lost\n"
    )
    told = project.run("check", project.spec).out.splitlines()
    found = [line.split(" ")[:2] for line in told[:-1]]
    name = "specs/001-case/tasks.md"
    assert found == [[f"{name}:{n}:", code] for n, code in ((2, "SR107"), (4, "SR107"), (6, "SR107"), (14, "SR106"))]


def test_nothing_is_said_of_what_could_not_be_read(project: Project) -> None:
    done = project.run("check", "nowhere")
    assert done.code == 2
    assert "nothing found" not in done.out


def test_two_documents_of_one_folder_are_two_specs(project: Project) -> None:
    for name in ("one", "two"):
        project.write(f"plans/{name}.md", "- [ ] T001 Run `test -d .`\n- [ ] T001 Run `test -d .`\n")
    out = project.run("check", "plans/one.md", "plans/two.md", "plans/../plans/one.md").out
    assert [line.split(":")[0] for line in out.splitlines()[:-1]] == ["plans/one.md", "plans/two.md"]


def test_a_note_alone_is_a_success(project: Project) -> None:
    project.tasks("- [x] T001 Create the parser in `src/parser.py`\n")
    project.write("lib/parser.py", "class Parser: ...\n")
    project.commit()
    done = project.run("check", project.spec)
    assert done.code == 0
    assert "SR301 T001 is ticked, but src/parser.py is not found; lib/parser.py looks like it" in done.out


def test_without_the_history_nothing_is_missing(project: Project) -> None:
    project.tasks("- [x] T001 Create `src/never.py`\n")
    project.commit()
    project.write("a", "")
    project.commit()
    shallow = project.root.parent / "shallow"
    project.git("clone", "-q", "--depth", "1", f"file://{project.root}", str(shallow))
    assert "SR104" in project.run("check", project.spec).out
    done = project.run("check", str(shallow / project.spec))
    assert (done.code, "SR104" in done.out, "SR301" in done.out) == (0, False, True)


def test_the_evidence_says_who_ticked_a_task(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.commit()
    project.run("run", project.spec)
    shown = project.run("show", project.spec, "T001").out
    assert "  ticked     not committed" in shown
    project.commit()
    shown = project.run("show", project.spec, "T001").out
    assert f"  ticked     in {project.git('rev-parse', 'HEAD').strip()[:12]} by " in shown

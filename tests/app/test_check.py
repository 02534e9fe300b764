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
    first = f"{project.spec}/tasks.md:2: SR104 T001 is ticked, but src/never.py is not in the repository and never was"
    assert done.out.splitlines()[0] == first
    assert done.out.count("SR104") == 2, "the finding and its count"
    assert project.text() == before
    told = project.run("check", "--json", "specs").json
    assert told["schema"] == "spec-run/check@1"
    assert [each["line"] for each in told["specs"][0]["findings"]] == [2]


def test_nothing_found_is_a_success(project: Project) -> None:
    project.tasks("- [ ] T001 Do it\n")
    done = project.run("check", "specs")
    assert (done.code, done.out) == (0, "nothing found in 1 specs\n")
    assert project.run("check", "nowhere").code == 2

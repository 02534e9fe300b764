"""Which steps cannot work on which systems, in the reports of a run and in what check finds."""

from __future__ import annotations

from tests.conftest import Project

GUIDE = "# Setup\n\n## Install\n\n```bash\ntest -d .\nopen README.md\n```\n"


def test_every_report_has_the_systems_on_which_a_step_cannot_work(project: Project) -> None:
    project.write("docs/setup.md", GUIDE)
    reports = {name: project.root.parent / f"report.{name}" for name in ("html", "junit", "markdown")}
    words = [word for name, place in reports.items() for word in (f"--{name}", str(place))]
    project.run("quickstart", *words, "docs/setup.md")
    text = {name: place.read_text() for name, place in reports.items()}
    assert "<summary>1 step cannot work on Windows, 1 on Linux</summary>" in text["html"]
    assert "<th>setup.md:7</th><td>open exists on macOS only; start does it there</td><td></td>" in text["html"]
    assert 'name="cannot work on Linux" value="line 7: open exists on macOS only; xdg-open does' in text["junit"]
    assert "| Where | Windows | macOS | Linux |\n|---|---|---|---|\n| setup.md:7 | open exists" in text["markdown"]


def test_check_reads_a_document_of_another_name_without_tasks_as_a_guide(project: Project) -> None:
    project.write("README.md", GUIDE)
    project.write("todo.md", "- [ ] T001 Show it with `open README.md`\n")
    told = project.run("check", "README.md", "todo.md").out
    assert "README.md:7: SR203 cannot work on Linux" in told and "todo.md:1: SR203" in told

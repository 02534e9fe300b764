"""The tests that tasks name, run with the repository's own runner."""

from __future__ import annotations

from tests.conftest import Project

TASKS = """\
- [x] T001 Unit test for adding in `tests/test_add.py`
- [x] T002 Unit test for taking away in `tests/test_take.py`
- [x] T003 Unit test that holds none in `tests/test_none.py`
- [x] T004 Create the module `src/add.py`
- [x] T005 Unit test that nobody wrote in `tests/test_never.py`
"""


def unit_test(body: str) -> str:
    return f"import unittest\n\n\nclass Case(unittest.TestCase):\n    def test_it(self):\n        {body}\n"


def written(project: Project) -> None:
    project.tasks(TASKS)
    project.write("tests/__init__.py", "")
    project.write("tests/test_add.py", unit_test("self.assertEqual(1 + 1, 2)"))
    project.write("tests/test_take.py", unit_test("self.assertEqual(2 - 1, 2)"))
    project.write("tests/test_none.py", "import unittest\n")
    project.write("src/add.py", "x = 1\n")
    project.commit()


def test_the_tests_that_a_task_names_prove_it_only_where_one_ran(project: Project) -> None:
    written(project)
    done = project.run("verify", "--tests", "--json", project.spec)
    judged = {each["id"]: (each["verdict"], each["commands"]) for each in done.json["specs"][0]["ticks"]}
    assert done.code == 1
    assert judged["T001"] == ("proven", ["python -m unittest tests/test_add.py"])
    assert judged["T002"][0] == "false"
    assert judged["T003"][0] == "false", "a run in which no test ran proves nothing"
    assert judged["T004"] == ("present", [])
    assert judged["T005"] == ("missing", [])


def test_they_are_run_only_where_that_is_asked_for(project: Project) -> None:
    written(project)

    def planned(*words: str) -> list[str]:
        tasks = project.run("run", "-n", "--json", *words, project.spec).json["specs"][0]["tasks"]
        return [task["id"] for task in tasks if task["steps"]]

    assert planned() == []
    assert planned("--tests") == ["T001", "T002", "T003"]
    project.config("[tests]\nrun = true\n")
    assert planned() == ["T001", "T002", "T003"]
    assert planned("--no-tests") == []

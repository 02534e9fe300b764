"""Nothing is proven without evidence, and nothing is false for what the machine or the moment did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project

SERVER = """\
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/list": 404, "/sum": 500, "/item": 204, "/own": 401, "/all": 403, "/get": 503}[self.path])
        self.end_headers()
        self.wfile.write(b"said\\n")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def judged(project: Project, *words: str) -> dict[str, tuple[str, str | None, str | None]]:
    """The verdict, the cause and the reason of each tick."""
    done = project.run("verify", "--json", *words, project.spec)
    assert done.code in (0, 1, 4), done.err
    ticks: list[dict[str, Any]] = done.json["specs"][0]["ticks"]
    return {each["id"]: (each["verdict"], (each["cause"] or {}).get("kind"), each["reason"]) for each in ticks}


def test_only_evidence_acquits(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER)
    project.write("made/here.txt", "x")
    at = f"http://localhost:{free_port}"
    project.tasks(
        f"- [X] T001 Start the server with `python3 server.py {free_port}`\n"
        f"- [X] T002 Check the list with `curl -s {at}/list`\n"
        f"- [X] T003 Check the list with `curl -s {at}/sum | cat`\n"
        f"- [X] T004 Check the list with `curl -s {at}/item`\n"
        f"- [X] T005 Verify that a request without a token is refused: `curl -s {at}/own`\n"
        f"- [X] T006 Verify that `curl -s {at}/all` returns 403\n"
        f"- [X] T007 Install it with `curl -sf {at}/get | sh`\n"
        "- [X] T008 Run `git status` and `git diff`\n"
        "- [X] T009 Run `echo done`\n"
        "- [X] T010 Run `seq 1 100000 | head -2`\n"
        "- [X] T011 Run `cat never-there | head -2`\n"
        "- [X] T012 Run `git status` and then `test -f server.py`\n"
    )
    project.commit()
    found = {key: verdict for key, (verdict, _, _) in judged(project).items()}
    assert found == {
        "T001": "proven", "T002": "false", "T003": "false", "T004": "proven", "T005": "proven", "T006": "proven",
        "T007": "false", "T008": "nothing to go by", "T009": "nothing to go by", "T010": "proven", "T011": "false",
        "T012": "proven",
    }  # fmt: skip


def test_what_an_address_answers_is_compared_with_the_words(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER.replace('b"said\\n"', 'b\'{"status": "ok", "count": 3}\''))
    at = f"http://localhost:{free_port}"
    project.tasks(
        f"- [X] T001 Start it with `python3 server.py {free_port}` and verify that {at}/item returns 204\n"
        f'- [X] T002 Verify that `{at}/get` returns 503 with {{"status": "ok"}}\n'
        f'- [X] T003 Verify that `{at}/get` returns 503 with {{"status": "down"}}\n'
        f'- [X] T004 Verify that `{at}/get` returns 503 and shows "count"\n'
        f'- [X] T005 Verify that `{at}/get` returns 503 and shows "total"\n'
        f"- [X] T006 Verify that `{at}/item` returns 204 and `{at}/list` returns 200\n"
    )
    project.commit()
    found = judged(project)
    assert {key: verdict for key, (verdict, _, _) in found.items()} == {
        "T001": "proven", "T002": "proven", "T003": "false", "T004": "proven", "T005": "false", "T006": "false",
    }, found  # fmt: skip
    assert found["T003"][2] == 'expected "status": "down", got "ok"'


def test_what_is_done_once_is_judged_by_what_it_left(project: Project) -> None:
    project.write("src/new.py", "x")
    project.write("app/models.py", "x")
    project.write("kept.py", "x")
    project.tasks(
        "- [X] T001 Rename it with `git mv old.py src/new.py`\n"
        "- [X] T002 Remove it with `git rm old.py`\n"
        "- [X] T003 Create the folder with `mkdir app`\n"
        "- [X] T004 Move it with `git mv other.py src/other.py`\n"
        "- [X] T005 Commit it with `git commit -m 'All of it'`\n"
        "- [X] T006 Run `python3 -m unittest red` and confirm that it must FAIL first\n"
        "- [X] T007 Run `python3 -m unittest red`\n"
        "- [X] T008 Move it with `git mv kept.py src/kept.py`\n"
        "- [X] T009 Create the folder with `mkdir -p later`\n"
    )
    project.write("red.py", "import unittest\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n")
    project.commit()
    found = {key: each[:2] for key, each in judged(project).items()}
    assert found == {
        "T001": ("proven", None), "T002": ("cannot tell", "once"), "T003": ("proven", None),
        "T004": ("cannot tell", "once"), "T005": ("cannot tell", "once"), "T006": ("cannot tell", "once"),
        "T007": ("proven", None), "T008": ("false", None), "T009": ("cannot tell", "once"),
    }  # fmt: skip


def test_a_command_runs_where_the_file_is_that_it_names(project: Project) -> None:
    for name in ("web/package.json", "api/package.json"):
        project.write(name, '{"scripts": {"build": "true"}}')
    project.write("backend/manage.py", "import os; assert os.path.exists('manage.py')\n")
    project.tasks(
        "- [X] T001 Run `python3 manage.py migrate`\n- [X] T002 Run `npm run build`\n- [X] T003 Run `test -d backend`\n"
    )
    project.commit()
    found = {key: each[:2] for key, each in judged(project, "--no-setup").items()}
    assert found["T001"] == ("proven", None)
    assert found["T002"] == ("cannot tell", "directory") or found["T002"] == ("cannot tell", "tool")
    assert found["T003"] == ("proven", None)
    plan = project.run("run", "-n", project.spec).out
    assert "in backend, where manage.py is" in plan


@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_block_that_starts_at_the_root_runs_there_whatever_was_left(project: Project, ending: str) -> None:
    project.write("a/in-a", "x")
    project.write("b/in-b", "x")
    project.guide(
        "# Guide\n\n## Setup\n\n```bash\ncd a\ntest -f in-a\n```\n\n## Then\n\n```bash\ncd b\ntest -f in-b\n```\n\n"
        f'## Run\n\n```bash\ncd a && test -f in-a\n```\n\n## Check\n\n```bash\ncd a\ntest "$PWD" = "$(pwd)"\n```\n{ending}'
    )
    done = project.run("quickstart", "--json", project.spec)
    assert done.code == 0, done.out


STEP = "```bash\n{}\n```\n\n"
GUIDES = {
    "all run": (["test -d .", "mkdir out", "test -d out"], "proven", 0, 0),
    "one held": (["test -d .", "sudo true", "test -e ."], "in part", 0, 1),
    "half held": (["sudo make", "test -d .", "sudo true"], "in part", 0, 1),
    "all held": (["sudo make", "sudo true"], "cannot tell", 0, 1),
    "none": ([], "nothing to go by", 0, 1),
    "idle": (["git status", "echo done"], "nothing to go by", 0, 1),
    "unjudged": (["test -d .", "no-such-tool x"], "in part", 0, 1),
    "second of ten fails": (["test -d .", "cat never-there", *(f"test {n}" for n in range(8))], "false", 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_proves_its_task_only_when_all_of_it_ran(project: Project, name: str) -> None:
    steps, verdict, code, strict = GUIDES[name]
    project.guide("# Guide\n\n## Setup\n\n" + "".join(map(STEP.format, steps)))
    project.tasks("- [X] T001 Run quickstart.md validation\n- [X] T002 Run `test -d .`\n")
    project.commit()
    found = judged(project)["T001"]
    assert found[0] == verdict, found
    assert project.run("verify", project.spec).code == code
    assert project.run("verify", "--strict", project.spec).code == strict
    if name == "second of ten fails":
        assert found[2] is not None
        assert found[2].endswith("(9 of 10 steps, 1 failed)")


def test_a_program_behind_links_in_a_folder_of_path_is_there(project: Project, tmp_path: Path) -> None:
    real = tmp_path / "opt" / "tool-1.0" / "bin"
    real.mkdir(parents=True)
    (real / "my-tool").write_text("#!/bin/sh\necho found\n")
    (real / "my-tool").chmod(0o755)
    linked = tmp_path / "bin"
    linked.mkdir()
    (linked / "my-tool").symlink_to(real / "my-tool")
    project.environment["PATH"] = f"{linked}:/usr/local/bin:/usr/bin:/bin"
    project.tasks("- [X] T001 Run `my-tool`\n")
    project.commit()
    assert judged(project)["T001"][0] == "proven"

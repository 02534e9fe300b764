"""The real program on specs of our own: what is run, what is written back, what is said."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spec_runner.app.run import refuse_without_isolation
from spec_runner.errors import SpecError
from tests.conftest import ROOT, Done, Project, no_strays
from tests.recording import planned, settings_for

SERVER = """\
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/": 404, "/docs": 200, "/teapot": 418}.get(self.path, 500))
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_each_way_to_end_is_told(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Run `test -d .`\n"
        "- [ ] T002 Run `rm not-there`\n"
        "- [ ] T003 Run `sleep 600`\n"
        "- [ ] T004 Run `cat`\n"
        "- [ ] T005 Run `bash -c 'kill -9 $$'`\n"
        "- [ ] T006 Run `git nonsense` in `no/such/folder/`\n"
    )
    done = project.run_spec("--keep-going", "--json", "--timeout", "1.5")
    assert done.code == 1
    report = done.json
    assert report["schema"] == "spec-run/run@1"
    assert report["counts"] == {"passed": 2, "failed": 4}
    told = {task["id"]: (task["outcome"], task["reason"]) for task in report["specs"][0]["tasks"]}
    assert told["T001"] == ("passed", None)
    assert told["T002"][0] == "failed"
    assert "not-there" in str(told["T002"][1])
    assert told["T003"] == ("timed-out", "timed out after 1.5 s")
    assert told["T004"] == ("passed", None), "a reader of stdin finds nothing to read"
    assert told["T005"][0] == "killed"
    assert told["T006"] == ("not-started", "the directory no/such/folder does not exist")
    step = done.steps("T002")[0]
    assert (step["outcome"], step["exit"], step["signal"]) == ("failed", 1, None)
    assert "No such file" in step["output"]
    assert done.steps("T005")[0]["signal"] == 9
    assert project.marks == "X  X  "
    assert "T003 Run `sleep 600` (FAILED: timed out after 1.5 s)" in project.text()


def test_every_word_of_a_hidden_comment_is_heeded(project: Project) -> None:
    project.write("backend/here", "3 users\n")
    project.tasks(
        "- [ ] T001 Run `bash -c 'exit 3'` <!-- spec-run: exit=3 -->\n"
        "- [ ] T002 Run `bash -c 'exit 3'` <!-- spec-run: exit=4 -->\n"
        "- [ ] T003 Run `sleep 600` <!-- spec-run: timeout=1 -->\n"
        "- [ ] T004 Run `cat here` <!-- spec-run: cwd=backend -->\n"
        '- [ ] T005 Run `cat backend/here` <!-- spec-run: expect="2 users" -->\n'
        "- [ ] T006 Run `cat backend/here`\n\n  <!-- spec-run: output -->\n  ```\n  3 users\n  ```\n"
        "- [ ] T007 Run `false` <!-- spec-run: skip -->\n"
        "- [ ] T008 Optionally run `test -d .` <!-- spec-run: run -->\n"
    )
    done = project.run_spec("--keep-going", "--json")
    told = {task["id"]: (task["outcome"], task.get("reason")) for task in done.json["specs"][0]["tasks"]}
    assert told["T002"] == ("failed", "expected exit 4, got 3")
    assert told["T003"] == ("timed-out", "timed out after 1 s")
    assert told["T005"] == ("failed", 'expected "2 users", got "3 users"')
    assert {told[name] for name in ("T001", "T004", "T006", "T008")} == {("passed", None)}
    assert told["T007"] == (None, None)


def test_a_failure_cancels_what_comes_after_and_leaves_ticks(project: Project) -> None:
    project.tasks(
        "- [x] T001 Run `test -d .`\n- [X] T002 Run `false`\n- [ ] T003 Run `test -d .`\n- [x] T004 Run `test -d .`\n"
        "- [C] T005 Run `test -d .`\n- [ ] T006 Write the model in src/model.py\n- [~] T007 Run `test -d .`\n"
    )
    done = project.run_spec()
    assert done.code == 1
    assert project.marks == "x CxC ~"
    assert "T003" in done.err
    assert "not reached: T002 failed" in done.err
    assert project.text().count("FAILED") == 1
    again = project.text()
    assert project.run_spec().code == 1
    assert project.text() == again, "the same failure twice leaves the same bytes"


def test_what_was_mended_runs_through(project: Project) -> None:
    project.tasks("- [X] T001 Run `test -f mended` (FAILED: exit 1)\n- [C] T002 Run `test -d .`\n")
    assert project.run_spec().code == 1
    project.write("mended", "")
    assert project.run_spec().code == 0
    assert project.text() == "- [X] T001 Run `test -f mended`\n- [X] T002 Run `test -d .`\n"


def test_nothing_but_marks_and_notes_changes(project: Project) -> None:
    before = "\ufeff# Täsks 🎯  \r\n\r\n- [ ] T001 Run `test -d .`  \r\n\tindented\r\n- [ ] T002 Run `false`\t\r\n\r\nlast \x1b[1m line"
    file = project.tasks(before)
    file.chmod(0o640)
    project.run_spec()
    after = file.read_bytes().decode()
    expected = before.replace("[ ] T001", "[X] T001").replace("`false`\t", "`false` (FAILED: exit 1)\t")
    assert after == expected
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_linked_document_stays_a_link(project: Project) -> None:
    real = project.write("docs/real.md", "- [ ] T001 Run `test -d .`\n")
    folder = project.root / project.spec
    folder.mkdir(parents=True)
    (folder / "tasks.md").symlink_to(real)
    assert project.run_spec().code == 0
    assert (folder / "tasks.md").is_symlink()
    assert real.read_text() == "- [X] T001 Run `test -d .`\n"


def test_state_flows_as_in_one_terminal(project: Project) -> None:
    project.write("sub/file", "x")
    project.tasks(
        "- [ ] T001 Navigate to the folder `cd sub`\n"
        "- [ ] T002 Run `export WORD=hello`\n"
        "- [ ] T003 Run `test -f file -a $WORD = hello`\n"
        "- [ ] T004 Run `cd .. && test -d sub`\n"
        "- [ ] T005 Run `test -f file`\n"
    )
    assert project.run_spec().code == 0


def test_neighbours_start_from_the_same_state(project: Project) -> None:
    project.write("sub/file", "x")
    project.tasks(
        "- [ ] T001 [P] Navigate to `cd sub`\n- [ ] T002 [P] Run `test -d sub`\n- [ ] T003 [P] Run `export X=1`\n"
        '- [ ] T004 Run `test -d sub -a -z "$X"`\n'
    )
    assert project.run_spec("--jobs", "1").code == 0
    assert project.run_spec("--jobs", "8").code == 0


def test_neighbours_run_side_by_side(project: Project) -> None:
    project.tasks(
        "- [ ] T001 [P] Run `mkfifo pipe; echo word > pipe`\n"
        "- [ ] T002 [P] Run `until test -p pipe; do :; done; test $(cat pipe) = word`\n"
    )
    assert project.run_spec("--jobs", "2", "--timeout", "30").code == 0


def test_the_users_files_are_not_touched(project: Project) -> None:
    project.write("kept", "x")
    project.write(".gitignore", "ignored\n")
    project.write("ignored", "x")
    project.tasks("- [ ] T001 Run `rm kept && touch new && test ! -e ignored`\n- [ ] T002 Run `git status --short`\n")
    project.commit()
    assert project.run_spec("--sandbox", "plain").code == 0
    assert sorted(os.listdir(project.root)) == [".git", ".gitignore", ".spec-run", "ignored", "kept", "specs"]
    assert project.git("status", "--short") == f" M {project.spec}/tasks.md\n"


def test_a_service_is_kept_probed_and_stopped(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER)
    project.tasks(
        f"- [ ] T001 Start the server using `python server.py {free_port}`\n"
        f"- [ ] T002 Verify accessibility at `http://localhost:{free_port}`\n"
        f"- [ ] T003 Verify the documentation at `http://localhost:{free_port}/docs`\n"
        f"- [ ] T004 Verify the page at `http://localhost:{free_port}/nothing`\n"
    )
    done = project.run_spec("--json")
    assert [task["outcome"] for task in done.json["specs"][0]["tasks"]] == ["passed", "passed", "passed", "failed"]
    assert done.steps("T001")[0]["ports"] == [free_port]
    assert done.task("T004")["reason"] == f"http://localhost:{free_port}/nothing: HTTP 500, expected 2xx or 3xx"
    assert no_strays(f"server.py {free_port}")


def test_a_service_that_dies_fails_its_task(project: Project) -> None:
    project.write("server.py", "import sys; sys.exit('no key given')")
    project.tasks("- [ ] T001 Start the server using `python server.py`\n")
    done = project.run_spec()
    assert done.code == 1
    assert "(FAILED: exit 1 before it listened: no key given)" in project.text()


def test_a_service_that_never_listens_fails_its_task(project: Project, forever: str) -> None:
    project.write(f"silent{forever}/server.py", f"import time; time.sleep({forever})")
    project.tasks(f"- [ ] T001 Start the backend server using `python silent{forever}/server.py`\n")
    assert project.run_spec("--timeout", "1").code == 1
    assert "(FAILED: timed out after 1 s; no port opened)" in project.text()
    assert no_strays(f"silent{forever}/server.py")


def test_a_taken_port_is_told_with_its_holder(
    project: Project, free_port: int, listener: Callable[[int], socket.socket]
) -> None:
    listener(free_port)
    project.write("server.py", SERVER + "\n")
    project.tasks(f"- [ ] T001 Start the server using `python -m http.server --bind 127.0.0.1 {free_port}`\n")
    assert project.run_spec().code == 1
    assert "its port is in use" in project.text()
    other = "import sys; sys.exit('listen EADDRINUSE: address already in use 127.0.0.1:%s' % sys.argv[1])"
    project.write("server.py", other)
    project.tasks(f"- [ ] T001 Start the server using `python server.py {free_port}`\n")
    assert project.run_spec().code == 1
    assert f"port {free_port} is in use, held by " in project.text()


def test_an_ordinary_command_that_listens_is_a_service(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER)
    project.tasks(
        f"- [ ] T001 Run `python server.py {free_port}`\n- [ ] T002 Check that `http://localhost:{free_port}/docs` answers\n"
    )
    assert project.run_spec().code == 0
    assert no_strays(f"server.py {free_port}")


def test_jobs_in_the_background_end_with_the_run(project: Project, forever: str) -> None:
    project.tasks(
        f"- [ ] T001 Run `sleep {forever} &`\n- [ ] T002 Run `setsid sleep {forever} & disown`\n- [ ] T003 Run `bash -c \"trap '' TERM; sleep {forever}\" &`\n"
    )
    assert project.run_spec().code == 0
    assert no_strays(f"sleep {forever}")


def test_env_values_come_from_their_sources_and_appear_nowhere(project: Project) -> None:
    project.environment = {"FROM_ENVIRONMENT": "value-of-environment"}
    project.write("values.env", "FROM_FILE='value of file'\nFROM_CONFIG=file-comes-first\n")
    project.write(".env", "FROM_DOTENV=value-of-dotenv\n")
    project.config('[env]\nFROM_CONFIG = "value-of-config"\n')
    keys = ["FROM_FILE", "FROM_CONFIG", "FROM_DOTENV", "FROM_ENVIRONMENT"]
    project.tasks(
        f"- [ ] T001 Configure environment variables ({', '.join(f'`{key}`' for key in keys)}) in a `.env` file\n"
        "- [ ] T002 Run `cat .env && grep -q comes-first .env`\n"
        "- [ ] T003 Run `cat .env; false`\n"
    )
    done = project.run_spec("--env-file", "values.env", "--env", "FROM_ENVIRONMENT", "--json")
    assert [task["outcome"] for task in done.json["specs"][0]["tasks"]] == ["passed", "passed", "failed"]
    journal = (project.root / ".spec-run" / "journal").read_text()
    for value in ("value of file", "file-comes-first", "value-of-dotenv", "value-of-environment"):
        assert value not in done.out + done.err + project.text() + journal
    assert "FROM_FILE=" in done.steps("T002")[0]["output"]


def test_missing_and_placeholder_values_fail_by_name(project: Project) -> None:
    project.write(".env", "SECOND_KEY=your_key_here\n")
    project.tasks("- [ ] T001 Configure environment variables (`FIRST_KEY`, `SECOND_KEY`) in a `.env` file\n")
    assert project.run_spec().code == 1
    assert (
        "(FAILED: FIRST_KEY has no value; SECOND_KEY has only a placeholder (in .env); --env NAME or --env-file FILE gives it)"
        in project.text()
    )


def test_the_users_environment_is_not_seen(project: Project) -> None:
    project.environment = {"AWS_SECRET_ACCESS_KEY": "very-secret"}
    project.tasks('- [ ] T001 Run `test -z "$AWS_SECRET_ACCESS_KEY"`\n')
    assert project.run_spec().code == 0


def test_python_and_pip_are_those_of_the_run(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Run `python -c 'import sys; assert sys.prefix != sys.base_prefix'`\n- [ ] T002 Run `pip --version`\n"
    )
    assert project.run_spec().code == 0


GUIDE = """\
# Quickstart
## Setup
1. Enter the folder:

   ```bash
   cd sub
   export PORT={port}
   ```

2. Create a `.env` file:

   ```env
   API_KEY=your_api_key_here
   MODE=fast
   ```

3. Start the server:

   ```bash
   python ../server.py $PORT
   ```

## Verification

Open `http://localhost:{port}/docs` in your browser.

```bash
grep -q MODE=fast .env
```

## Troubleshooting

```bash
false
```
"""


def test_the_guide_is_validated_while_the_service_is_away(project: Project, free_port: int) -> None:
    project.write("server.py", SERVER)
    project.write("sub/file", "x")
    project.guide(GUIDE.format(port=free_port))
    project.config('[env]\nAPI_KEY = "a-real-key"\n')
    project.tasks(
        f"- [ ] T001 Start the server using `python server.py {free_port}`\n"
        "- [ ] T002 Run quickstart.md validation `powershell.exe -File D:\\x\\quickstart.md`\n"
        f"- [ ] T003 Verify the documentation at `http://localhost:{free_port}/docs`\n"
    )
    done = project.run_spec("--json")
    assert done.code == 0, done.err
    ran = {block["line"]: [step["outcome"] for step in block["steps"]] for block in done.json["specs"][0]["blocks"]}
    assert [outcome for outcomes in ran.values() for outcome in outcomes if outcome] == ["passed"] * 6
    assert no_strays(f"server.py {free_port}")


def test_a_guide_that_fails_names_its_line(project: Project) -> None:
    project.guide("# Quickstart\n## Setup\n```bash\ntest -d .\nls not-there\n```\n")
    project.tasks("- [x] T001 Run quickstart.md validation\n")
    assert project.run_spec().code == 1
    assert "(FAILED: quickstart.md:5: exit 2: ls: cannot access 'not-there'" in project.text()


def test_a_guide_goes_on_around_what_is_held_and_starts_siblings_at_the_root(project: Project) -> None:
    project.write("api/here", "").parent.joinpath("src").mkdir()
    project.write("web/there", "")
    fences = (
        "git clone <url> && cd shop/api\nls here",
        *["ls src"] * 3,
        "cd web\nls there",
        "echo your-key-here > a\ncat a\nls there",
    )
    project.guide("# Q\n## Setup\n" + "".join(f"```bash\n{fence}\n```\n" for fence in fences))
    done = project.run("quickstart", "--json", project.spec)
    steps = [step for block in done.json["specs"][0]["blocks"] for step in block["steps"]]
    assert [step["outcome"] for step in steps] == ["held", *["passed"] * 6, "held", "held", "passed"]
    assert [step["because"] for step in steps if step["outcome"] == "held"] == [None, None, 21]
    shown = project.run("quickstart", "-n", project.spec).out
    assert "needs line 21: cat a" in shown
    assert "starts in the root, not where the last one ended" in shown
    assert done.code == 0


ANSWERS = """import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/good" else 404)
        self.end_headers()
        self.wfile.write(b'{"status": "ok", "id": 7}')
    def log_message(self, *words): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def expecting_guide(project: Project, port: int, check: str) -> Done:
    project.write("server.py", ANSWERS)
    project.guide(f"# Q\n## Setup\n```bash\npython server.py {port}\n```\n## Check\n{check}\n")
    return project.run("quickstart", "--json", project.spec)


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("```sh\ncurl -s {url}/good  # Expected: 200\n```", None),
        ("```sh\ncurl -s {url}/bad  # Expected: 404\n```", None),
        ("```sh\ncurl -s {url}/bad  # Expected: 200\n```", "expected status 200, got 404"),
        ("```sh\ncurl -s {url}/good | cat > a\n# Expected: 404\n```", "expected status 404, got 200"),
        ("```sh\ncurl -s {url}/good\n```\nExpected response:\n```json\n{{\"status\": \"ok\", \"id\": 1}}\n```", None),
        ("```sh\ncurl -s {url}/good\n```\nExpected response:\n```json\n{{\"name\": \"\"}}\n```",
         'expected "name" in the JSON, got an object with status, id'),
        ("```sh\necho all is well\n```\nYou should see `all is well`.", None),
        ("```sh\necho all is lost\n```\nYou should see `all is well`.", 'expected "all is well", got "all is lost"'),
        ("```sh\nfalse  # expected: exit code 1\n```", None),
        ("```sh\nmkdir a\n```\nExpected: a green page.", None),
    ],
)  # fmt: skip
def test_what_a_guide_plainly_expects_must_come(
    project: Project, free_port: int, check: str, reason: str | None
) -> None:
    done = expecting_guide(project, free_port, check.format(url=f"http://localhost:{free_port}"))
    step = done.json["specs"][0]["blocks"][1]["steps"][0]
    assert (step["outcome"], step["reason"]) == ("failed" if reason else "passed", reason)
    assert done.code == (1 if reason else 0)


def test_what_is_heard_of_curl_changes_nothing_for_it(project: Project, free_port: int) -> None:
    check = f"```sh\ncurl -s http://localhost:{free_port}/good > a  # Expected: 200\n```\n"
    check += '```sh\ntest "${CURL_HOME-none}" = none\ntest "$(cat a)" = \'{"status": "ok", "id": 7}\'\n```'
    assert expecting_guide(project, free_port, check).code == 0


def test_a_plan_shows_what_is_expected_and_whether_it_is_checked(project: Project) -> None:
    project.guide("# Q\n## Check\n```sh\ncurl localhost/a  # Expected: 200\nmake  # Expected: all green\n```\n")
    shown = project.run("quickstart", "-n", "-v", project.spec).out
    assert "checked: status 200" in shown
    assert "expected, not checked: Expected: all green" in shown
    blocks = project.run("quickstart", "-n", "--json", project.spec).json["specs"][0]["blocks"]
    assert [step["expectations"] for step in blocks[0]["steps"]] == [
        [{"kind": "status", "text": "200", "line": 4, "checked": True}],
        [{"kind": "words", "text": "Expected: all green", "line": 5, "checked": False}],
    ]


def test_a_guide_alone_is_run_and_not_written(project: Project) -> None:
    file = project.guide("# Quickstart\n## Setup\n```bash\ntest -d .\n```\n")
    assert project.run("quickstart", project.spec).code == 0
    assert project.run(project.spec).code == 0
    file.write_text(file.read_text().replace("-d .", "-f ."))
    assert project.run("quickstart", project.spec).code == 1
    assert "FAILED" not in file.read_text()


def test_a_task_that_asks_for_a_guide_which_is_not_there_fails(project: Project) -> None:
    project.tasks("- [x] T001 Run quickstart.md validation\n")
    assert project.run_spec().code == 1
    assert "there is no quickstart.md beside the tasks" in project.text()


@pytest.mark.parametrize("kind", ["folder", "repository", "bundle"])
def test_remote_repositories_are_fetched_from_their_mirrors(project: Project, kind: str, tmp_path: Path) -> None:
    sample = Project(tmp_path / "sample")
    sample.write("file", "x")
    place = sample.root
    if kind != "folder":
        sample.commit()
    if kind == "bundle":
        sample.git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
        place = tmp_path / "all.bundle"
    (tmp_path / "own.toml").write_text(f'[git.mirrors]\n"https://example.invalid/x.git" = "{place.name}"\n')
    project.tasks("- [ ] T001 Clone it `git clone https://example.invalid/x.git`\n- [ ] T002 Run `test -f x/file`\n")
    done = project.run_spec("--config", str(tmp_path / "own.toml"))
    assert done.code == 0, done.out


def test_held_commands_run_only_when_allowed(project: Project) -> None:
    project.tasks("- [ ] T001 Run `sudo -n true; test -d .`\n- [ ] T002 Run `test -d .`\n")
    done = project.run_spec()
    assert (done.code, project.marks) == (0, " X")
    assert "T001   held: privileged" in done.out
    assert project.run_spec("--strict").code == 1
    assert project.run_spec("--allow", "T001").code == 0
    assert project.marks == "XX"


def test_nothing_to_run_has_an_exit_code_of_its_own(project: Project) -> None:
    project.tasks("- [ ] T001 Write the model\n")
    assert project.run_spec().code == 4
    assert project.run_spec("--allow-empty").code == 0


def test_tasks_are_chosen(project: Project) -> None:
    project.tasks(
        "## Phase 1: Setup\n- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n## Phase 2: US1\n- [ ] T003 [US1] Run `test -d .`\n"
    )
    assert project.run_spec("--only", "T002").code == 0
    assert project.marks == " X "
    assert project.run_spec("--story", "US1").code == 0
    assert project.marks == " XX"
    assert project.run_spec("--phase", "Setup").code == 0
    assert project.marks == "XXX"


def test_a_persons_own_mark_is_run_only_when_named(project: Project) -> None:
    project.tasks("- [~] T001 Run `test -d .`\n- [C] T002 Run `test -d .` (deferred)\n- [ ] T003 Run `test -d .`\n")
    assert project.run_spec().code == 0
    assert project.marks == "~CX"
    assert project.run_spec("--only", "T001").code == 0
    assert project.marks == "XCX"


def test_dependencies_order_tasks_and_carry_failures(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Run `test -f made` (depends on T002)\n- [ ] T002 Run `touch made`\n- [ ] T003 Run `false`\n"
        "- [ ] T004 Run `test -d .` (depends on T003)\n- [ ] T005 Run `test -d .`\n"
    )
    assert project.run_spec("--keep-going").code == 1
    assert project.marks == "XX CX"


def test_no_write_writes_nothing(project: Project) -> None:
    before = "- [ ] T001 Run `test -d .`\n"
    project.tasks(before)
    assert project.run_spec("--no-write").code == 0
    assert project.text() == before
    assert os.listdir(project.root) == ["specs"]


def test_many_specs_are_run_in_their_order(project: Project) -> None:
    project.write("specs/002-b/tasks.md", "- [ ] T001 Run `false`\n")
    project.write("specs/001-a/tasks.md", "- [ ] T001 Run `test -d .`\n")
    project.write("specs/003-c/quickstart.md", "# Q\n## Setup\n```bash\ntest -d .\n```\n")
    project.write("specs/004-d/tasks.md", b"- [ ] T001 \xff\n")
    done = project.run("--json", "specs")
    assert done.code == 2, "a spec could not be read, which is worse than a failure"
    assert [spec["path"] for spec in done.json["specs"]] == [
        f"specs/{name}" for name in ("001-a", "002-b", "003-c", "004-d")
    ]
    assert done.json["counts"] == {"passed": 2, "failed": 1}
    assert "byte 0xff is not UTF-8: specs/004-d/tasks.md:1" in done.json["specs"][3]["error"]
    turned = project.run("-n", "--json", "specs/003-c", "specs/001-a")
    assert [spec["path"] for spec in turned.json["specs"]] == ["specs/003-c", "specs/001-a"]


def test_the_feature_is_found_as_spec_kit_finds_it(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.write(".specify/feature.json", f'{{"feature_directory": "{project.spec}"}}')
    assert project.run().code == 0
    assert project.marks == "X"
    project.environment = {"SPECIFY_FEATURE_DIRECTORY": "specs/other"}
    assert "specs/other" in project.run().err + project.run().out


def test_a_document_edited_meanwhile_keeps_the_edit(project: Project) -> None:
    file = project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n- [ ] T003 Run `test -d .`\n")
    edit = "import pathlib; p = pathlib.Path(r'%s'); p.write_text('# New\\n' + p.read_text().replace('- [ ] T003', '- [ ] T009'))"
    project.write("edit.py", edit % file)
    file.write_text(file.read_text().replace("T002 Run `test -d .`", "T002 Run `python edit.py`"))
    done = project.run_spec("--sandbox", "plain")
    text = file.read_text()
    assert text.startswith("# New\n- [X] T001")
    assert "- [X] T002" in text
    assert "- [ ] T009" in text
    assert "T003 is gone or was edited meanwhile" in done.err


def test_the_journal_ignores_itself_and_makes_ticks_evidence(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    project.commit()
    assert project.run("-n", "--json", project.spec).json["specs"][0]["tasks"][0]["state"] == "open"
    project.run_spec()
    assert project.run("-n", "--json", project.spec).json["specs"][0]["tasks"][0]["state"] == "done"
    file = project.root / project.spec / "tasks.md"
    file.write_text(file.read_text().replace("-d .", "-d . # edited"))
    assert project.run("-n", "--json", project.spec).json["specs"][0]["tasks"][0]["state"] == "claimed"
    assert ".spec-run" not in project.git("status", "--short", "--ignored=no")


def test_a_gigabyte_of_output_is_no_trouble(project: Project) -> None:
    project.tasks("- [ ] T001 Run `head -c 200000000 /dev/zero | tr '\\\\0' x; echo; echo the end; false`\n")
    done = project.run_spec("--json")
    assert done.task("T001")["reason"] == "exit 1: the end"
    assert len(done.steps("T001")[0]["output"]) < 5000


def test_a_secret_parted_by_control_sequences_is_masked(project: Project) -> None:
    project.write("values.env", "API_KEY=sk-verysecret-9912\n")
    project.tasks(
        "- [ ] T001 Configure environment variables (`API_KEY`) in a `.env` file\n"
        "- [ ] T002 Run `grep --color=always sk- .env; false`\n"
    )
    done = project.run_spec("--env-file", "values.env", "--json")
    journal = (project.root / ".spec-run" / "journal").read_text()
    assert "API_KEY=•••" in project.text()
    assert "verysecret" not in done.out + done.err + project.text() + journal


def test_masking_does_not_change_the_verdict(project: Project) -> None:
    project.write("values.env", "MODE_OF_RUN=no tests ran\n")
    project.write("test.sh", "echo no tests ran\n")
    project.tasks("- [ ] T001 Run `sh test.sh`\n")
    assert project.run_spec("--env-file", "values.env").code == 1
    assert "(FAILED: nothing was tested)" in project.text()


def test_a_check_that_serves_for_a_while_is_judged_by_its_end(project: Project, free_port: int) -> None:
    project.write("try.py", SERVER.replace("http.server.ThreadingHTTPServer", "server = http.server.ThreadingHTTPServer").replace(
        ".serve_forever()", "\nimport threading, time\nthreading.Thread(target=server.serve_forever, daemon=True).start()\ntime.sleep(4)\nsys.exit('2 of 3 checks failed')"
    ))  # fmt: skip
    project.tasks(f"- [ ] T001 Run `python try.py {free_port}`\n")
    assert project.run_spec().code == 1
    assert "2 of 3 checks failed" in project.text()


def test_what_a_selection_needs_runs_first_or_is_refused(project: Project) -> None:
    project.tasks(
        "- [x] T001 Run `mkdir made`\n- [ ] T002 Run `test -d made`\n- [ ] T003 Run `ls nowhere`\n"
        "- [ ] T004 Run `test -d .` (depends on T003)\n- [ ] T005 Run `git push`\n- [ ] T006 Run `sh build.sh`\n"
        "- [x] T007 Run `sh use.sh`\n- [ ] T008 Run `test -d .` (depends on T005)\n"
    )
    project.write("build.sh", "touch built")
    project.write("use.sh", "cat built")
    project.commit()
    refused = project.run_spec("--only", "T002", "--no-deps")
    assert (refused.code, project.marks) == (2, "x     x ")
    assert "T001 is not proven, and T002 needs made: specs/001-case/tasks.md:1; leave out --no-deps, or first: " in (
        refused.err
    )
    done = project.run_spec("--only", "T002")
    assert (done.code, project.marks) == (0, "xx    x ")
    assert "run first:\n  T001   T002 needs made\n" in done.err
    assert project.run_spec("--only", "T002", "--no-deps").code == 0, "what it needs is proven now"
    for words in ((), ("--keep-going",)):
        done = project.run_spec("--only", "T004", *words)
        assert (done.code, project.marks[2:4]) == (1, " C")
        assert "T004   not reached: T003 failed" in done.err
    # A held task is nobody's fault, and what only running shows takes no tick.
    assert "T008 depends on T005, which is held (--allow T005 runs it)" in project.run_spec("--only", "T008").out
    done = project.run_spec("--only", "T007")
    assert (done.code, project.marks[6]) == (1, "x")
    assert "left out and not proven: T006; nothing shows that it is needed; a failure is not marked" in done.out
    assert "T007 cannot tell: exit 1: cat: built" in done.out and "run them too: spec-run --until T007" in done.out
    verified = project.run("verify", "--only", "T007", project.spec)
    assert "T007   false: exit 1: cat: built" in verified.out, "what is not ticked is asked of nobody"


def test_a_new_tick_is_judged_with_what_older_ones_make(project: Project) -> None:
    text = "- [x] T001 Run `sh build.sh`\n- [x] T002 Run `ls nowhere`\n- [ ] T003 Run `sh use.sh`\n"
    project.tasks(text)
    project.write("build.sh", "touch built")
    project.write("use.sh", "cat built")
    project.commit()
    project.tasks(text.replace("[ ] T003", "[x] T003"))
    project.commit()
    done = project.run("verify", "--json", "--ticked-since", "HEAD~1", project.spec)
    assert (done.code, [each["id"] for each in done.json["specs"][0]["ticks"]]) == (0, ["T003"])
    project.write("use.sh", "cat built nowhere")
    project.commit()
    assert project.run("verify", "--ticked-since", "HEAD~2", project.spec).code == 1


def test_a_probe_waits_for_the_service_beside_it(project: Project, free_port: int) -> None:
    project.write("server.py", "import time; time.sleep(1)\n" + SERVER)
    project.tasks(
        f"- [ ] T001 [P] Start the server using `python server.py {free_port}`\n"
        f"- [ ] T002 [P] Verify the documentation at `http://localhost:{free_port}/docs`\n"
    )
    assert project.run_spec("--jobs", "8").code == 0


def test_a_nested_repository_is_out_of_reach(project: Project) -> None:
    project.write("file", "x")
    project.commit()
    project.git("worktree", "add", "-q", "wt", "-b", "feature")
    project.tasks("- [ ] T001 Run `cd wt && git commit -q --allow-empty -m from-the-sandbox && git log --oneline`\n")
    assert project.run_spec().code == 0
    assert "from-the-sandbox" not in project.git("log", "--all", "--format=%s")


def test_a_daemon_without_an_environment_ends_with_the_run(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `env -i setsid /bin/sleep {forever} >/dev/null 2>&1 &`\n")
    assert project.run_spec().code == 0
    assert no_strays(f"sleep {forever}")


def test_one_spec_without_a_work_tree_does_not_stop_the_next_one(project: Project) -> None:
    project.write("specs/a/tasks.md", "- [ ] T001 Run `test -d .`\n")
    project.write("specs/a/spec-run.toml", "[git.mirors]\n")
    project.write("specs/b/tasks.md", "- [ ] T001 Run `test -d .`\n")
    done = project.run("--json", "specs")
    assert done.code == 2
    assert "did you mean 'mirrors'?" in done.json["specs"][0]["error"]
    assert done.json["specs"][1]["tasks"][0]["outcome"] == "passed"
    assert project.run("-n", "specs").code == 2


def test_a_tick_is_not_set_above_an_edited_fence(project: Project) -> None:
    file = project.tasks("- [ ] T001 Run `python edit.py`\n- [ ] T002 Run the check:\n  ```bash\n  test -d .\n  ```\n")
    project.write(
        "edit.py",
        f"import pathlib; p = pathlib.Path(r'{file}'); p.write_text(p.read_text().replace('  test', '  false'))",
    )
    done = project.run_spec("--sandbox", "plain")
    assert "T002 is gone or was edited meanwhile" in done.err
    assert project.marks == "X "


def test_the_same_spec_named_twice_runs_once(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run("--json", project.spec, f"./{project.spec}", str(project.root / project.spec))
    assert len(done.json["specs"]) == 1


def test_strict_says_which_ticks_it_counts(project: Project) -> None:
    project.tasks("- [x] T001 Run `test -d .`\n- [x] T002 Write the model\n- [x] T003 Write the view\n")
    done = project.run_spec("--strict", "--only", "T001,T002")
    assert done.code == 1
    assert "--strict: ticked without evidence: T002" in done.out
    assert project.run_spec("--strict", "--only", "T001").code == 0


def test_a_reason_leaves_out_names_that_are_made_anew_each_time(project: Project) -> None:
    project.tasks("- [ ] T001 Run `d=$(mktemp -d); cat $d/missing`\n")
    project.run_spec()
    once = project.text()
    project.run_spec()
    assert project.text() == once


def test_the_program_may_be_installed_in_the_repository_itself(project: Project) -> None:
    project.tasks("- [x] T001 Run `rm -rf .venv`\n- [ ] T002 Run quickstart.md validation\n")
    project.guide("# Guide\n\n## Setup\n\n```bash\ntest ! -e .venv\n```\n")
    project.write(".gitignore", ".venv\n")
    project.commit()
    shutil.copytree(ROOT / "spec_runner", project.root / ".venv" / "spec_runner")
    project.environment = {"PYTHONPATH": str(project.root / ".venv")}
    done = project.run_spec()
    assert (done.code, project.marks) == (0, "xx"), done.err
    assert project.run("verify", project.spec).code == 0


def test_everything_that_is_printed_is_streamed_on_request(project: Project) -> None:
    project.write(".env.real", "API_KEY=hunter2-hunter2\n")
    project.tasks(
        "- [ ] T001 Run `python3 -c \"for i in range(5000): print('line', i)\"`\n"
        "- [ ] T002 Run `printf 'half\\rwhole\\nhunter2-'; printf 'hunter2\\nlast'`\n"
    )
    done = project.run_spec("-v", "--env-file", ".env.real")
    assert done.code == 0
    lines = done.err.splitlines()
    assert [line for line in lines if line.startswith("T001   │ ")] == [f"T001   │ line {n}" for n in range(5000)]
    assert [line for line in lines if line.startswith("T002   │ ")] == [
        "T002   │ whole",
        "T002   │ •••",
        "T002   │ last",
    ]
    assert lines.index("T001   │ line 4999") < next(n for n, line in enumerate(lines) if "T001   passed" in line)
    assert "│" not in project.run_spec("--fresh").err


def test_a_system_without_any_isolation_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    monkeypatch.setattr(sys, "platform", "win32")
    plan, _ = planned(project.root)
    assert plan.level == "plain"
    with pytest.raises(SpecError, match="--sandbox best runs without isolation"):
        refuse_without_isolation(plan, settings_for(project.root, dry_run=False))


def test_what_a_run_noted_changes_nothing_of_what_a_task_means(project: Project) -> None:
    project.tasks(
        "- [ ] T001 Check that `echo hi` outputs `bye`\n- [ ] T002 Run `test -d .` (FAILED: must fail: `rm`, (skip for now))\n"
    )
    for _ in range(3):
        done = project.run_spec("--json", "--keep-going")
        assert done.task("T001")["reason"] == 'expected "bye", got "hi"'
        assert project.marks == " X"
    assert project.text().endswith("- [X] T002 Run `test -d .`\n")


def test_what_is_missing_here_takes_no_tick_away_and_is_noted_on_an_open_task(project: Project) -> None:
    project.tasks("- [X] T001 Run `no-such-tool check`\n")
    done = project.run_spec("--json")
    assert (done.code, project.text()) == (1, "- [X] T001 Run `no-such-tool check`\n")
    assert done.task("T001")["cause"] == {"kind": "tool", "what": "no-such-tool"}
    project.tasks("- [ ] T001 Run `no-such-tool check`\n")
    assert project.run_spec().code == 1
    assert project.text() == "- [ ] T001 Run `no-such-tool check` (FAILED: command no-such-tool not found)\n"

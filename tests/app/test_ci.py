"""The action for GitHub, its steps run as GitHub's runner runs them; the template for GitLab; the script for any CI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema import builtin_schemas
from jsonschema.validators import validator_for

from spec_runner.app.changed import only_changed
from spec_runner.app.plan import Settings
from spec_runner.errors import SpecError
from spec_runner.system.repository import SpecPaths, find_specs
from tests.conftest import ROOT, Project

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TOKEN = "token-of-the-job-0123456789"


def problems(schema_name: str, document: Any) -> list[str]:
    schema = json.loads((Path(builtin_schemas.__file__).parent / "vendor" / f"{schema_name}.json").read_bytes())
    return [each.message for each in validator_for(schema)(schema).iter_errors(document)]


@pytest.mark.parametrize(
    ("schema", "file"), [("github-actions", "action.yml"), ("gitlab-ci", "integrations/gitlab/spec-run.yml")]
)
def test_what_is_given_to_a_service_holds_to_its_schema(schema: str, file: str) -> None:
    document = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))
    assert problems(schema, document) == []
    assert problems(schema, {**document, "runs": {"using": "nothing"}, "stages": 1}) != []


def test_the_projects_own_workflow_holds_to_its_schema_and_names_three_systems() -> None:
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    # YAML 1.1 reads the key "on" as true.
    document = {"on" if name is True else name: value for name, value in document.items()}
    assert problems("github-workflows", document) == []
    assert list(document["jobs"]) == ["linux", "macos", "windows"]
    for job in document["jobs"].values():
        assert job["strategy"]["matrix"]["python"] == ["3.10", "3.11", "3.12", "3.13", "3.14"]


def test_the_examples_hold_to_the_schemas_of_their_services() -> None:
    page = (ROOT / "docs" / "how-to" / "ci.md").read_text(encoding="utf-8")
    shown = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    assert len(shown) == 3
    for document in shown:
        # YAML 1.1 reads the key "on" as true.
        is_workflow = "jobs" in document
        document = {"on" if name is True else name: value for name, value in document.items()}
        assert problems("github-workflows" if is_workflow else "gitlab-ci", document) == []
    used = shown[0]["jobs"]["verify"]["steps"][1]["with"]
    assert used.keys() <= ACTION["inputs"].keys()
    told = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)
    assert told == list(ACTION["inputs"])


class Comments(BaseHTTPRequestHandler):
    """As much of GitHub's interface as a comment needs."""

    comments: list[dict[str, Any]]
    is_refusing = False

    def _answer(self, code: int, said: object) -> None:
        data = json.dumps(said).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _given(self) -> str:
        assert self.headers["Authorization"] == f"Bearer {TOKEN}"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
        assert isinstance(body, str)
        return body

    def do_GET(self) -> None:
        page = int(self.path.rpartition("page=")[2])
        self._answer(200, self.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        body = self._given()
        if self.is_refusing:
            return self._answer(403, {"message": "Resource not accessible by integration"})
        self.comments.append({"id": len(self.comments) + 1, "body": body, "user": {"type": "Bot"}})
        return self._answer(201, {})

    def do_PATCH(self) -> None:
        self.comments[int(self.path.rpartition("/")[2]) - 1]["body"] = self._given()
        self._answer(200, {})

    def log_message(self, *words: object) -> None:
        """Nothing is printed between the lines of the tests."""


@pytest.fixture
def github() -> Iterator[tuple[str, type[Comments]]]:
    """Its address, and what it has."""
    handler = type("Handler", (Comments,), {"comments": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()
        thread.join()


class Job:
    """A job of GitHub's runner: it runs the steps of the action one after the other, in the checked-out repository."""

    def __init__(self, project: Project, base: str, api: str) -> None:
        self.project, self.base, self.api = project, base, api
        self.folder = project.root.parent / "runner"
        self.folder.mkdir(exist_ok=True)
        python = self.folder / "python"
        # What is installed is this checkout, without asking a registry: pip's part alone is left out.
        python.write_text(
            '#!/bin/bash -e\n[ "$1 $2" != "-m pip" ] || { [ -f "${!#%\\[*}/pyproject.toml" ]; exit; }\n'
            '[ "$1 $2" != "-m venv" ] || { mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; exit; }\n'
            f'exec {sys.executable} "$@"\n'
        )
        python.chmod(0o755)

    def run(self, **given: str) -> tuple[int, dict[str, str], str]:
        """The code of the job, the outputs of the action, and all that was printed."""
        inputs = {name: each.get("default", "") for name, each in ACTION["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in given.items()
        }
        known = {f"inputs.{name}": value for name, value in inputs.items()} | {
            "github.token": TOKEN, "github.event.pull_request.number": "7", "github.event.pull_request.base.sha": self.base,
        }  # fmt: skip
        known["inputs.token"], known["inputs.python"] = TOKEN, str(self.folder / "python")
        code, printed = 0, ""
        for step in ACTION["runs"]["steps"]:
            if code == 0 and self._wanted(step.get("if"), known):
                done, outputs = self._step(step, known)
                code, printed = done.returncode, printed + done.stdout
                known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
        return code, {name: self._said(each["value"], known) for name, each in ACTION["outputs"].items()}, printed

    def _said(self, text: str, known: dict[str, str]) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known.get(found[1], ""), str(text))

    def _wanted(self, condition: str | None, known: dict[str, str]) -> bool:
        each = [part.strip("${} ").split(" == ") for part in (condition or "").split("&&") if part]
        return all(known.get(name, "") == value[0].strip("'") if value else known.get(name) for name, *value in each)

    def _step(
        self, step: dict[str, Any], known: dict[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        output, summary = self.folder / "output", self.folder / "job-summary.md"
        output.write_text("")
        environment = {
            **self.project.world, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(self.project.root),
            "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_REPOSITORY": "some/one", "GITHUB_API_URL": self.api, "GITHUB_WORKFLOW": "w", "GITHUB_JOB": "j",
            "RUNNER_TEMP": str(self.folder), **{name: self._said(text, known) for name, text in step.get("env", {}).items()},
        }  # fmt: skip
        assert step["shell"] == "bash"
        (self.folder / "step.sh").write_text(step["run"])
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(self.folder / "step.sh")]
        done = subprocess.run(
            shell, cwd=self.project.root, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return done, dict(line.split("=", 1) for line in output.read_text().splitlines())


def test_a_pull_request_is_judged_by_the_specs_that_it_changes(
    project: Project, github: tuple[str, type[Comments]]
) -> None:
    api, server = github
    project.tasks('- [ ] T001 Run `test -z "$SPEC_RUN_TOKEN" && test -f made`\n')
    project.write("specs/002-old/tasks.md", "- [X] T001 Run `false`\n")
    project.commit()
    base = project.git("rev-parse", "HEAD").strip()
    project.tasks('- [X] T001 Run `test -z "$SPEC_RUN_TOKEN" && test -f made`\n')
    # A module of the pull request that is named like one of ours or of Python's is never imported outside the sandbox.
    for name in ("spec_runner/__init__.py", "json.py"):
        project.write(name, "raise SystemExit('imported')\n")
    project.git("add", "-A")
    project.git("commit", "-qm", "Tick it")
    job = Job(project, base, api)
    server.comments += [{"id": n + 1, "body": "Hello", "user": {"type": "User"}} for n in range(100)]

    code, outputs, printed = job.run()
    assert code == 1, printed
    assert (outputs["exit-code"], outputs["false-ticks"], outputs["proven"]) == ("1", "1", "0")
    assert json.loads(outputs["counts"])["false"] == 1 and all(outputs.values())
    assert "::error file=specs/001-case/tasks.md,line=1," in printed and "002-old" not in printed
    assert [each["path"] for each in json.loads(Path(outputs["report"]).read_text())["specs"]] == ["specs/001-case"]
    assert "1 tick: 1 FALSE" in (job.folder / "job-summary.md").read_text()
    assert len(server.comments) == 101 and "1 tick: 1 FALSE" in server.comments[100]["body"]

    # The next push mends it: the same comment says so. Somebody who writes the mark of it is not taken for it.
    server.comments.insert(0, {"id": 0, "body": server.comments[100]["body"], "user": {"type": "User"}})
    project.write("made", "")
    project.git("add", "-A")
    project.git("commit", "-qm", "Make it")
    server.comments.pop(1)
    code, outputs, printed = job.run(new_ticks_only="true", strict="true", options="--network\nnone")
    assert (code, outputs["proven"]) == (0, "1"), printed
    assert len(server.comments) == 101 and "1 tick: 1 proven" in server.comments[100]["body"]

    # A fork's token may not write: the build does not fail for that.
    server.is_refusing = True
    server.comments.clear()
    code, outputs, printed = job.run(command="quickstart")
    assert (code, outputs["counts"]) == (
        0,
        "{}",
    ) and "::warning title=spec-run::no comment was written (403)" in printed


def test_a_comment_that_is_too_long_is_cut_between_its_parts() -> None:
    sys.path.insert(0, str(ROOT / "integrations" / "github"))
    try:
        from comment import cut
    finally:
        sys.path.pop(0)
    part = f"<details>{'x' * 700}</details>\n\n"
    short = cut("# Head\n\n" + part * 200)
    assert len(short) < 65_536 and short.count("<details>") == short.count("</details>") > 80
    assert cut(part) == part


def changed(project: Project, since: str | None) -> list[str]:
    settings = Settings(("specs",), project.root, dict(os.environ), sys.stdout, sys.stderr, changed_since=since)
    found = only_changed(find_specs(settings.paths, settings.here, settings.environment), settings)
    return [each.path for each in found if isinstance(each, SpecPaths)]


def test_a_spec_has_changed_if_a_file_in_its_folder_has(project: Project) -> None:
    for name in ("1", "2", "3", "4"):
        project.write(f"specs/{name}/tasks.md", "- [ ] T001 Run `test -d .`\n")
    project.commit()
    project.git("branch", "base")
    project.write("specs/1/plan.md", "new")
    project.git("add", "-A")
    project.git("commit", "-qm", "One")
    project.write("specs/3/quickstart.md", "new")
    # What the other branch has done since is not this one's change.
    project.git("switch", "-q", "base")
    project.write("specs/4/plan.md", "theirs")
    project.git("add", "specs/4")
    project.git("commit", "-qm", "Theirs")
    project.git("switch", "-q", "main")
    assert changed(project, "base") == ["specs/1", "specs/3"]
    assert changed(project, "HEAD") == ["specs/3"]
    assert len(changed(project, None)) == 4
    with pytest.raises(SpecError, match="does not know the commit nowhere of --changed-since"):
        changed(project, "nowhere")


def test_the_script_for_any_ci_judges_what_a_branch_changes(project: Project) -> None:
    project.tasks("- [X] T001 Run `false`\n")
    project.commit()
    environment = project.world | {"PATH": f"{project.shim().parent}:{os.environ['PATH']}"}
    for base, code in (("HEAD", 0), ("4b825dc642cb6eb9a060e54bf8d69288fbee4904", 2)):
        done = subprocess.run(
            [str(ROOT / "integrations" / "ci.sh"), base],
            cwd=project.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr

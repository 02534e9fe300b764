"""The reports of a run: what they say of every kind of end, and that they are there whatever ended the run."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from spec_runner.app.plan import Settings
from spec_runner.app.run import run
from tests.app.test_interrupt import wait_for
from tests.conftest import Done, Project

XSD = etree.XMLSchema(etree.parse(str(Path(__file__).parent.parent / "junit.xsd")))
MIXED = """\
# Tasks

## Phase 1: Setup

- [ ] T001 Run `echo one & wait`
- [X] T002 Run `expr two` (FAILED: exit 1)
- [ ] T003 Create the model in `src/model.py`

## Phase 2: Work

- [ ] T004 Run `git push origin HEAD`
- [X] T005 Run `printf 'said <b>no</b>\\n\\001\\357\\277\\276\\342\\200\\256 & ]]>'; exit 3`
- [ ] T006 Run `expr six`
- [X] T007 Run `expr seven`
"""


def cases(file: Path) -> dict[str, Any]:
    """The cases of a JUnit file that Jenkins would take, by the first word of their names."""
    tree = etree.parse(str(file))
    XSD.assertValid(tree)
    return {str(case.get("name")).split()[0]: case for case in tree.iter("testcase")}


def numbers(file: Path) -> tuple[int, ...]:
    suite = etree.parse(str(file)).find("testsuite")
    assert suite is not None
    return tuple(int(suite.get(name) or -1) for name in ("tests", "failures", "errors", "skipped"))


@pytest.fixture
def mixed(project: Project) -> Project:
    project.tasks(MIXED)
    return project


def report(project: Project, *words: str) -> Done:
    return project.run_spec("--junit", "junit.xml", "--html", "page.html", *words)


# JUnit.


def test_junit_tells_each_end_in_its_own_way(mixed: Project) -> None:
    assert report(mixed).code == 1
    found = cases(mixed.root / "junit.xml")
    assert numbers(mixed.root / "junit.xml") == (7, 1, 0, 4)
    assert len(found["T001"]) == 1
    assert found["T001"].find("system-out").text == "$ echo one & wait\none\n"
    assert found["T003"].find("skipped").get("message").startswith("no evidence")
    assert found["T004"].find("skipped").get("message") == "held: outward: git push origin HEAD"
    assert found["T006"].find("skipped").get("message") == "cancelled: T005 failed"
    assert found["T007"].find("skipped").get("message") == "claimed: T005 failed"
    assert float(found["T005"].get("time")) > 0


def test_a_failure_in_junit_says_what_ran_where_and_what_it_printed(mixed: Project) -> None:
    report(mixed)
    failure = cases(mixed.root / "junit.xml")["T005"].find("failure")
    assert failure.get("message").startswith("exit 3: ")
    assert failure.get("type") == "failed"
    lines = failure.text.splitlines()
    assert "at: specs/001-case/tasks.md:12" in lines
    assert lines[2].startswith("command: printf 'said <b>no</b>")
    assert "directory: ." in lines
    assert "said <b>no</b>" in lines
    assert lines[-1] == "\\xfffe\\u202e & ]]>"


def test_a_suite_in_junit_names_its_document_and_what_it_ran_in(mixed: Project) -> None:
    mixed.commit()
    report(mixed)
    suite = etree.parse(str(mixed.root / "junit.xml")).find("testsuite")
    assert suite is not None
    assert suite.get("name") == suite.get("file") == "specs/001-case/tasks.md"
    told = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert told["commit"] == mixed.git("rev-parse", "HEAD").strip()
    assert told["network"] == "host"
    case = suite.find("testcase")
    assert case is not None
    assert case.get("classname") == "specs.001-case.tasks"


def test_the_blocks_of_a_guide_are_cases_of_a_suite_of_its_own(project: Project) -> None:
    project.guide("# Q\n\n## Setup\n\n```bash\necho a\n```\n\n```bash\nsudo true\n```\n\n```bash\nfalse\n```\n")
    done = project.run("quickstart", "--junit", "junit.xml", project.spec)
    assert done.code == 1
    assert numbers(project.root / "junit.xml") == (3, 1, 0, 1)
    suite = etree.parse(str(project.root / "junit.xml")).find("testsuite")
    assert suite is not None
    assert suite.get("file") == "specs/001-case/quickstart.md"
    ends = {case.get("name"): [each.tag for each in case] for case in suite.iter("testcase")}
    assert ends == {
        "Setup: echo a": ["system-out"],
        "Setup: sudo true": ["skipped"],
        "Setup: false": ["failure"],
    }


def test_what_could_not_be_read_or_started_is_an_error_in_junit(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .` (in `no/such`)\n")
    project.write("specs/002-broken/tasks.md", b"\xff\xfe- [ ]")
    project.run("run", "--junit", "junit.xml", "specs")
    found = cases(project.root / "junit.xml")
    assert found["T001"].find("error").get("type") == "not-started"
    assert "specs/002-broken" in found["read"].find("error").get("message")


def test_tasks_of_the_same_name_are_told_apart_in_junit(project: Project) -> None:
    project.tasks("- [ ] Run `test -d .`\n- [ ] Run `test -d .`\n")
    project.run_spec("--junit", "junit.xml")
    names = [each.get("name") for each in etree.parse(str(project.root / "junit.xml")).iter("testcase")]
    assert names == ["Run `test -d .`", "Run `test -d .` #2"]


def test_what_an_earlier_run_proved_is_told_as_that(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -e later`\n")
    project.run_spec()
    report(project)
    found = cases(project.root / "junit.xml")
    assert found["T001"].find("skipped").get("message") == "proven by an earlier run in this work tree"
    assert "proven before" in page(project)[1].text


def test_a_strict_run_fails_in_junit_as_it_does_in_its_exit_code(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [X] T002 Write `a.py`\n- [ ] T003 Run `git push`\n")
    assert report(project, "--strict").code == 1
    found = cases(project.root / "junit.xml")
    assert found["T002"].find("failure").get("message") == "ticked without evidence"
    assert found["T003"].find("failure").get("message").startswith("held: ")


# Whatever ended the run.


def test_an_interrupted_run_reports_what_was_seen(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `expr one`\n- [ ] T002 Run `sleep {forever}`\n- [ ] T003 Run `test -d .`\n")
    process = project.started("run", "--junit", "junit.xml", "--html", "page.html", project.spec)
    wait_for(process, f"sleep {forever}".encode())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)
    assert process.returncode == 130
    assert numbers(project.root / "junit.xml") == (3, 0, 0, 2)
    found = cases(project.root / "junit.xml")
    assert [each.tag for each in found["T001"]] == ["system-out"]
    assert found["T003"].find("skipped").get("message") == "not reached: the run was interrupted"
    assert "<title>Interrupted" in (project.root / "page.html").read_text()


class Torn(io.StringIO):
    """A stream that fails as no stream should."""

    def write(self, text: str) -> int:
        if "T002" in text:
            raise RuntimeError("torn")
        return super().write(text)


def test_a_fault_in_the_middle_of_a_run_leaves_reports_of_what_was_seen(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n- [ ] T002 Run `test -d .`\n- [ ] T003 Run `test -d .`\n")
    file = project.root / "junit.xml"
    settings = Settings((project.spec,), project.root, dict(os.environ), io.StringIO(), Torn(), junit=file)
    with pytest.raises(RuntimeError, match="torn"):
        run(settings)
    assert numbers(file) == (3, 0, 0, 2)


@pytest.mark.parametrize("option", ["--junit", "--html"])
def test_a_report_that_cannot_be_written_is_refused_before_anything_runs(project: Project, option: str) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    for path, todo in (("no/such/file", "make its folder first"), ("specs", "name a file in it")):
        done = project.run_spec(option, path, "--json-events")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("spec-run: cannot write the report (")
        assert done.err.endswith(f": {path}; {todo}\n")
    assert project.marks == " "


def test_a_report_that_cannot_be_written_any_more_is_an_error_and_keeps_no_other_one_back(project: Project) -> None:
    project.tasks("- [ ] T001 Run `mv out gone`\n")
    (project.root / "out").mkdir()
    done = project.run_spec("--in-place", "--junit", "out/junit.xml", "--html", "page.html")
    assert done.code == 2
    assert "cannot write the report (no such file or directory): out/junit.xml" in done.err
    assert "1 task passed" in page(project)[1].text
    assert project.marks == "X"


def test_a_report_never_overwrites_a_document_or_another_report(project: Project) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    assert "would overwrite" in project.run_spec("--html", f"{project.spec}/tasks.md").err
    assert "would overwrite" in project.run_spec("--html", "same", "--junit", "./same").err
    assert project.text() == "- [ ] T001 Run `test -d .`\n"


def test_a_report_takes_the_place_of_an_old_one_and_leaves_nothing_beside_it(mixed: Project) -> None:
    old = mixed.write("junit.xml", "old")
    old.chmod(0o640)
    report(mixed)
    assert old.read_bytes().startswith(b"<?xml")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert sorted(each.name for each in mixed.root.iterdir() if each.is_file()) == ["junit.xml", "page.html"]


def test_a_report_can_go_to_a_pipe(mixed: Project) -> None:
    done = mixed.run_spec("--json", "--junit", "/dev/stderr")
    assert '<testsuites name="spec-run"' in done.err
    assert done.json["exit"] == 1


def test_a_dry_run_has_nothing_to_report(mixed: Project) -> None:
    for words in (["--junit", "junit.xml"], ["--html", "page.html"], ["--json-events"]):
        done = mixed.run_spec("--dry-run", *words)
        assert (done.code, done.out) == (2, "")
        assert words[0] in done.err
    assert not (mixed.root / "junit.xml").exists()


# One line for each event.


def events(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_every_line_of_the_stream_is_an_event_and_the_last_one_the_end(mixed: Project) -> None:
    done = mixed.run_spec("--json-events")
    told = events(done)
    assert {each["schema"] for each in told} == {"spec-run/events@1"}
    assert told[0]["event"] == "run-started"
    assert [each["task"] for each in told[0]["specs"][0]["tasks"]] == ["T001", "T002", "T004", "T005", "T006", "T007"]
    assert told[-1]["event"] == "run-finished"
    assert (told[-1]["exit"], done.code) == (1, 1)
    assert told[-1]["counts"]["passed"] == 2
    assert [each["at"] for each in told] == sorted(each["at"] for each in told)
    assert "T001   passed" in done.err


def test_an_event_says_where_it_happened(mixed: Project) -> None:
    told = events(mixed.run_spec("--json-events"))
    ended = next(each for each in told if each["event"] == "task-finished" and each["task"] == "T005")
    assert (ended["place"], ended["outcome"], ended["fault"]) == ("specs/001-case/tasks.md:12", "failed", False)
    started = next(each for each in told if each["event"] == "step-started")
    assert (started["document"], started["line"], started["step"], started["block"]) == ("tasks.md", 5, 0, None)
    assert (started["command"], started["cwd"]) == ("echo one & wait", ".")
    seen = next(each for each in told if each["event"] == "output-seen")
    assert (seen["task"], seen["text"]) == ("T001", "one")
    assert [each["task"] for each in told if each["event"] == "task-cancelled"] == ["T006", "T007"]


def test_a_step_of_the_guide_stands_in_the_guide(project: Project) -> None:
    project.tasks("- [ ] T001 Run quickstart.md validation\n")
    project.guide("# Q\n\n## Setup\n\n```bash\necho a\n```\n")
    told = events(project.run_spec("--json-events"))
    step = next(each for each in told if each["event"] == "step-finished" and each["block"])
    assert (step["task"], step["place"], step["block"]) == ("T001", "specs/001-case/quickstart.md:6", 5)


def test_an_event_is_there_while_the_run_goes_on(project: Project) -> None:
    project.tasks("- [ ] T001 Run `expr ready; sleep 60707`\n")
    process = project.started("run", "--json-events", project.spec)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(json.loads(line))
        if lines[-1]["event"] == "output-seen":
            break
    assert lines[-1]["text"] == "ready"
    process.send_signal(signal.SIGTERM)
    rest = [json.loads(line) for line in process.communicate(timeout=90)[0].splitlines()]
    assert "interrupted" in [each["event"] for each in rest]
    assert (rest[-1]["event"], rest[-1]["exit"], rest[-1]["interrupted"]) == ("run-finished", 130, True)


def test_no_secret_is_in_any_report(project: Project) -> None:
    secret = "s3cr3t-value-91827"
    project.tasks("- [ ] T001 Configure (`API_KEY`) in a `.env` file\n- [ ] T002 Run `cat .env; exit 1`\n")
    project.write("keys", f"API_KEY={secret}\n")
    done = report(project, "--json-events", "--env-file", "keys")
    assert done.code == 1
    told = done.out + done.err + (project.root / "junit.xml").read_text() + (project.root / "page.html").read_text()
    assert "API_KEY=" in told
    assert secret not in told


# The page.


class Page(HTMLParser):
    """Reads a page as strictly as XML is read, and keeps what the tests ask for."""

    VOID = frozenset({"meta", "input"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.attributes |= given.keys()
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def page(project: Project) -> tuple[str, Page]:
    text = (project.root / "page.html").read_text(encoding="utf-8")
    return text, Page(text)


def test_the_page_stands_alone_and_asks_for_nothing(mixed: Project) -> None:
    report(mixed)
    text, read = page(mixed)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text
    assert read.tags.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
    assert all(link.startswith("#") for link in read.links)
    assert not [name for name in read.attributes if name.startswith("on") or name in ("src", "srcset", "action")]
    assert "url(" not in text
    assert "@import" not in text


def test_links_on_the_page_lead_to_something_and_no_name_stands_twice(mixed: Project) -> None:
    mixed.guide("# Q\n\n## Setup\n\n```bash\necho a\n```\n")
    mixed.tasks(MIXED + "- [ ] T008 Run quickstart.md validation\n")
    report(mixed, "--keep-going")
    _, read = page(mixed)
    assert {link[1:] for link in read.links} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


def test_text_on_the_page_is_never_markup_and_hides_nothing(mixed: Project) -> None:
    report(mixed)
    text, read = page(mixed)
    assert "<b>no</b>" not in text
    assert "said <b>no</b>" in read.text
    assert "\u202e" not in text
    assert 'title="right-to-left override">U+202E</span>' in text


def test_the_page_tells_the_marks_before_and_after(mixed: Project) -> None:
    report(mixed)
    _, read = page(mixed)
    row = re.sub(r"\s+", " ", read.text)
    for told in ("T001[ ]→[X]", "T002[X]Run", "T003[ ]Create", "T005[X]→[ ]", "T006[ ]→[C]", "T007[X]Run"):
        assert told in row
    assert "Note removed: (FAILED: exit 1)" in row
    assert mixed.marks == "XX   CX"


def test_the_page_of_a_run_that_wrote_nothing_promises_no_mark(mixed: Project) -> None:
    report(mixed, "--no-write")
    told = page(mixed)[1].text
    assert "→" not in told
    assert "Note removed" not in told


def test_the_page_tells_what_was_expected_and_whether_that_was_checked(project: Project) -> None:
    project.guide("# Q\n\n## Setup\n\n```bash\necho 'a <i>b</i>'\n```\n\nExpected output:\n\n```\na <i>b</i>\n```\n")
    done = project.run("quickstart", "--html", "page.html", "--json", project.spec)
    (expected,) = done.json["specs"][0]["blocks"][0]["steps"][0]["expectations"]
    word = "checked" if expected["checked"] else "not checked"
    assert f"Expected, {word}: {expected['text']}" in page(project)[1].text


def test_the_page_opens_at_what_failed(mixed: Project) -> None:
    report(mixed)
    text, _ = page(mixed)
    opened = re.findall(r'<details class="case (\w+)" id="s0-line-(\d+)" open>', text)
    assert opened == [("failed", "12")]


def test_a_filter_that_would_show_nothing_cannot_be_chosen(mixed: Project) -> None:
    report(mixed, "--only", "T001-T003")
    text, _ = page(mixed)
    disabled = re.findall(r'value="(\w+)" id="show-\w+" disabled', text)
    assert disabled == ["failed", "held"]


# GitHub.


@pytest.fixture
def github(mixed: Project) -> Project:
    summary = mixed.write("summary.md", "before\n")
    mixed.environment |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(mixed.root.parent),
    }
    return mixed


def commands(text: str) -> list[str]:
    """What GitHub's runner would take for commands, in the form of today and in the old one."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def test_on_github_failures_come_first_and_held_tasks_are_warnings(github: Project) -> None:
    told = commands(github.run_spec().out)
    assert len(told) == 2
    where = "file=repository/specs/001-case/tasks.md,line=12,title=spec-run%3A T005 failed::exit 3: "
    assert told[0].startswith(f"::error {where}")
    assert told[1].startswith("::warning file=repository/specs/001-case/tasks.md,line=11,")


def test_on_github_json_stays_alone_on_stdout(github: Project) -> None:
    done = github.run_spec("--json")
    assert done.json["exit"] == 1
    assert len(commands(done.err)) == 2
    stream = github.run_spec("--json-events")
    assert all(json.loads(line) for line in stream.out.splitlines())


def test_on_github_no_more_is_annotated_than_is_shown(github: Project) -> None:
    github.tasks("".join(f"- [ ] T{number:03} [P] Run `false`\n" for number in range(1, 31)))
    told = commands(github.run_spec().out)
    assert len(told) == 10
    assert all(line.startswith("::error ") for line in told)


@pytest.mark.parametrize("words", [(), ("--json",), ("--json-events",)])
def test_what_a_command_prints_commands_nothing_on_github(github: Project, words: tuple[str, ...]) -> None:
    github.write("says.sh", "echo start\necho '  ::add-mask::x'\necho 'a ##[stop-commands]x'\necho end\nexit 1\n")
    github.tasks("- [ ] T001 Run `bash says.sh`\n")
    done = github.run_spec(*words)
    told = commands(done.out + done.err)
    assert [line.split()[0] for line in told] == ["::error"]
    assert "add-mask" in done.out


def test_the_summary_on_github_is_added_to_what_others_wrote(github: Project) -> None:
    github.run_spec()
    text = (github.root / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("before\n## spec-run: 1 failed, 2 passed, 1 held, 1 cancelled, 1 claimed\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 8
    assert "| ❌ | T005 |" in rows[1]
    assert "| ✅ | T001 |" in text.partition("<details><summary>")[2]
    assert "<summary>T005 failed: exit 3: " in text
    assert "said &lt;b&gt;no" in text
    assert "1 task has nothing to run" in text


def test_the_summary_on_github_leaves_room_for_what_is_there(github: Project) -> None:
    from spec_runner.views.github import MOST_BYTES

    (github.root / "summary.md").write_text("x" * (MOST_BYTES - 700))
    github.run_spec()
    assert MOST_BYTES - 700 < (github.root / "summary.md").stat().st_size <= MOST_BYTES
    assert "More is in the log" in (github.root / "summary.md").read_text(encoding="utf-8")


def test_a_summary_that_cannot_be_written_is_said_and_changes_nothing_else(github: Project) -> None:
    github.environment["GITHUB_STEP_SUMMARY"] = str(github.root / "no/such/file")
    done = report(github)
    assert "note: " in done.out
    assert "cannot write the summary" in done.out
    assert done.code == 1
    assert (github.root / "junit.xml").exists()
    assert (github.root / "page.html").exists()


def test_a_dry_run_says_nothing_to_github(github: Project) -> None:
    done = github.run_spec("--dry-run")
    assert not commands(done.out + done.err)
    assert (github.root / "summary.md").read_text() == "before\n"

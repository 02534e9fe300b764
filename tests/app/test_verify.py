"""Are the ticks true? Replayed in a clean tree, with the documents left alone."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from tests.app.test_reports import XSD
from tests.app.test_schemas import hold
from tests.conftest import Project

TASKS = """\
# Tasks

## Phase 1: Setup

- [X] T001 Run `test -f tracked`
- [X] T002 Run `cat never-there`
- [X] T003 Run `test ! -e untracked && test ! -e ignored`
- [X] T004 Create the module `src/there.py`
- [X] T005 Create the module `src/not_there.py`
- [X] T006 Review the design with the team
- [X] T007 Run `git push origin main`
- [ ] T008 Run `touch from-an-open-task`
- [X] T009 Run `test ! -e from-an-open-task`
- [X] T010 Run `test -d .` (depends on T002)
"""


def claims(project: Project, *words: str) -> dict[str, Any]:
    done = project.run("verify", "--json", *words, project.spec)
    assert done.code in (0, 1), done.err
    return {each["id"]: (each["verdict"], each["reason"]) for each in done.json["specs"][0]["ticks"]}


def test_every_tick_is_judged_and_no_byte_is_written(project: Project) -> None:
    file = project.tasks(TASKS)
    for name in ("tracked", "src/there.py"):
        project.write(name, "x")
    project.write(".gitignore", "ignored\n")
    project.commit()
    project.write("untracked", "x")
    project.write("ignored", "x")
    before = file.read_bytes(), project.git("status", "--short", "--ignored")
    done = project.run("verify", "--json", project.spec)
    assert done.code == 1
    assert {each["id"]: each["verdict"] for each in done.json["specs"][0]["ticks"]} == {
        "T001": "proven", "T002": "false", "T003": "proven", "T004": "present", "T005": "missing", "T006": "nothing to go by",
        "T007": "cannot tell", "T009": "proven", "T010": "cannot tell",
    }  # fmt: skip
    found = claims(project)
    assert found["T002"][1] == "exit 1: cat: never-there: No such file or directory"
    assert found["T005"][1] == "src/not_there.py is in no commit, and nothing like it is there"
    assert found["T010"][1] == "T002 did not pass"
    assert done.json["specs"][0]["commit"] == project.git("rev-parse", "HEAD").strip()
    assert (file.read_bytes(), project.git("status", "--short", "--ignored")) == before


def test_a_change_that_is_not_committed_proves_nothing(project: Project) -> None:
    project.tasks("- [X] T001 Run `grep -q new file`\n")
    project.write("file", "old\n")
    project.commit()
    project.write("file", "new\n")
    assert claims(project)["T001"][0] == "false"


def test_a_selection_is_judged_alone_on_what_the_ticks_before_it_make(project: Project) -> None:
    project.tasks(
        "- [X] T001 Run `touch made`\n- [X] T002 Run `test -e made`\n- [X] T003 Run `test -e nowhere`\n"
        "- [X] T004 Create `src/gone.py`\n"
    )
    project.commit()
    assert claims(project, "--only", "T002") == {"T002": ("proven", None)}
    assert claims(project, "--only", "T003") == {"T003": ("false", "exit 1")}
    assert claims(project, "--only", "T004").keys() == {"T004"}
    refused = project.run("verify", "--no-deps", "--only", "T002", project.spec)
    assert (refused.code, refused.out) == (2, "")
    assert "T001 is not proven, and T002 needs made" in refused.err


def test_an_answer_is_excused_by_what_may_be_behind_it_alone(project: Project, free_port: int) -> None:
    asked = f"- [X] T002 `curl -s localhost:{free_port}` returns 200\n"
    project.tasks(f"- [X] T001 Run `absent-tool check .`\n{asked}")
    project.commit()
    assert claims(project)["T002"][0] == "false"
    project.tasks(f"- [X] T001 Run `absent-tool install .`\n{asked}")
    project.commit()
    assert claims(project)["T002"][0] == "cannot tell"


def test_the_words_of_a_replay(project: Project) -> None:
    project.tasks("- [X] T001 Run `test -d .`\n- [X] T002 Run `false`\n- [X] T003 Think\n")
    project.commit()
    done = project.run("verify", project.spec)
    head = project.git("rev-parse", "HEAD")[:12]
    counts = f"{project.spec} at {head}\n  3 ticks: 1 proven · 1 FALSE · 1 nothing to go by\n"
    evidence = (
        f"  T002   false: exit 1\n         at         {project.spec}/tasks.md:2\n         command    false\n"
        f"         directory  .\n         next       fix it or open the checkbox, commit, then: spec-run verify --only T002 "
        f"{project.spec}\n"
    )
    assert done.out == f"{counts}{evidence}  -v shows the others too\n"
    unfolded = project.run("verify", "-v", project.spec)
    assert unfolded.out == f"{counts}{evidence}  T001   proven\n  T003   nothing to go by\n"


def test_the_words_of_a_replay_are_those_of_its_markdown(project: Project) -> None:
    project.tasks(
        "- [X] T001 Run `test -d specs`\n- [X] T002 Run `echo no; false`\n- [X] T003 Think\n- [X] T004 Write `missing.py`\n"
    )
    project.commit()
    done = project.run("verify", "--markdown", "comment.md", project.spec)
    assert done.code == 1
    text = (project.root / "comment.md").read_text(encoding="utf-8")
    assert text.startswith("## spec-run: 4 ticks: 1 proven · 1 FALSE · 1 missing · 1 nothing to go by\n")
    assert "<details open><summary>T002 false: exit 1: no</summary><pre>at: specs/001-case/tasks.md:2\n" in text
    assert "| ❌ | T004 |" in text and "<details><summary>1 proven</summary>" in text


def test_a_preview_of_a_replay_counts_what_it_would_look_for(project: Project) -> None:
    project.tasks(
        "- [X] T001 Run `test -d .`\n- [X] T002 Write `missing.py`\n- [X] T003 Think\n- [ ] T004 Run `false`\n"
    )
    project.commit()
    lines = project.run("verify", "-n", project.spec).out.splitlines()
    assert lines[-2:] == [
        "1 of 4 tasks would run; the files of 1 looked for; 1 not ticked",
        f"next: spec-run verify {project.spec}",
    ]


def test_true_ticks_are_a_success_and_none_is_nothing_to_run(project: Project) -> None:
    project.tasks("- [X] T001 Run `test -d .`\n- [ ] T002 Run `false`\n")
    project.commit()
    assert project.run("verify", project.spec).code == 0
    project.tasks("- [ ] T001 Run `test -d .`\n")
    assert project.run("verify", project.spec).code == 4
    assert project.run("verify", "--allow-empty", project.spec).code == 0


def test_what_would_be_replayed_is_shown_beforehand(project: Project) -> None:
    project.tasks("- [X] T001 Run `test -d .`\n- [ ] T002 Run `false`\n")
    project.commit()
    tasks = project.run("verify", "-n", "--json", project.spec).json["specs"][0]["tasks"]
    assert [task["action"] for task in tasks] == ["run", "skip"]


def test_missing_values_say_nothing_of_the_task(project: Project) -> None:
    project.tasks(
        "- [X] T001 Configure environment variables (`SOME_KEY`) in a `.env` file\n- [X] T002 Run `test -d .`\n"
    )
    project.commit()
    found = claims(project)
    assert found["T001"] == ("cannot tell", "SOME_KEY has no value; --env NAME or --env-file FILE gives it")
    assert found["T002"][0] == "proven"


def test_without_a_commit_nothing_is_looked_for(project: Project) -> None:
    project.tasks("- [X] T001 Create the file `a/b.md`\n- [X] T002 Run `test -d .`\n")
    found = {key: verdict for key, (verdict, _) in claims(project).items()}
    assert found == {"T001": "nothing to go by", "T002": "proven"}


def test_the_verdicts_are_told_as_junit(project: Project) -> None:
    project.tasks(TASKS)
    project.write("tracked", "x")
    project.write("src/there.py", "x")
    project.commit()
    for words, wanted in (((), (9, 1, 5)), (("--strict",), (9, 6, 0))):
        done = project.run("verify", "--junit", "out.xml", *words, project.spec)
        assert done.code == 1
        tree = etree.parse(str(project.root / "out.xml"))
        XSD.assertValid(tree)
        suite = tree.getroot()[0]
        assert suite.get("name") == "specs/001-case/tasks.md"
        assert tuple(int(suite.get(name) or -1) for name in ("tests", "failures", "skipped")) == wanted
        failures = {case.get("name"): case[0].get("message") for case in suite.iter("testcase") if len(case)}
        assert failures["T002 Run `cat never-there`"] == "exit 1: cat: never-there: No such file or directory"
        told = "missing: src/not_there.py is in no commit, and nothing like it is there"
        assert failures["T005 Create the module `src/not_there.py`"] == told
    assert project.run("verify", "--junit", f"{project.spec}/tasks.md", project.spec).code == 2
    assert project.run("verify", "-n", "--junit", "out.xml", project.spec).code == 2


def test_a_replay_has_every_report_that_a_run_has(project: Project) -> None:
    project.tasks(f"{TASKS}- [X] T011 Create `src/not_there.py` and `src/other.py`\n")
    for name in ("tracked", "src/other.py"):
        project.write(name, "x")
    project.commit()
    project.environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(project.root / "summary.md")}
    done = project.run("verify", "--json-events", "--html", "out.html", project.spec)
    assert done.code == 1
    told = [json.loads(line) for line in done.out.splitlines()]
    for each in told:
        hold("events", each)
    judged = {each["id"]: each["verdict"] for each in told if each["event"] == "tick-judged"}
    assert list(judged) == ["T001", "T002", "T003", "T004", "T005", "T006", "T007", "T009", "T010", "T011"]
    assert (judged["T001"], judged["T002"]) == ("proven", "false")
    assert told[-1]["event"] == "run-finished"
    assert told[-1]["exit"] == 1
    page, table = ((project.root / name).read_text(encoding="utf-8") for name in ("out.html", "summary.md"))
    assert page.count('class="case') == len(judged)
    assert "src/not_there.py is in no commit, and nothing like it is there" in page
    assert "<li>present: src/other.py is there</li>" in page
    assert "| ❌ | T002 |" in table
    assert "T008" not in page + table


def test_on_github_a_false_tick_is_shown_where_it_stands_and_nothing_printed_is_obeyed(project: Project) -> None:
    project.write("say.sh", "echo '::error::mine' >&2; exit 1\n")
    project.tasks("- [X] T001 Run `bash say.sh`\n- [X] T002 Run `test -d .`\n")
    project.commit()
    project.environment |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project.root)}
    done = project.run("verify", "-v", project.spec)
    obeyed = [line for line in (done.out + done.err).splitlines() if line.startswith("::")]
    assert obeyed == [
        "::error file=specs/001-case/tasks.md,line=1,title=spec-run%3A T001 failed::"
        "exit 1: ::error::mine%0ARun `bash say.sh`"
    ]


GUIDE = """\
# Guide

```bash
mkdir -p out
ls not-there
echo one > out/one
cat out/one
git push
```
"""


def test_a_guide_goes_on_after_a_failed_step_and_counts_its_steps(project: Project) -> None:
    project.guide(GUIDE)
    project.tasks("- [X] T001 Run quickstart.md validation\n")
    project.commit()
    verdict, reason = claims(project)["T001"]
    assert verdict == "false"
    assert reason.startswith("quickstart.md:5: exit 2: ls: cannot access 'not-there'")
    assert reason.endswith("(3 of 5 steps, 1 held, 1 failed)")


def test_a_guide_with_a_held_step_proves_a_task_in_part_and_ticks_nothing(project: Project) -> None:
    project.guide(GUIDE.replace("ls not-there\n", ""))
    project.tasks("- [ ] T001 Run quickstart.md validation\n")
    done = project.run_spec("--json")
    assert (done.code, project.marks, done.task("T001")["verdict"]) == (0, " ", "in part")
    assert done.task("T001")["reason"] == "3 of 4 steps, 1 held"
    assert project.run_spec("--strict").code == 1
    project.guide("# Guide\n\nRead this.\n")
    assert (project.run_spec().code, project.marks) == (0, " ")


def test_what_could_not_be_judged_here_is_counted_and_is_no_failure(project: Project) -> None:
    project.tasks(
        "- [X] T001 Run `no-such-tool build`\n- [X] T002 Run `no-such-tool test`\n- [X] T003 Run `test -d .`\n"
    )
    project.commit()
    done = project.run("verify", project.spec)
    assert done.code == 0
    assert "  T001   cannot tell (no-such-tool): command no-such-tool not found\n" in done.out
    assert "T001   cannot tell: command no-such-tool not found\n" in done.err, "nor does it on the way"
    assert done.out.endswith("2 ticks could not be judged here: no-such-tool (2)\n")
    assert project.run("verify", "--strict", project.spec).code == 1


def test_only_the_boxes_that_a_change_ticked_are_judged(project: Project) -> None:
    lines = ["- [X] T001 Run `false`", "- [ ] T002 Run `test -f made`", "- [ ] T003 Run `false`", "- [ ] T004 Think"]
    project.tasks("\n".join(lines) + "\n")
    project.commit()
    asked = ("verify", "--json", "--ticked-since", "working-tree", project.spec)
    assert (project.run(*asked).code, project.run(*asked).json["specs"][0]["ticks"]) == (4, [])

    project.tasks("\n".join([lines[0], lines[1].replace("[ ]", "[x]"), *lines[2:]]) + "\n")
    project.write("made", "not committed")
    done = project.run(*asked)
    assert (done.code, [(each["id"], each["verdict"]) for each in done.json["specs"][0]["ticks"]]) == (
        0,
        [("T002", "proven")],
    )

    project.commit()
    project.tasks(project.text().replace("- [ ] T003", "- [x] T003").replace("- [ ] T004", "- [x] T004"))
    done = project.run(*asked)
    judged = {each["id"]: each["verdict"] for each in done.json["specs"][0]["ticks"]}
    assert (done.code, judged) == (1, {"T003": "false", "T004": "nothing to go by"})

    project.commit()
    since = ("verify", "--json", "--ticked-since")
    judged = {
        each["id"]: each["verdict"] for each in project.run(*since, "HEAD~2", project.spec).json["specs"][0]["ticks"]
    }
    assert judged == {"T002": "proven", "T003": "false", "T004": "nothing to go by"}
    refused = project.run(*since, "no-such-branch", project.spec)
    assert refused.code == 2
    assert "Git does not know the commit no-such-branch of --ticked-since" in refused.err


def test_a_tree_is_set_up_before_its_ticks_are_judged(project: Project) -> None:
    project.tasks('- [X] T001 Run `test -f ready && test "$READY" = yes`\n')
    project.commit()
    assert claims(project, "--no-setup")["T001"][0] == "false"
    words = ("--setup", "touch ready && export READY=yes", "--setup", "test -f ready")
    assert claims(project, *words)["T001"][0] == "proven"
    project.config('[setup]\ncommands = ["touch ready && export READY=yes"]\n')
    done = project.run("verify", "-n", "--json", project.spec)
    assert [step["command"] for step in done.json["specs"][0]["setup"]] == ["touch ready && export READY=yes"]
    assert claims(project)["T001"][0] == "proven"


def test_what_a_failed_setup_leaves_out_is_not_prepared(project: Project) -> None:
    project.tasks("- [X] T001 Run `python3 -c 'import no_such_module'`\n- [X] T002 Run `false`\n")
    project.commit()
    done = project.run("verify", "--json", "--setup", "exit 3", project.spec)
    ticks = done.json["specs"][0]["ticks"]
    assert ticks[0]["cause"] == {"kind": "not prepared", "what": "exit 3"}
    assert [each["verdict"] for each in ticks] == ["cannot tell", "cannot tell"], "whatever it prints"

"""What hidden comments say of tasks and fences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.said import WORDS, said_by, unknown_words
from spec_runner.core.decide.steps import GuideBlock, Intent, Step
from spec_runner.core.decide.tasks import decide
from spec_runner.core.evidence.check import check_spec
from spec_runner.core.plan.model import Choices, PlannedSpec, ReadSpec, plan_spec
from spec_runner.core.text.comments import HiddenComment
from spec_runner.core.text.document import read_document

RUN = "<!-- spec-run: run -->"
SKIP = "<!-- spec-run: skip -->"


def intents(text: str) -> list[Intent]:
    return [decide(task) for task in read_document(text.encode()).tasks]


def steps_of(text: str) -> list[Step]:
    return [step for intent in intents(text) for step in intent.steps]


def blocks_of(text: str) -> list[GuideBlock]:
    return list(read_guide(f"# Guide\n\n## Setup\n\n{text}".encode()).blocks)


def planned(text: str) -> PlannedSpec:
    read = ReadSpec("specs/001", read_document(text.encode()), sources=(("tasks.md", text.encode()),))
    return plan_spec(read, Choices(), decide)


RUNS = [
    (f"- [ ] T1 Optionally run `npm test` {RUN}", ["npm test"]),
    (f"{RUN}\n- [ ] T1 Optionally run `npm test`", ["npm test"]),
    (f"- [ ] T1 Optionally run `npm test`\n  {RUN}", ["npm test"]),
    (f"- [ ] T1 Create `ci.yml` with `npm test` {RUN}", ["npm test"]),
    (f"- [ ] T1 Name `npm ci` and `frob it` {RUN} in `ci.yml`", ["frob it"]),
    (f"- [ ] T1 Do it\n  {RUN}\n  ```\n  npm ci\n  ```", ["npm ci"]),
    ("- [ ] T1 Create `run.sh`:\n  ```bash <!-- spec-run: run -->\n  npm ci\n  ```", ["npm ci"]),
    (f"- [ ] T1 Run `npm test` {SKIP}", []),
    (f"{SKIP}\n- [ ] T1 Run `npm test`\n- [ ] T2 Run `npm ci`", ["npm ci"]),
    (f"- [ ] T1 Run `npm ci` {SKIP}, then `npm test`", ["npm test"]),
    (f"- [ ] T1 Verify `http://localhost:3000/x` {SKIP}", []),
    (f"- [ ] T1 Do it\n  - Run `npm ci` {SKIP}\n  - Run `npm test`", ["npm test"]),
    (f"- [ ] T1 Run `npm test` `{SKIP}`", ["npm test"]),
    ("- [ ] T1 Run `npm ci`\n\n  ```bash\n  x\n  <!-- spec-run: skip -->\n  ```", ["npm ci", "x"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "commands"), RUNS)
def test_a_comment_says_what_runs(text: str, commands: list[str]) -> None:
    steps = steps_of(text)
    assert [step.command for step in steps if step.hold is None][: len(commands)] == commands
    assert len(steps) == len(commands) or "<!--" in steps[-1].command


def test_a_comment_says_how_long_where_and_how_it_ends() -> None:
    (step,) = steps_of('- [ ] T1 Run `x y` <!-- spec-run: timeout=5m cwd=./backend/ expect="a b" exit=3 -->')
    assert (step.timeout, step.cwd, step.expect) == (300, "backend", "fail")
    assert [(each.kind, each.text, each.checked) for each in step.expectations] == [
        ("exit", "3", True),
        ("text", "a b", True),
    ]
    assert step.comment == 'timeout=5m cwd=./backend/ expect="a b" exit=3'


def test_what_comes_of_several_commands_is_said_of_the_last() -> None:
    first, last = steps_of("<!-- spec-run: exit=0 timeout=9 -->\n- [ ] T1 Run `npm ci` and `npm test`")
    assert (first.expectations, first.timeout, last.timeout) == ((), 9, 9)
    assert [each.kind for each in last.expectations] == ["exit"]


def test_a_comment_makes_a_service_and_names_a_status() -> None:
    service, address = steps_of(
        "- [ ] T1 Run `./thing go` <!-- spec-run: service -->\n"
        "- [ ] T2 Verify `http://localhost:3000/x` <!-- spec-run: expect=404 -->"
    )
    assert (service.kind, address.expect) == ("service", "404")


def test_what_is_output_is_compared_and_not_run() -> None:
    (step,) = steps_of("- [ ] T1 Run `npm test`, then see `npm ci` <!-- spec-run: output -->")
    assert [(each.kind, each.text) for each in step.expectations] == [("text", "npm ci")]
    (step,) = steps_of("- [ ] T1 Run `./v`\n\n  <!-- spec-run: output -->\n  ```bash\n  1.2\n  ```")
    assert [(each.kind, each.text) for each in step.expectations] == [("output", "1.2")]


def test_a_comment_in_a_guide_speaks_of_the_fence_below_it_or_above_it() -> None:
    fence = "```bash\nnpm ci\n```\n"
    for text in (
        f"{SKIP}\n\n{fence}",
        f"Do: {SKIP}\n\n{fence}",
        f"{fence}{SKIP}\n",
        f"```bash {SKIP}\nnpm ci\n```\n",
        f"1. Do\n   {SKIP}\n   ```bash\n   npm ci\n   ```\n",
        f"{SKIP}\n\nDo it:\n\n{fence}",
    ):
        (block,) = blocks_of(text)
        assert (block.action, block.steps) == ("skip", ()), text
        assert "hidden comment" in block.why
    first, second = blocks_of(f"{fence}\n{SKIP}\n{fence}")
    assert (first.action, second.action) == ("run", "skip")


def test_a_comment_in_a_guide_says_how_and_what_it_prints() -> None:
    text = "```bash <!-- spec-run: timeout=1h cwd=a -->\n./v\n```\n\n<!-- spec-run: output -->\n```\n1.2\n```\n"
    block, shown = blocks_of(text)
    (step,) = block.steps
    assert (step.timeout, step.cwd, step.expectations[0].text, shown.label) == (3600, "a", "1.2", "output")
    (block,) = blocks_of(f"## Troubleshooting\n\n{RUN}\n```\nnpm ci\n```\n")
    assert [(step.command, step.hold) for step in block.steps] == [("npm ci", None)]
    (block,) = blocks_of(f"Open http://localhost:3000/x {SKIP}\n")
    assert block.action == "skip"


@given(
    st.lists(st.sampled_from(["run", "service", "timeout=5m", "exit=0", "cwd=a", 'expect="x"', "output"]), max_size=4),
    st.sampled_from(["rm -rf /", "git push", "sudo ls", "git clone https://x.org/<name>", "kubectl apply -f x"]),
)
def test_no_comment_releases_what_is_held_for_safety(words: list[str], command: str) -> None:
    comment = f"<!-- spec-run: run {' '.join(words)} -->"
    for text in (f"- [ ] T1 Run `{command}` {comment}", f"{comment}\n- [ ] T1 Do\n  ```bash\n  {command}\n  ```"):
        assert all(step.hold not in (None, "unsure") for step in steps_of(text))
    assert all(step.hold for block in blocks_of(f"{comment}\n```bash\n{command}\n```\n") for step in block.steps)


@given(st.text(alphabet='runskip=exctwdm 035"-<>!', max_size=30))
def test_any_words_are_read_or_named(text: str) -> None:
    comment = HiddenComment(text, 1)
    said_by([comment])
    assert all(isinstance(word, str) for word in unknown_words(comment))


def test_the_words_that_people_are_told_are_known() -> None:
    assert unknown_words(HiddenComment(WORDS.replace(",", ""), 1)) == ()
    for word in ("slow", "timeout=soon", "exit=300", "cwd=/etc", "cwd=../x", "expect=", "run=1", "timeout"):
        assert unknown_words(HiddenComment(word, 1)) == (word,)


def test_check_tells_of_words_and_comments_that_say_nothing() -> None:
    text = "- [ ] T1 Run `a b` <!-- spec-run: sloow -->\n\n## Notes\n\n<!-- spec-run: run -->\n"
    found = [(each.line, each.code) for each in check_spec(planned(text), None)]
    assert found == [(1, "SR110"), (5, "SR110")]


def test_an_unsure_hold_names_the_comment_that_lifts_it() -> None:
    (task,) = planned("- [ ] T1 Optionally run `npm test`").tasks
    assert task.why.startswith("unsure: ") and RUN in task.why


def test_a_comment_is_no_part_of_the_title_and_makes_the_task_another_one() -> None:
    from spec_runner.core.evidence.records import likeness

    plain, said = (read_document(f"- [ ] T1 Run `npm test`{rest}".encode()).tasks[0] for rest in ("", f" {SKIP}"))
    assert plain.title == said.title
    assert likeness(plain) != likeness(said)

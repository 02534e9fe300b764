"""Documents → Plan: what would be done, where, and what would not."""

from __future__ import annotations

from spec_runner.core.decide.steps import Guide, GuideBlock, Intent, Step
from spec_runner.core.plan.events import StepResult
from spec_runner.core.plan.guide_run import GuideRun
from spec_runner.core.plan.model import Choices, PlannedSpec, PlannedStep, ReadSpec, nodes, plan_spec
from spec_runner.core.plan.selection import Selection
from spec_runner.core.text.document import Task, read_document


def decide(task: Task) -> Intent:
    """``command`` spans as they stand; words after a dash in the title set the rest."""
    commands = [code.text for code in task.codes]
    words = task.title.split(" - ")[-1].split() if " - " in task.title else []
    if not commands:
        return Intent("none", "nothing in it")
    cwd = next((word[3:] for word in words if word.startswith("in=")), None)
    held = "outward" if "held" in words else None
    kind = "url" if commands[0].startswith("http") else "service" if "service" in words else "command"
    moves = commands[0].startswith("cd ")
    steps = tuple(Step(kind, text, task.line, cwd=cwd, hold=held, moves=moves) for text in commands)  # type: ignore[arg-type]
    return Intent(kind, "asked", steps)  # type: ignore[arg-type]


def planned(text: str, choices: Choices = Choices(), guide: Guide | None = None) -> PlannedSpec:  # noqa: B008
    document = read_document(text.encode())
    return plan_spec(ReadSpec("specs/a", tasks=document, guide=guide), choices, decide)


def actions(spec: PlannedSpec) -> dict[str, str]:
    return {task.task.key: task.action for task in spec.tasks}


def cwds(spec: PlannedSpec) -> dict[str, str | None]:
    return {task.task.key: task.steps[0].cwd for task in spec.tasks if task.steps}


def test_a_cd_moves_what_comes_after_it() -> None:
    text = "- [ ] T1 `ls`\n- [ ] T2 `cd a/b`\n- [ ] T3 `ls`\n- [ ] T4 `ls` - in=b\n- [ ] T5 `ls` - in=c\n- [ ] T6 `cd ..`\n- [ ] T7 `ls`\n"
    assert cwds(planned(text)) == {"T1": ".", "T2": ".", "T3": "a/b", "T4": "a/b", "T5": "c", "T6": "a/b", "T7": "a"}


def test_a_cd_among_neighbours_moves_nobody() -> None:
    text = "- [ ] T1 [P] `cd a`\n- [ ] T2 [P] `ls`\n- [ ] T3 `ls`\n- [ ] T4 [P] `cd b`\n- [ ] T5 `ls`\n"
    assert cwds(planned(text)) == {"T1": ".", "T2": ".", "T3": ".", "T4": ".", "T5": "b"}


def test_a_cd_that_is_held_leads_the_steps_after_it_where_the_document_says_or_holds_them() -> None:
    text = "- [ ] T1 `cd a` - held\n- [ ] T2 `ls`\n- [ ] T3 `cd $B` - held\n- [ ] T4 `ls`\n- [ ] T5 `ls` - in=b\n"
    spec = planned(text)
    assert cwds(spec) == {"T1": ".", "T2": "a", "T3": "a", "T4": None, "T5": "b"}
    assert [task.steps[0].returns for task in spec.tasks] == [False, True, False, False, False]
    assert actions(spec) == {"T1": "hold", "T2": "run", "T3": "hold", "T4": "hold", "T5": "run"}


def test_a_task_waits_for_what_a_held_one_would_have_left() -> None:
    spec = planned(
        "- [ ] T1 `export TOKEN=x` - held\n- [ ] T2 `a $TOKEN`\n- [ ] T3 `TOKEN=1; b $TOKEN`\n- [ ] T4 `c`\n"
    )
    assert actions(spec) == {"T1": "hold", "T2": "hold", "T3": "hold", "T4": "run"}
    assert (spec.tasks[1].why, spec.tasks[1].steps[0].because) == ("T1 is held", 1)
    assert (
        actions(planned("- [ ] T1 `mkdir a` - held\n- [ ] T2 `ls a/b`\n", Choices(allow=frozenset({"t2"}))))["T2"]
        == "run"
    )
    assert actions(planned("- [ ] T1 `mkdir a` - held\n- [ ] T2 `ls a/b`\n- [ ] T3 `ls $A`\n"))["T2"] == "hold"


def test_a_held_task_is_shown_and_runs_when_allowed() -> None:
    text = "- [ ] T1 `push` - held\n- [ ] T2 `ls`\n"
    assert actions(planned(text)) == {"T1": "hold", "T2": "run"}
    assert actions(planned(text, Choices(allow=frozenset({"outward"})))) == {"T1": "run", "T2": "run"}
    assert actions(planned(text, Choices(allow=frozenset({"t1"})))) == {"T1": "run", "T2": "run"}


def test_a_probe_of_a_held_service_is_held_too() -> None:
    spec = planned("- [ ] T1 `serve` - service held\n- [ ] T2 `http://localhost`\n")
    assert actions(spec) == {"T1": "hold", "T2": "hold"}
    assert spec.tasks[1].why == "T1 is held"


def test_a_probe_needs_its_service_and_a_command_the_move_before_it() -> None:
    spec = planned("- [ ] T1 `cd a`\n- [ ] T2 `serve` - service\n- [ ] T3 `http://localhost`\n- [ ] T4 `ls` - in=.\n")
    assert [node.needs for node in nodes(spec)] == [(), ("T1",), ("T2", "T1"), ()]


def test_what_a_person_marked_is_left_unless_it_is_named() -> None:
    text = "- [~] T1 `a`\n- [C] T2 `a` (deferred)\n- [C] T3 `a`\n- [x] T4 `a`\n- [ ] T5 prose\n"
    assert actions(planned(text)) == {"T1": "skip", "T2": "skip", "T3": "run", "T4": "run", "T5": "none"}
    only = Choices(Selection(only=("T1,T2",)))
    assert actions(planned(text, only)) == {"T1": "run", "T2": "run", "T3": "skip", "T4": "skip", "T5": "none"}


def test_the_last_of_a_pipe_judges_unless_it_only_shows() -> None:
    text = "- [ ] T1 `a | tee log`\n- [ ] T2 `a | wc -l`\n- [ ] T3 `a; b | tail -5`\n- [ ] T4 `a || cat`\n"
    assert [task.steps[0].pipefail for task in planned(text).tasks] == [True, False, True, False]


def test_dependencies_on_what_is_not_there_are_told() -> None:
    text = "## A\n- [ ] T1 `a` (depends on T9)\n- [ ] T2 `a` (depends on T3)\n## B\n- [ ] T3 `a`\n"
    assert planned(text).warnings == (
        "line 2: T1 depends on T9, which is not there",
        "line 3: T2 depends on T3, which stands in a later phase",
    )


def block(line: int, *steps: Step) -> GuideBlock:
    return GuideBlock(line, "bash", "Setup", "step", "run", "a step", steps=steps)


def command(text: str, line: int, **more: object) -> Step:
    return Step("command", text, line, **more)  # type: ignore[arg-type]


def test_a_guide_runs_only_if_somebody_asks_for_it() -> None:
    guide = Guide((block(3, command("ls", 4)),), "carry")
    spec = planned("- [ ] T1 `ls`\n", guide=guide)
    assert [each.action for each in spec.blocks] == ["skip"]
    alone = plan_spec(ReadSpec("specs/a", guide=guide), Choices(), decide)
    assert (alone.runs_guide, alone.has_work, [each.action for each in alone.blocks]) == (True, True, ["run"])


def test_a_guide_carries_its_directory_or_starts_at_the_root() -> None:
    blocks = (block(3, command("cd a", 4), command("ls", 5)), block(8, command("ls", 9)))
    for cwd, expected in (("carry", [".", "a", "a"]), ("root", [".", "a", "."])):
        spec = plan_spec(ReadSpec("specs/a", guide=Guide(blocks, cwd)), Choices(), decide)  # type: ignore[arg-type]
        assert [step.cwd for each in spec.blocks for step in each.steps] == expected


def test_another_terminal_stands_at_the_root() -> None:
    guide = Guide((block(3, command("cd a", 4), command("ls", 5, terminal=2), command("ls", 6)),), "carry")
    spec = plan_spec(ReadSpec("specs/a", guide=guide), Choices(), decide)
    assert [step.cwd for step in spec.blocks[0].steps] == [".", ".", "a"]


def test_a_held_command_holds_neither_the_rest_of_its_fence_nor_the_next_one() -> None:
    guide = Guide(
        (block(3, command("a", 4), command("push", 5, hold="outward"), command("b", 6)), block(8, command("c", 9))),
        "carry",
    )
    spec = plan_spec(ReadSpec("specs/a", guide=guide), Choices(), decide)
    assert [step.action for each in spec.blocks for step in each.steps] == ["run", "hold", "run", "run"]
    assert [each.action for each in spec.blocks] == ["run", "run"]


def test_a_step_whose_code_reads_what_a_lost_step_would_have_written_waits_for_it() -> None:
    following = GuideRun(lambda name: True, starts_at_root=True)
    following.hear(Step("command", "make-it > /tmp/made.yml", 3), StepResult("failed"))

    def kept(command: str) -> bool:
        return following.kept_by(PlannedStep(Step("command", command, 5), "run", ".", 9.0)) is not None

    assert kept("python3 - <<'PY'\nread(open(\"/tmp/made.yml\"))\nPY")
    assert kept("python3 -c 'import a; a.read(\"/tmp/made.yml\")'")
    assert not kept("python3 -c 'print(1)'")
    assert not kept("python3 -c 'a(\"/tmp/made.yml\")' > /tmp/made.yml")

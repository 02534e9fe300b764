"""What a replay says of each tick, and the exit code of all of it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from spec_runner.core.evidence.attest import replay_statement
from spec_runner.core.evidence.looking import Tree
from spec_runner.core.evidence.verify import Replayed, Verification
from spec_runner.core.plan.events import Interrupted, TaskFinished
from spec_runner.core.plan.model import Choices
from spec_runner.core.result.verdicts import Judged
from tests.core.looked import tree
from tests.core.scripted import ScriptedRunner, followed, plan, spec

RUN = "- [X] T1 Run `make a`\n"
FAULT = TaskFinished(0, "T1", "not-started", "fault", fault=True)


def replayed(text: str, script: Mapping[str, object] | None = None, files: tuple[str, ...] = ()) -> Verification:
    return replayed_in(text, script, tree(dict.fromkeys(files, "x")))


def judged_in(text: str, seen: Tree | None, script: Mapping[str, object]) -> Judged:
    """What a replay in a tree says of the first tick."""
    return replayed_in(text, script, seen).ticks(0)["T1"].judged


def replayed_in(text: str, script: Mapping[str, object] | None, seen: Tree | None) -> Verification:
    made = plan(spec(text, Choices(keep_going=True)))
    verification = Verification(made, [Replayed("0" * 40, seen, "specs/001/tasks.md")])
    for event in followed(verification.plan, ScriptedRunner(script)):
        verification.hear(event)
    return verification


@pytest.mark.parametrize(
    ("text", "script", "files", "verdicts"),
    [
        (RUN, {}, (), {"T1": "proven"}),
        (RUN, {"T1": "failed"}, (), {"T1": "false"}),
        (RUN, {"T1": "timed-out"}, (), {"T1": "false"}),
        (RUN, {"T1": "cancelled"}, (), {"T1": "cannot tell"}),
        (RUN, {"T1": "held"}, (), {"T1": "cannot tell"}),
        (RUN, {"T1": FAULT}, (), {"T1": "cannot tell"}),
        (RUN + "- [X] T2 Run `make b` (depends on T1)\n", {"T1": "failed"}, (), {"T1": "false", "T2": "cannot tell"}),
        (RUN + "- [ ] T2 Run `make b`\n", {}, (), {"T1": "proven"}),
        (
            RUN + "- [X] T2 Run `git push`\n- [X] T3 Think\n",
            {},
            (),
            {"T1": "proven", "T2": "cannot tell", "T3": "nothing to go by"},
        ),
        ("- [X] T1 Create the module `src/a.py`\n", {}, ("src/a.py",), {"T1": "present"}),
        ("- [X] T1 Create the module `src/a.py`\n", {}, (), {"T1": "missing"}),
        ("- [X] T1 Run `make a` to create `src/b.py`\n", {"T1": "failed"}, (), {"T1": "false"}),
        ("- [X] T1 Run `make a` and create `src/b.py`\n", {}, (), {"T1": "missing"}),
        ("- [X] T1 Run `make a` and create `src/b.py`\n", {}, ("src/b.py",), {"T1": "proven"}),
        (RUN + "- [X] T2 Run `make b`\n", {"T1": Interrupted(2)}, (), {"T1": "proven", "T2": "cannot tell"}),
    ],
)
def test_a_replay_says_of_each_tick_what_it_saw(
    text: str, script: Mapping[str, object], files: tuple[str, ...], verdicts: dict[str, str]
) -> None:
    ticks = replayed(text, script, files).ticks(0)
    assert {key: tick.verdict for key, tick in ticks.items()} == verdicts


@pytest.mark.parametrize(
    ("text", "script", "codes"),
    [
        # As it is, and with --strict.
        (RUN, {}, (0, 0)),
        (RUN, {"T1": "failed"}, (1, 1)),
        (RUN, {"T1": FAULT}, (3, 3)),
        (RUN, {"T1": Interrupted(2)}, (130, 130)),
        (RUN + "- [X] T2 Think\n", {}, (0, 1)),
        (RUN + "- [X] T2 Run `git push`\n", {}, (0, 1)),
        ("- [X] T1 Think\n", {}, (4, 1)),
        ("- [ ] T1 Run `make a`\n", {}, (4, 4)),
    ],
)
def test_the_exit_code_of_a_replay_is_one_if_a_tick_is_false(
    text: str, script: Mapping[str, object], codes: tuple[int, int]
) -> None:
    verification = replayed(text, script)
    assert (verification.exit_code(), verification.exit_code(strict=True)) == codes
    assert verification.exit_code(allow_empty=True) == (0 if codes[0] == 4 else codes[0])


@pytest.mark.parametrize(
    ("text", "script", "is_of_commit", "result", "named"),
    [
        (RUN, {}, True, "PASSED", ("T1", "", "")),
        (RUN, {}, False, "WARNED", ("T1", "", "")),
        (RUN, {"T1": Interrupted(2)}, True, "WARNED", ("T1", "", "")),
        (RUN + "- [X] T2 Think\n- [ ] T3 Run `make c`\n", {}, True, "WARNED", ("T1", "T2", "")),
        (RUN + "- [X] T2 Run `make b`\n", {"T2": "failed"}, True, "FAILED", ("T1", "", "T2")),
        ("- [ ] T1 Run `make a`\n", {}, True, "WARNED", ("", "", "")),
    ],
)
def test_a_replay_is_attested_as_no_more_than_it_saw(
    text: str, script: Mapping[str, object], is_of_commit: bool, result: str, named: tuple[str, str, str]
) -> None:
    made = replay_statement(replayed(text, script), "1.0", {"level": "plain"}, is_of_commit=is_of_commit)
    predicate = made["predicate"]
    found = tuple(" ".join(predicate[name]) for name in ("passedTests", "warnedTests", "failedTests"))
    assert (predicate["result"], found) == (result, tuple(f"specs/001/tasks.md#{key}" if key else "" for key in named))
    assert made["subject"][0] == {"name": "repository", "digest": {"gitCommit": "0" * 40}}

"""Commands in fields without backticks, and the sentences that are none."""

from __future__ import annotations

import pytest

from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document


def steps(field: str) -> list[tuple[str, str | None]]:
    """The commands of a task with this field below it, each with what it is held for."""
    (task,) = read_document(f"- [ ] T001 Add the parser\n  - Files: `a.py`\n  - {field}\n".encode()).tasks
    return [(step.command, step.hold) for step in decide(task).steps]


@pytest.mark.parametrize(
    "command",
    [
        "npm run build",
        'npm --prefix web test -- --run "src/a.test.tsx"',
        "npm run audit && npm run evaluate",
        "pytest",
        "pytest -q tests/test_a.py",
        'pytest tests -k "not slow" -vv 2>&1 | tee out.log',
        "make ci",
        "make -C tests quick && ./tests/quick",
        "go build ./... && go vet ./... && go test ./a/... -run 'TestA|TestB'",
        "python -m uv run pytest tests/a.py -q",
        "python -c \"from app import a, b; print('all of it', a)\"",
        "PYTHONPATH=src python -m pytest -c src/pyproject.toml src/tests",
    ],
)
@pytest.mark.parametrize(
    "field", ["Verify: {}", "**Verify:** {}", "_Verify: {}_", "**verify**: {}", "<verify>{}</verify>"]
)
def test_a_field_with_nothing_but_a_command_is_a_check(field: str, command: str) -> None:
    assert steps(field.format(command)) == [(command, None)]


@pytest.mark.parametrize(
    "words",
    [
        "npm run build succeeds. git log shows the commit",
        "npm run build && node dist/a.js prints it and exits",
        "npm test auth (exit 0)",
        "pytest uses a fake key to force a failure",
        "pytest, ruff and mypy",
        "pytest — two runs, the same rows",
        "pytest + ruff",
        "make tool calls, read the log",
        "make sure that it works",
        "Make everything green",
        "make verify succeeds",
        "test the form with an empty name",
        "test wrap behavior",
        "go build ./a/ → exit 0.",
        "go through the list item by item",
        "python scan.py --version works",
        "grep -r TODO src/ = empty",
        "Python unit tests",
        "git status clean",
        "docker compose comes up",
        "watch it fail",
        "time to first byte",
        "npm run build `now`",
    ],
)
def test_a_field_that_could_be_a_sentence_is_none(words: str) -> None:
    assert not steps(f"Verify: {words}")


@pytest.mark.parametrize(
    "text",
    [
        "{} — verify: `npm test`",
        "{} (verify: `npm test`)",
        "{} [verify: `npm test`]",
        "{} → verify: `npm test`",
        "{}; check: `npm test` passes",
        "{}. Acceptance: `npm test` is green.",
        "{}\n  - Done when: `npm test` passes",
        "{}\n  - **Done when**: `npm test` exits 0",
        "{}\n  - Validation: `npm test`",
        "{}\n  - _Verify: `npm test`_",
        "{}\n  **Verification**: `npm test`",
        "{}\n  - Definition of done: `npm test` green\n  - _Requirements: 1.2, 3.4_",
    ],
)
def test_the_forms_of_other_planners_are_checks(text: str) -> None:
    (task,) = read_document(f"- [ ] 1.1 {text.format('Add the parser')}\n".encode()).tasks
    assert [(step.command, step.hold) for step in decide(task).steps] == [("npm test", None)]


def test_what_is_held_is_held_in_a_field_too() -> None:
    assert steps("Verify: git push") == [("git push", "outward")]
    assert steps("<verify><automated>npm test</automated></verify>") == [("npm test", None)]
    assert steps("Notes: npm test") == steps("Verify: npm test\n    and more words") == []


@pytest.mark.parametrize(
    ("task", "commands"),
    [
        ("Build it. Done when `npm test` passes.", ["npm test"]),
        ("Build it. Complete when running `npm test` exits 0", ["npm test"]),
        ("Build it (done when `npm test` succeeds)", ["npm test"]),
        ("Build it\n  - Done when `npm test` passes.", ["npm test"]),
        ("Build it\n\n  Acceptance criteria:\n  - `npm test` passes\n  - `npm start` is described", []),
        ("Build it\n\n  Acceptance criteria:\n  - `npm test` passes\n  - it is described", ["npm test"]),
        ("Build it\n\n  Notes:\n  - `npm test` passes", []),
        # No sentence of its own, or nothing that comes of it.
        ("Show what is done when `npm test` passes", []),
        ("Build it. Done when `npm test` and the page are there", []),
        ("Build it. Done when `src/a.py` passes review", []),
    ],
)
def test_a_sentence_or_a_list_that_says_when_a_task_is_done_is_its_check(task: str, commands: list[str]) -> None:
    (read,) = read_document(f"- [ ] T001 {task}\n".encode()).tasks
    assert [step.command for step in decide(read).steps if step.hold is None] == commands

"""What comments, words and fences say that comes of a command, and whether it is checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Intent, Step
from spec_runner.core.plan.model import GUIDE, Choices, ReadSpec, plan_spec

CURL = "curl http://localhost:8000/a"


def steps_of(text: str) -> list[Step]:
    return [step for block in read_guide(text.encode()).blocks for step in block.steps]


def told(fence: str, below: str = "") -> list[tuple[str, str, bool]]:
    """Kind, text and whether it is checked, of the last command of a fence."""
    step = steps_of(f"# G\n\n## Check\n\n```sh\n{fence}\n```\n{below}\n")[-1]
    return [(each.kind, each.text, each.checked) for each in step.expectations]


@pytest.mark.parametrize(
    ("fence", "expected"),
    [
        (f"{CURL}  # Expected: 200", [("status", "200", True)]),
        (f"{CURL}\n# Expected: 204 No Content", [("status", "204", True)]),
        (f"{CURL}\n# Expected: HTTP Status: 404", [("status", "404", True)]),
        (f"# Without a token - should return 401\n{CURL}", [("status", "401", True)]),
        (f"# Test GET /a (should be 404)\n{CURL} | jq", [("status", "404", True)]),
        (f"{CURL}\n# → {{\"status\": \"ok\"}}", [("json", '{"status": "ok"}', True)]),
        (f"{CURL}\n# Response: 422 {{\"code\": \"WRONG\"}}", [("status", "422", True), ("json", '{"code": "WRONG"}', True)]),
        (f"{CURL}\n# Expected: {{\"status\":\"healthy\",...}}", [("json", '{"status":"healthy",...}', True)]),
        (f"{CURL}\n# Expected output:\n# {{\n#   \"a\": true\n# }}", [("json", '{\n  "a": true\n}', True)]),
        ('python -c "print(1)"  # Should print "it works"', [("text", "it works", True)]),
        ('python -c "print(1)"  # MUST print OK', [("text", "OK", True)]),
        ('make check\n# Expected: "no issues found"', [("text", "no issues found", True)]),
        ("./a.sh\n# Expected output:\n# All is well\n# 3 of 4", [("output", "All is well\n3 of 4", True)]),
        ("make check  # MUST exit 0", [("exit", "0", True)]),
        ("make check\n# Expected: exit code 3", [("exit", "3", True)]),
        ("make  # must fail", [("words", "must fail", True)]),
        ("grep -r old src/\n# Expected: no output", [("words", "Expected: no output", True)]),
        # Prose, several ways, no request, unseen: shown only.
        ("make\n# Expected: all packages are built", [("words", "Expected: all packages are built", False)]),
        (f"{CURL}  # Expected: 200 or 404", [("words", "Expected: 200 or 404", False)]),
        (f"{CURL}  # Expected: 200 OK (404 if gone)", [("status", "200", False)]),
        (f"{CURL}  # Expected: 200 rows", [("words", "Expected: 200 rows", False)]),
        (f"for i in 1 2; do {CURL}; done\n# Expected: 200", [("status", "200", False)]),
        ("make load  # Expected: 200", [("words", "Expected: 200", False)]),
        ("wget -q http://localhost/a  # Expected: 200", [("status", "200", False)]),
        (f"{CURL} > a.json\n# → {{\"status\": \"ok\"}}", [("json", '{"status": "ok"}', False)]),
        (f"{CURL}/550e8400-e29b-41d4-a716-446655440000  # Expected: 200", [("status", "200", False)]),
        (f"{CURL} -H 'Authorization: Bearer abcdef123'  # Expected: 200", [("status", "200", False)]),
        ("make  # Should print something like \"done\"", [("words", 'Should print something like "done"', False)]),
        ("make  # should not print \"error\"", [("words", 'should not print "error"', False)]),
        ("ls\n# Should show `src/a.py`", [("words", "Should show `src/a.py`", False)]),
        ("pytest\n# Expected output:\n# All is well", [("output", "All is well", False)]),
        ("./a.sh\n# Expected output:\n# took 3 s", [("output", "took 3 s", False)]),
        ("./a.sh\n# Expected output includes:\n# All is well", [("output", "All is well", False)]),
        ("make serve\n# Should print \"started\"", [("text", "started", False)]),
        ("make", []),
    ],
)  # fmt: skip
def test_comments_are_checked_where_they_are_plain(fence: str, expected: list[tuple[str, str, bool]]) -> None:
    assert told(fence) == expected


@pytest.mark.parametrize(
    ("fence", "below", "expected"),
    [
        (CURL, "\n**Expected Response (200 OK)**:\n```json\n{\"a\": true}\n```",
         [("status", "200", True), ("json", '{"a": true}', True)]),
        (CURL, "\nExpected response:\n\n```json\n{\"id\": 1, ...}\n```", [("json", '{"id": 1, ...}', True)]),
        (CURL, "\n**Response**:\n\n```json\n{\"id\": 1}\n```", [("json", '{"id": 1}', False)]),
        (CURL, "\nExpected output (example):\n```json\n{\"id\": 1}\n```", [("json", '{"id": 1}', False)]),
        (CURL, "\nIt returns 404.", [("status", "404", True)]),
        (CURL, "\n- [ ] Returns 404 for what is not there", [("words", "[ ] Returns 404 for what is not there", False)]),
        ("./a.sh", "\nExpected output:\n```\nAll is well\n...\n```", [("output", "All is well\n...", True)]),
        ("./a.sh", "\nYou should see `All is well`.", [("text", "All is well", True)]),
        ("cd a\n./a.sh", "\nYou should see `All is well`.", [("text", "All is well", True)]),
        ("make\n./a.sh", "\nYou should see `All is well`.", [("text", "All is well", False)]),
        ("make", "\n**Expected**: exit 0. The report says more.", [("exit", "0", True)]),
        ("make", "\nExpected outcome:\n\n- it is built;\n- it is small.",
         [("words", "it is built;", False), ("words", "it is small.", False)]),
        ("make", "\nThe page should open.\n\n```sh\nls\n```", [("words", "The page should open.", False)]),
        ("make", "\nThis builds it.\n\nThe tests should be green.", []),
        ("make", "\n## Next\n\nExpected: green", []),
    ],
)  # fmt: skip
def test_words_below_a_fence_are_checked_where_they_are_plain(
    fence: str, below: str, expected: list[tuple[str, str, bool]]
) -> None:
    text = f"# G\n\n## Check\n\n```sh\n{fence}\n```\n{below}\n"
    step = next(step for step in reversed(steps_of(text)) if step.command in fence)
    assert [(each.kind, each.text, each.checked) for each in step.expectations] == expected


def test_a_comment_belongs_to_the_command_that_it_speaks_of() -> None:
    text = f"{CURL}/1\n# Expected: 201\n\n# should return 404\n{CURL}/2\n{CURL}/3  # Expected: 200\n# should be 500\n{CURL}/4"
    steps = steps_of(f"# G\n\n## Check\n\n```sh\n{text}\n```\n")
    assert [[(each.text, each.line, each.checked) for each in step.expectations] for step in steps] == [
        [("201", 7, True)],
        [("404", 9, True)],
        [("200", 11, True), ("500", 12, False)],
        [],
    ]


@pytest.mark.parametrize(
    ("fence", "expect"),
    [
        (f"{CURL}  # Expected: 404", "404"),
        (f"{CURL}  # Expected: 404 or 200", "other"),
        ("make  # MUST exit 3", "fail"),
        ("make  # MUST exit 0", "other"),
        (f"{CURL}  # Expected: 404\n# should be 200", "other"),
    ],
)
def test_what_is_checked_says_how_the_step_is_judged(fence: str, expect: str) -> None:
    (step,) = steps_of(f"# G\n\n## Check\n\n```sh\n{fence}\n```\n")
    assert step.expect == expect


@pytest.mark.parametrize(
    ("before", "checked"), [("cd /path/to/shop", True), ("make user <name>", False), ("make", True)]
)
def test_an_answer_that_a_held_command_may_have_prepared_is_not_checked(before: str, checked: bool) -> None:
    data = f"# G\n\n## Check\n\n```sh\n{before}\n{CURL}  # Expected: 200\n```\n".encode()
    read = ReadSpec("a", guide=read_guide(data), sources=((GUIDE, data),))
    step = plan_spec(read, Choices(), lambda task: Intent("none", "")).blocks[0].steps[-1]
    assert ([each.checked for each in step.step.expectations], step.step.expect == "200") == ([checked], checked)


PIECES = [
    "```sh\n", "```\n", "```json\n", "curl http://a/", "make\n", "# Expected: ", "200", "404", '{"a": ', "true}", "\n", "Expected output:\n",
    "- ", "should print ", '"ok"', "`ok`", "→ ", "exit 3", "...", "(201 Created)", "**", "  # ",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_expected_stands_in_the_guide(text: str) -> None:
    text = f"# G\n\n## Check\n\n```sh\nmake\n{text}"
    flat = "".join(char for char in text if char not in " \n#*-")
    rows = text.split("\n")
    for step in steps_of(text):
        for each in step.expectations:
            assert "".join(char for char in each.text if char not in " \n#*-") in flat
            assert 1 <= each.line <= len(rows)

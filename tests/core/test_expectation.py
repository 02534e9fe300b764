"""What was expected and what came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.decide.expectation import Seen, literal_lines, read_json, unmet
from spec_runner.core.decide.steps import Expectation, ExpectationKind
from spec_runner.core.plan.events import Exited
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge


def reason(kind: ExpectationKind, text: str, output: str = "", *, command: str = "a", **seen: object) -> str | None:
    return unmet(Expectation(kind, text, 1, True), Seen(command, output, **seen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "output", "status", "expected"),
    [
        ("200", "", 200, None),
        ("200", "", 404, "expected status 200, got 404"),
        ("200", "", None, None),
        ("200", "HTTP/1.1 301 Moved\n\nHTTP/1.1 200 OK\n\n{}", None, None),
        ("404", "HTTP/2 200\n", None, "expected status 404, got 200"),
        ("200", "HTTP request sent, awaiting response... 404 Not Found", None, "expected status 200, got 404"),
        ("200", "HTTP/1.1 500 in a log", 200, None),
    ],
)
def test_a_status_is_the_last_one_that_was_seen(
    wanted: str, output: str, status: int | None, expected: str | None
) -> None:
    assert reason("status", wanted, output, status=status) == expected


@pytest.mark.parametrize(
    ("wanted", "output", "expected"),
    [
        ("it works", "and so\n  it  works\n", None),
        ("it works", "\x1b[1mit\x1b[0m works", None),
        ("it works", "it fails\n", 'expected "it works", got "it fails"'),
        ("it works", "", 'expected "it works", got nothing'),
    ],
)
def test_a_text_must_be_printed(wanted: str, output: str, expected: str | None) -> None:
    assert reason("text", wanted, output) == expected
    assert reason("text", wanted, output, whole=False) is None


@pytest.mark.parametrize(
    ("block", "output", "expected"),
    [
        ("one two\nthree four", "one two\nand\nthree four", None),
        ("one two\n...\nthree four", "one two\nmore\n> three four <", None),
        ("one two\nthree four", "three four\none two", 'expected "three four", got "one two"'),
        ("took 3 s\nid: abc\nall well\n/tmp/a\n<name>\na    b\n2026-01-01 started", "all well", None),
        ("======\nall well", "all well", None),
    ],
)
def test_the_literal_lines_of_a_block_come_in_order(block: str, output: str, expected: str | None) -> None:
    assert reason("output", block, output) == expected


def test_what_changes_from_run_to_run_is_no_literal_line() -> None:
    block = "All is well\n2 of 3\nin src/a.py\n<name>\nPlatform: linux\nname   kind\na | b\n...\n----\n[info] x\nDone…"
    assert literal_lines(block) == ("All is well",)


@pytest.mark.parametrize(
    ("wanted", "output", "expected"),
    [
        ('{"status": "ok"}', '{"status": "ok", "more": 1}', None),
        ('{"status": "ok"}', '{"status": "degraded"}', 'expected "status": "ok", got "degraded"'),
        ('{"status": "ok"}', '{"error": "x"}', 'expected "status" in the JSON, got an object with error'),
        ('{"status": "ok"}', "<html>", 'expected JSON, got "<html>"'),
        ('{"status": "ok"}', "", "expected JSON, got nothing"),
        ('{"status": "ok"}', '100 {"a": 1} log\n{"status": "ok"}', None),
        ('{"id": 1, "at": "2026-01-01", "name": "Ann"}', '{"id": 7, "at": "x", "name": "Bob"}', None),
        ('{"done": true}', '{"done": false}', 'expected "done": true, got false'),
        ('{"status": 404}', '{"status": 200}', 'expected "status": 404, got 200'),
        ('{"a": {"done": true}}', '{"a": {"done": false}}', 'expected "a.done": true, got false'),
        ('{"a": {"b": "x"}}', '{"a": 1}', 'expected an object at "a", got 1'),
        ('{"a": [{"b": 1}]}', '{"a": []}', None),
        ('{"a": []}', '{"a": {}}', 'expected a list at "a", got an empty object'),
        ("[1]", "[]", None),
        ('{"data": null}', "{}", None),
        ('{"a": {"open": 1, "shut": 2}}', '{"a": {"open": 5}}', None),
        ('{"error": "gone"}', '{"error": "here"}', 'expected "error": "gone", got "here"'),
        ('{"error": "gone", "message": "It is gone"}', '{"error": "gone", "message": "no"}',
         'expected "message": "It is gone", got "no"'),
        ('{"message": "It is gone"}', '{"message": "no"}', None),
    ],
)  # fmt: skip
def test_the_fields_of_an_object_are_there_and_plain_values_are_equal(
    wanted: str, output: str, expected: str | None
) -> None:
    assert reason("json", wanted, output) == expected


def test_what_a_command_sent_is_no_example() -> None:
    sent = 'curl -d \'{"name": "Ann"}\' http://localhost/'
    assert reason("json", '{"name": "Ann"}', '{"name": "Bob"}', command=sent) == 'expected "name": "Ann", got "Bob"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, ...}', {"a": 1}),
        ('{\n  "a": [1, ...],\n  ...\n}', {"a": [1]}),
        ('{"a": 1, // one\n "b": "http://c"}', {"a": 1, "b": "http://c"}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": <id>}', None),
        ("no JSON", None),
    ],
)
def test_json_is_read_as_documents_write_it(text: str, value: object) -> None:
    assert read_json(text) == value


def test_an_expectation_is_judged_after_the_exit_and_only_if_it_is_checked() -> None:
    told = Expectation("text", "done", 1, True)
    seen = Evidence("make", Exited(0), "nothing to do\n", expectations=(told,))
    assert judge(seen).reason == 'expected "done", got "nothing to do"'
    assert judge(seen._replace(output="done")).outcome == "passed"
    assert judge(seen._replace(ending=Exited(2))).reason == "exit 2: nothing to do"
    assert judge(seen._replace(expectations=(told._replace(checked=False),))).outcome == "passed"
    three = seen._replace(expectations=(Expectation("exit", "3", 1, True),), expect="fail")
    assert [judge(three._replace(ending=Exited(code))).reason for code in (3, 1, 0)] == [
        None, "expected exit 3, got 1", "exit 0, but it must fail",
    ]  # fmt: skip


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4) | st.lists(VALUES, max_size=3))
def test_what_was_expected_meets_itself(value: object) -> None:
    import json

    assert reason("json", json.dumps(value), f"log\n{json.dumps(value, indent=2)}\n") is None

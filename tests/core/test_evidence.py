"""Records → runs, what still applies, and the statement about a run."""

from __future__ import annotations

from typing import Any

import pytest

from spec_runner.core.evidence.attest import statement
from spec_runner.core.evidence.runs import changes_since, read_runs

COMMIT = {"head": "a" * 40, "dirty": False}


def frame(run: str = "r", commit: dict[str, Any] | None = None) -> dict[str, Any]:
    documents = [{"path": "specs/a/tasks.md", "sha256": "0" * 64}]
    box = {"level": "plain", "network": "host"}
    return {"event": "run-started", "run": run, "commit": commit or COMMIT, "documents": documents, "box": box}


def record(event: str, task: str = "T1", run: str = "r", **more: Any) -> dict[str, Any]:
    return {"event": event, "run": run, "document": "specs/a/tasks.md", "task": task, **more}


def ended(task: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:
    return record("task-finished", task, outcome=outcome, **more)


END = {"event": "run-finished", "run": "r", "exit": 0, "signal": None}


@pytest.mark.parametrize(
    ("told", "how", "inside"),
    [
        ([frame(), record("step-started"), ended("T1"), END], "passed", []),
        ([frame(), record("step-started"), ended("T1", "timed-out"), END], "failed", []),
        ([frame(), ended("T1"), record("step-started", "T2")], "unfinished", ["T2"]),
        ([frame(), record("step-started"), {**END, "signal": 2}], "interrupted", []),
        ([frame(), ended("T1", "cancelled"), END], "passed", []),
        ([ended("T1"), {"event": "document-marked", "run": "r"}, {"event": "compacted"}], "unfinished", []),
    ],
)
def test_a_run_is_told_by_its_records(told: list[dict[str, Any]], how: str, inside: list[str]) -> None:
    (run,) = read_runs(told)
    assert (run.ended, [each["task"] for each in run.inside]) == (how, inside)


def test_runs_that_were_written_between_each_other_are_told_apart() -> None:
    told = [
        frame("a"),
        frame("b"),
        record("task-finished", run="b", outcome="failed"),
        record("task-finished", run="a"),
    ]
    assert [(run.id, len(run.results)) for run in read_runs(told)] == [("a", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("digest", "then", "now", "changed"),
    [
        ("d", COMMIT, COMMIT, ()),
        ("other", COMMIT, COMMIT, ("command",)),
        (None, COMMIT, COMMIT, ("gone",)),
        ("d", COMMIT, {"head": "b" * 40, "dirty": False}, ("commit",)),
        ("other", COMMIT, {"head": "b" * 40, "dirty": False}, ("command", "commit")),
        ("d", COMMIT, {**COMMIT, "dirty": True}, ("files",)),
        ("d", {**COMMIT, "dirty": True}, COMMIT, ("files",)),
        ("d", {}, {}, ()),
    ],
)
def test_evidence_applies_until_something_changes(
    digest: str | None, then: dict[str, Any], now: dict[str, Any], changed: tuple[str, ...]
) -> None:
    (run,) = read_runs([{**frame(), "commit": then}, ended("T1", digest="d")])
    assert changes_since(run.results[0], run, digest, now) == changed


@pytest.mark.parametrize(
    ("told", "result", "passed", "warned", "failed"),
    [
        ([ended("T1"), END], "PASSED", 1, 0, 0),
        ([ended("T1"), ended("T2", "failed"), ended("T3", "cancelled"), END], "FAILED", 1, 1, 1),
        ([ended("T1"), ended("T2", "held"), END], "WARNED", 1, 1, 0),
        ([ended("T1"), record("step-started", "T2")], "WARNED", 1, 1, 0),
        ([END], "WARNED", 0, 0, 0),
    ],
)
def test_a_statement_says_no_more_than_was_seen(
    told: list[dict[str, Any]], result: str, passed: int, warned: int, failed: int
) -> None:
    (run,) = read_runs([frame(), *told])
    made = statement(run)
    predicate = made["predicate"]
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert made["subject"][0]["digest"] == {"gitCommit": "a" * 40}
    assert made["subject"][1] == {"name": "specs/a/tasks.md", "digest": {"sha256": "0" * 64}}
    assert predicate["result"] == result
    counts = [len(predicate[name]) for name in ("passedTests", "warnedTests", "failedTests")]
    assert counts == [passed, warned, failed]


def test_a_run_on_changed_files_does_not_pass_for_its_commit() -> None:
    (run,) = read_runs([frame(commit={**COMMIT, "dirty": True}), ended("T1"), END])
    assert statement(run)["predicate"]["result"] == "WARNED"

"""What a run or a replay has shown, as an in-toto Statement v1 with the predicate test-result v0.1; unsigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from spec_runner.core.evidence.records import Record
from spec_runner.core.evidence.runs import Run, is_failure
from spec_runner.core.evidence.verify import Verification


def statement(run: Run) -> dict[str, Any]:
    """What the journal knows of a run. It passes only if it ended, in a repository without changes."""
    documents = [(each["path"], each["sha256"]) for each in run.started.get("documents") or ()]
    names: dict[str, list[str]] = {"passed": [], "warned": [], "failed": []}
    for record in run.results:
        names[_kind(record)].append(f"{record['document']}#{record['task']}")
    names["warned"] += [f"{record['document']}#{record['task']}" for record in run.inside]
    is_whole = run.ended not in ("unfinished", "interrupted") and not run.commit.get("dirty")
    versions, sandbox = run.started.get("versions") or {}, run.started.get("box") or {}
    configuration = _configuration(versions, {"run": run.id, "box": sandbox, "versions": versions})
    return _statement([run.commit.get("head")], documents, names, configuration, is_whole=is_whole)


def replay_statement(
    verification: Verification, version: str, sandbox: Mapping[str, Any], *, is_of_commit: bool
) -> dict[str, Any]:
    """What a replay has shown: proven ticks have passed, false ones failed, all others are warned of.

    Without ``is_of_commit`` it judged files that no commit has: then it does not pass for one.
    """
    documents = list[tuple[str, str]]()
    names: dict[str, list[str]] = {"passed": [], "warned": [], "failed": []}
    for number, (spec, tree) in enumerate(zip(verification.plan.specs, verification.trees, strict=True)):
        source = dict(spec.read.sources).get(spec.read.tasks_name)
        if tree and source is not None:
            documents.append((tree.document, sha256(source).hexdigest()))
            for key, tick in verification.ticks(number).items():
                kind = {"proven": "passed", "false": "failed"}.get(tick.verdict, "warned")
                names[kind].append(f"{tree.document}#{key}")
    commits = dict.fromkeys(tree.commit for tree in verification.trees if tree)
    is_read = all(spec.error is None for spec in verification.plan.specs)
    is_whole = is_of_commit and is_read and verification.interrupted is None
    versions = {"spec-run": version}
    configuration = _configuration(versions, {"box": dict(sandbox), "versions": versions})
    return _statement(commits, documents, names, configuration, is_whole=is_whole)


def _statement(
    commits: Iterable[str | None], documents: Iterable[tuple[str, str]], names: Mapping[str, Sequence[str]],
    configuration: Mapping[str, Any], *, is_whole: bool,
) -> dict[str, Any]:  # fmt: skip
    subjects = [{"name": "repository", "digest": {"gitCommit": commit}} for commit in commits if commit]
    subjects += [{"name": path, "digest": {"sha256": digest}} for path, digest in documents]
    has_warning = names["warned"] or not names["passed"] or not is_whole
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "FAILED" if names["failed"] else "WARNED" if has_warning else "PASSED",
            "configuration": [configuration],
            "passedTests": names["passed"],
            "warnedTests": names["warned"],
            "failedTests": names["failed"],
        },
    }


def _configuration(versions: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    uri = f"pkg:pypi/spec-run@{versions.get('spec-run', '')}"
    return {"name": "spec-run", "uri": uri, "annotations": dict(told)}


def _kind(record: Record) -> str:
    if record.get("outcome") == "passed":
        return "passed"
    return "failed" if is_failure(record) else "warned"

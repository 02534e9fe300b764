"""Journal bytes → what earlier runs saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spec_runner.core.plan import PlannedTask


class Evidence(NamedTuple):
    """The last outcome of a task: what was run, told by its digest, and how it ended."""

    digest: str
    outcome: str


class History(NamedTuple):
    """The last evidence of each task, by document and key."""

    seen: Mapping[tuple[str, str], Evidence]

    def proves(self, document: str, task: PlannedTask) -> bool:
        """Whether the task's last run passed and ran what it would run now."""
        evidence = self.seen.get((document, task.task.key))
        return evidence is not None and evidence.outcome == "passed" and evidence.digest == digest(task)


def read_history(data: bytes) -> History:
    """What a journal says; any prefix of a journal is a journal."""
    seen = {}
    for record in records(data):
        if record.get("event") == "task-finished":
            key = (str(record.get("document")), str(record.get("task")))
            seen[key] = Evidence(str(record.get("digest")), str(record.get("outcome")))
    return History(seen)


def records(data: bytes) -> Iterator[dict[str, Any]]:
    """The whole records of a journal, in order: a checksum, a blank, a JSON object, a line ending.

    A line that is not whole is left out: a run may have been killed while it wrote it.
    """
    for line in data.splitlines(keepends=True):
        record = _record(line)
        if record is not None:
            yield record


def record_line(record: Mapping[str, Any]) -> bytes:
    """A record as the journal keeps it."""
    import json
    import zlib

    text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _record(line: bytes) -> dict[str, Any] | None:
    import json
    import zlib

    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or b"%08x" % zlib.crc32(text) != checksum:
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def digest(task: PlannedTask) -> str:
    """What a task would run and where, as a short fixed text: an edited command is a new command."""
    import json
    from hashlib import sha256

    told = [
        [planned.step.kind, planned.step.command, planned.cwd, planned.step.expect, list(planned.step.keys)]
        for planned in task.steps
    ]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]

"""Journal bytes ↔ records; what earlier runs saw, and whether it still proves something."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from spec_runner.core.plan.model import GUIDE, PlannedTask
from spec_runner.core.text.document import Task
from spec_runner.errors import MALFORMED

Record = Mapping[str, Any]
_NOTHING: Mapping[Any, Any] = MappingProxyType({})
SET_UP = "setup-finished"
"""The event of a command that made a work tree ready."""
_FRAME = ("run-started", "spec-started", "run-finished")


class LastEnd(NamedTuple):
    """How a task last ended: what was run, as a digest, in which work tree, and when among all records."""

    digest: str
    outcome: str
    tree: str = ""
    number: int = 0
    record: Record = _NOTHING


class History(NamedTuple):
    """What earlier runs saw, by document and key of the task."""

    seen: Mapping[tuple[str, str], LastEnd]
    touched: Mapping[tuple[str, str, str], int] = _NOTHING
    """When something of a task last ran in a work tree: by document, task and tree, the number of the record."""
    unmarked: Mapping[str, tuple[Record, ...]] = _NOTHING
    """The results that are not in their document, because the run was killed or the document could not be written."""
    setups: Mapping[tuple[str, str], float] = _NOTHING
    """The seconds that commands of the setup took, by directory and command."""

    def proves(
        self, document: str, task: PlannedTask, tree: str | None = None, *, before: Iterable[str] = (), guide: str = ""
    ) -> bool:
        """Whether a task is proven: its last record passed in this work tree what it would run now, and nothing re-ran.

        ``tree`` None is the tree of that record, whichever it is; ``before`` are the keys of the tasks above it in the
        document: one of them that ran again later in that tree may have changed what it stands on.
        """
        evidence = self._evidence(document, task.task.key, partial(digest, task, guide), tree)
        if evidence is None:
            return False
        later = (self.touched.get((document, key, evidence.tree), -1) for key in before)
        return max(later, default=-1) < evidence.number

    def proven(
        self, document: str, tasks: Iterable[PlannedTask], tree: str | None = None, *, guide: str = ""
    ) -> Collection[str]:
        """The keys of those tasks of a document, given in its order, that are proven; in one pass over them."""
        if not self.seen:
            return ()
        return self.holding(document, ((task.task.key, partial(digest, task, guide)) for task in tasks), tree)

    def holding(
        self, document: str, tasks: Iterable[tuple[str, Callable[[], str]]], tree: str | None = None
    ) -> Collection[str]:
        """The same for tasks that are given by their keys and their digests."""
        found: set[str] = set()
        latest: dict[str, int] = {}
        ran = self._trees(document)
        for key, now in tasks:
            evidence = self._evidence(document, key, now, tree)
            if evidence and latest.get(evidence.tree, -1) < evidence.number:
                found.add(key)
            for where, number in ran.get(key, ()):
                latest[where] = max(latest.get(where, -1), number)
        return found

    def _evidence(self, document: str, key: str, now: Callable[[], str], tree: str | None) -> LastEnd | None:
        """The task's last record, if it passed what would run now, in this tree, and was not begun again."""
        evidence = self.seen.get((document, key))
        if evidence is None or evidence.outcome != "passed" or tree not in (None, evidence.tree):
            return None
        begun_again = self.touched.get((document, key, evidence.tree), -1) > evidence.number
        return evidence if not begun_again and evidence.digest == now() else None

    def _trees(self, document: str) -> dict[str, list[tuple[str, int]]]:
        ran: dict[str, list[tuple[str, int]]] = {}
        for (name, key, tree), number in self.touched.items():
            if name == document:
                ran.setdefault(key, []).append((tree, number))
        return ran


def read_history(data: bytes) -> History:
    """What a journal says; any prefix of a journal is a journal."""
    return history_of(records(data))


def history_of(given: Iterable[Record]) -> History:
    """What these records say, in their order."""
    seen: dict[tuple[str, str], LastEnd] = {}
    touched: dict[tuple[str, str, str], int] = {}
    unmarked: dict[str, dict[str, Record]] = {}
    setups: dict[tuple[str, str], float] = {}
    for number, record in enumerate(given):
        document, key, tree = (str(record.get(name) or "") for name in ("document", "task", "tree"))
        if _has_run(record):
            touched[document, key, tree] = number
        if record.get("event") == "task-finished":
            # What was proven in part is no evidence for the whole.
            outcome = str(record.get("judged") or record.get("outcome"))
            seen[document, key] = LastEnd(str(record.get("digest")), outcome, tree, number, record)
            unmarked.setdefault(document, {})[key] = record
        elif record.get("event") == "document-marked":
            unmarked.pop(document, None)
        elif record.get("event") == SET_UP:
            setups[str(record.get("cwd")), str(record.get("command"))] = float(record.get("seconds") or 0)
    waiting = {
        document: tuple(record for record in found.values() if record.get("verdict"))
        for document, found in unmarked.items()
    }
    return History(seen, touched, {document: found for document, found in waiting.items() if found}, setups)


def _has_run(record: Record) -> bool:
    """Something of a task ran: it was begun, or it ended; one that was cancelled before it began did not."""
    return record.get("event") == "step-started" or (
        record.get("event") == "task-finished" and not record.get("because")
    )


def compacted(data: bytes, keep_runs: int) -> bytes:
    """The journal without what no question needs any more; as a History it says the same.

    Kept are the last record of each task, the records that could take its proof away, the frame of the last runs, and
    when each document was last marked.
    """
    history, given = read_history(data), list(records(data))
    trees = {evidence.tree for evidence in history.seen.values()}
    kept = {evidence.number for evidence in history.seen.values()}
    kept |= {number for (_, _, tree), number in history.touched.items() if tree in trees}
    started = [record.get("run") for record in given if record.get("event") == "run-started"]
    runs = set(started[-keep_runs:])
    marked: dict[str, int] = {}
    prepared: dict[tuple[str, str], int] = {}
    for number, record in enumerate(given):
        if record.get("event") in _FRAME and record.get("run") in runs:
            kept.add(number)
        elif record.get("event") == "document-marked":
            marked[str(record.get("document"))] = number
        elif record.get("event") == SET_UP:
            prepared[str(record.get("cwd")), str(record.get("command"))] = number
    kept.update((*marked.values(), *prepared.values()))
    return b"".join(record_line(record) for number, record in enumerate(given) if number in kept)


def records(data: bytes) -> Iterator[dict[str, Any]]:
    """The whole records of a journal, in order: a checksum, a blank, a JSON object, a line ending.

    A line that is not whole is left out: a run may have been killed while it wrote it.
    """
    for line in data.splitlines(keepends=True):
        record = _record(line)
        if record is not None:
            yield record


def record_line(record: Record) -> bytes:
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
    except MALFORMED:
        return None
    return record if _is_whole(record) else None


_TEXTS = frozenset({
    "event", "run", "time", "document", "task", "digest", "outcome", "tree", "like", "sha256", "cwd", "because", "mark",
    "kind", "command", "path", "file",
})  # fmt: skip
_PERHAPS_TEXTS = frozenset({"id", "reason", "verdict", "state", "began", "head"})
_NUMBERS = frozenset({"pid", "line", "step", "bytes", "at", "seconds", "edition"})
_PERHAPS_NUMBERS = frozenset({"exit", "signal", "block"})
_OBJECTS = frozenset({"commit", "output", "versions", "box"})
_LISTS: Mapping[str, type] = {"services": str, "ports": int, "documents": dict, "steps": dict}


def _is_whole(record: object) -> bool:
    """Whether everything in a record is of the kind that it is written as; another one is nobody's that we know."""
    return isinstance(record, dict) and all(_fits(key, value) for key, value in record.items())


def _fits(key: str, value: Any) -> bool:
    if key in _TEXTS:
        return isinstance(value, str)
    if key in _PERHAPS_TEXTS:
        return value is None or isinstance(value, str)
    if key in _NUMBERS or key in _PERHAPS_NUMBERS:
        return isinstance(value, int | float) or (value is None and key in _PERHAPS_NUMBERS)
    if key in _OBJECTS:
        return value is None or _is_whole(value)
    if key in _LISTS:
        kind = _LISTS[key]
        return isinstance(value, list) and all(
            isinstance(each, kind) and (kind is not dict or _is_whole(each)) for each in value
        )
    return True


def digest(task: PlannedTask, guide: str = "") -> str:
    """What a task would run and where, as a short fixed text: an edited command is a new command.

    ``guide`` stands for the guide's bytes: a task that asks for the guide is another one when the guide is.
    """
    import json
    from hashlib import sha256

    steps = [
        [each.step.kind, each.step.command, each.cwd, each.step.expect, list(each.step.keys), each.step.content]
        for each in task.steps
    ]
    # A task is proven for what it had to print or answer then.
    expected = [[seen.kind, seen.text] for each in task.steps for seen in each.step.expectations if seen.checked]
    asked = [guide] if any(each.step.kind == "quickstart" for each in task.steps) else []
    return sha256(json.dumps([*steps, *expected, asked]).encode()).hexdigest()[:16]


def guide_run_digest(guide: str) -> str:
    """What a run of the guide by itself would run; ``guide`` stands for its bytes."""
    return f"guide-{guide[:16]}"


def guide_digest(sources: Iterable[tuple[str, bytes]]) -> str:
    """The guide among a spec's documents as ``digest`` takes it; nothing if there is none."""
    from hashlib import sha256

    return next((sha256(data).hexdigest() for name, data in sources if name == GUIDE), "")


def likeness(task: Task) -> str:
    """All of a task's words that a decision about it can rest on, as a short fixed text; not its mark and notes."""
    from hashlib import sha256

    return sha256(repr((task.id, words(task))).encode("utf-8", "replace")).hexdigest()[:16]


def words(task: Task) -> tuple[object, ...]:
    """All that a decision about a task can rest on, but its ID, its mark and its notes."""
    details = tuple((each.paragraph and each.paragraph.text, each.fence and each.fence.text) for each in task.details)
    said = tuple(comment.text for comment in task.all_comments)
    return task.title, tuple(code.text for code in task.written.codes), details, *([said] if said else [])

"""Journal records → what is known of a run and of a task, and whether it still holds today."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from spec_runner.core.evidence.records import Record
from spec_runner.core.plan.model import PlannedTask


class Run(NamedTuple):
    """A run as the journal knows it."""

    id: str
    started: Record
    """Its sandbox, versions, commit and documents; empty where the journal does not have its beginning."""
    finished: Record | None
    """Its exit code and signal; None while it runs, or where it was killed."""
    results: tuple[Record, ...]
    """How each task ended, in order; the last time where one ended twice."""
    inside: tuple[Record, ...]
    """The tasks that were begun and of whose end nothing is known."""

    def of(self, document: str) -> Run:
        """The part of it that is of one document: how the others ended is not how this one did."""
        of_it, inside = (
            tuple(each for each in part if each.get("document") == document) for part in (self.results, self.inside)
        )
        return self._replace(results=of_it, inside=inside)

    @property
    def commit(self) -> Record:
        """``head`` and ``dirty``; empty where it is not known."""
        return self.started.get("commit") or {}

    @property
    def ended(self) -> str:
        """``passed``, ``failed``, ``interrupted`` or ``unfinished``."""
        if self.finished is None:
            return "unfinished"
        if self.finished.get("signal"):
            return "interrupted"
        return "failed" if any(is_failure(each) for each in self.results) else "passed"


def read_runs(given: Iterable[Record]) -> list[Run]:
    """The runs of a journal, in the order in which they began."""
    runs: dict[str, _Gathered] = {}
    for record in given:
        run = record.get("run")
        if isinstance(run, str) and record.get("event") in _GATHERED:
            runs.setdefault(run, _Gathered()).add(record)
    return [gathered.run(name) for name, gathered in runs.items()]


_GATHERED = ("run-started", "step-started", "task-finished", "run-finished")


class _Gathered:
    def __init__(self) -> None:
        self.started: Record = {}
        self.finished: Record | None = None
        self.results: dict[tuple[str, str], Record] = {}
        self.inside: dict[tuple[str, str], Record] = {}

    def add(self, record: Record) -> None:
        key = (str(record.get("document")), str(record.get("task")))
        match record.get("event"):
            case "run-started":
                self.started = record
            case "run-finished":
                self.finished = record
            case "step-started":
                self.inside[key] = record
            case _:
                self.inside.pop(key, None)
                self.results[key] = record

    def run(self, name: str) -> Run:
        inside = () if self.finished else tuple(self.inside.values())
        return Run(name, self.started, self.finished, tuple(self.results.values()), inside)


def is_failure(record: Record) -> bool:
    """It ran and did not pass; what was cancelled or held says nothing."""
    return record.get("outcome") not in ("passed", "cancelled", "held")


class Ticked(NamedTuple):
    """The last change of the line of a task that is ticked."""

    commit: str | None
    """None where it is not committed."""
    author: str
    time: str
    """In ISO 8601, in UTC."""


class Changed(NamedTuple):
    """The last commit that changed what a task ran on."""

    files: tuple[str, ...]
    """The files that it names; none where it names none that are there, and all of the repository counts."""
    commit: str
    time: str
    """In ISO 8601, in UTC."""


class Standing(NamedTuple):
    """The last result of a task, and how it stands to the document and the repository of today."""

    key: str
    task: PlannedTask | None
    """As it is planned today; None for one that is gone, and for the guide by itself."""
    record: Record
    run: Run | None
    changed: tuple[str, ...]
    """Why it says nothing of today: ``gone``, ``command``, ``commit``, ``files``; nothing if it still applies."""
    outputs: tuple[str | None, ...] = ()
    """What each step printed; None where that is not kept."""
    ticked: Ticked | None = None
    """Who ticked it, where it is ticked and Git knows."""
    last_change: Changed | None = None
    """Of what it ran on, where Git knows."""

    @property
    def is_newer(self) -> bool | None:
        """Whether the result is newer than the last change of what it ran on; None where that is not known."""
        return self.last_change and str(self.record.get("time", ""))[:19] >= self.last_change.time[:19]


class SpecEvidence(NamedTuple):
    """All that is known of a spec's runs."""

    path: str
    document: str
    run: Run | None
    """The last one."""
    tasks: tuple[Standing, ...]
    error: str | None = None


def changes_since(record: Record, run: Run | None, digest_now: str | None, commit_now: Record) -> tuple[str, ...]:
    """Why a record says nothing of today; nothing if it still applies.

    ``gone``: the task is not there any more; ``command``: it would run something else; ``commit``: the repository
    stands elsewhere; ``files``: then or now it has changes that no commit knows.
    """
    if digest_now is None:
        return ("gone",)
    changed = [] if record.get("digest") == digest_now else ["command"]
    then = run.commit if run else {}
    if then.get("head") != commit_now.get("head"):
        changed.append("commit")
    elif then.get("dirty") or commit_now.get("dirty"):
        changed.append("files")
    return tuple(changed)

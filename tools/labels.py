"""Labels: what people said of real documents, without a word of the documents' own.

``labels/documents.tsv`` names each document: the first sixteen digits of its sha256, its repository, its path there,
its kind, its language, how a guide changes directory, and which reading it was labelled in. ``labels/tasks.tsv`` has a
row for a task: its line, the spans in it that are meant to be run, and how. ``labels/guides.tsv`` has one for a fence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from spec_runner.core.text.document import Fence, Task
from spec_runner.core.text.inline import Code, Paragraph

LABELS = Path(__file__).resolve().parent.parent / "labels"


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document that somebody read, and its bytes."""

    digest: str
    repository: str
    path: str
    kind: str
    """``tasks`` or ``quickstart``."""
    language: str
    cwd: str
    """``carry`` or ``root`` for a guide that changes directory, else nothing."""
    source: str
    """Which reading: ``first``, ``second``, ``third``."""
    data: bytes


@dataclass(frozen=True, slots=True)
class TaskLabel:
    """What one task means to be run."""

    document: str
    line: int
    id: str
    run: frozenset[int]
    """The numbers of its spans and fences that are commands to be run."""
    more: int
    """Commands to be run that are no span of their own."""
    kind: str
    hold: str
    expect: str
    cwd: str


@dataclass(frozen=True, slots=True)
class FenceLabel:
    """What one fence of a guide is for."""

    document: str
    line: int
    label: str
    flags: frozenset[str]
    hold_sure: bool


def documents(folder: Path) -> Mapping[str, LabelledDocument]:
    """The labelled documents that lie in a folder with an ``index.tsv``, by their digest."""
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        files = {row["sha256"][:16]: folder / row["file"] for row in csv.DictReader(index, delimiter="\t")}
    found = {}
    for row in _rows("documents.tsv"):
        if row["document"] in files:
            data = files[row["document"]].read_bytes()
            if sha256(data).hexdigest()[:16] == row["document"]:
                values = (row["repository"], row["path"], row["kind"], row["language"], row["cwd"], row["source"])
                found[row["document"]] = LabelledDocument(row["document"], *values, data)
    return found


def task_labels() -> Iterator[TaskLabel]:
    for row in _rows("tasks.tsv"):
        spans = [int(number) for number in row["run"].split(",") if number]
        yield TaskLabel(
            row["document"],
            int(row["line"]),
            row["id"],
            frozenset(spans),
            int(row["more"] or 0),
            row["kind"],
            row["hold"],
            row["expect"],
            row["cwd"],
        )


def fence_labels() -> Iterator[FenceLabel]:
    for row in _rows("guides.tsv"):
        flags = frozenset(row["flags"].split(",")) - {""}
        yield FenceLabel(row["document"], int(row["line"]), row["label"], flags, row["hold"] != "unsure")


def spans_of(task: Task) -> Iterator[tuple[int, Paragraph | None, Code | Fence]]:
    """The spans of a task in order, numbered from 1: those of its title, of its bullets, and its fences."""
    number = 0
    for code in task.codes:
        yield (number := number + 1), None, code
    for detail in task.details:
        for code in detail.paragraph.codes if detail.paragraph else ():
            yield (number := number + 1), detail.paragraph, code
        if detail.fence is not None:
            yield (number := number + 1), None, detail.fence


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (LABELS / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)

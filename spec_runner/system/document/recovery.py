"""What a killed run left: a document that is torn, a file beside it, results that are not in it. All is put right."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from spec_runner.core.evidence.records import Record, likeness
from spec_runner.core.text.document import Document, read_document
from spec_runner.core.text.marks import NewMark, unmarked
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.document.marked import MarkedFile
from spec_runner.system.document.overwrite import recover
from spec_runner.system.journal import Journal
from spec_runner.system.recorder import recovery_copy
from spec_runner.system.repository import SpecPaths
from spec_runner.system.trusted import is_beside


def put_right(place: SpecPaths, results: Sequence[Record], state: Path | None) -> list[str]:
    """Put right what a killed run left of this spec; what the user should know comes back.

    ``results`` are those that the journal has and the document may lack; ``state`` is the user's state folder. Nobody
    else may be running the spec. Raises SpecError where something cannot be written.
    """
    if place.tasks is None:
        return []
    notes = []
    copy = recovery_copy(place, state)
    if copy and recover(place.tasks, copy):
        notes.append(f"{place.tasks}: a killed run left it half written; it is whole again")
    left = list(_files_beside(place.tasks))
    if not left and not results:
        return notes
    document = read_document(files.read(place.tasks))
    notes += [note for file in left for note in _remove(file, document)]
    return notes + (_write_marks(place, document, results, copy) if results else [])


def _files_beside(document: Path) -> Iterator[Path]:
    """The files that were about to take the document's place. Raises SpecError."""
    target = document.resolve()
    try:
        yield from sorted(each for each in target.parent.iterdir() if is_beside(each.name, target.name))
    except OSError as error:
        raise files.unusable(target.parent, "cannot read the folder", error) from None


def _remove(file: Path, document: Document) -> list[str]:
    """Remove a file that differs from the document in marks alone, or that is empty; any other may be somebody's."""
    with contextlib.suppress(SpecError):
        data = files.read(file)
        if not data or unmarked(read_document(data)) == unmarked(document):
            with contextlib.suppress(OSError):
                file.unlink()
            return []
    return [f"{file} was left by a killed run and may hold an edit of yours: look, and remove it"]


def _write_marks(place: SpecPaths, document: Document, results: Sequence[Record], copy: Path | None) -> list[str]:
    tasks = {task.key: task for task in document.tasks}
    new_marks = []
    for record in results:
        task = tasks.get(str(record.get("task")))
        # What was edited or marked since is somebody's; the result stays in the journal.
        if task and likeness(task) == record.get("like") and task.mark == record.get("mark"):
            new_marks.append(_new_mark(task.key, record))
    assert place.tasks is not None
    marked = MarkedFile(place.tasks, document, place.root, copy)
    try:
        problems = marked.put([new_mark for new_mark in new_marks if new_mark])
    finally:
        late = marked.close()
    journal = Journal(place.root, "")
    try:
        journal.record({"event": "document-marked", "document": place.document, "sha256": marked.digest})
    finally:
        journal.close()
    written = [f"{place.tasks}: {len(new_marks)} results of a killed run were written"] if new_marks else []
    return [*written, *problems, *late]


def _new_mark(key: str, record: Record) -> NewMark | None:
    reason = str(record.get("reason") or record.get("outcome"))
    match record.get("verdict"):
        case "passed":
            return NewMark(key, "passed")
        case "failed":
            return NewMark(key, "failed", reason)
        case "cancelled":
            return NewMark(key, "cancelled")
        case _:
            return None

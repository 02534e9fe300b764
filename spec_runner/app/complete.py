"""What a shell may complete: the tasks, phases and stories of the documents at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from spec_runner.core.text.document import read_document
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.repository import find_specs


def words(kind: str, paths: tuple[str, ...], here: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each word with what it stands for; nothing where nothing can be read: a shell is not the place for errors."""
    try:
        places = find_specs(paths, here, environment)
    except SpecError:
        return
    for place in places:
        if isinstance(place, SpecError) or place.tasks is None:
            continue
        try:
            document = read_document(files.read(place.tasks))
        except SpecError:
            continue
        if kind == "task":
            yield from ((task.id, task.title) for task in document.tasks if task.id)
        elif kind == "phase":
            yield from dict.fromkeys((task.phase.title, "") for task in document.tasks if task.phase)
        else:
            stories = dict.fromkeys(task.story for task in document.tasks if task.story)
            yield from ((story, "") for story in (*stories, "mvp"))

"""How every spec stands: what is done, claimed, failed, open, and its last run. Nothing is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from spec_runner.app.plan import Settings, make_plan, read_specs
from spec_runner.core.evidence.runs import Run, read_runs
from spec_runner.core.evidence.status import Status, StatusReading, from_json, read_status, to_json, with_evidence
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.answers import Answers, stamp_of
from spec_runner.system.feature import is_named as is_named
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths, find_specs, repository_root
from spec_runner.views import print_errors
from spec_runner.views.status import print_status


def status(settings: Settings, *, anywhere: bool = False) -> ExitCode:
    """One line for each spec and a total; exit 2 where one cannot be read.

    ``anywhere``: where there is none below this folder, those of its repository are shown.
    """
    # No sandbox is tried: nothing will run in it.
    settings = settings._replace(dry_run=True)
    roots: dict[Path, _Root] = {}
    known = Known()
    found = []
    for place in _places(settings, anywhere):
        if isinstance(place, SpecError):
            found.append(Status(place.path or "", {}, error=str(place)))
            continue
        if place.root not in roots:
            roots[place.root] = _Root(place.root, known, settings)
        found.append(roots[place.root].status(place, settings))
    for root in roots.values():
        root.answers.save()
    print_errors((each.error for each in found), settings.err)
    print_status(found, settings.out, as_json=settings.json)
    return ExitCode.USAGE if any(each.error for each in found) else ExitCode.PASSED


def _places(settings: Settings, anywhere: bool) -> list[SpecPaths | SpecError]:
    places = find_specs(settings.paths, settings.here, settings.environment)
    if not anywhere or not all(isinstance(each, SpecError) for each in places):
        return places
    root = os.path.relpath(repository_root(settings.here), settings.here)
    above = find_specs((root,), settings.here, settings.environment)
    return places if all(isinstance(each, SpecError) for each in above) else above


class _Root:
    """A repository: its journal, and what is known of its specs, read once for all of them."""

    def __init__(self, root: Path, known: Known, settings: Settings) -> None:
        self._known, self._history = known, known.history(root)
        self._last: dict[str, Run] = {}
        for run in read_runs(known.records(root)):
            documents = [each.get("path") for each in run.started.get("documents") or ()]
            for document in (*documents, *(each.get("document") for each in (*run.results, *run.inside))):
                self._last[str(document)] = run
        self.answers = Answers(settings.environment, "status", root)

    def status(self, place: SpecPaths, settings: Settings) -> Status:
        """How a spec stands; one that cannot be read stands as its error."""
        try:
            reading = self._read(place, settings)
        except SpecError as error:
            return Status(place.path, {}, error=str(error))
        last = self._last.get(place.document)
        counts = with_evidence(reading, self._history, place.document)
        return Status(place.path, counts, reading.ticked, _last_run(last.of(place.document)) if last else None)

    def _read(self, place: SpecPaths, settings: Settings) -> StatusReading:
        stamp = stamp_of(place)
        reading = from_json(self.answers.find(place.document, stamp))
        if reading is None:
            planned = make_plan(read_specs(settings, [place], self._known), settings).specs[0]
            if planned.error is not None:
                raise SpecError(planned.error)
            reading = read_status(planned)
            self.answers.keep(place.document, stamp, to_json(reading))
        return reading


def _last_run(run: Run) -> dict[str, Any]:
    exit_code = run.finished.get("exit") if run.finished else None
    return {"run": run.id, "time": run.started.get("time"), "ended": run.ended, "exit": exit_code}

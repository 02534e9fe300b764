"""Read specs and tell what contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from spec_runner import __version__
from spec_runner.app.find import look_for
from spec_runner.app.plan import Settings, read_specs
from spec_runner.app.reports import report_files
from spec_runner.core.evidence.baseline import baseline_text, read_baseline, unknown
from spec_runner.core.evidence.check import Checked
from spec_runner.core.evidence.repair import repaired
from spec_runner.core.plan.model import TASKS
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.document import files
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.system.trusted import read_plain
from spec_runner.views import print_errors
from spec_runner.views.findings import print_findings, print_repaired

_CHECKBOX = re.compile(rb"^[ \t>]*(?:[-*+]|\d+[.)])[ \t]+\[", re.MULTILINE)


def _as_guide(place: SpecPaths | SpecError) -> SpecPaths | SpecError:
    """A document of another name in which nothing can be a task is a guide."""
    if isinstance(place, SpecError) or place.tasks is None or place.tasks.name.lower() == TASKS:
        return place
    try:
        has_tasks = _CHECKBOX.search(read_plain(place.tasks)) is not None
    except OSError:
        return place  # Who reads it says why it cannot be read.
    return place if has_tasks else place._replace(tasks=None, guide=place.tasks)


class Lint(NamedTuple):
    """What is to be done with findings besides telling them."""

    sarif: Path | None = None
    baseline: Path | None = None
    writes_baseline: bool = False
    fixes: bool = False
    names_unchecked: bool = False


_NONE = Lint()


def check(settings: Settings, lint: Lint = _NONE) -> ExitCode:
    """Read, plan as a run would, and tell what contradicts itself; nothing is run. Raises SpecError for a file."""
    # No sandbox is tried: nothing will run in it.
    settings = settings._replace(dry_run=True)
    places = [_as_guide(each) for each in find_specs(settings.paths, settings.here, settings.environment)]
    specs = [place for place in places if not isinstance(place, SpecError)]
    if lint.fixes:
        _fix(specs, settings)
    written = {"--sarif": lint.sarif, "--baseline": lint.baseline if lint.writes_baseline else None}
    reports = report_files(specs, written, settings.here)
    checked = look_for(places, settings, names_unchecked=lint.names_unchecked)
    all_found = [each for spec in checked for each in spec.findings]
    new = [] if lint.writes_baseline else unknown(all_found, _baseline(settings, lint))
    errors = [spec.error for spec in checked if spec.error]
    if "--baseline" in reports:
        reports["--baseline"].put(baseline_text(all_found))
    if "--sarif" in reports:
        from spec_runner.views.sarif import sarif_text

        reports["--sarif"].put(sarif_text(new, errors, __version__))
    print_errors(errors, settings.err)
    is_new = set(map(id, new))
    told = [
        Checked(spec.path, spec.error, tuple(each.finding for each in spec.findings if id(each) in is_new))
        for spec in checked
    ]
    print_findings(told, settings.out, known=len(all_found) - len(new), as_json=settings.json)
    if errors:
        return ExitCode.USAGE
    return ExitCode.FAILED if any(not each.finding.is_note for each in new) else ExitCode.PASSED


def _baseline(settings: Settings, lint: Lint) -> Mapping[str, int]:
    if lint.baseline is None or lint.writes_baseline:
        return {}
    try:
        return read_baseline(files.read(settings.here / lint.baseline))
    except SpecError as error:
        raise error.at(str(lint.baseline)) from None


def _fix(places: Sequence[SpecPaths], settings: Settings) -> None:
    """Put documents right where that is safe. Raises SpecError where one cannot be written."""
    for read in read_specs(settings, places):
        place, document = read.place, read.spec.tasks
        if place is None or place.tasks is None or document is None:
            continue
        data, lines = repaired(document)
        if not lines:
            continue
        shown = place.shown(place.tasks)
        files.refuse_read_only(place.tasks, shown)
        if files.has_other_names(place.tasks):
            todo = "mend it by hand"
            raise SpecError("the file has other names, which would keep the old text", todo=todo, path=shown)
        if not files.replace(place.tasks, data, document.source.data):
            raise SpecError("somebody changed the document meanwhile", todo="start again", path=shown)
        print_repaired(shown, lines, settings.err)

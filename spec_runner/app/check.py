"""Read specs and tell what contradicts itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from spec_runner import __version__
from spec_runner.app.plan import Read, Settings, make_plan, read_specs
from spec_runner.app.reports import report_files
from spec_runner.core.evidence.baseline import Placed, baseline_text, placed, read_baseline, unknown
from spec_runner.core.evidence.check import check_spec
from spec_runner.core.evidence.repair import repaired
from spec_runner.core.plan.model import Plan, PlannedSpec
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.document import files
from spec_runner.system.repository import SpecPaths
from spec_runner.system.worktree.looking import tree_of
from spec_runner.views import print_errors
from spec_runner.views.findings import print_findings, print_repaired


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
    found = read_specs(settings)
    if lint.fixes:
        found = [_fixed(read, settings) for read in found]
    plan = make_plan(found, settings)
    written = {"--sarif": lint.sarif, "--baseline": lint.baseline if lint.writes_baseline else None}
    reports = report_files(found, written, settings.here)
    checked = _findings(plan, found, lint)
    all_found = [each for findings in checked for each in findings]
    new = [] if lint.writes_baseline else unknown(all_found, _baseline(settings, lint))
    errors = [spec.error for spec in plan.specs if spec.error]
    if "--baseline" in reports:
        reports["--baseline"].put(baseline_text(all_found))
    if "--sarif" in reports:
        from spec_runner.views.sarif import sarif_text

        reports["--sarif"].put(sarif_text(new, errors, __version__))
    print_errors(errors, settings.err)
    is_new = set(map(id, new))
    told = [[each.finding for each in findings if id(each) in is_new] for findings in checked]
    specs = list(zip(plan.specs, told, strict=True))
    print_findings(specs, settings.out, known=len(all_found) - len(new), as_json=settings.json)
    if errors:
        return ExitCode.USAGE
    return ExitCode.FAILED if any(not each.finding.is_note for each in new) else ExitCode.PASSED


def _findings(plan: Plan, found: list[Read], lint: Lint) -> list[list[Placed]]:
    """What contradicts itself in each spec."""
    trees = {read.place.root: tree_of(read.place.root) for read in found if read.place}

    def findings(spec: PlannedSpec, place: SpecPaths) -> list[Placed]:
        found = check_spec(spec, trees[place.root], place.document, names_unchecked=lint.names_unchecked)
        return placed(spec, found, os.path.dirname(place.document))

    return [
        findings(spec, read.place) if read.place and not spec.error else []
        for spec, read in zip(plan.specs, found, strict=True)
    ]


def _baseline(settings: Settings, lint: Lint) -> Mapping[str, int]:
    if lint.baseline is None or lint.writes_baseline:
        return {}
    try:
        return read_baseline(files.read(settings.here / lint.baseline))
    except SpecError as error:
        raise error.at(str(lint.baseline)) from None


def _fixed(read: Read, settings: Settings) -> Read:
    """The spec with its document put right, where that is safe. Raises SpecError where it cannot be written."""
    place, document = read.place, read.spec.tasks
    if place is None or place.tasks is None or document is None:
        return read
    data, lines = repaired(document)
    if not lines:
        return read
    shown = place.shown(place.tasks)
    files.refuse_read_only(place.tasks, shown)
    if files.has_other_names(place.tasks):
        raise SpecError("the file has other names, which would keep the old text", todo="mend it by hand", path=shown)
    if not files.replace(place.tasks, data, document.source.data):
        raise SpecError("somebody changed the document meanwhile", todo="start again", path=shown)
    print_repaired(shown, lines, settings.err)
    return read_specs(settings, [place], read.known)[0]

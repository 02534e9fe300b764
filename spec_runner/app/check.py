"""Read specs and tell what contradicts itself."""

from __future__ import annotations

from spec_runner.app.plan import Settings, make_plan, read_specs
from spec_runner.core.evidence.check import check_spec
from spec_runner.errors import ExitCode
from spec_runner.system.worktree.looking import tree_of
from spec_runner.views import print_errors
from spec_runner.views.findings import print_findings


def check(settings: Settings) -> ExitCode:
    """Read, plan as a run would, and tell what contradicts itself; nothing is run or written."""
    found = read_specs(settings)
    plan = make_plan(found, settings)
    trees = {read.place.root: tree_of(read.place.root) for read in found if read.place}
    checked = [
        (spec, check_spec(spec, trees[read.place.root], read.place.document) if read.place and not spec.error else [])
        for spec, read in zip(plan.specs, found, strict=True)
    ]
    print_errors((spec.error for spec in plan.specs), settings.err)
    print_findings(checked, settings.out, as_json=settings.json)
    if any(spec.error for spec in plan.specs):
        return ExitCode.USAGE
    return ExitCode.FAILED if any(not each.is_note for _, findings in checked for each in findings) else ExitCode.PASSED

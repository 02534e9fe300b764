"""Are the ticks true? They are replayed in a clean work tree at the current commit; no document is written."""

from __future__ import annotations

from contextlib import ExitStack

from spec_runner.app.plan import Read, Settings, make_plan, read_specs
from spec_runner.app.reports import facts_of, outlets_for, path_for_github
from spec_runner.app.run import make_runner, make_view, refuse_without_isolation
from spec_runner.core.evidence.verify import judge_claims, only_claims
from spec_runner.core.plan.driver import follow
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from spec_runner.errors import ExitCode
from spec_runner.system.worktree import git
from spec_runner.system.worktree.history import committed_files
from spec_runner.views import plain_lines
from spec_runner.views.text import Lines, RunText
from spec_runner.views.verify import Verified, claim_cases, junit_of, print_verified


def verify(settings: Settings) -> ExitCode:
    """Replay every tick that can be, go on after a false one; exit 1 when one is false."""
    settings = settings._replace(write=False, keep_going=True, content="commit")
    found = read_specs(settings)
    plan = only_claims(make_plan(found, settings))
    if settings.dry_run:
        make_view(plan, settings).finish(Summary(plan), ExitCode.PASSED, {})
        return ExitCode.PASSED
    refuse_without_isolation(plan, settings)
    junit = outlets_for(found, settings).get("--junit")
    summary = _replayed(found, plan, settings)
    verified = [_verified(number, read, plan, summary) for number, read in enumerate(found)]
    code = _exit_code(verified, summary, settings)
    lines = plain_lines(settings.out, on_github=settings.on_github)
    print_verified(plan, summary, verified, code, settings.out, lines, as_json=settings.json)
    if settings.on_github:
        _annotate(summary, verified, settings)
    if junit:
        junit.put(junit_of(plan, summary, verified, facts_of(found, settings)))
    return code


def _replayed(found: list[Read], plan: Plan, settings: Settings) -> Summary:
    lines, summary = plain_lines(settings.err, on_github=settings.on_github), Summary(plan)
    progress = RunText(plan, lines, lines)
    with ExitStack() as stack:
        runner = make_runner(found, plan, settings, stack, lambda: None)
        for event in follow(plan, runner):
            progress.hear(event)
            summary.hear(event)
    return summary


def _verified(number: int, read: Read, plan: Plan, summary: Summary) -> Verified:
    root, spec = read.place.root if read.place else None, plan.specs[number]
    head = git.read(root, "rev-parse", "HEAD") if root else None
    claims = judge_claims(number, spec, summary, committed_files(root)) if root else []
    return Verified(spec, head.decode().strip() if head else None, claims)


def _annotate(summary: Summary, verified: list[Verified], settings: Settings) -> None:
    """Show each tick that is false or held where it stands in its document, and each spec that could not be read."""
    from spec_runner.views.github import annotations_of
    from spec_runner.views.report import spec_error

    lines = Lines(settings.err if settings.json else settings.out)
    cases = [error for number in range(len(verified)) if (error := spec_error(summary, number))]
    for number, each in enumerate(verified):
        cases += claim_cases(summary, number, each, strict=settings.strict)
    for line in annotations_of(cases, path_for_github(settings)):
        lines.write(line)


def _exit_code(verified: list[Verified], summary: Summary, settings: Settings) -> ExitCode:
    code = summary.exit_code(allow_empty=True)
    if code not in (ExitCode.PASSED, ExitCode.FAILED):
        return code
    claims = [claim for each in verified for claim in each.claims]
    if any(claim.verdict == "false" for claim in claims):
        return ExitCode.FAILED
    if settings.strict and any(claim.verdict != "holds" for claim in claims):
        return ExitCode.FAILED
    if not any(claim.verdict == "holds" for claim in claims) and not settings.allow_empty:
        return ExitCode.EMPTY
    return ExitCode.PASSED

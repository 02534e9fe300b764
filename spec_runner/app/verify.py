"""Are the ticks true? They are replayed in a clean work tree at the current commit; no document is written."""

from __future__ import annotations

from contextlib import ExitStack

from spec_runner.app.plan import Settings, make_plan, read_specs
from spec_runner.app.run import make_runner, refuse_without_isolation
from spec_runner.core.claims import judge_claims, only_claims
from spec_runner.core.follow import follow
from spec_runner.core.summary import Summary
from spec_runner.errors import ExitCode
from spec_runner.system import git
from spec_runner.system.tree import committed_files
from spec_runner.views import view_for
from spec_runner.views.text import Lines, RunText
from spec_runner.views.verify import Verified, print_verified


def verify(settings: Settings) -> ExitCode:
    """Replay every tick that can be, go on after a false one; exit 1 when one is false."""
    settings = settings._replace(write=False, keep_going=True, content="commit")
    found = read_specs(settings)
    plan = only_claims(make_plan(found, settings))
    if settings.dry_run:
        view = view_for(
            plan,
            settings.out,
            settings.err,
            dry_run=True,
            form="json" if settings.json else "text",
            verbose=settings.verbose,
        )
        view.finish(Summary(plan), ExitCode.PASSED, {})
        return ExitCode.PASSED
    refuse_without_isolation(plan, settings)
    summary, progress = Summary(plan), RunText(plan, Lines(settings.err), Lines(settings.err))
    with ExitStack() as stack:
        runner = make_runner(found, plan, settings, stack, lambda: None)
        for event in follow(plan, runner):
            progress.hear(event)
            summary.hear(event)
    verified = []
    for number, (read, spec) in enumerate(zip(found, plan.specs, strict=True)):
        root = read.place.root if read.place else None
        head = git.read(root, "rev-parse", "HEAD") if root else None
        claims = judge_claims(number, spec, summary, committed_files(root)) if root else []
        verified.append(Verified(spec, head.decode().strip() if head else None, claims))
    code = _exit_code(verified, summary, settings)
    print_verified(plan, summary, verified, code, settings.out, as_json=settings.json)
    return code


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

"""Are the ticks true? They are replayed in a clean work tree at the current commit; no document is written."""

from __future__ import annotations

from spec_runner.app.plan import Read, Settings
from spec_runner.app.run import run
from spec_runner.core.evidence.verify import Replayed, Verification, only_ticks
from spec_runner.core.plan.model import Plan
from spec_runner.core.result.summary import Summary
from spec_runner.errors import ExitCode
from spec_runner.system.worktree.looking import tree_of
from spec_runner.views import Ending


def verify(settings: Settings) -> ExitCode:
    """Replay every tick that can be, go on after a false one; exit 1 when one is false."""
    settings = settings._replace(write=False, keep_going=True, content="commit")
    if settings.dry_run:
        return run(settings, lambda found, plan: Summary(only_ticks(plan)))
    from spec_runner.views.verify import verified_lines, verified_object

    return run(settings, _verification, Ending(verified_lines, verified_object))


def _verification(found: list[Read], plan: Plan) -> Verification:
    return Verification(plan, [_tree(read) for read in found])


def _tree(read: Read) -> Replayed | None:
    if read.place is None:
        return None
    root = read.place.root
    commit = read.known.head(root)
    return Replayed(commit, tree_of(root, commit=commit) if commit else None, read.place.document)

"""Are the ticks true? They are replayed in a clean work tree at the current commit; no document is written."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from spec_runner.app.changed import WORKING_TREE
from spec_runner.app.plan import Read, Settings, refused, world_of
from spec_runner.app.run import run
from spec_runner.core.evidence.ticks import ticked_since
from spec_runner.core.evidence.verify import Replayed, Verification
from spec_runner.core.plan.model import Plan
from spec_runner.core.plan.selection import Selection, choose
from spec_runner.core.text.document import read_document
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.worktree import git
from spec_runner.system.worktree.copies import Content
from spec_runner.system.worktree.looking import tree_of
from spec_runner.views import Conclusion

_NAMED = 3
"""Files that are not seen and are named."""


def verify(settings: Settings) -> ExitCode:
    """Replay every tick that is asked about and can be, go on after a false one; exit 1 when one is false."""
    content: Content = "everything" if settings.ticked_since == WORKING_TREE else "commit"
    settings = settings._replace(write=False, keep_going=True, content=content)
    from spec_runner.views.verify import verified_lines, verified_object

    return run(
        settings, partial(_verification, settings=settings),
        Conclusion(partial(verified_lines, verbose=settings.verbose), verified_object),
    )  # fmt: skip


def _verification(found: list[Read], plan: Plan, settings: Settings) -> Verification:
    replayed = Verification(_noted(found, plan, settings), _trees(found, settings))
    for spec, read in zip(replayed.plan.specs, found, strict=True):
        if read.place:
            refused(spec, read.place, settings)
    return replayed


def _noted(found: list[Read], plan: Plan, settings: Settings) -> Plan:
    """The plan, which says of each repository once what of it is not judged because it is not committed."""
    documents: dict[Path, list[Path]] = {}
    for read in found:
        if read.place and settings.content == "commit":
            documents.setdefault(read.place.root, []).extend(filter(None, (read.place.tasks, read.place.guide)))
    specs = []
    for spec, read in zip(plan.specs, found, strict=True):
        own = documents.pop(read.place.root, None) if read.place else None
        status = read.known.git_status(read.place.root) if read.place and own else None
        unseen = status.unseen(own or (), read.place.root) if status and read.place and status.head else []
        specs.append(spec._replace(warnings=(*spec.warnings, _unseen(unseen))) if unseen else spec)
    return plan._replace(specs=tuple(specs))


def _unseen(paths: list[str]) -> str:
    named = ", ".join(paths[:_NAMED]) + (", …" if len(paths) > _NAMED else "")
    are = "1 file is not committed and is" if len(paths) == 1 else f"{len(paths)} files are not committed and are"
    return f"{are} not seen: {named}"


def _trees(found: list[Read], settings: Settings) -> list[Replayed | None]:
    return [_tree(read, settings) for read in found]


def _tree(read: Read, settings: Settings) -> Replayed | None:
    if read.place is None:
        return None
    root = read.place.root
    commit = read.known.head(root)
    seen = None if settings.content == "everything" else commit
    tree = tree_of(root, commit=seen) if commit else None
    asked = _selected(read, settings.selection, _asked(read, settings.ticked_since))
    # In the folder as it is stands what earlier ticks made; in a commit nothing of it does.
    world = world_of(read, settings, makers=settings.content == "commit") if asked is not None else None
    return Replayed(seen or commit, tree, read.place.document, asked, world)


def _selected(read: Read, selection: Selection, asked: frozenset[str] | None) -> frozenset[str] | None:
    """The ticks that are asked about and selected; None for all. Raises SpecError for a selection of nothing known."""
    if selection == Selection() or read.spec.tasks is None:
        return asked
    keys = frozenset(choose(read.spec.tasks, selection).keys)
    return keys if asked is None else keys & asked


def _asked(read: Read, since: str | None) -> frozenset[str] | None:
    """The ticks of a spec that are newer than a commit. Raises SpecError where Git knows no such commit."""
    if since is None or read.place is None or read.spec.tasks is None:
        return None
    revision = "HEAD" if since == WORKING_TREE else since
    if git.commit_of(read.place.root, revision) is None:
        if since == WORKING_TREE and git.read(read.place.root, "rev-parse", "--git-dir"):
            return ticked_since(None, read.spec.tasks)  # before the first commit nothing was ticked
        problem = f"Git does not know the commit {since} of --ticked-since"
        todo = f"name a commit, a branch or {WORKING_TREE}; a shallow clone lacks older ones"
        raise SpecError(problem, todo=todo, path=str(read.place.root))
    data = git.content_at(read.place.root, revision, read.place.document)
    return ticked_since(read_document(data) if data is not None else None, read.spec.tasks)

"""The work tree that the last run of a spec left: show what changed in it, take that over, remove it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.system.worktree import changes, copies, kept
from spec_runner.views.changes import print_changes, print_removed, print_taken_over


def diff(settings: Settings, *, as_patch: bool, with_ignored: bool) -> ExitCode:
    """Show what the commands changed; exit 0 whether there is something or not."""
    for place, tree in _trees(settings):
        found = changes.changes(tree)
        if as_patch:
            data = changes.patch(tree, [each for each in found if with_ignored or not each.is_ignored])
            settings.out.flush()
            settings.out.buffer.write(data)
        else:
            print_changes(place.path, found, settings.out, with_ignored=with_ignored)
    return ExitCode.PASSED


def apply(settings: Settings, *, with_ignored: bool) -> ExitCode:
    """Take the changes over into the repository, spec by spec, each all or nothing."""
    for place, tree in _trees(settings):
        found = [each for each in changes.changes(tree) if with_ignored or not each.is_ignored]
        changes.apply(tree, found)
        print_taken_over(place.path, found, settings.out)
    return ExitCode.PASSED


def clean(settings: Settings, *, everything: bool) -> ExitCode:
    """Remove work trees: those of the paths, those whose repository is gone, or all."""
    found = list(kept.all_trees(settings.environment))
    if not everything:
        named = {tree.folder for _, tree in _trees(settings)} if settings.paths else set[Path]()
        found = [tree for tree in found if (tree.folder in named if settings.paths else not tree.root.is_dir())]
    left = [tree for tree in found if not copies.remove(tree.folder)]
    print_removed([tree for tree in found if tree not in left], settings.out)
    if left:
        raise SpecError("some of it could not be removed", todo="check its permissions", path=str(left[0].folder))
    return ExitCode.PASSED


def _trees(settings: Settings) -> Iterator[tuple[SpecPaths, kept.Tree]]:
    """The kept tree of each spec. Raises SpecError for a spec that has none."""
    for place in find_specs(settings.paths, settings.here, settings.environment):
        if isinstance(place, SpecError):
            raise place
        tree = kept.load(kept.folder_for(place, settings.environment))
        if tree is None:
            todo = f"spec-run {place.path} makes one"
            raise SpecError("no work tree of it is kept", todo=todo, path=place.path)
        yield place, tree

"""The work tree that the last run of a spec left: show what changed in it, take that over, remove it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.app.ready import hold, holder_of
from spec_runner.core.text.printable import typed
from spec_runner.errors import ExitCode, SpecError
from spec_runner.system.process.prepared import Ground, all_grounds, remove_free
from spec_runner.system.repository import SpecPaths, find_specs
from spec_runner.system.signals import END, heard_by
from spec_runner.system.worktree import changes, copies, edits, kept, take_over
from spec_runner.views.changes import (
    print_changes,
    print_left_out,
    print_notes,
    print_taken_over,
    print_trees,
)


def diff(settings: Settings, *, as_patch: bool, with_ignored: bool) -> ExitCode:
    """Show what the commands changed; exit 0 whether there is something or not."""
    for place, tree in _trees(settings):
        found = changes.changes(tree.files)
        if as_patch:
            data, left = changes.patch(tree.files, [each for each in found if with_ignored or not each.is_ignored])
            settings.out.flush()
            settings.out.buffer.write(data)
            print_left_out(left, settings.err)
        else:
            print_changes(place.path, found, settings.out, with_ignored=with_ignored)
    return ExitCode.PASSED


def apply(settings: Settings, *, with_ignored: bool) -> ExitCode:
    """Take the changes over into the repository, spec by spec, each all or nothing."""
    # A request to end is a Ctrl-C: what was begun is put back.
    with heard_by(lambda number: signal.default_int_handler(number, None), *END):
        for place, tree in _trees(settings):
            with ExitStack() as stack:
                hold(place.root, place.document, settings, stack)
                found = [each for each in changes.changes(tree.files) if with_ignored or not each.is_ignored]
                taken, left = take_over.apply(tree, found)
                # What cannot be noted now is found out by the next run.
                with suppress(OSError, edits.ApartError):
                    kept.taken_over(tree, {path for each in taken for path in (each.path, each.before) if path})
            print_taken_over(place.path, taken, left, settings.out)
    return ExitCode.PASSED


def clean(settings: Settings, *, everything: bool, is_sure: bool = False) -> ExitCode:
    """Remove work trees: those of the paths, those whose repository is gone, or all; none that a run is using.

    They are listed first, and for all of them the user is asked. Raises SpecError where nobody can be.
    """
    found = list(kept.all_trees(settings.environment))
    if not everything:
        named = {tree.folder for _, tree in _trees(settings)} if settings.paths else set[Path]()
        found = [tree for tree in found if (tree.folder in named if settings.paths else not tree.root.is_dir())]
    with ExitStack() as stack:
        found = _free(found, settings, stack)
        grounds = _grounds(settings, everything=everything)
        print_trees(_named(found), _roots(grounds), "to remove:", settings.err)
        if everything and (found or grounds) and not is_sure:
            _ask(settings)
        _remove(found, grounds, settings)
    return ExitCode.PASSED


def _grounds(settings: Settings, *, everything: bool) -> list[Ground]:
    """What was prepared: all of it, or that of repositories that are gone; none with the work trees of paths."""
    if settings.paths and not everything:
        return []
    return [each for each in all_grounds(settings.environment) if everything or not each.root.is_dir()]


def _free(found: Sequence[kept.Tree], settings: Settings, stack: ExitStack) -> list[kept.Tree]:
    """Those of the trees that no run has; from now on none can have them until the stack is closed."""
    free: list[kept.Tree] = []
    for tree in found:
        holder = holder_of(tree.root, tree.document, stack) if tree.root.is_dir() else None
        if holder is None:
            free.append(tree)
        else:
            print_notes(
                [f"a run is using {tree.document} in {tree.root}, so its work tree stays: {holder}"], settings.err
            )
    return free


def _roots(grounds: Sequence[Ground]) -> list[str]:
    return [str(each.root) for each in grounds]


def _named(found: Sequence[kept.Tree]) -> list[tuple[str, str]]:
    return [(tree.document, str(tree.root)) for tree in found]


def _ask(settings: Settings) -> None:
    if not (sys.stdin and sys.stdin.isatty() and settings.err.isatty()):
        raise SpecError(
            "nothing was removed: there is no terminal to ask on", todo="spec-run clean --all --yes removes them"
        )
    settings.err.write("Remove them all? [y/N] ")
    settings.err.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise SpecError("nothing was removed")


def _remove(found: Sequence[kept.Tree], grounds: Sequence[Ground], settings: Settings) -> None:
    for tree in found:
        if tree.root.is_dir() and take_over.is_half_done(tree):
            print_notes(take_over.put_back(tree), settings.err)
    left = [tree for tree in found if not copies.remove(tree.folder)]
    removed = [tree for tree in found if tree not in left]
    gone = [each for each in grounds if remove_free(each)]
    print_trees(_named(removed), _roots(gone), "removed", settings.out)
    if not removed and not gone:
        print("no work tree to remove", file=settings.out)
    stay = [f"a run has what was prepared for {each.root}: it stays" for each in grounds if each not in gone]
    print_notes(stay, settings.err)
    if left:
        raise SpecError("cannot remove all of the work tree", todo="check its permissions", path=str(left[0].folder))


def _put_right(tree: kept.Tree, settings: Settings) -> None:
    """Put back what a taking over that was killed left. Raises SpecError where one is going on."""
    if take_over.is_half_done(tree):
        with ExitStack() as stack:
            hold(tree.root, tree.document, settings, stack)
            print_notes(take_over.put_back(tree), settings.err)


def _trees(settings: Settings) -> Iterator[tuple[SpecPaths, kept.Tree]]:
    """The kept tree of each spec. Raises SpecError for a spec that has none."""
    for place in find_specs(settings.paths, settings.here, settings.environment):
        if isinstance(place, SpecError):
            raise place
        tree = kept.load(kept.folder_for(place, settings.environment))
        if tree is None:
            todo = f"make one with: spec-run {typed(place.path)}"
            raise SpecError("this spec has no work tree", todo=todo, path=place.path)
        _put_right(tree, settings)
        yield place, tree

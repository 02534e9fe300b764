"""What commands changed in a work tree, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from spec_runner.core.evidence.changes import Change
from spec_runner.core.text.printable import exact, visible

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_LETTERS = {"added": "A", "changed": "M", "deleted": "D", "renamed": "R"}


def print_changes(spec: str, found: Sequence[Change], out: TextIO, *, with_ignored: bool) -> None:
    """One line a file, as Git has them; ignored files as a count for each folder at the top."""
    shown = [change for change in found if with_ignored or not change.is_ignored]
    for change in shown:
        before = f"{quoted(change.before)} -> " if change.before else ""
        print(f"{_LETTERS[change.kind]} {before}{quoted(change.path)}", file=out)
    hidden = Counter(change.path.partition("/")[0] for change in found if change.is_ignored) if not with_ignored else {}
    for top, count in sorted(hidden.items()):
        print(f"  {count} ignored by Git in {visible(top)} (--ignored shows them)", file=out)
    if not found:
        print(f"{visible(spec)}: the commands changed nothing", file=out)


def print_taken_over(spec: str, found: Sequence[Change], left: Sequence[Change], out: TextIO) -> None:
    counts = Counter(change.kind for change in found)
    words = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"{visible(spec)}: {words or 'nothing to take over'}", file=out)
    for change in left:
        print(f"  left as it is: {quoted(change.path)}, where spec-run writes the marks", file=out)


def print_left_out(left: Sequence[Change], err: TextIO) -> None:
    for change in left:
        print(f"note: {quoted(change.path)} is not in the patch: it is large, or may hold secrets", file=err)


def print_notes(notes: Sequence[str], err: TextIO) -> None:
    for each in notes:
        print(f"note: {visible(each)}", file=err)


def quoted(path: str) -> str:
    """A path on one line, so that no two look alike: in quotes with escapes where signs are unseen."""
    if path.isprintable() and visible(path) == path and not set(path) & {'"', "\\"}:
        return path
    return '"' + "".join(_escaped(char) for char in path) + '"'


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        # A byte of a name that is no text.
        return f"\\x{ord(char) - 0xDC00:02x}"
    return _ESCAPES.get(char) or exact(char)


def print_trees(found: Sequence[tuple[str, str]], prepared: Sequence[str], what: str, out: TextIO) -> None:
    """What becomes of work trees, each by its document and its repository, and of what was prepared."""
    for root in prepared:
        print(f"{what} what was prepared for {visible(root)}", file=out)
    for document, root in found:
        print(f"{what} the work tree of {visible(document)} in {visible(root)}", file=out)
    out.flush()

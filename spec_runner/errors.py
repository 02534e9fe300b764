"""The one error that users meet, and the exit codes that scripts rely on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a run of the program ended, for the shell that called it."""

    PASSED = 0
    """All that ran passed."""
    FAILED = 1
    """Something failed, or a tick is false."""
    USAGE = 2
    """Wrong arguments, or input that cannot be read."""
    FAULT = 3
    """A fault of spec-run itself."""
    EMPTY = 4
    """There was nothing to run."""
    INTERRUPTED = 130
    """Stopped from outside before the end."""


MALFORMED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, RecursionError,
)  # fmt: skip
"""What comes of reading a file that others can write, whose bytes are of another shape than expected."""
NO_MORE_PROCESSES = "the system refuses to start more processes or threads"


def is_process_limit(error: BaseException) -> bool:
    """Whether the system refused a process or a thread: nobody's fault here."""
    return isinstance(error, BlockingIOError) or (isinstance(error, RuntimeError) and "start new thread" in str(error))


def said(error: Exception) -> str:
    """What the system said, as it stands in the middle of a sentence."""
    return ((isinstance(error, OSError) and error.strerror) or str(error)).lower()


class SpecError(Exception):
    """Input that cannot be used: what is wrong, where, and what to type.

    ``str()`` gives ``what: file:line; todo``, leaving out the parts that are not known.
    """

    def __init__(self, what: str, *, todo: str = "", path: str | None = None, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.path = path
        self.line = line

    def at(self, path: str) -> SpecError:
        """The same error, placed in the file ``path`` unless it names a file already."""
        return SpecError(self.what, todo=self.todo, path=self.path or path, line=self.line)

    def __str__(self) -> str:
        where = "" if self.path is None else f": {self.path}" + (f":{self.line}" if self.line is not None else "")
        return f"{self.what}{where}" + (f"; {self.todo}" if self.todo else "")


def unknown(what: str, word: str, known: Iterable[str]) -> SpecError:
    """The error for a word that means nothing, with the nearest of those that do."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    folded = {name.lower(): name for name in reversed(names)}
    near = get_close_matches(word.lower(), folded, n=1, cutoff=0.3)
    if near:
        return SpecError(f"there is no {what} {word}", todo=f"did you mean {folded[near[0]]}?")
    return SpecError(
        f"there is no {what} {word}",
        todo=f"name one of {', '.join(names[:8])}" if names else f"the document names no {what}",
    )

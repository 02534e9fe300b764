"""Regular expressions that are compiled only when a text needs them.

Compiling is dear, and an ordinary document speaks of little: most patterns look for words that do not stand in it. So
a pattern can name literals of which each text that it matches holds one; a text without them is answered at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator


class Lazy:
    """A regular expression; ``needs`` are literals in lower case, parted by ``|``, one of which is in every match."""

    __slots__ = ("_compiled", "_needs", "flags", "needs", "source")

    def __init__(self, source: str, flags: int = 0, needs: str = "") -> None:
        self.source, self.flags, self.needs = source, flags, needs
        self._compiled: re.Pattern[str] | None = None
        self._needs: tuple[str, ...] | None = None

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        # From within a text only what follows counts: reading all of it each time would cost the square of its length.
        if start or not self.needs or self.can_match(text):
            return (self._compiled or self._pattern()).match(text, start)
        return None

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        if not self.needs or self.can_match(text):
            return (self._compiled or self._pattern()).search(text, start)
        return None

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        if not self.can_match(text):
            return iter(())
        return self._pattern().finditer(text, start, len(text) if end is None else end)

    def findall(self, text: str) -> list[str]:
        """Every match, of a pattern without groups."""
        return [found.group() for found in self.finditer(text)]

    def split(self, text: str) -> list[str]:
        """The pieces between the matches, of a pattern without groups."""
        return self._pattern().split(text)

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str) -> str:
        return self._pattern().sub(by, text) if self.can_match(text) else text

    def can_match(self, text: str) -> bool:
        """Whether one of the literals stands in the text, in whatever case."""
        if not self.needs:
            return True
        if self._needs is None:
            self._needs = tuple(self.needs.split("|"))
        folded = text.lower()
        if not folded.isascii():
            # Letters that are equal to an ASCII one where case is ignored, and stay what they are in lower case.
            folded = folded.replace("i\u0307", "i").replace("ı", "i").replace("ſ", "s")
        # A loop costs half of what a generator does, and this is asked for every pattern and text.
        for literal in self._needs:  # noqa: SIM110
            if literal in folded:
                return True
        return False

    def _pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
        return self._compiled


def any_in(parts: tuple[Lazy, ...], text: str) -> bool:
    """Whether one of several patterns is found: apart, only those are compiled whose literals stand in the text."""
    return any(part.search(text) is not None for part in parts)

"""What a process prints, told while it prints: its last line now and then, or every line of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from spec_runner.system.process import KEPT, Hearing

_LINE_EVERY = 0.1
"""Seconds between two lines of which only the last one is told."""
_WRAPPED = re.compile(rb"\s*[A-Za-z0-9+/=]{60,}\s*\Z")
"""Base64 as programs break it into lines: a secret in it is only known when all of them are there."""


class LastLine:
    """The last whole line of what comes in pieces: one that is cut could show half a secret."""

    def __init__(self) -> None:
        self._whole, self._rest = b"", b""
        self._is_cut = self._begins_cut = False

    def add(self, data: bytes) -> None:
        whole, ended, self._rest = (self._rest + data.replace(b"\r", b"\n")).rpartition(b"\n")
        if ended:
            self._whole, self._begins_cut, self._is_cut = whole, self._is_cut, False
        if len(self._rest) > KEPT:
            self._rest, self._is_cut = b"", True

    @property
    def text(self) -> str:
        """Empty as long as no line has ended."""
        _, separated, line = self._whole.rstrip(b"\n").rpartition(b"\n")
        return "" if self._begins_cut and not separated else line.decode("utf-8", "replace")


class Glimpse:
    """Tells the last line, ten times a second at most."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._last, self._told = tell, LastLine(), 0.0

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self._last.add(data)
        now = time.monotonic()
        if now - self._told >= _LINE_EVERY and self._last.text:
            self._told = now
            self._tell(self._last.text)

    def end(self) -> None:
        """Nothing more will come."""


class EveryLine:
    """Tells whole lines, several at once where they come so; of one that is written over, what stands in the end."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._rest = tell, b""

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self._rest += data
        whole, ended, rest = self._rest.rpartition(b"\n")
        if ended and (len(whole) > KEPT or not _WRAPPED.search(whole.rpartition(b"\n")[2])):
            self._say(whole)
            self._rest = rest
        if len(self._rest) > 2 * KEPT:
            self._rest = _shortened(self._rest)

    def end(self) -> None:
        """Nothing more will come: what stands there is the last line."""
        if self._rest:
            self._say(self._rest.removesuffix(b"\n"))
        self._rest = b""

    def _say(self, lines: bytes) -> None:
        stand = (line.removesuffix(b"\r").rpartition(b"\r")[2] for line in lines.split(b"\n"))
        self._tell(b"\n".join(stand).decode("utf-8", "replace"))


class Both:
    """Tells two who listen."""

    def __init__(self, *listeners: Hearing) -> None:
        self._listeners = listeners

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        for each in self._listeners:
            each.add(data)

    def end(self) -> None:
        """Nothing more will come."""
        for each in self._listeners:
            each.end()


def _shortened(line: bytes) -> bytes:
    """A line without end: what it was written over with last, or, where that is too long, that it is."""
    last = line.rpartition(b"\r")[2]
    return last if len(last) <= KEPT else b"(a line of more than 64 KB: its beginning is left out) "

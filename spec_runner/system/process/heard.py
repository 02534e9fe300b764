"""What a process prints, passed on while it prints: its last line now and then, or every line of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from spec_runner.core.result.masking import Secrets, Stream
from spec_runner.core.text.printable import open_control, strip_control
from spec_runner.system.process.process import KEPT, Hearing

_LINE_EVERY = 0.1
"""Seconds between two lines of which only the last one is passed on."""
_CODED = re.compile(r"[A-Za-z0-9+/=]{40}\s*\Z")
"""Base64 as programs break it into lines: a secret in it is only known when all of them are there."""
_CUT = b"(a line of more than 64 KB is left out)"


class LastLine:
    """The last whole line of what comes in pieces: one that is cut could show half a secret."""

    def __init__(self) -> None:
        self._whole, self._rest = b"", b""
        self._is_cut = self._begins_cut = self._follows_coded = False

    def add(self, data: bytes) -> None:
        whole, ended, self._rest = (self._rest + data.replace(b"\r", b"\n")).rpartition(b"\n")
        if ended:
            self._follows_coded = _is_coded(self._whole)
            self._whole, self._begins_cut, self._is_cut = whole, self._is_cut, False
        if len(self._rest) > KEPT:
            self._rest, self._is_cut = b"", True

    @property
    def text(self) -> str:
        """Empty as long as no line has ended."""
        before, separated, line = self._whole.rstrip(b"\n").rpartition(b"\n")
        begins_unseen = not separated and (self._begins_cut or self._follows_coded)
        if begins_unseen or _is_coded(line) or _is_coded(before):
            return ""
        return line.decode("utf-8", "replace")


def _is_coded(text: bytes) -> bool:
    """Whether a text ends as a line of base64 that may go on in the next one."""
    return _CODED.search(strip_control(text[-160:].decode("utf-8", "replace"))) is not None


class LatestLine:
    """Tells the last line, ten times a second at most."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._last, self._last_at = tell, LastLine(), 0.0

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self._last.add(data)
        now = time.monotonic()
        if now - self._last_at >= _LINE_EVERY and self._last.text:
            self._last_at = now
            self._tell(self._last.text)

    def end(self) -> None:
        """Nothing more will come."""


class EveryLine:
    """Tells whole lines, several at once where they come so; of one that is written over, what stands in the end."""

    def __init__(self, tell: Callable[[str], None], secrets: Secrets) -> None:
        self._tell, self._stream = tell, Stream(secrets)
        self._rest, self._unfinished, self._is_cut = b"", "", False

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        whole, ended, rest = (self._rest + data).rpartition(b"\n")
        if ended:
            self._take(whole.split(b"\n"))
        self._rest = rest if len(rest) <= KEPT else self._shortened(rest)

    def end(self) -> None:
        """Nothing more will come: what stands there is the last line."""
        if self._rest or self._is_cut:
            self._take([self._rest])
        self._rest = b""
        self._say(self._stream.add(strip_control(self._unfinished)) + self._stream.end())

    def _take(self, lines: list[bytes]) -> None:
        if self._is_cut:
            lines[0], self._is_cut = _CUT, False
        stand = (line.removesuffix(b"\r").rpartition(b"\r")[2] for line in lines)
        text = self._unfinished + "".join(line.decode("utf-8", "replace") + "\n" for line in stand)
        # A control sequence may part a secret, and may itself go over the end of a line.
        at = open_control(text)
        at = text.rfind("\n", 0, at) + 1 if at < len(text) else at
        self._unfinished = text[at:]
        self._say(self._stream.add(strip_control(text[:at])))

    def _say(self, lines: str) -> None:
        if lines:
            self._tell(lines.removesuffix("\n"))

    def _shortened(self, line: bytes) -> bytes:
        """A line without end: what it was written over with last, or, where that is too long, nothing more of it."""
        last = line.rpartition(b"\r")[2]
        self._is_cut = self._is_cut or len(last) > KEPT
        return b"" if self._is_cut else last


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

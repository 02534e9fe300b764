"""What stays the same from run to run."""

from __future__ import annotations

import re

_UNSTABLE = (
    (re.compile(r"\d{4}-\d{2}-\d{2}[T _]\d{2}[:_]\d{2}(?:[:_]\d{2}(?:[.,_]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"), "…"),
    (re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? \w{3} +\d{1,2}\b|\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"\b(?:\d+[hm] ?)*\d+(?:\.\d+)?\s?(?:ms|µs|μs|ns|s|secs?|seconds?|minutes?)\b"), "… s"),
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"), "…"),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}\b"), "0x…"),
    (re.compile(r"\b(pid|process|thread|goroutine|seed)([ =:#]*)\d+", re.IGNORECASE), r"\1\2…"),
    (re.compile(r"\b\d+(?:\.\d+)?( ?[kMGT]i?B/s)\b"), r"…\1"),
    (re.compile(r"(/tmp/|/var/folders/)[\w./-]*[\w-]"), r"\1…"),
    (re.compile(r"\b\d+ (?=Segmentation fault|Aborted|Killed|Terminated|Bus error|Floating point exception)"), ""),
)


def normalize(text: str) -> str:
    """A text without what changes from run to run: times, dates, addresses in memory, process numbers."""
    for pattern, instead in _UNSTABLE:
        text = pattern.sub(instead, text)
    return text

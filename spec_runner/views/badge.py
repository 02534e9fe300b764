"""What a replay says of the ticks, as a badge for a page: an SVG file that loads nothing."""

from __future__ import annotations

from collections.abc import Mapping

from spec_runner.core.evidence.verify import Verification, counts
from spec_runner.core.plan.events import Event
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import Verdict
from spec_runner.views.report import Put

_LABEL = "spec ticks"
_LETTER, _EDGE = 6.6, 10
"""Pixels of a letter, of 11 pixels of height, and beside a text."""
_GREEN, _YELLOW, _RED, _GREY = "#2e7d32", "#8a6100", "#b71c1c", "#555"
"""Each dark enough for white letters: a contrast of 4.5 at least."""


class BadgeView:
    """Hands over the badge when the replay is over."""

    def __init__(self, put: Put) -> None:
        self._put = put

    def hear(self, event: Event) -> None:
        """What happened is told when it is over."""

    def finish(self, summary: Summary, code: int) -> None:
        """Hand over the badge."""
        assert isinstance(summary, Verification)
        self._put(badge(counts(summary.all_ticks()), is_over=summary.interrupted is None))


def badge(found: Mapping[Verdict, int], *, is_over: bool = True) -> str:
    """The badge for these verdicts: what is false is said first, and green is only where every tick is proven."""
    total, proven = sum(found.values()), found["proven"]
    if not is_over:
        return _drawn("interrupted", _GREY)
    if found["false"]:
        return _drawn(f"{found['false']} of {total} false", _RED)
    if not total:
        return _drawn("none", _GREY)
    return _drawn(f"{proven} of {total} proven", _GREEN if proven == total else _YELLOW if proven else _GREY)


def _drawn(message: str, colour: str) -> str:
    left, right = (round(len(text) * _LETTER) + _EDGE for text in (_LABEL, message))
    width = left + right
    texts = "".join(
        f'<text x="{x}" y="14" textLength="{size - _EDGE}">{text}</text>'
        for x, size, text in ((left / 2, left, _LABEL), (left + right / 2, right, message))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="{_LABEL}: {message}"><title>{_LABEL}: {message}</title>'
        f'<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath><g clip-path="url(#round)">'
        f'<rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{texts}</g>'
        "</svg>\n"
    )

"""The badge of a replay: what it says, and that it can be read."""

from __future__ import annotations

import pytest
from lxml import etree

from spec_runner.core.result.verdicts import counted
from spec_runner.views.badge import badge

NONE = counted(())


@pytest.mark.parametrize(
    ("found", "said", "colour"),
    [
        ({}, "none", "#555"),
        ({"proven": 3}, "3 of 3 proven", "#2e7d32"),
        ({"proven": 3, "present": 1}, "3 of 4 proven", "#8a6100"),
        ({"present": 4}, "0 of 4 proven", "#555"),
        ({"proven": 30, "false": 1}, "1 of 31 false", "#b71c1c"),
    ],
)
def test_a_badge_is_green_only_where_every_tick_is_proven(found: dict[str, int], said: str, colour: str) -> None:
    drawn = etree.fromstring(badge({**NONE, **found}).encode())  # type: ignore[dict-item]
    assert drawn.get("aria-label") == f"spec ticks: {said}" == drawn.findtext("{*}title")
    assert [each.text for each in drawn.iter("{*}text")] == ["spec ticks", said]
    assert [each.get("fill") for each in drawn.iter("{*}rect")] == [None, "#444", colour]
    assert sum(int(each.get("width")) for each in drawn.iterfind("{*}g/{*}rect")) == int(drawn.get("width"))


def test_a_replay_that_was_interrupted_says_nothing_else() -> None:
    assert "interrupted" in badge({**NONE, "proven": 3}, is_over=False)


@pytest.mark.parametrize("colour", ["#2e7d32", "#8a6100", "#b71c1c", "#555555", "#444444"])
def test_white_letters_are_read_on_it(colour: str) -> None:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5

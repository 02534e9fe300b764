"""What runs for long is said where no live line shows it, and seldom."""

from __future__ import annotations

from spec_runner.views.waiting import Waiting


def test_what_goes_on_is_said_after_ten_seconds_a_minute_and_each_minute() -> None:
    now = 0.0
    waiting = Waiting(lambda: now)
    waiting.begin("a", "T001")
    waiting.begin("b", "T002")
    said: list[tuple[str, int]] = []
    for second in range(200):
        now = float(second)
        if second == 70:
            waiting.end("b")
        said += [(text, round(seconds)) for text, seconds in waiting.due()]
    assert said == [("T001", 10), ("T002", 10), ("T001", 60), ("T002", 60), ("T001", 120), ("T001", 180)]

"""The comparison of a hand run with what verify said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.agreement import difference, main, read_hand


@pytest.mark.parametrize(
    ("hand", "machine", "told"),
    [
        ("proven", "proven", "agree"), ("proven", "in part", "agree"), ("proven", "false", "FALSE ACCUSATION"),
        ("cannot tell", "false", "FALSE ACCUSATION"), ("false", "proven", "FALSE ACQUITTAL"),
        ("cannot tell", "proven", "PROVEN, NOT JUDGED BY HAND"), ("cannot tell", "present", "agree"),
        ("false", "cannot tell", "not judged"), ("?", "false", "agree"),
    ],
)  # fmt: skip
def test_a_difference_is_called_by_who_is_wronged(hand: str, machine: str, told: str) -> None:
    assert difference(hand, machine) == told


def test_ticks_are_found_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand, report = tmp_path / "hand.tsv", tmp_path / "shop.json"
    hand.write_text("# who\nshop\t001\tT001\tproven\nshop\t001\tT002\tfalse\tno such file\nshop\t002\tT001\tproven\n")
    ticks = [{"id": "T001", "verdict": "proven", "reason": None}, {"id": "T002", "verdict": "proven", "reason": "x"}]
    report.write_text(json.dumps({"specs": [{"path": "specs/001-a", "ticks": ticks}]}))
    main(hand, [report])
    assert capsys.readouterr().out.splitlines() == [
        "FALSE ACQUITTAL: shop 001 T002: false (no such file) by hand, proven: x",
        "1 agree, 1 FALSE ACQUITTAL, 1 not in the reports",
        "judged by both: 2, alike: 1",
    ]
    with pytest.raises(ValueError, match="line 1: 2 fields"):
        list(read_hand("a\tb"))

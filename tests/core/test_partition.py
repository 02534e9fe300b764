"""A run cut into parts, and the reports of the parts as one."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.evidence.parts import merged, worst
from spec_runner.core.plan.partition import part_of
from spec_runner.errors import SpecError

TIMES = st.lists(st.none() | st.floats(0, 1000), max_size=40)


@given(TIMES, st.integers(1, 12))
def test_parts_cut_alike_have_every_spec_once(seconds: list[float | None], of: int) -> None:
    names = [f"s{number}" for number in range(len(seconds))]
    parts = [part_of(names, seconds, number, of) for number in range(1, of + 1)]
    assert sorted(spec for part in parts for spec in part.specs) == list(range(len(names)))
    assert len({part.cut for part in parts}) == 1


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=40), st.integers(1, 8))
def test_no_part_is_more_than_a_spec_longer_than_its_share(seconds: list[float], of: int) -> None:
    names = [f"s{number}" for number in range(len(seconds))]
    loads = [sum(seconds[spec] for spec in part_of(names, seconds, number, of).specs) for number in range(1, of + 1)]
    assert max(loads) <= sum(seconds) / of + max(seconds) + 0.1


def test_what_is_not_known_counts_as_the_others_do() -> None:
    assert part_of("abcd", [None] * 4, 2, 2).specs == (1, 3)
    assert part_of("abcd", [9.0, 1, 1, 1], 1, 2).specs == (0,)
    assert part_of("abcd", [8.0, 2, None, None], 1, 2).specs == (0, 1)
    assert part_of("abcd", [8.0, 2, 1, 1], 1, 2).cut != part_of("abcd", [8.0, 2, 1, 2], 1, 2).cut


def reports(of: int, seconds: list[float | None]) -> list[tuple[str, dict[str, object]]]:
    found = []
    for number in range(1, of + 1):
        part = part_of([f"s{spec}" for spec in range(len(seconds))], seconds, number, of)
        specs = [{"path": f"s{spec}"} for spec in part.specs]
        made = {
            "schema": "spec-run/verify@1", "box": {"level": "plain", "missing": None}, "part": part._asdict(),
            "exit": number % 2, "interrupted": False, "counts": {"proven": len(specs), "false": number}, "specs": specs,
        }  # fmt: skip
        found.append((f"{number}.json", json.loads(json.dumps(made))))
    return found


@given(st.lists(st.none() | st.floats(0, 9), min_size=1, max_size=30), st.integers(1, 6), st.randoms())
def test_the_parts_make_one_report_in_the_order_of_the_whole(
    seconds: list[float | None], of: int, chance: random.Random
) -> None:
    parts = reports(of, seconds)
    chance.shuffle(parts)
    made = merged(parts)
    assert [spec["path"] for spec in made["specs"]] == [f"s{spec}" for spec in range(len(seconds))]
    assert made["counts"] == {"proven": len(seconds), "false": of * (of + 1) // 2}
    assert (made["exit"], "part" in made) == (1, False)


def test_what_are_not_all_the_parts_of_one_run_is_no_report() -> None:
    parts, others = reports(3, [None] * 5), reports(3, [1.0, 2.0, 3.0, 4.0, 5.0])
    wrongs: list[tuple[list[tuple[str, dict[str, object]]], str]] = [
        (parts[:2], "missing: 3"),
        ([*parts, parts[0]], "is part 1/3 too"),
        ([*parts[:2], others[2]], "was not cut as"),
        ([("a", {"schema": "x"})], "no report of a part"),
    ]
    for wrong, words in wrongs:
        with pytest.raises(SpecError, match=words):
            merged(wrong)


@pytest.mark.parametrize(
    ("codes", "whole"), [((0, 4), 0), ((4, 4), 4), ((0, 1, 4), 1), ((1, 2), 2), ((2, 3, 0), 3), ((3, 130), 130)]
)
def test_a_whole_run_ends_as_the_worst_of_its_parts(codes: tuple[int, ...], whole: int) -> None:
    assert worst(codes) == whole

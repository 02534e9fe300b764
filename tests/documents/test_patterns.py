"""A pattern is asked only where one of its literals stands: so one of them has to stand in every match."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spec_runner import core
from spec_runner.core.patterns import Lazy


def lazies(value: Any) -> Iterator[Lazy]:
    if isinstance(value, Lazy):
        yield value
    elif type(value) in (tuple, dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from lazies(each)


def needing() -> list[Lazy]:
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(core.__path__, f"{core.__name__}.")
    ]
    found = {id(each): each for module in modules for value in vars(module).values() for each in lazies(value)}
    return [each for each in found.values() if each.needs]


@pytest.mark.parametrize("pattern", needing(), ids=lambda pattern: pattern.source[:40])
def test_every_match_holds_one_of_the_literals(pattern: Lazy) -> None:
    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(re.compile(pattern.source, pattern.flags)))
    def check(text: str) -> None:
        if re.search(pattern.source, text, pattern.flags):
            assert pattern.can_match(text)

    check()


@pytest.mark.parametrize("text", ["ſtop", "STOP", "İN", "ın"])
def test_case_is_ignored_as_patterns_ignore_it(text: str) -> None:
    assert Lazy("stop|in", re.IGNORECASE, needs="stop|in").search(text)

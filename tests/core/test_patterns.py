"""Every pattern of the core, called as the code calls it: what it takes does not explode with the length of the text."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from functools import cache
from types import ModuleType

import pytest

from spec_runner import core

PIECES = [
    "-", "a", "_", ".", "/", " ", "(", "[", "`", "1", "a-", "a.", "a/", "a ", "- ", "> ", "* ", "A_", "a, ", "`a` ", "a=",
    "'", '"', "$(", "{", "<", "\\", "\n", " \n", "*", "#", "~", ":", "T1 ", "1.", "é", "--a ", "and ", "|",
]  # fmt: skip
STARTS = ["", "(", "`a"]
SIZES = (200, 2000)
"""With the cube of the length 2,000 characters take a second and more; with its square they take a tenth of one at most."""
LIMIT = 0.4
"""Seconds of the processor."""


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(core.__path__, "spec_runner.core."):
        yield importlib.import_module(found.name)


def calls_of(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Which name's which method a module calls: ``_NUMBER.match(…)``, ``phrases.NUMBER.match(…)``."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute):
            of = node.value
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            yield name, node.attr


@cache
def patterns() -> dict[tuple[str, str], re.Pattern[str]]:
    """Each pattern of the core with the ways in which it is called; ``search`` where that cannot be seen."""
    found: dict[tuple[str, str], re.Pattern[str]] = {}
    called: dict[int, set[str]] = {}
    named: dict[int, tuple[str, re.Pattern[str]]] = {}
    for module in modules():
        own = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern)}
        others = [value for value in vars(module).values() if isinstance(value, ModuleType)]
        seen = {name: value for other in others for name, value in vars(other).items() if isinstance(value, re.Pattern)}
        for name, value in own.items():
            if isinstance(value.pattern, str):
                named.setdefault(id(value), (f"{module.__name__}.{name}", value))
        for name, method in calls_of(module):
            pattern = {**seen, **own}.get(name)
            if pattern is not None:
                called.setdefault(id(pattern), set()).add("match" if method.endswith("match") else "search")
    for key, (name, value) in named.items():
        for method in called.get(key, {"search"}):
            found[name, method] = value
    return found


def seconds(pattern: re.Pattern[str], method: str, text: str) -> float:
    began = time.thread_time()
    getattr(pattern, method)(text)
    return time.thread_time() - began


def slowest(pattern: re.Pattern[str], method: str) -> tuple[float, str, int]:
    worst = (0.0, "", 0)
    for start in STARTS:
        for piece in PIECES:
            for size in SIZES:
                text = start + piece * (size // len(piece)) + "\0"
                taken = seconds(pattern, method, text)
                # A busy machine disturbs one try, not both.
                worst = max(worst, (taken if taken < LIMIT else seconds(pattern, method, text), start + piece, size))
                if worst[0] > LIMIT:
                    return worst
                if taken < LIMIT / 400:
                    break
    return worst


@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name, _ in patterns()}))
def test_no_pattern_takes_the_cube_of_the_length(module: str) -> None:
    gc.disable()
    try:
        for (name, method), pattern in patterns().items():
            if name.rpartition(".")[0] == module:
                taken, piece, size = slowest(pattern, method)
                assert taken <= LIMIT, f"{name}.{method} takes {taken:.2f} s for {size} characters of {piece!r}"
    finally:
        gc.enable()


def test_a_cube_is_seen() -> None:
    assert seconds(re.compile(r"(?:a|c)*(?:a|c)*b"), "search", "a" * 2000) > LIMIT

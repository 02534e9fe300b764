"""The table of programs: what is known of each, in one row of ``programs.txt``; the file says what its words mean.

The file is part of the program, so it is loaded as the program's modules are. A row is read when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

_NAME = "programs.txt"
_WINDOWS_ENDING = re.compile(r"\.(?:exe|cmd|bat)$", re.IGNORECASE)
_VERSION = re.compile(r"-?\d[\d.]*$|(?<=\w)@[\w.^~-]+$")


class Row(NamedTuple):
    """What is known of one program."""

    kind: str
    facts: Mapping[str, tuple[str, ...]]
    """Facts by name; a flag has no values."""

    def has(self, fact: str) -> bool:
        return fact in self.facts

    def values(self, fact: str) -> tuple[str, ...]:
        """The values of a fact, none if it does not hold."""
        return self.facts.get(fact, ())


_NOTHING = Row("", {"rare": ()})
"""What is known of a program that is not in the table."""


def program_name(word: str) -> str:
    """The program that a word names: without its folder and ``.exe``, in lower case."""
    name = word.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return (_WINDOWS_ENDING.sub("", name) if "." in name else name).lower()


@lru_cache(maxsize=4096)
def row_of(name: str) -> Row:
    """What is known of a program, also of a version of it: ``python3.12``, ``prisma@latest``."""
    text = _lines().get(name) or _lines().get(_VERSION.sub("", name))
    return _read(text) if text and not name.startswith("@") else _NOTHING


@lru_cache(maxsize=1)
def _lines() -> dict[str, str]:
    """The text of each program's row."""
    loader = __spec__.loader
    text = loader.get_data(f"{__file__.rpartition('table')[0]}{_NAME}").decode() if loader else ""  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for line in text.splitlines():
        names, _, rest = line.partition(" ")
        if rest and names != "#":
            found.update(dict.fromkeys(names.split(","), rest))
    return found


def _read(text: str) -> Row:
    """A row: the facts of its kind, then those of the program that it is like (``=NAME``), then its own."""
    kind, *words = text.split()
    like = [_lines()[word[1:]].split()[1:] for word in words if word.startswith("=")]
    facts: dict[str, tuple[str, ...]] = {}
    for word in chain(_lines().get(f"@{kind}", "").split(), *like, words):
        fact, _, values = word.partition(":")
        if fact.startswith("="):
            continue
        facts[fact] = facts.get(fact, ()) + tuple(values.split(",") if values else ())
    return Row(kind, facts)


class Rule(NamedTuple):
    """When a program does something, by its words."""

    refuses: bool
    weight: int
    """How much of the words it says: of the rules that hold the weightiest decides, of equal ones the last."""
    words: str
    """``*``, ``+``, ``.`` or ``<N``: how many words there must be; empty if that does not matter."""
    verbs: tuple[str, ...]
    options: tuple[str, ...]


@lru_cache(maxsize=4096)
def rule_of(text: str) -> Rule:
    """A rule as the table writes it."""
    refuses, bare = text.startswith("!"), text.removeprefix("!")
    if bare in ("*", "+", ".") or bare.startswith("<"):
        return Rule(refuses, 0, bare, (), ())
    parts = bare.split("+")
    options = tuple(part for part in parts if part.startswith(("-", "*.")))
    verbs = tuple(part for part in parts if part not in options)
    return Rule(refuses, 99 if refuses and not verbs else len(parts), "", verbs, options)

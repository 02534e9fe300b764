"""What must be there when a plan is done, as GSD writes it into front matter: files, what they hold, what joins them.

Its ``truths`` are sentences that nobody can check by looking; they are read, and nothing of them is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from spec_runner.core.text.markdown import front_matter

_PARTS = ("truths", "artifacts", "key_links", "prohibitions")
_LINE = re.compile(r"(?P<indent> *)(?P<item>- +)?(?:(?P<key>[\w-]+):(?= |$))? *(?P<value>.*?) *$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_LISTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^,\[\]\"']+)")
_WILD = re.compile(r"\.[*+]\??")
_ESCAPED = re.compile(r"\\([^\w\s])")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")


class MustHave(NamedTuple):
    """One thing that must be there: a file, with what it must hold."""

    path: str
    line: int
    least: int = 0
    """The lines that it must have."""
    names: tuple[str, ...] = ()
    """The words that it must export."""
    holds: tuple[str, ...] = ()
    """Texts that must stand in it, one after the other on a line."""
    said: str = ""
    """What ``holds`` comes from, as it is written."""


def must_haves(text: str) -> tuple[MustHave, ...]:
    """The files and links that the front matter of a document says must be there; those that it says plainly."""
    if "must_haves:" not in text[:20_000]:
        return ()
    return tuple(each for part, line, made in _items(front_matter(text)) if (each := _must_have(part, line, made)))


def _must_have(part: str, line: int, made: Mapping[str, str]) -> MustHave | None:
    path = made.get("path" if part == "artifacts" else "from", "").removeprefix("./")
    if not re.fullmatch(r"[\w@.()\[\]-]+(?:/[\w@.()\[\]-]+)+|[\w-]+(?:\.\w+)+", path):
        return None
    said = made.get("contains" if part == "artifacts" else "pattern", "")
    least = made.get("min_lines", "")
    names = tuple(name for name in _listed(made.get("exports", "")) if name.isidentifier())
    return MustHave(path, line, int(least) if least.isdecimal() and len(least) < 7 else 0, names, _literal(said), said)


_Row: TypeAlias = "tuple[int, re.Match[str]]"
"""A line of the front matter by its number, taken apart."""


def _items(text: str) -> Iterator[tuple[str, int, Mapping[str, str]]]:
    """The items of ``artifacts`` and ``key_links``: each with its list, its line and its values."""
    for part, rows in _parts(text):
        margin = min((len(row["indent"]) for _, row in rows if row["item"]), default=0)
        item: list[_Row] = []
        for number, row in rows:
            if row["item"] and len(row["indent"]) == margin and item:
                yield part, item[0][0], _values(item)
                item = []
            item.append((number, row))
        if item:
            yield part, item[0][0], _values(item)


def _parts(text: str) -> Iterator[tuple[str, list[_Row]]]:
    """The lists below ``must_haves``, each with its lines."""
    found: dict[str, list[_Row]] = {}
    part, is_inside = "", False
    for number, line in enumerate(text.split("\n"), 1):
        row = _LINE.match(line)
        if row is None or not line.strip() or line.lstrip().startswith("#"):
            continue
        if not row["indent"] and not row["item"]:
            is_inside, part = row["key"] == "must_haves", ""
        elif is_inside and row["key"] in _PARTS and not row["item"]:
            part = row["key"]
        elif is_inside and part:
            found.setdefault(part, []).append((number, row))
    yield from ((name, rows) for name, rows in found.items() if name in ("artifacts", "key_links"))


def _values(rows: list[_Row]) -> Mapping[str, str]:
    """The values of one item by their keys; those of a list below a key are joined."""
    made: dict[str, str] = {}
    last = ""
    for _, row in rows:
        if row["key"]:
            last = row["key"]
            made[last] = _plain(row["value"])
        elif last:
            made[last] = f"{made[last]}, {row['value']}".strip(", ")
    return made


def _plain(value: str) -> str:
    """A value without its quotes, or without the comment behind it."""
    if value[:1] in "\"'" and value[:1]:
        end = value.rfind(value[0])
        inner = value[1:end] if end else value[1:]
        return re.sub(r"\\(.)", r"\1", inner) if value[0] == '"' else inner
    return _COMMENT.sub("", value).strip()


def _listed(value: str) -> list[str]:
    return [next(filter(None, each), "").strip() for each in _LISTED.findall(value)]


def _literal(pattern: str) -> tuple[str, ...]:
    """The texts that a pattern wants one after the other; none where it is more: no pattern of others is ever run."""
    parts = [_ESCAPED.sub(lambda each: f"\0{each[1]}", part) for part in _WILD.split(pattern)]
    if any(_SPECIAL.search(re.sub("\0.", "", part)) for part in parts):
        # A text that is written as it stands: `logging.getLogger("x")`.
        return () if re.search(r"[\\|^$\[*]", pattern) else (pattern,)
    return tuple(part.replace("\0", "") for part in parts if part)


def lacks(must: MustHave, text: str) -> str | None:
    """What a file lacks of what it must have; None where it has all that can be told."""
    rows = text.splitlines()
    if len(rows) < must.least:
        return f"has {len(rows)} lines, not {must.least}"
    for name in must.names:
        if not re.search(rf"\b{name}\b", text):
            return f"does not name {name}"
    if must.holds and not any(_stand_in(must.holds, row) for row in rows):
        return f"has no {must.said!r}"
    return None


def _stand_in(parts: tuple[str, ...], row: str) -> bool:
    at = 0
    for part in parts:
        at = row.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True

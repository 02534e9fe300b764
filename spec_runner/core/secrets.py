"""Secret values, and text without them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Values of fewer bytes cannot be masked: they stand in every text."""
MASK = "•••"

_NO_SECRET = re.compile(
    r"\d{1,5}|true|false|none|null|debug|info|warning|error|test(?:s|ing)?|dev(?:elopment)?"
    r"|prod(?:uction)?|staging|local(?:host)?|0\.0\.0\.0|127\.0\.0\.1",
    re.IGNORECASE,
)


class Secrets:
    """Masks values in everything that is kept or shown: as they are, in pieces of a line, and encoded."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = frozenset(value for value in values if _can_be_masked(value))
        forms = {form for value in self._values for form in _forms(value) if len(form) >= SHORTEST}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def with_values(self, values: Iterable[str]) -> Secrets:
        """The same and these."""
        return Secrets(self._values | set(values))

    def mask(self, text: str) -> str:
        """The text with every secret replaced."""
        return self._pattern.sub(MASK, text) if self._pattern else text


def _can_be_masked(value: str) -> bool:
    """Ports and the words for a mode stand in every output; masking them would hide what happened and no secret."""
    return len(value.encode("utf-8")) >= SHORTEST and not _NO_SECRET.fullmatch(value)


def _forms(value: str) -> Iterable[str]:
    """How a value can look in a text: plain, quoted for JSON, a URL or a shell, in base64 at any alignment."""
    for part in {value, *(line for line in value.splitlines() if len(line) >= SHORTEST)}:
        yield from (part, json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
        yield from (quote(part), quote(part, safe=""), quote_plus(part), repr(part)[1:-1])
        # The two ways in which a shell quotes a quote.
        yield from (part.replace("'", "'\\''"), part.replace("'", "'\"'\"'"))
    raw = value.encode("utf-8")
    for shift in range(3):
        # What stands before the value fills up to `shift` bytes; letters that also depend on it are left out.
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = coded[(0, 2, 3)[shift] : len(coded) - (0, 3, 2)[(shift + len(raw)) % 3]]
        if len(inner) >= 2 * SHORTEST:
            yield from (inner, inner.replace("+", "-").replace("/", "_"))

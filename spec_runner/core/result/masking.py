"""Secret values, and text without them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus, unquote

from spec_runner.core.text.addresses import LOCAL_HOST

SHORTEST = 4
"""Values of fewer bytes cannot be masked: they stand in every text."""
MASK = "•••"

_NO_SECRET = re.compile(
    r"\d{1,5}|true|false|none|null|debug|info|warning|error|test(?:s|ing)?|dev(?:elopment)?"
    r"|prod(?:uction)?|staging|local(?:host)?|0\.0\.0\.0|127\.0\.0\.1"
    rf"|(?:https?|wss?)://{LOCAL_HOST}(?::\d+)?[\w./-]*",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|PW|API_?KEYS?|(?:PRIVATE|ACCESS|ENCRYPTION|SIGNING)_?KEY"
    r"|CREDENTIALS?|AUTH|COOKIE|DSN|WEBHOOK(?:_URL)?)S?(?:_|\d*$)",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-|sk-[\w-]{16,}|[rs]k_(?:live|test)_\w{8,}|AKIA[0-9A-Z]{12,}|eyJ[\w-]{8,}\."
    r"|xox[abeprs]-|AIza[\w-]{20,}|npm_\w{20,}|pypi-\w{16,}|hf_\w{16,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|[a-z][\w+.-]*://[^/\s:@]*:[^/\s@]+@"
)
_URL_PASSWORD = re.compile(r"[A-Za-z][\w+.-]*://[^/\s:@]*:([^/\s@]+)@")
_UNSAFE = re.compile(r"([^\w@%+=:,./-])", re.ASCII)
_WRAPPED = re.compile(r"[A-Za-z0-9+/]{60}\r?\n[A-Za-z0-9+/]")
"""Base64 as programs break it into lines."""


def secret_values(variables: Mapping[str, str]) -> dict[str, str]:
    """Of somebody's environment what is secret, as its name or the value itself says."""
    return {
        name: value
        for name, value in variables.items()
        if value and (_SECRET_NAME.search(name) or _SECRET_VALUE.match(value))
    }


def unmasked_names(variables: Mapping[str, str]) -> list[str]:
    """The names of secrets whose values cannot be masked, because they are too short or ordinary words."""
    return sorted(
        name for name, value in variables.items() if value and _SECRET_NAME.search(name) and not _can_be_masked(value)
    )


class Secrets:
    """Masks values in everything that is kept or shown: as they are, in pieces of a line, and encoded."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values = frozenset(values)
        whole = {value for value in (*self._values, *_passwords(self._values)) if _can_be_masked(value)}
        plain = {form for value in whole for form in _forms(value)}
        coded = {form for value in whole for form in _coded(value)}
        self._forms = tuple(sorted(form for form in plain | coded if len(form.encode("utf-8", "replace")) >= SHORTEST))
        self._coded = tuple(sorted(coded))
        self._longest = max(map(len, self._forms), default=0)

    def mask(self, text: str) -> str:
        """The text with every secret replaced; where two overlap, both of them."""
        spans = list(self._spans(text))
        if not spans:
            return text
        pieces, at = [], 0
        for start, end in sorted(spans):
            if start >= at:
                pieces += [text[at:start], MASK]
            at = max(at, end)
        return "".join([*pieces, text[at:]])

    def mask_cut(self, head: str, gap: str, tail: str) -> str:
        """Two pieces of a text with what stands between them: a secret that the gap has cut leaves no piece behind."""
        head, tail = self.mask(head).rstrip("\ufffd"), self.mask(tail).lstrip("\ufffd")
        ends = max((_overlap(head, form) for form in self._forms), default=0)
        starts = max((_overlap(form, tail) for form in self._forms), default=0)
        return f"{head[: len(head) - ends]}{gap}{tail[starts:]}"

    def whole_lines(self, text: str) -> int:
        """Where the lines of a text end that can be masked whatever comes behind the text."""
        at = self._may_begin(text)
        if at < len(text):
            at = text.rfind("\n", 0, at) + 1
        for start, end in sorted(self._spans(text), reverse=True) if at < len(text) else ():
            if start < at < end:
                at = text.rfind("\n", 0, start) + 1
        return at

    def _may_begin(self, text: str) -> int:
        """Where the end of a text may be the beginning of a secret; its length where it cannot."""
        tail = text[-2 * self._longest :]
        held = max((_overlap(tail, form) for form in self._forms), default=0)
        at = len(text) - held
        if self._coded and "\n" in tail:
            # Programs break base64 into lines: the letters count without their ends.
            places = [number for number, char in enumerate(tail) if char not in "\r\n"]
            joined = "".join(tail[number] for number in places)
            held = max(_overlap(joined, form) for form in self._coded)
            at = min(at, len(text) - len(tail) + places[-held]) if held else at
        return at

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for form in self._forms:
            at = text.find(form)
            while at >= 0:
                yield at, at + len(form)
                at = text.find(form, at + 1)
        if self._coded and _WRAPPED.search(text):
            joined = re.sub(r"\r?\n", "", text)
            for form in self._coded:
                if form in joined:
                    wrapped = re.compile(r"(?:\r?\n)?".join(map(re.escape, form)))
                    yield from (found.span() for found in wrapped.finditer(text))


class Stream:
    """Masks a text that comes in pieces, as if it had come at once."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets, self._held = secrets, ""

    def add(self, lines: str) -> str:
        """The next whole lines, masked; the last of them wait where a secret may go on in what comes next."""
        text = self._held + lines
        at = self._secrets.whole_lines(text)
        self._held = text[at:]
        return self._secrets.mask(text[:at])

    def end(self) -> str:
        """What still waits; nothing more will come."""
        text, self._held = self._held, ""
        return self._secrets.mask(text)


def _overlap(first: str, second: str) -> int:
    """How many letters at the end of ``first`` are the beginning of ``second``."""
    longest = min(len(first), len(second))
    return next((size for size in range(longest, 0, -1) if first.endswith(second[:size])), 0)


def _can_be_masked(value: str) -> bool:
    """Ports and the words for a mode stand in every output; masking them would hide what happened and no secret."""
    return len(value.encode("utf-8", "replace")) >= SHORTEST and not _NO_SECRET.fullmatch(value)


def _passwords(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        for found in _URL_PASSWORD.findall(value):
            yield from (found, unquote(found))


def _forms(value: str) -> Iterator[str]:
    """How a value can look in a text: plain, line by line, and quoted for JSON, a URL, HTML, a shell or Python."""
    import json

    for part in {value, value.strip(), *(line.strip() for line in value.splitlines())}:
        if len(part) < SHORTEST:
            continue
        as_json = (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
        yield from (part, *as_json, *(each.replace("/", "\\/") for each in as_json))
        for coded in (quote(part), quote(part, safe=""), quote_plus(part)):
            yield from (coded, re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), coded))
        yield from (repr(part)[1:-1], ascii(part)[1:-1], html.escape(part), html.escape(part, quote=False))
        # How shells quote: a quote in quotes in two ways, letter by letter, and between double quotes.
        yield from (part.replace("'", "'\\''"), part.replace("'", "'\"'\"'"), _UNSAFE.sub(r"\\\1", part))
        yield re.sub(r"([\\$`\"!])", r"\\\1", part)
        raw = part.encode("utf-8", "replace").hex()
        yield from (raw, raw.upper())


def _coded(value: str) -> Iterator[str]:
    """A value in base64, for each of three places at which it can stand in what is coded."""
    import base64

    for raw in {each.encode("utf-8", "replace") for each in (value, value.strip())}:
        for shift in range(3):
            # What stands before the value fills up to `shift` bytes; letters that also depend on it are left out.
            coded = base64.b64encode(b"\0" * shift + raw).decode()
            inner = coded[(0, 2, 3)[shift] : len(coded) - (0, 3, 2)[(shift + len(raw)) % 3]]
            if len(inner) >= 2 * SHORTEST:
                yield from (inner, inner.replace("+", "-").replace("/", "_"))

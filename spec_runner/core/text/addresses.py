"""Addresses: which of them are on this machine."""

from __future__ import annotations

import re

LOCAL_HOST = r"(?:localhost\b|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])"
"""This machine by name and by number, as a part of other patterns."""
_HERE = re.compile(
    rf"(?:{LOCAL_HOST}|127(?:\.\d{{1,3}}){{3}}|(?:.+\.)?(?:localhost|local|test|internal))$", re.IGNORECASE
)
_NAME = re.compile(r"<.+>|(?:[\w-]+\.)+[a-z]{2,}$|\d{1,3}(?:\.\d{1,3}){3}$|\[[0-9a-f:]+\]$", re.IGNORECASE)

_CLONE = re.compile(r"\bgit\s+clone\s+([^\n;&|]+)")
_REMOTE = re.compile(r"(?:[a-z+]+://)?(?:[^@/\s]*@)?([\w-]+(?:\.[\w-]+)+)(?::\d+(?=/))?[:/](.+?)(?:\.git)?/?")


def host_of(address: str) -> str:
    """The host that an address names, with or without a scheme; empty if it names none."""
    address = address.strip("'\"")
    rest = re.split(r"[/?#,]", address.partition("://")[2] or address, maxsplit=1)[0].rpartition("@")[2]
    return rest[: rest.find("]") + 1] if rest.startswith("[") else rest.partition(":")[0]


def is_elsewhere(address: str) -> bool:
    """Whether an address is on another machine: ``https://example.org/a``, ``example.org:80``, ``me@10.0.0.7``.

    A variable could be anything, and a name without a dot is one that containers have for each other: not elsewhere.
    """
    host = host_of(address)
    return _NAME.match(host) is not None and _HERE.match(host) is None


def clones_of(text: str, origin: str) -> tuple[str, ...]:
    """The addresses in a text by which ``git clone`` gets the repository of this address, in any of its spellings."""
    wanted = _repository(origin)
    words = (word.strip("'\"`.,") for found in _CLONE.finditer(text) for word in found.group(1).split())
    named = dict.fromkeys(words)
    return tuple(address for address in named if wanted and _repository(address) == wanted)


def _repository(address: str) -> str:
    """``host/owner/name``: the same for HTTPS, SSH and Git's short form; empty for what is no remote address."""
    found = _REMOTE.fullmatch(address.strip())
    return f"{found.group(1)}/{found.group(2)}".lower() if found else ""

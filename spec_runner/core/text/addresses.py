"""Addresses: which of them are on this machine."""

from __future__ import annotations

import re

LOCAL_HOST = r"(?:localhost\b|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])"
"""This machine by name and by number, as a part of other patterns."""
_HERE = re.compile(
    rf"{LOCAL_HOST}|127\.|::1?$|host\.docker\.internal$|(?:.+\.)?(?:localhost|local|test|internal)$", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?:[^\s/@]*@)?(?P<host>\[[0-9a-f:]*\]|[^\s/:@?#\\,]*)(?P<port>:\d+)?(?=[/?#:,]|$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"<.+>|(?:[\w-]+\.)+[a-z]{2,}$|\d{1,3}(?:\.\d{1,3}){3}$|\[?[0-9a-f]*:[0-9a-f:]+\]?$", re.IGNORECASE)


def host_of(address: str) -> str:
    """The host that an address names, with or without a scheme; empty if it names none."""
    found = _ADDRESS.match(address.strip("'\""))
    return found.group("host") if found else ""


def is_elsewhere(address: str) -> bool:
    """Whether an address is on another machine: ``https://example.org/a``, ``example.org:80``, ``me@10.0.0.7``.

    A variable could be anything, and a name without a dot is one that containers have for each other: not elsewhere.
    """
    host = host_of(address)
    return _NAME.match(host) is not None and _HERE.match(host) is None

"""The level on macOS: the system's own sandbox denies writes outside it and reads of HOME. Processes are seen."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from spec_runner.system.sandbox.places import Places

_DEVICES = '(literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (regex #"^/dev/(fd|ttys|pty)")'


def program() -> str | None:
    """Where sandbox-exec is; None on every other system."""
    return shutil.which("sandbox-exec")


def words(places: Places, agent: Sequence[str]) -> list[str]:
    """The command line that runs the agent under the profile of these places."""
    return [str(program()), "-p", profile(places), *agent]


def profile(places: Places) -> str:
    """The rules, the general first: the last one that fits counts."""
    rules = [
        "(version 1)",
        "(allow default)",
        f"(deny file-read* {_below([places.user_home])})",
        f"(allow file-read* {_below([*places.readable, *places.writable])})",
        *(f"(deny file-read* {_below([file])})" for file, _ in places.covers),
        "(deny file-write*)",
        f"(allow file-write* {_below(places.writable)} {_DEVICES})",
    ]
    if places.network == "none":
        rules.append('(deny network*) (allow network* (local ip "localhost:*") (remote ip "localhost:*"))')
    return "\n".join(rules)


def _below(folders: Sequence[Path]) -> str:
    quoted = (str(place).replace("\\", "\\\\").replace('"', '\\"') for place in folders)
    return " ".join(f'(subpath "{place}")' for place in quoted)

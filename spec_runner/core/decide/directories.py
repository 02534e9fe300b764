"""Where a command runs, read from its words alone: directories relative to the repository's root, with ``/``."""

from __future__ import annotations

import posixpath

from spec_runner.core.shell.grammar import read_statements

ROOT = "."


def resolve(named: str, current: str | None) -> str:
    """The directory that words name, seen from the one where the shell stands.

    ``backend`` means ``x/backend`` while the shell stands there or below it: people name a directory by its last part.
    """
    wanted = [part for part in posixpath.normpath(named.replace("\\", "/")).split("/") if part]
    standing = [] if current in (None, ROOT) else str(current).split("/")
    if wanted == [ROOT]:
        return ROOT
    for length in range(min(len(wanted), len(standing)), 0, -1):
        for end in range(len(standing), length - 1, -1):
            if standing[end - length : end] == wanted[:length]:
                return "/".join(standing[:end] + wanted[length:])
    return "/".join(wanted)


def join(directory: str, below: str) -> str:
    """A directory seen from another one."""
    return below if directory == ROOT else f"{directory}/{below}"


def after(command: str, current: str | None) -> str | None:
    """Where the shell stands after a command; None where only running it can tell."""
    for statement in read_statements(command):
        if statement.compound:
            continue
        for each in statement.commands:
            if each.name in ("cd", "pushd") and each.operator in ("", "&&", ";"):
                current = _moved([word for word in each.words[1:] if word not in ("--", "-P", "-L")], current)
            elif each.name == "popd":
                current = None
    return current


def _moved(targets: list[str], current: str | None) -> str | None:
    target = targets[0] if targets else "~"
    if target == "-" or target.startswith(("~", "/", "$")) or "$" in target or "`" in target or "*" in target:
        return None
    if current is None:
        return None
    moved = posixpath.normpath(posixpath.join(current, target))
    return None if moved.startswith("..") else moved

"""Which values of an environment file are real, and which only stand where one belongs."""

from __future__ import annotations

import re
from collections.abc import Collection

_PLACEHOLDER = re.compile(
    r"<[^>]*>|\[[^\]]*\]|\{\{.*\}\}|\.{3}|…|x{3,}|\*{3,}"
    r"|(?:sk|pk|rk|ghp|key|token)[-_](?:\.{2,}|…|x{3,}.*|\*+|(?:proj-)?your.*)"
    r"|your[-_ ].*|my[-_ ].*(?:key|token|secret|password).*"
    r"|(?:insert|enter|add|put|paste|replace|change|fill|set|use)[-_ ](?:this|your|me|in|with|here|an?|the|key|token).*"
    r"|.*[-_ ](?:here|placeholder|changeme)|change[-_ ]?me.*|replace[-_ ]?me|placeholder.*|to[-_ ]?do|tbd|fix[-_ ]?me",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


_NAME = r"[ \t]+([A-Za-z_]\w*)"
_VALUE = r""""[^"\n]*"|'[^'\n]*'|<[^<>\n]*>|[^\s"'<>;|&()$`]*"""
_EXPORTED = re.compile(rf"{_NAME}(?:=({_VALUE}))?")
_EXPORT = re.compile(rf"export(?:{_NAME}(?:=(?:{_VALUE}))?)+[ \t]*")
_RESERVED = re.compile(
    r"PATH|HOME|TMPDIR|VIRTUAL_ENV|PWD|OLDPWD|SHELLOPTS|BASHOPTS|BASH_.*|ENV|IFS|PS4|PROMPT_COMMAND"
    r"|(?:LD|DYLD)_.*|GIT_CONFIG.*|GIT_DIR|GIT_WORK_TREE"
)


def is_reserved(name: str) -> bool:
    """Whether a variable is the sandbox's own, or changes what it means that a command has passed: nobody gives it."""
    return _RESERVED.fullmatch(name) is not None


def is_placeholder(value: str) -> bool:
    """Whether a value only says what belongs there: ``your_api_key_here``, ``<token>``, ``sk-...``, ``changeme``."""
    return _PLACEHOLDER.fullmatch(value.strip().strip("'\"")) is not None


def own_values(content: str) -> dict[str, str]:
    """The ``KEY=value`` lines of a text that have a value of their own, no placeholder."""
    found = (_ASSIGNMENT.match(line) for line in content.splitlines() if not line.lstrip().startswith("#"))
    pairs = {match.group(1): match.group(2).strip("'\"") for match in found if match}
    return {key: value for key, value in pairs.items() if value and not is_placeholder(value)}


def to_fill_in(command: str) -> tuple[str, ...]:
    """The variables that a command exports with a placeholder for a value, where it does nothing else."""
    if not _EXPORT.fullmatch(command):
        return ()
    return tuple(name for name, value in _EXPORTED.findall(command) if value and is_placeholder(value))


def without_values(command: str, names: Collection[str]) -> str:
    """The same export, in which these variables keep the value that they have."""
    return _EXPORTED.sub(lambda found: f" {found[1]}" if found[1] in names else found[0], command)

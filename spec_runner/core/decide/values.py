"""Which values of an environment file are real, and which only stand where one belongs."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    r"<[^>]*>|\[[^\]]*\]|\{\{.*\}\}|\.{3}|…|x{3,}|\*{3,}"
    r"|(?:sk|pk|rk|ghp|key|token)[-_](?:\.{2,}|…|x{3,}.*|\*+|(?:proj-)?your.*)"
    r"|your[-_ ].*|my[-_ ].*(?:key|token|secret|password).*"
    r"|(?:insert|enter|add|put|paste|replace|change|fill|set|use)[-_ ](?:this|your|me|in|with|here|an?|the|key|token).*"
    r"|.*[-_ ](?:here|placeholder|changeme)|change[-_ ]?me.*|replace[-_ ]?me|placeholder.*|to[-_ ]?do|tbd|fix[-_ ]?me",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


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

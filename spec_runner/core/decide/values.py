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


def is_placeholder(value: str) -> bool:
    """Whether a value only says what belongs there: ``your_api_key_here``, ``<token>``, ``sk-...``, ``changeme``."""
    return _PLACEHOLDER.fullmatch(value.strip().strip("'\"")) is not None

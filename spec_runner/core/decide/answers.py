"""What an address that a command asks must answer, where no words name a status."""

from __future__ import annotations

import re

from spec_runner.core.shell.grammar import read_statements
from spec_runner.core.shell.programs import names, programs_of

SUCCESS, REACHED = 400, 500
_REFUSED = re.compile(
    r"\b(?:invalid|unauthor\w+|unauthenticated|forbid\w*|reject\w*|den(?:y|ies|ied)|refus\w*|errors?|fail\w*|missing"
    r"|without|wrong|bad|not[ -]found|non-?exist\w*|unknown|duplicate\w*|conflict\w*|expired?|exceed\w*|malformed"
    r"|illegal|rate[ -]?limit\w*|throttl\w*|block\w*|protected|unprotected|requires? (?:auth|login|a token)|negative"
    r"|too (?:long|large|big|many|short)|over-?sized|deleted|gone|removed|no longer|cannot|can't"
    r"|(?:should|must|does|do|is|are) not"
    r"|unsupported|unavailable|empty|validation|edge cases?|security|permission|isolation"
    r"|cross-\w+|other user\w*|if |unless )"
    r"|\b[45](?:\d\d|xx)\b|\d{6,}"
)
"""Words by which an answer may be meant to be a refusal."""
_BARE = re.compile(r"(?:https?://[^/\s'\"]+|(?<=\s)(?:localhost)?:\d+)/?(?=[\s'\"]|$)")
HTTPIE = names("http https xh xhs httpie")
"""Programs that are told to end by what they are answered."""
_WARNED = re.compile(r"^\W*(?:http|https|xh|xhs)?:? ?warning: HTTP (\d{3})\b", re.MULTILINE | re.IGNORECASE)


def limit_of_answer(command: str, words: str) -> int:
    """The status that an answer must stay below: of success; of an address that is there, for a bare root; 0 for any.

    ``words`` are those around the command. Where they, or the command, may mean a refusal, any answer will do.
    """
    if not asks(command) or _REFUSED.search(f"{words} {command}".lower()):
        return 0
    statements = read_statements(command)
    told = statements[-1].text.lstrip()
    is_alone = len(statements) == 1 and not statements[0].compound and not statements[0].is_background
    if not is_alone or told.startswith("!") or any(each.operator == "||" for each in statements[0].commands):
        return 0
    return REACHED if _BARE.search(command) else SUCCESS


def asks(command: str) -> bool:
    """Whether a command asks an address, so that the answer is heard."""
    return any(program.name == "curl" for program in programs_of(command)) or asks_by_exit(command)


def asks_by_exit(command: str) -> bool:
    """Whether a command is one request by HTTPie or xh alone, which can be told to end by what it is answered."""
    programs = programs_of(command)
    is_alone = len(programs) == 1 and "<" not in command and programs[0].name in HTTPIE
    return is_alone and len(programs[0].args) > 0


def status_by_exit(command: str, code: int, output: str) -> int | None:
    """The status that such a request was answered with, where it ended by it."""
    if code not in (3, 4, 5) or not asks_by_exit(command):
        return None
    found = _WARNED.findall(output)
    return int(found[-1]) if found and found[-1][0] == str(code) else None

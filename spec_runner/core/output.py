"""What a program printed, without what a terminal would obey."""

from __future__ import annotations

import re

from spec_runner.core.patterns import Lazy

_CONTROL = Lazy(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ERROR = Lazy(r"\s*(?:fatal|error|npm (?:ERR!|error))[: \[]", re.IGNORECASE)
_ADVICE = 8
"""Lines that may stand behind the one that says what is wrong."""
_SHELL_PREFIX = Lazy(r"^(?:bash|sh|environment): (?:eval: )?(?:line \d+: )?")


def last_line(output: str) -> str:
    """The last line that says something, without control sequences and the shell's own prefix.

    Where the program calls lines of its own errors, the last of these: advice may follow it.
    """
    lines = [line for line in strip_control(output).splitlines() if line.strip(" \t-=_*#~|+.")]
    if not lines:
        return ""
    line = next((line for line in reversed(lines[-_ADVICE:]) if _ERROR.match(line)), lines[-1])
    return _SHELL_PREFIX.sub("", line.strip(" \t=-"))


def strip_control(text: str) -> str:
    """Text without terminal control sequences; a carriage return starts a new line."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

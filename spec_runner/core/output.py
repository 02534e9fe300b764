"""What a program printed, without what a terminal would obey."""

from __future__ import annotations

from spec_runner.core.patterns import Lazy

_CONTROL = Lazy(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b.|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SHELL_PREFIX = Lazy(r"^(?:bash|sh|environment): (?:eval: )?(?:line \d+: )?")


def last_line(output: str) -> str:
    """The last line that says something, without control sequences and the shell's own prefix."""
    for line in reversed(strip_control(output).splitlines()):
        said = line.strip(" \t-=_*#~|+.")
        if said:
            return _SHELL_PREFIX.sub("", line.strip(" \t=-") if said else line)
    return ""


def strip_control(text: str) -> str:
    """Text without terminal control sequences; a carriage return starts a new line."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))

"""Which systems a command cannot work on, and why; read from its words, without running it anywhere."""

from __future__ import annotations

import re

from spec_runner.core.shell.grammar import Command, commands_of
from spec_runner.core.shell.table import program_name, row_of

WINDOWS, MACOS, LINUX = "Windows", "macOS", "Linux"

_EVERYWHERE = frozenset({WINDOWS, MACOS, LINUX})
_SYSTEMS = {"windows": {WINDOWS}, "macos": {MACOS}, "linux": {LINUX}, "unix": {MACOS, LINUX}}
_CMDLET = re.compile(
    r"(?:Add|Copy|Expand|ForEach|Get|Invoke|Move|New|Out|Remove|Select|Set|Start|Stop|Test|Where|Write)-[A-Z]\w+$"
)
_DRIVE = re.compile(r"(?<![\w])[A-Za-z]:\\\w")
_POWERSHELL_FENCES = frozenset({"powershell", "pwsh", "ps1", "ps"})
_BATCH_FENCES = frozenset({"cmd", "bat", "batch"})


def cannot_work(command: str, language: str = "") -> dict[str, str]:
    """The systems on which a command cannot work → the reason, with the word that tells it."""
    if language in _BATCH_FENCES:
        return dict.fromkeys((MACOS, LINUX), f"a {language} script runs on Windows only")
    found: dict[str, str] = {}
    for each in commands_of(command):
        for system, why in _reasons(each, language).items():
            found.setdefault(system, why)
    if _DRIVE.search(command):
        found = {**dict.fromkeys((MACOS, LINUX), "a path with a drive letter exists on Windows only"), **found}
    return found


def systems_of(name: str) -> frozenset[str]:
    """The systems that have a program."""
    only = row_of(name).values("on")
    return frozenset().union(*(_SYSTEMS[system] for system in only)) if only else _EVERYWHERE


def is_cmdlet(word: str) -> bool:
    """Whether a word is a command of PowerShell's: ``Get-Content``."""
    return _CMDLET.match(word) is not None


def _reasons(command: Command, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in command.words[: 2 if row_of(command.name).has("wraps") else 1]:
        name = program_name(word)
        works = systems_of(name)
        if name != "open" or len(command.words) > 1:
            found = {**dict.fromkeys(sorted(_EVERYWHERE - works), f"{name} {_where(name, works)}"), **found}
    if language not in _POWERSHELL_FENCES and command.words and is_cmdlet(command.words[0]):
        found |= dict.fromkeys((MACOS, LINUX), f"{command.words[0]} is PowerShell")
    return {**_dialect(command), **found}


def _where(name: str, works: frozenset[str]) -> str:
    where = " and ".join(sorted(works, reverse=True))
    if row_of(name).has("installs"):
        return f"is a package manager of {where}"
    return f"exists on {where} only" if len(works) == 1 else "does not exist on Windows"


def _dialect(command: Command) -> dict[str, str]:
    """Programs that exist everywhere and take different words."""
    words = command.words
    if command.name == "sed" and any(word.startswith("-i") for word in words):
        at = next(index for index, word in enumerate(words) if word.startswith("-i"))
        if words[at] == "-i" and words[at + 1 : at + 2] == ("",):
            return {LINUX: "sed -i '' is the BSD form; GNU sed takes '' for a file"}
        if words[at] == "-i":
            return {MACOS: "sed -i without a suffix is the GNU form; macOS's sed takes the next word for one"}
    if command.name in ("source", ".") and any(word.endswith("/Scripts/activate") for word in words):
        return dict.fromkeys((MACOS, LINUX), "a virtual environment has Scripts/ on Windows only")
    return {}

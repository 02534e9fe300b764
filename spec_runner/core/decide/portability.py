"""Which systems a command cannot work on, and why; read from its words, without running it anywhere."""

from __future__ import annotations

import re

from spec_runner.core.shell.grammar import Command, commands_of
from spec_runner.core.shell.table import program_name, row_of

WINDOWS, MACOS, LINUX = "Windows", "macOS", "Linux"

_SERVICE_VERBS = frozenset({"start", "stop", "restart", "status", "enable", "disable", "reload", "is-active"})
_EVERYWHERE = frozenset({WINDOWS, MACOS, LINUX})
_SYSTEMS = {"windows": {WINDOWS}, "macos": {MACOS}, "linux": {LINUX}, "unix": {MACOS, LINUX}}
_CMDLET = re.compile(
    r"(?:Add|Copy|Expand|ForEach|Get|Invoke|Move|New|Out|Remove|Select|Set|Start|Stop|Test|Where|Write)-[A-Z]\w+$"
)
_DRIVE = re.compile(r"(?<![\w])[A-Za-z]:\\\w")
_POWERSHELL_FENCES = frozenset({"powershell", "pwsh", "ps1", "ps"})
_BATCH_FENCES = frozenset({"cmd", "bat", "batch"})
_UNIX_ACTIVATION = re.compile(r"(?:source|\.)\s+(\S*)\bbin/activate\b")
_WINDOWS_ACTIVATION = re.compile(r"\bScripts[\\/]+activate\b", re.IGNORECASE)
_TO_INSTALL = {WINDOWS: "winget install", MACOS: "brew install", LINUX: "the system's own package manager"}
_INSTEAD: dict[str, dict[str, str]] = {
    WINDOWS: {
        "lsof": "netstat -ano", "open": "start", "xdg-open": "start", "pbcopy": "clip", "pkill": "taskkill /IM",
        "sudo": "a terminal opened as administrator", "systemctl": "sc", "umount": "mountvol",
    },
    MACOS: {
        "xdg-open": "open", "systemctl": "launchctl", "nproc": "sysctl -n hw.ncpu", "free": "vm_stat",
        "powershell": "pwsh",
    },
    LINUX: {
        "open": "xdg-open", "pbcopy": "xclip", "pbpaste": "xclip -o", "launchctl": "systemctl",
        "powershell": "pwsh",
    },
}  # fmt: skip
"""What does on a system what a program does that it has not."""
_UNIX = {
    "copy-item": "cp", "copy": "cp", "xcopy": "cp -r", "robocopy": "cp -r", "move-item": "mv", "move": "mv",
    "remove-item": "rm", "del": "rm", "get-childitem": "ls", "dir": "ls", "get-content": "cat", "test-path": "test -e",
    "set-location": "cd", "new-item": "touch or mkdir", "select-string": "grep", "expand-archive": "unzip",
    "invoke-webrequest": "curl", "invoke-restmethod": "curl", "irm": "curl", "cls": "clear", "tasklist": "ps",
    "taskkill": "pkill", "get-process": "ps", "stop-process": "kill", "start-sleep": "sleep",
}  # fmt: skip
"""The same for those of Windows, on macOS and Linux."""


def cannot_work(command: str, language: str = "") -> dict[str, str]:
    """The systems on which a command cannot work → why, with the word that tells it, and what would work."""
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


def activates(command: str) -> bool:
    """Whether a command turns on a virtual environment as it lies on macOS and Linux."""
    return _UNIX_ACTIVATION.search(command) is not None


def names_windows_activation(text: str) -> bool:
    """Whether a text says how a virtual environment is turned on on Windows."""
    return _WINDOWS_ACTIVATION.search(text) is not None


def _with_instead(name: str, system: str, why: str) -> str:
    instead = _INSTEAD[system].get(name) or (_UNIX.get(name) if system != WINDOWS else None)
    if row_of(name).kind in ("packages", "package") and row_of(name).values("on"):
        instead = _TO_INSTALL[system]
    return f"{why}; {instead} does it there" if instead else why


def _reasons(command: Command, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in command.words[: 2 if row_of(command.name).has("wraps") else 1]:
        name = program_name(word)
        # PowerShell is to be had on every system, and brings its own commands.
        is_brought = language in _POWERSHELL_FENCES and is_cmdlet(word)
        works = _EVERYWHERE if is_brought else systems_of(name)
        if name != "open" or len(command.words) > 1:
            why = f"{name} {_where(name, works)}"
            is_bound = any(word.endswith((".xcodeproj", ".xcworkspace", ".app")) for word in command.words)
            is_bound = is_bound or (name == "systemctl" and not _SERVICE_VERBS.intersection(command.words))
            there = {each: why if is_bound else _with_instead(name, each, why) for each in sorted(_EVERYWHERE - works)}
            # What is wrapped says more than what wraps it: sudo apt is apt.
            found = {**found, **there}
    if language not in _POWERSHELL_FENCES and command.words and is_cmdlet(command.words[0]):
        name, why = command.words[0].lower(), f"{command.words[0]} is PowerShell"
        found |= {each: _with_instead(name, each, why) for each in (MACOS, LINUX)}
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
        why = "a virtual environment has Scripts/ on Windows only; bin/activate does it there"
        return dict.fromkeys((MACOS, LINUX), why)
    activation = next((word for word in words[1:2] if word.endswith("/bin/activate")), None)
    if command.name in ("source", ".") and activation:
        there = activation.replace("/bin/activate", "\\Scripts\\activate").replace("/", "\\")
        return {WINDOWS: f"a virtual environment has no bin/ on Windows; {there} does it there"}
    return {}

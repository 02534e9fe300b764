"""Which systems a command cannot work on, and why; told from its words, without running it anywhere."""

from __future__ import annotations

import re

from spec_runner.core.shell.grammar import Command, commands_of

WINDOWS, MACOS, LINUX = "Windows", "macOS", "Linux"

_UNIX = {MACOS, LINUX}
_EVERYWHERE = {WINDOWS, MACOS, LINUX}
_PROGRAMS: tuple[tuple[str, set[str], str], ...] = (
    ("apt apt-get dpkg yum dnf apk pacman zypper snap", {LINUX}, "is a Linux package manager"),
    ("systemctl journalctl useradd usermod iptables ufw xdg-open free nproc", {LINUX}, "exists on Linux only"),
    ("launchctl pbcopy pbpaste xcodebuild xcrun xcode-select codesign", {MACOS}, "exists on macOS only"),
    ("osascript sw_vers pod", {MACOS}, "exists on macOS only"),
    ("open", {MACOS}, "opens files on macOS only"),
    ("brew", _UNIX, "is a package manager of macOS and Linux"),
    ("sudo chown lsof pkill fuser service man sysctl", _UNIX, "does not exist on Windows"),
    ("choco winget scoop", {WINDOWS}, "is a Windows package manager"),
    ("cmd cmd.exe powershell.exe setx taskkill tasklist net.exe", {WINDOWS}, "exists on Windows only"),
)
_WORKS_ON = {name: (systems, why) for names, systems, why in _PROGRAMS for name in names.split()}
"""Program → the systems it works on, and why not on the others."""
_CMDLET = re.compile(r"(?:Get|Set|New|Remove|Copy|Move|Start|Stop|Test|Invoke|Write|Out|Select|Expand|Add)-[A-Z]\w+$")
_DRIVE = re.compile(r"(?<![\w])[A-Za-z]:\\\w")
_WRAPPERS = frozenset({"sudo", "env", "time", "nohup"})
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


def _reasons(command: Command, language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in command.words[: 2 if command.name in _WRAPPERS else 1]:
        name = word.rpartition("/")[2]
        works, why = _WORKS_ON.get(name, (_EVERYWHERE, ""))
        if name != "open" or _opens_a_file(command):
            found |= {system: f"{name} {why}" for system in _EVERYWHERE if system not in works and system not in found}
    if language not in _POWERSHELL_FENCES and command.words and _CMDLET.match(command.words[0]):
        found |= dict.fromkeys((MACOS, LINUX), f"{command.words[0]} is PowerShell")
    return {**_dialect(command), **found}


def _opens_a_file(command: Command) -> bool:
    return len(command.words) > 1


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

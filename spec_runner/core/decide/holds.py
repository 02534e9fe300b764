"""Why a command should not run unattended: a table of reasons over the programs in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from spec_runner.core.decide.destructive import destroys
from spec_runner.core.decide.interactive import asks, feeds_loops, is_fed
from spec_runner.core.decide.outward import reaches_out
from spec_runner.core.decide.steps import Hold
from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.programs import Program, names, programs_of
from spec_runner.core.text.printable import is_hiding

_PLACEHOLDER = Lazy(
    r"/(?:absolute/)?path/to/|\bpath\\to\\|(?<![\w\]])\[[a-z]+(?:[-_ ][a-z]+)+\](?![\w*?])"
    r"|(?:(?<=[\s'\"=(])|^)\.\.\.(?=[\s'\")]|$)|(?<![\w/.])…|…(?!\w)"
    r"|https?://[^\s'\"]{0,200}(?:(?<!\$)\{[a-z][\w-]{0,40}\}|/(?:[A-Z]+_)+ID\b)|://user(?:name)?:pass(?:word)?@",
    needs="_id|...|://user|[|{|path/to/|path\\to\\|…",
)
_HOME = Lazy(r"/(?:home|Users|mnt/[a-z])/[^/]+/.", needs="/home/|/mnt/|/users/")
_ANGLED = Lazy(r"(?<![\w<])<(?![<(])[A-Za-z][^<>\n|;&]{0,60}>(?!\w)", needs="<")
_FILL_IN = Lazy(
    r"(?i:\byour[-_][a-z]|\byour(?:org|name|user|username|repo|company|domain|project|account|password"
    r"|token|key|host|email)\b)"
    r"|\bYOUR[A-Z_]{2,}|\b(?:REPLACE|CHANGE|INSERT)[-_]?(?:ME|WITH|THIS|HERE)\b|(?i:\bchangeme\b)|\bX{3,}\b|\bx{3,}\b",
    needs="change|insert|replace|xxx|your",
)
_CUT_OFF = Lazy(r"\.\.\.(?=['\"\s]|$)", needs="...")
_SHORTENED = Lazy(r"(?:\b(?:sk|pk|gh[pousr]|xox[bp])[-_]\w*|(?=[\w+/=-]*\d)[\w+/=-]{6,})$")
_READS_ANGLES = names("grep rg ag sed awk echo printf perl")
_WINDOWS_START = Lazy(
    r"\s*(?:&\s*)?[\"']?(?:\.{0,2}[\w.-]*\\[\w.]|[A-Za-z]:\\|\$env:|\$PSV|set [A-Z_]+=)", needs="\\|$env:|$psv|set "
)
_WINDOWS_FILE = Lazy(r"\.(?:exe|ps1|bat|cmd)$", re.IGNORECASE, needs=".exe|.ps1|.bat|.cmd")
_WINDOWS_PROGRAMS = names(
    "powershell cmd msbuild choco winget scoop regedit reg robocopy xcopy copy del dir move type cls setx"
    " tasklist taskkill "
    "net sc iex irm where.exe invoke-webrequest invoke-restmethod invoke-expression get-content set-content"
    " get-childitem "
    "remove-item new-item copy-item move-item set-location set-executionpolicy start-process write-host test-path "
    "get-command select-string out-file where-object foreach-object start-job stop-process get-process"
)
_MAC_PROGRAMS = names(
    "launchctl defaults xcodebuild xcrun xcode-select codesign osascript pbcopy pbpaste sw_vers ditto"
)
_LINUX_PROGRAMS = names("systemctl journalctl apt apt-get yum dnf pacman apk snap xdg-open ufw modprobe")
_ROOT_PROGRAMS = names(
    "sudo su doas runas pkexec systemctl service apt apt-get yum dnf pacman zypper snap apk dpkg modprobe"
    " insmod mount umount "
    "iptables ufw nmcli useradd usermod userdel groupadd visudo chroot reboot shutdown poweroff halt sysctl"
    " launchctl setcap"
)
_ASKED_WITHOUT_ROOT = {
    "apt": names("list show search policy"),
    "apk": names("info search list"),
    "snap": names("list info find"),
    "dnf": names("list info search"),
    "dpkg": names("-l -s -L --list --status --print-architecture"),
    "pacman": names("-Q -Qi -Ss -Si"),
    "systemctl": names("status is-active is-enabled list-units cat show"),
    "service": names("status --status-all"),
    "sysctl": names("-a -n"),
    "sudo": names("-V"),
}
"""What these tell anybody."""
_STAGES = names("--env --environment --stage --target-env --context")
_STAGE_VARIABLES = Lazy(r"(?:RAILS|RACK|APP|NODE|FLASK|DEPLOY|DJANGO)?_?ENV(?:IRONMENT)?$|STAGE$")
_MIGRATES = Lazy(
    r"(?:^|[:/ ])(?:db|migrat\w*|seed|upgrade|rake|rails)(?:$|[: ])", needs="db|migrat|seed|upgrade|rake|rails"
)
_OF_PRODUCTION = Lazy(r"\$\{?\w*PROD(?:UCTION)?(?![A-Za-z])\w*", needs="prod")


def hold_of(command: str, *, system: str = "linux", variables: Mapping[str, str] | None = None) -> Hold | None:
    """The gravest reason for which ``command`` waits for a person; None if it may run unattended.

    ``variables`` are those that earlier lines of the same text have set.
    """
    return next(iter(holds_of(command, system=system, variables=variables)), None)


def holds_of(command: str, *, system: str = "linux", variables: Mapping[str, str] | None = None) -> tuple[Hold, ...]:
    """Every reason for which ``command`` waits for a person, the gravest first."""
    programs = programs_of(command, variables)
    return tuple(reason for reason, applies in _REASONS if applies(programs, command, system))


def _is_to_be_filled_in(programs: tuple[Program, ...], command: str, system: str) -> bool:
    if any(_is_elsewhere(program) for program in programs):
        return True
    reads_angles = programs and programs[0].name in _READS_ANGLES and not _is_unfinished(command)
    return not reads_angles and has_placeholder(command)


def _is_elsewhere(program: Program) -> bool:
    """A change into the home of somebody: the author's own clone, which is not here."""
    return program.name in ("cd", "pushd") and any(_HOME.match(word) for word in program.operands)


def has_placeholder(text: str) -> bool:
    """Whether something in the text is to be filled in by a person."""
    return _ANGLED.search(_without_heredoc(text)) is not None or _is_unfinished(text)


def _is_unfinished(text: str) -> bool:
    if _FILL_IN.search(text):
        return True
    text = _without_heredoc(text)
    if _PLACEHOLDER.search(text):
        return True
    return any(_SHORTENED.search(text[max(found.start() - 80, 0) : found.start()]) for found in _CUT_OFF.finditer(text))


def _without_heredoc(text: str) -> str:
    """The text up to the body of a here-document: what it holds is content, not a command."""
    start = text.find("<<")
    end = text.find("\n", start) if start >= 0 else -1
    return text[:end] if end >= 0 else text


def _is_for_production(program: Program) -> bool:
    for option, value in pairwise((*program.args, "")):
        name, _, given = option.partition("=")
        if name in _STAGES and (given or value).lower().startswith("prod"):
            return True
    if program.args[-1:] == ("--prod",) and program.name not in ("npm", "pnpm", "yarn", "ng", "ionic"):
        return True
    if program.name in ("echo", "printf"):
        return False
    stages = [value for name, value in program.command.assignments if _STAGE_VARIABLES.match(name)]
    if any(value.lower().startswith("prod") for value in stages):
        return _MIGRATES.search(" ".join((program.name, *program.args))) is not None
    return any(_OF_PRODUCTION.search(word) for word in program.args)


def _needs_root(program: Program) -> bool:
    name, words = program.name, program.operands
    if name not in _ROOT_PROGRAMS:
        return name in ("docker", "podman") and "--privileged" in program.args
    if program.args in (("--version",), ("--help",), ("-V",), ("-h",)):
        return False
    asked = _ASKED_WITHOUT_ROOT.get(name)
    return not (asked and asked & {*words[:2], *program.args[:1]}) and (name != "mount" or bool(program.args))


def _wants_other_system(programs: tuple[Program, ...], command: str, system: str) -> bool:
    names = {program.name for program in programs}
    if system == "windows":
        return bool(names & (_MAC_PROGRAMS | _LINUX_PROGRAMS))
    if (system == "linux" and names & _MAC_PROGRAMS) or (system == "macos" and names & _LINUX_PROGRAMS):
        return True
    if names & _WINDOWS_PROGRAMS or any(
        "-" in name and re.match(r"(?:get|set|new|remove|invoke|start|stop|test|write)-[a-z]+$", name) for name in names
    ):
        return True
    words = [program.command.words[0] for program in programs if program.command.words]
    if any(program.name == "cd" and re.match(r"[A-Za-z]:", "".join(program.operands[:1])) for program in programs):
        return True
    return any(_WINDOWS_FILE.search(word) for word in words) or is_windows_path(command)


def is_windows_path(command: str) -> bool:
    """Whether the first word is a path with backslashes, or a drive, or an environment variable of PowerShell."""
    return _WINDOWS_START.match(command) is not None


_REASONS: tuple[tuple[Hold, Callable[[tuple[Program, ...], str, str], bool]], ...] = (
    ("hidden", lambda programs, command, system: is_hiding(command)),
    ("destructive", lambda programs, command, system: destroys(programs, command)),
    ("production", lambda programs, command, system: any(map(_is_for_production, programs))),
    ("outward", lambda programs, command, system: any(map(reaches_out, programs))),
    ("privileged", lambda programs, command, system: any(map(_needs_root, programs))),
    ("os", _wants_other_system),
    ("placeholder", _is_to_be_filled_in),
    ("interactive", lambda programs, command, system: _waits_for_input(programs, command)),
)
"""Why a command waits for a person, in the order in which the reasons weigh."""


def _waits_for_input(programs: tuple[Program, ...], command: str) -> bool:
    fed, loops_fed = is_fed(command), feeds_loops(command)
    return any(asks(program, fed, loops_fed) for program in programs)


def gravest(holds: Iterable[Hold | None]) -> Hold | None:
    """The first of several reasons in the order in which they weigh."""
    return next(iter(in_order(holds)), None)


def in_order(holds: Iterable[Hold | None]) -> tuple[Hold, ...]:
    """Reasons in the order in which they weigh, each once."""
    found = set(holds)
    return tuple(reason for reason, _ in _REASONS if reason in found)

"""What a program printed → the line that says what is wrong: seldom its last one."""

from __future__ import annotations

import re

from spec_runner.core.text.printable import last_line, strip_control

_SHOWN = 16_000
_TELLING: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^FAILED \S.* - .*$",
        r"^ERROR \S.* - .*$",
        r"^E   +(?:\w+\.)*\w*(?:Error|Exception|Exit)\b.*$",
        r"^=+ (?=.*\b\d+ (?:failed|error)).*=+$",
        r"^Found \d+ errors?\b.*$",
        r"^✖ \d+ problems?\b.*$",
        r"^.*\berror TS\d+: .*$",
        r"^.*: error (?:CS|MSB|NETSDK|NU|FS)\d+: .*?(?= \[|$)",
        r"^test result: FAILED\..*$",
        r"^error(?:\[E\d+\])?: (?!could not compile|aborting due|test failed|process didn't exit"
        r"|\d+ targets? failed).*$",
        r"^\s*--- FAIL: .*$",
        r"^[\w./-]+\.go:\d+:\d+: .*$",
        r"(?<=^\* What went wrong:\n).*$",
        r"^\[ERROR\] (?!COMPILATION ERROR|-> |Help |To see|Re-run|For more|After correcting)\S.*$",
        r"^(?:ERROR|Error|error)(?: during connect)?: .*(?:[Dd]ocker daemon|docker\.sock).*$"
        r"|^Cannot connect to the Docker.*$",
        r"^  × .*$",
        r"^(?:Uncaught )?\w*Error(?: \[\w+\])?: .*$",
        r"^\S*(?:ERR_PNPM_\w+).*$",
    )
)  # fmt: skip
"""What runners, linters and compilers call a failure, the most telling first."""
_NPM = re.compile(r"^npm (?:ERR!|error)[ \t]?")
_NPM_CODE = re.compile(r"^npm (?:ERR!|error) code ([A-Z]\w+)$", re.MULTILINE)
_NPM_CHATTER = re.compile(
    r"^npm (?:ERR!|error)\s*(?:$|code |syscall |path |errno |A complete log|Lifecycle script|To see a list|  "
    r"|in workspace"
    r"|workspace |location |command |signal |This is probably not|\S+: command failed|Log files were not)"
    r"|^npm (?:notice|warn|WARN)|^\s*/\S+\.log$"
    r"|^npm (?:ERR!|error)\s+/\S+$"
)
_WRAPPER = re.compile(
    r"^g?make(?:\[\d+\])?: (?:\*\*\* (?!No (?:rule|targets))|Entering|Leaving|Nothing|Target )"
    r"|^error Command failed with"
    r"|^info Visit |^\s*ELIFECYCLE|^ERROR: \"\S+\" exited with|^error: script \"|^Exited with code"
)
"""What a program says that only called the one that failed."""
_HINT = re.compile(
    r"^\s*(?:hint|help|note|tip)\b[: ]|^(?:See|Run|Try|For more (?:help|information)|Please (?:see|refer|run)) "
    r"|^Node\.js v\d|^\[\*\] \d+ fixable"
    r"|^No fixes available|^\s*at (?:\S+ \()?(?:node:|file:|/)|^FAIL(?:\t|$)|^Usage: |^\s*\^+\s*$"
    r"|^For more information about this"
    r"|^Error: Process completed with exit code|^npm (?:notice|warn)|^BUILD FAILED in|^info Visit",
    re.IGNORECASE,
)


def telling_line(output: str) -> str:
    """The line that says what is wrong, without control sequences; the last one where none is known to."""
    lines = strip_control(output)[-_SHOWN:].splitlines()
    npm = _of_npm(lines)
    if npm:
        return npm
    said = [line for line in lines if not _WRAPPER.search(line) and not _NPM.match(line)] or lines
    text = "\n".join(said)
    for pattern in _TELLING:
        found = pattern.search(text)
        if found and found.group().strip():
            return found.group().strip(" \t=-")
    kept = list(said)
    while kept and (not kept[-1].strip() or _HINT.search(kept[-1])):
        kept.pop()
    return last_line("\n".join(kept or said))


def _of_npm(lines: list[str]) -> str:
    """npm's own failure: its code, and what it says to it; nothing where it only called what failed."""
    text = "\n".join(lines)
    code = _NPM_CODE.search(text)
    errors = [line for line in lines if _NPM.match(line) and not _NPM_CHATTER.search(line)]
    if code is None or code.group(1) == "ELIFECYCLE":
        missing = next((line for line in errors if "Missing script" in line or "could not determine" in line), "")
        return _NPM.sub("npm: ", missing)
    said = _NPM.sub("", errors[0]).strip() if errors else ""
    return f"npm error code {code.group(1)}" + (f": {said}" if said else "")

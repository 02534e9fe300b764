"""Why a command should not run unattended: a table of reasons over the programs in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from spec_runner.core.decide.destructive import destroys
from spec_runner.core.decide.interactive import asks, feeds_loops, is_fed
from spec_runner.core.decide.outward import reaches_out
from spec_runner.core.decide.portability import LINUX, MACOS, WINDOWS, is_cmdlet, systems_of
from spec_runner.core.decide.steps import Hold
from spec_runner.core.shell.programs import Program, names, programs_of
from spec_runner.core.text.printable import is_hiding

_PLACEHOLDER = re.compile(
    r"/(?:absolute/)?path/to/|\bpath\\to\\|(?<![\w\]])\[[a-z]+(?:[-_ ][a-z]+)+\](?![\w*?])"
    r"|(?<=\s)\[[a-z]{3,}\](?=\s|$)|\w(?<!\{\w)#{3,}(?![\w{])"
    r"|(?:(?<=[\s'\"=(])|^)(?<!--filter )(?<!--filter=)(?<!-F )\.\.\.(?=[\s'\")/\w]|$)|://\.\.\.|[,\[{]\s*\.\.\.\s*[\]}]|(?<![\w/.])…|…(?!\w)"
    r"|https?://[^\s'\"]{0,200}(?:(?<!\$)\{[a-z][\w-]{0,40}\}|/(?:[A-Z]+_)+ID\b)|://user(?:name)?:pass(?:word)?@"
)
_NOTHING_NAMED = re.compile(
    r"\s*(?:go get|cargo (?:add|install)|pip3? install|uv (?:add|pip install)|(?:poetry|pnpm|yarn|bun|npm) add"
    r"|apt(?:-get)? install(?: -y)?|brew install|gem install|composer require|dotnet add package)\s*"
)
"""An addition without what is added: the words behind it say that."""
_HOME = re.compile(r"/(?:(?:home|Users|mnt/[a-z]|media|workspaces?)/[^/]+/.|(?:root|workspaces?)/.)")
_ANGLED = re.compile(r"(?<![\w<])<(?![<(])[A-Za-z][^<>\n|;&]{0,60}>(?!\w)")
_FILL_IN = re.compile(
    r"(?i:(?<![a-z])your[-_][a-z]|\byour(?:org|name|user|username|repo|company|domain|project|account|password"
    r"|token|key|host|email)\b)"
    r"|\bYOUR[A-Z_]{2,}|(?i:\b(?:key|token|secret|password)[-_]here\b)|\b(?:REPLACE|CHANGE|INSERT)[-_]?(?:ME|WITH|THIS|HERE)\b|(?i:\bchangeme\b)|\bX{3,}\b|\bx{3,}\b"
)
_SAMPLE = re.compile(
    r"[/:=][0-9a-f]{2}0e8400-e29b-41d4-a716-[0-9a-f]{12}\b|[/:=]123e4567-e89b-12d3-a456-[0-9a-f]{12}\b"
    r"|[?&]\w+=eyJ[\w-]{10,}"
)
"""The UUIDs that standards use for examples, and a cursor that some answer gave out once: nothing has them."""
_CREDENTIAL = re.compile(
    r"(?i:-H\s*['\"]?(?:Authorization:\s*(?:Bearer|Token|Basic|ApiKey)\s+|X-(?:API|Auth|Access)[\w-]*:\s*|api-key:\s*)"
    r"(?!(?:dev|test|demo|local|sample|admin|my)\b|[^'\"\n]*\$)[^\s'\"]{6,})"
)
"""A credential that stands in the document was somebody's, once: here it opens nothing."""
_CUT_OFF = re.compile(r"\.\.\.(?=['\"\s]|$)")
_SHORTENED = re.compile(r"(?:\b(?:sk|pk|gh[pousr]|xox[bp])[-_]\w*|(?=[\w+/=-]*\d)[\w+/=-]{6,})$")
_READS_ANGLES = names("grep rg ag sed awk echo printf perl")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_WINDOWS_START = re.compile(r"\s*(?:&\s*)?[\"']?(?:[\w.-]+\\[\w.]|[A-Za-z]:\\|\$env:|\$PSV|set [A-Z_]+=)")
_WINDOWS_FILE = re.compile(r"\.(?:exe|ps1|bat|cmd)$", re.IGNORECASE)
_STAGES = names("--env --environment --stage --target-env --context")
_STAGE_VARIABLES = re.compile(r"(?:RAILS|RACK|APP|NODE|FLASK|DEPLOY|DJANGO)?_?ENV(?:IRONMENT)?$|STAGE$")
_MIGRATES = re.compile(r"(?:^|[:/ ])(?:db|migrat\w*|seed|upgrade|rake|rails)(?:$|[: ])")
_OF_PRODUCTION = re.compile(r"\$\{?\w*PROD(?:UCTION)?(?![A-Za-z])\w*")
_SYSTEMS = {"windows": WINDOWS, "macos": MACOS, "linux": LINUX}
_MACHINE = re.compile(r"(?:/(?!tmp/|var/tmp/|dev/null)|~|\$\{?HOME\b|[A-Za-z]:[\\/])")
"""A path on the machine that is not of the work tree."""
_RIGHTS = re.compile(r"(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO|DAC_READ_SEARCH)$", re.IGNORECASE)
"""What a container is allowed that lets it out."""


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
    if any(_is_elsewhere(program) for program in programs) or _NOTHING_NAMED.fullmatch(command):
        return True
    if programs and programs[0].name in _READS_ANGLES:
        # Angles in quotes are what it looks for.
        return _is_unfinished(command) or _ANGLED.search(_QUOTED.sub("", _without_heredoc(command))) is not None
    return has_placeholder(command)


def _is_elsewhere(program: Program) -> bool:
    """A change into the home of somebody: the author's own clone, which is not here."""
    return program.name in ("cd", "pushd") and any(_HOME.match(word) for word in program.operands)


def has_placeholder(text: str) -> bool:
    """Whether something in the text is to be filled in by a person."""
    return _ANGLED.search(_without_heredoc(text)) is not None or _is_unfinished(text)


def _is_unfinished(text: str) -> bool:
    if _FILL_IN.search(text) or _CREDENTIAL.search(text) or _SAMPLE.search(text):
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
    if program.does("prod") or (program.args[-1:] == ("--prod",) and not program.row.has("checks")):
        return True
    if program.row.has("text"):
        return False
    stages = [value for name, value in program.command.assignments if _STAGE_VARIABLES.match(name)]
    if any(value.lower().startswith("prod") for value in stages):
        return _MIGRATES.search(" ".join((program.name, *program.args))) is not None
    return any(_OF_PRODUCTION.search(word) for word in program.args)


def _needs_root(program: Program) -> bool:
    return program.does("root") or (program.row.kind == "container" and _reaches_machine(program))


def _reaches_machine(program: Program) -> bool:
    """Whether a container is given the machine's own files, or rights over it: the sandbox does not bind it."""
    options, free = program.parts
    if not {"run", "create", "exec"} & set(free[:2]):
        return False
    if ("--privileged", "") in options or "host" in program.values_of("--pid", "--userns", "--ipc"):
        return True
    mounted = (*program.values_of("-v", "--volume"), *(_source(value) for value in program.values_of("--mount")))
    return any(map(_MACHINE.match, mounted)) or any(map(_RIGHTS.match, program.values_of("--cap-add")))


def _source(mount: str) -> str:
    """The path on the machine of ``type=bind,source=/etc,target=/a``."""
    fields = dict(field.partition("=")[::2] for field in mount.split(","))
    return fields.get("source") or fields.get("src") or ""


def _wants_other_system(programs: tuple[Program, ...], command: str, system: str) -> bool:
    if any(_SYSTEMS[system] not in systems_of(program.name) for program in programs):
        return True
    words = [program.command.words[0] for program in programs if program.command.words]
    if system == "windows":
        # Commands run in a bash there too, which reads no script of Windows' shells and drops backslashes.
        words = [word for word in words if not word.lower().endswith(".exe")]
    if any(program.name == "cd" and re.match(r"[A-Za-z]:", "".join(program.operands[:1])) for program in programs):
        return True
    return any(is_cmdlet(word) or _WINDOWS_FILE.search(word) for word in words) or is_windows_path(command)


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
    return tuple(reason for reason in (*(reason for reason, _ in _REASONS), "unsure") if reason in found)

"""What was seen of a process that failed → why, as far as something says so. No guess: else its last line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from spec_runner.core.decide.steps import Expectation
from spec_runner.core.plan.events import Cause, Ending
from spec_runner.core.result.machine import Found, find_cause
from spec_runner.core.result.normalize import normalize
from spec_runner.core.result.quoting import telling_line
from spec_runner.core.shell.programs import programs_of
from spec_runner.core.text.printable import last_line, strip_control
from spec_runner.errors import NO_MORE_PROCESSES

NOT_RUN = (126, 127)
"""Exit statuses of a shell that could not start the program."""
_NOT_FOUND = re.compile(
    r"(?:^|: )([^\s:]+): (?:command )?not found$|env: ['‘]?([^\s'’:]+)['’]?: No such file or directory"
    r"|^(?:error|zsh|zsh:\d+): command not found: (\S+)$"
    r"|'([^'\s]+)' is not recognized as (?:an internal or external command|the name of a cmdlet|a name of a cmdlet)"
)
"""As bash, env, brush and zsh, and the shells of Windows say it."""
_NO_INTERPRETER = re.compile(r"(?:^|: )(\S+): (?:(\S+): bad interpreter|cannot execute: required file not found)")
_NOT_EXECUTABLE = re.compile(r"(?:^|: )(\S+): (Permission denied|Is a directory|cannot execute binary file.*)$")
_IN_USE = re.compile(
    r"EADDRINUSE|address already in use|port \d+ is (?:already )?in use|port is already allocated", re.I
)
_PORT = re.compile(r"(?:port[ =:]*|[\])\d]:|:::|, )(\d{2,5})\b", re.IGNORECASE)
_REFUSED_BY_PROXY = re.compile(r"(?:tunnel|proxy).{0,60}\b403\b|\b403\b.{0,60}(?:tunnel|proxy)", re.IGNORECASE)
_WRITE_REFUSED = re.compile(
    r"(?P<erofs>read-only file system|\bEROFS\b)|(?:permission denied|\bEACCES\b|operation not permitted)",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"\b(?:touch|mkdir|create|remove|write|writing|unlink|rename|rmdir|symlink|copyfile|install|save|append)\b"
    r"|^bash: /",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"(?:^|[\s'\"‘(=:])(/[^\s'\"’:,)]+)")
_REPORT = re.compile(
    r"^.*\b(?:Segmentation fault|Aborted|Killed|Terminated|Bus error|Illegal instruction|Floating point exception)\b"
    r"(?: \(core dumped\))?[ \t]{2,}.*$",
    re.MULTILINE,
)
"""What a shell says of a program that a signal has ended."""
_ISOLATING = frozenset({"bubblewrap", "landlock", "seatbelt"})


class Evidence(NamedTuple):
    """What was seen of a process: its end, and the text it printed (head and tail, joined), free of secrets."""

    command: str
    ending: Ending
    output: str
    expect: str = "ok"
    is_service: bool = False
    port_holder: str | None = None
    """Who holds the port that the command found taken, if it could be seen."""
    expectations: tuple[Expectation, ...] = ()
    """What the document says that comes of it."""
    status: int | None = None
    """The status of the last answer that it got over HTTP, if it could be seen."""
    whole: bool = True
    """The output is all that was printed."""
    printed: str | None = None
    """The output with its secrets, which is compared with and never shown; None where it has none."""
    level: str = "plain"
    """How isolated the sandbox is."""
    network: str = "host"
    """What the sandbox reaches."""
    oom_kills: int = 0
    """How many processes the kernel ended for lack of memory while this one ran."""
    brings: Callable[[str], bool] = lambda name: False
    """Whether the repository has code of this name, so that it is for the repository to bring."""
    has_services: bool = False
    """Services of this run were started before."""
    declared: frozenset[str] | None = None
    """The packages that the repository's manifests name; None where nobody has looked."""
    unprepared: str | None = None
    """The command of the setup that failed and that this one needs."""
    before: tuple[tuple[str, str] | None, ...] = ()
    """What each step before it printed, as it may be shown and as it was; None for one that did not run."""
    ports: tuple[int, ...] = ()
    """Where a service is to listen, as words say: on one of these."""
    answer: int = 0
    """The status that its last answer must stay below; 0: any will do."""
    pipefail: bool = False
    """It ends in a pipe whose last command only shows what another one says."""

    @property
    def compared(self) -> str:
        """What the verdict is about: taking secrets out must not change it."""
        return self.output if self.printed is None else self.printed


def joined(what: str, evidence: str) -> str:
    """What happened, and what says so."""
    return f"{what}: {evidence}" if evidence else what


def with_output(what: str, seen: Evidence) -> str:
    """What happened, and the line of the program's own that says why."""
    return joined(what, normalize(telling_line(_REPORT.sub("", seen.output))))


def with_cause(what: str, seen: Evidence, code: int) -> str:
    """What happened and the plain cause for it, if the output names one, else the line that says something."""
    lines = strip_control(seen.output)[-4000:].splitlines()
    undeclared = _undeclared(seen, code)
    if undeclared:
        return undeclared
    not_started = _not_started(lines) if code in NOT_RUN else None
    if not_started:
        return not_started
    if _IN_USE.search(seen.output):
        return f"{what}: {_port_in_use(seen)}"
    found = _found(seen)
    if found and found.cause.kind in ("space", "network") and not _REFUSED_BY_PROXY.search(found.line):
        return f"{what}: {_short_of(found.cause, seen)}: {normalize(last_line(found.line))}"
    forbidden = _forbidden(lines, seen)
    if forbidden:
        return f"{what}: {forbidden[0]}"
    return _with_network(what, seen, code)


def cause_of(seen: Evidence, code: int) -> Cause | None:
    """Why a process that ended with ``code`` says nothing of its task; None where the failure is its own."""
    lines = strip_control(seen.output)[-4000:].splitlines()
    if _IN_USE.search(seen.output):
        port = port_in_use(seen.output)
        return Cause("service", f"port {port}" if port else "a port in use")
    found = _found(seen)
    if found:
        is_missing = found.cause.kind in ("module", "tool", "not prepared")
        return Cause("not prepared", seen.unprepared) if is_missing and seen.unprepared else found.cause
    forbidden = _forbidden(lines, seen)
    if forbidden:
        return Cause("sandbox", forbidden[1])
    return Cause("network") if _lacks_network(seen, code) else None


_FROM_PIP = frozenset({"pytest", "ruff", "mypy", "black", "isort", "flake8", "pylint", "coverage", "tox", "uvicorn"})
_FROM_NPM = frozenset({"tsc", "jest", "vitest", "mocha", "eslint", "prettier", "vite", "next", "tsx", "ts-node"})
"""Programs that a repository's own dependencies bring."""


def _undeclared(seen: Evidence, code: int) -> str | None:
    """That what is missing is in no manifest of the repository, where they were looked at, and what brings it."""
    found = _found(seen) if seen.declared is not None else None
    if found is None or found.cause.kind not in ("module", "tool") or seen.unprepared:
        return None
    name = found.cause.what
    package = "typescript" if name == "tsc" else name.lower().replace("_", "-")
    if package in (seen.declared or ()) or (found.cause.kind == "tool" and name not in _FROM_PIP | _FROM_NPM):
        return None
    how = "pip install" if name in _FROM_PIP or "No module named" in found.line else "npm install"
    return f'{name} is not among the repository\'s dependencies; --setup "{how} {package}" adds it'


def _found(seen: Evidence) -> Found | None:
    return find_cause(strip_control(seen.output), seen.command, seen.brings, has_services=seen.has_services)


def _short_of(cause: Cause, seen: Evidence) -> str:
    if cause.kind == "network":
        return "no network" if seen.network == "host" else f"no network ({_reach(seen)})"
    said = {"disk": "the disk is full", "processes": NO_MORE_PROCESSES}
    return said.get(cause.what, "the program reports out of memory")


def _not_started(lines: list[str]) -> str | None:
    """Why a shell could not start a program: it is not there, its interpreter is not, or it may not be run."""
    for line in reversed(lines):
        if found := _NO_INTERPRETER.search(line):
            named = f"the interpreter {found.group(2)}" if found.group(2) else "its interpreter"
            return f"{normalize(found.group(1))} cannot run: {named} is not there"
        if found := _NOT_FOUND.search(line):
            return f"command {found.group(found.lastindex or 0)} not found"
        if found := _NOT_EXECUTABLE.search(line):
            return f"{normalize(found.group(1))} is not executable: {found.group(2)}"
    return None


def _forbidden(lines: list[str], seen: Evidence) -> tuple[str, str] | None:
    """That the sandbox let nobody write a place outside the work tree, where a line says so; and the place."""
    if seen.level not in _ISOLATING:
        return None
    for line in reversed(lines):
        refused, place = _WRITE_REFUSED.search(line), _OUTSIDE.search(line)
        # Bubblewrap makes the machine read-only; the other levels refuse, as the machine itself may refuse to read.
        by_sandbox = refused and (refused.group("erofs") if seen.level == "bubblewrap" else _WRITES.search(line))
        if place and by_sandbox and not place.group(1).startswith(("/tmp/", "/dev/", "/proc/")):
            where = normalize(place.group(1))
            return f"the sandbox forbids writing {where}: {normalize(last_line(line))}", where
    return None


def _with_network(what: str, seen: Evidence, code: int) -> str:
    """The line; and what the sandbox reaches, as a fact, where a program that asks the network has failed."""
    if _is_unresolved(seen, code):
        reach = "" if seen.network == "host" else f" ({_reach(seen)})"
        return with_output(f"{what}: no network{reach}", seen)
    reason = with_output(what, seen)
    return f"{reason}; {_reach(seen)}" if _lacks_network(seen, code) else reason


def _lacks_network(seen: Evidence, code: int) -> bool:
    """A program that asks the network has failed, and the sandbox's network is narrow; or no name was found."""
    if _is_unresolved(seen, code):
        return True
    if seen.network == "host":
        return False
    refused = seen.network == "registries" and _REFUSED_BY_PROXY.search(seen.output[-4000:])
    return bool(refused) or any(program.does("fetches") for program in programs_of(seen.command))


def _is_unresolved(seen: Evidence, code: int) -> bool:
    return any(str(code) in program.row.values("nohost") for program in programs_of(seen.command))


def _reach(seen: Evidence) -> str:
    return "the sandbox's network is off" if seen.network == "none" else f"the sandbox's network is {seen.network} only"


def _port_in_use(seen: Evidence) -> str:
    port = port_in_use(seen.output)
    named = f"port {port} is in use" if port else "its port is in use"
    return f"{named}, held by {normalize(seen.port_holder)}" if seen.port_holder else named


def port_in_use(output: str) -> int | None:
    """The port that a program says is taken, if its message names it."""
    for line in strip_control(output).splitlines():
        if _IN_USE.search(line) and (found := _PORT.search(line)):
            return int(found.group(1))
    return None

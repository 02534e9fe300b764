"""Which programs reach outside: they push, publish, deploy, send, or speak to a cloud, a cluster or another machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spec_runner.core.shell.programs import Program
from spec_runner.core.text.addresses import is_elsewhere

_SCRIPT = re.compile(r"(?:^|[:_-])(?:deploy|publish|release|push|remote)(?:$|[:_-])")
_HARMLESS = re.compile(
    r"^(?:build|test|check|lint|verify|clean|validate)s?[:_-](?!.*(?:push|publish))"
    r"|[:_-](?:check|tests?|notes|lint|verify|build|docs?|dry(?:[_-]?run)?|local(?:ly)?|version)$"
)
"""Names of scripts that build or look at a release, and send none."""
_SCRIPT_FILE = re.compile(
    r"(?:.*[\\/])?(?:deploy|publish|release)(?:[_-](?!.*(?:notes|check|test|dry))[\w-]*)?\.(?:sh|py|[cm]?[jt]s|rb|pl|ps1)$"
)
_HOST_PATH = re.compile(r"(?:[\w.-]+@)?[\w.-]{2,}:(?!//|\\)|rsync://")
_DATABASE = re.compile(
    r"(?:^|=)((?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse|cockroachdb|libsql)(?:\+\w+)?://\S+)",
    re.IGNORECASE,
)
_SENDS = (
    "-d", "-F", "-T", "-Q", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json",
    "--form", "--form-string", "--upload-file", "--mail-rcpt", "--quote", "--post-data", "--post-file", "--body-data",
    "--body-file", "--multipart", "--raw",
)  # fmt: skip
"""Options of curl, wget and httpie that send something along."""
_CHANGES = re.compile(r"(?:POST|PUT|PATCH|DELETE)$", re.IGNORECASE)
_ITEM = re.compile(r"(?!-)[\w.\[\]-]+(?::?=(?!=)|@)")
"""What makes a request of httpie's a POST: a field or a file, and not a header or a part of the query."""
_CONNECTS = re.compile(r"(?:tcp|udp|openssl|ssl|socks\w*|proxy)[46]?(?:-connect|-sendto)?:([^:,]+)", re.IGNORECASE)


def reaches_out(program: Program) -> bool:
    """Whether a program does something outside this machine, or speaks to a cloud or a cluster at all.

    Getting something is not reaching out: ``git clone``, ``pip install``, ``curl URL``.
    """
    row = program.row
    machines = tuple(_machines(program))
    if program.does("outward"):
        return row.kind == "container" or not machines or any(map(_may_be_elsewhere, machines))
    if row.kind in ("database", "container") and any(map(is_elsewhere, machines)):
        return True
    if not row.has("text") and any(map(is_elsewhere, _databases(program))):
        return True
    if row.kind == "container" and (program.has("--push") or "type=registry" in " ".join(program.args)):
        return True
    if row.kind == "copy":
        return any(_HOST_PATH.match(word) for word in program.operands)
    if row.kind == "socket":
        return _connects(program)
    if row.kind == "request":
        return any(map(is_elsewhere, machines)) and _sends(program)
    return _deploys(program) and not program.has("--dry-run", "-n", "--just-print")


def _machines(program: Program) -> Iterator[str]:
    """What a program's words and variables say of the machine that it speaks to."""
    named = program.row.values("at")
    yield from (value for name, value in program.command.assignments if name in named)
    yield from program.values_of(*(option for option in named if option.startswith("-")))
    if program.row.has("urls"):
        yield from (word for word in program.parts[1] if not _CHANGES.match(word) and not word.endswith(".js"))
        yield from program.values_of("--url")
    elif program.row.kind == "database":
        yield from (host for word in program.args for host in re.findall(r"(?:^|\s)host(?:addr)?=(\S+)", word))


def _may_be_elsewhere(address: str) -> bool:
    return is_elsewhere(address) or "$" in address


def _databases(program: Program) -> Iterator[str]:
    """The addresses of databases that a program is given."""
    words = (*program.args, *(value for _, value in program.command.assignments))
    yield from (found.group(1) for word in words if "://" in word for found in _DATABASE.finditer(word))


def _connects(program: Program) -> bool:
    """Whether a program opens a connection to another machine to send through it; looking at a port sends nothing."""
    if program.has("-l", "-z", "--listen"):
        return False
    if program.name == "socat":
        return any(is_elsewhere(host) for word in program.args for host in _CONNECTS.findall(word))
    return any(map(is_elsewhere, program.operands))


def _deploys(program: Program) -> bool:
    """Whether a target, a script or a file is run whose name says that it deploys."""
    name, row = program.name, program.row
    verbs = program.parts[1] if row.has("scripts") else program.verbs
    if _SCRIPT_FILE.match(name):
        return True
    if row.kind == "task":
        return any(_is_outward_name(verb) for verb in verbs if "=" not in verb)
    if row.has("scripts"):
        if verbs[:1] == ("workspace",):
            verbs = verbs[2:]
        if verbs[:1] and verbs[0] in ("run", "run-script", "task"):
            verbs = verbs[1:]
        if verbs and _is_outward_name(verbs[0]):
            return True
    if (row.kind in ("interpreter", "shell") or name in ("source", ".")) and not program.has("-c", "-m", "-e"):
        return bool(verbs) and _SCRIPT_FILE.match(verbs[0]) is not None
    return name in ("deploy", "publish") and not program.has("--help", "--version")


def _is_outward_name(word: str) -> bool:
    return _SCRIPT.search(word) is not None and _HARMLESS.search(word) is None


def _sends(program: Program) -> bool:
    """Whether a request changes something on the other side."""
    options, free = program.parts
    if program.has("--get") or any(option == "-G" for option, _ in options):
        return False
    if any(option in _SENDS for option, _ in options):
        return True
    if program.name in ("curl", "curlie", "wget"):
        return any(map(_CHANGES.match, program.values_of("-X", "--request", "--method")))
    reads = program.command.operator.startswith("|") or bool(program.fed)
    return reads or any(_CHANGES.match(word) or _ITEM.match(word) for word in free)

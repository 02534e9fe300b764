"""Which programs destroy what a work tree does not give back: files elsewhere, work nobody saved, data, devices."""

from __future__ import annotations

import posixpath
import re

from spec_runner.core.shell.programs import Program, found_by

_SAFE_WRITES = ("/tmp", "/var/tmp", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd")
_DROPS = re.compile(
    r"\b(?:drop\s+(?:table|database|schema|collection|index|view|user|role)|truncate\s+(?:table\s+)?\w"
    r"|delete\s+from\s+[\w.\"`]+\s*(?:;|$))|\.(?:drop|dropdatabase|deletemany)\(\s*(?:\{\s*\})?\s*\)"
    r"|^flush(?:all|db)\b"
)
_UNDOES = re.compile(r"(?:^|:)(?:drop|reset|fresh|wipe|down|rollback|revert|flush)$")
_DATA = r"(?:volumes?|data(?:base)?|db)"
_CLEARS = re.compile(
    rf"(?:^|[:_-])(?:nuke|wipe|destroy|purge)(?:$|[:_-])"
    rf"|(?:^|[:_-])(?:clean|clear|reset|drop|delete|remove|rm)[:_-]{_DATA}(?:$|[:_-])|(?:^|[:_-]){_DATA}[:_-](?:clean|clear|reset|drop|delete|wipe)$"
)
"""Names of scripts that take away the data that somebody made."""
_MIGRATES = re.compile(r"(?:^|[/:])migrat\w*$|^db$")
_BOMB = re.compile(r"([\w:.]{1,40})\(\)\{\1\|\1&\};\1")
_PASSING = re.compile(r"\$\{?(?:TMP|TEMP|tmp|temp)(?:DIR|dir)?(?![A-Za-z])|\$\(mktemp\b")


def destroys(programs: tuple[Program, ...], command: str) -> bool:
    """Whether one of the programs destroys something; where each stands is followed."""
    base = ""
    for program in programs:
        if program.name in ("cd", "pushd") and program.operands:
            base = _below(base, program.operands[0])
        if any(_is_foreign(_below(base, path)) for path in program.command.writes):
            return True
        if _destroys_alone(program, base):
            return True
    return "(" in command and _BOMB.search(re.sub(r"\s", "", command)) is not None


def _destroys_alone(program: Program, base: str) -> bool:
    row = program.row
    if program.does("destroys") or _destroys_by(program, base):
        return True
    if row.has("removes"):
        swept = program.does("removes")
        return any(_is_precious(_below(base, path), swept) for path in _files_of(program))
    if row.has("writes"):
        return any(_is_foreign(_below(base, path)) for path in program.operands)
    return not row.has("text") and _drops_data(program)


def _destroys_by(program: Program, base: str) -> bool:
    """Programs that destroy with some of their words, as no rule of the table says it."""
    name, args, operands = program.name, program.args, program.operands
    if name == "dd":
        return any(word.startswith("of=") and _is_foreign(_below(base, word[3:])) for word in args)
    if name == "find":
        return "-delete" in args and _is_precious(_below(base, found_by(args)), True)
    if name in ("chmod", "chown"):
        return program.has("-R", "--recursive") and any(_is_foreign(path) for path in operands[1:])
    if name == "git":
        return program.verbs[:1] == ("push",) and any(word.startswith(("+", ":")) for word in program.verbs[1:])
    return name == "kill" and "-1" in args[1:]


def _files_of(program: Program) -> tuple[str, ...]:
    if "--" in program.args:
        at = program.args.index("--")
        return tuple(word for word in program.args[:at] if not word.startswith("-")) + program.args[at + 1 :]
    return program.operands


def _drops_data(program: Program) -> bool:
    """Databases that are emptied or rolled back, by the words that tools for them share."""
    words = program.operands
    if program.has("--help"):
        return False
    if any(":" in word and " " not in word and _UNDOES.search(word) for word in words):
        return True
    if (program.row.has("scripts") or program.row.kind == "task") and any(map(_CLEARS.search, words[:3])):
        return True
    rolls_back = words[-1:] in (("down",), ("reset",)) or words[-2:-1] == ("down",)
    if rolls_back and any(_MIGRATES.search(word) for word in words[:-1]):
        return True
    return any(_DROPS.search(word.lower()) for word in (*program.args, program.fed))


def _is_precious(path: str, swept: bool) -> bool:
    """Whether removing this reaches beyond what a work tree can spare."""
    bare = path.strip("'\"").removesuffix("/*").removesuffix("/.") or "/"
    if posixpath.normpath(bare) in (".", "*", ".git", ".*") or bare.startswith(".git/"):
        return swept
    if swept and bare.startswith(("$", "`")) and not _PASSING.match(bare):
        return True
    return _is_foreign(bare)


def _below(base: str, path: str) -> str:
    return path if path.startswith(("~", "$", "`")) else posixpath.join(base, path)


def _is_foreign(path: str) -> bool:
    """Whether a path leads out of the work tree, temporary folders aside."""
    path = path.strip("'\"")
    if path.startswith(("~", "$HOME", "${HOME}")) or re.match(r"[A-Za-z]:[\\/]", path):
        return True
    whole = posixpath.normpath(path.replace("\\", "/"))
    if path.startswith("/"):
        return whole not in _SAFE_WRITES and not whole.startswith(tuple(f"{safe}/" for safe in _SAFE_WRITES))
    return whole == ".." or whole.startswith("../")

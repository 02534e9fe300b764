"""Whether the end of a command says anything of its task: ``git status`` ends well whatever there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from spec_runner.core.shell.grammar import Command, read_statements
from spec_runner.core.shell.programs import Program, names
from spec_runner.core.shell.table import program_name

_SUBSTITUTED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`")
_WRITTEN_NOWHERE = re.compile(r"/dev/(?:null|stdout|stderr|tty)$|&?\d?$")
_LEADS = names("cd pushd popd export set unset alias umask shopt declare local readonly")
"""What only makes ready for the commands behind it."""
_VIEWERS = names("tee tail head cat less more ts column nl")
_FILTERS = _VIEWERS | names("wc sort uniq cut tr sed fold rev")
"""What ends well whatever it reads."""
_PLAIN = names(": date clear history")
_RUNS = names("sh bash zsh dash python python3 node ruby perl tar gunzip gpg base64 jq") | _FILTERS
"""What does something with what is fetched, and nothing where nothing was."""
_SHELLS = names("bash sh zsh dash")


@lru_cache(maxsize=256)
def proves_nothing(command: str) -> bool:
    """Whether a command ends with 0 whatever there is, so that only what it prints could say something."""
    statements = read_statements(_SUBSTITUTED.sub("x", command))
    if not statements:
        return True
    if statements[-1].compound or not statements[-1].complete:
        return False
    commands = _deciding(statements[-1].commands)
    pipes = _pipes(commands)
    said = [pipe for pipe in pipes if not _only_leads(pipe)]
    return all(map(_says_nothing, said)) if said else all(not command.words for command in commands)


def _deciding(commands: Sequence[Command]) -> list[Command]:
    """The commands whose end is that of the statement: behind the last ``;``, and behind an ``||`` that ends well."""
    last = max((at for at, each in enumerate(commands) if each.operator == ";"), default=0)
    found = list(commands[last:])
    otherwise = max((at for at, each in enumerate(found) if each.operator == "||"), default=0)
    return found[otherwise:] if otherwise and all(map(_is_idle, found[otherwise:])) else found


def _pipes(commands: Sequence[Command]) -> list[list[Command]]:
    found: list[list[Command]] = []
    for command in commands:
        if found and command.operator in ("|", "|&"):
            found[-1].append(command)
        else:
            found.append([command])
    return found


def _only_leads(pipe: Sequence[Command]) -> bool:
    return len(pipe) == 1 and (pipe[0].name in _LEADS or not pipe[0].words)


def _says_nothing(pipe: Sequence[Command]) -> bool:
    if any(_writes(each) or (each.name == "tee" and _program(each).operands) for each in pipe):
        return False
    if len(pipe) > 1 and pipe[-1].name in _FILTERS:
        return not _fails_by_pipe(pipe) or (
            _is_idle(pipe[0]) and all(_is_idle(each) or each.name in _FILTERS for each in pipe)
        )
    return _is_idle(pipe[-1])


def fails_by_pipe(command: str) -> bool:
    """Whether a command ends in a pipe that only shows, or runs, what comes: it fails with any part of it."""
    statements = read_statements(command) if "|" in command else ()
    pipe = _pipes(statements[-1].commands)[-1] if statements and statements[-1].commands else []
    return _fails_by_pipe(pipe)


def _fails_by_pipe(pipe: Sequence[Command]) -> bool:
    if len(pipe) < 2:
        return False
    return pipe[-1].name in (_RUNS if _program(pipe[0]).row.kind == "request" else _VIEWERS)


def _is_idle(command: Command) -> bool:
    program = _program(command)
    if _writes(command):
        return False
    if program.name in _SHELLS:
        script = next((program.args[at + 1] for at, word in enumerate(program.args[:-1]) if word == "-c"), None)
        if script is not None:
            return proves_nothing(script)
        return program.args == ("-n",) and not program.fed
    return program.name in _PLAIN or program.does("idle")


def _writes(command: Command) -> bool:
    return any(not _WRITTEN_NOWHERE.match(place) for place in command.writes)


def _program(command: Command) -> Program:
    words = command.words or ("",)
    return Program(program_name(words[0]), words[1:], command, command.fed)

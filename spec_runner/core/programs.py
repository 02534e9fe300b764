"""Shell text → the programs in it, seen through what wraps them, such as ``sudo``, ``env``, ``bash -c``, ``npx``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from spec_runner.core.patterns import Lazy
from spec_runner.core.record import NamedTuple
from spec_runner.core.shellread import Command, commands_of


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set to look them up in."""
    return frozenset(text.split())


_VARIABLE = Lazy(r"\$(?:(\w+)|\{(\w+)\})", needs="$")
_WINDOWS_ENDING = Lazy(r"\.(?:exe|cmd|bat)$", re.IGNORECASE, needs=".bat|.cmd|.exe")
_ASSIGNMENT = Lazy(r"[A-Za-z_]\w*=", needs="=")

_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "fish"})
_WITH_COMMAND_AFTER = names(
    "sudo doas env nohup time nice ionice exec command builtin timeout xargs stdbuf setsid chronic cross-env"
    " npx bunx pipx "
    "uvx dotenv winpty watch strace wsl"
)
"""Programs whose operands are another command."""
_RUNNERS = {
    "uv": ("run", "tool"),
    "poetry": ("run",),
    "pipenv": ("run",),
    "pdm": ("run",),
    "hatch": ("run",),
    "rye": ("run",),
    "conda": ("run",),
    "bundle": ("exec",),
    "npm": ("exec", "x"),
    "pnpm": ("exec", "dlx"),
    "yarn": ("exec", "dlx"),
    "bun": ("x",),
    "docker": ("exec",),
    "docker-compose": ("exec", "run"),
    "podman": ("exec",),
    "flatpak": ("run",),
    "mise": ("exec",),
    "asdf": ("exec",),
    "direnv": ("exec",),
}
"""Programs with a subcommand whose operands are another command."""
_VALUED = names(
    "-n -P -I -L -u -g -p -C -c -e -s -w -k -f --with --package --project --directory --python --extra --group"
    " --env-file "
    "--user --workdir --env --file --signal --kill-after --from -E --profile"
)
"""Options of wrappers that take the next word with them."""
_DEEPEST = 6


class Program(NamedTuple):
    """A program that a command line would start, and its words."""

    name: str
    """In lower case, without its folder and without ``.exe``."""
    args: tuple[str, ...]
    command: Command
    """The simple command it stands in."""

    @property
    def operands(self) -> tuple[str, ...]:
        """The words that are no options."""
        return tuple(word for word in self.args if not word.startswith("-"))

    def has(self, *options: str) -> bool:
        """Whether one of these options is given, also as ``--option=value`` or, a letter, among others (``-it``)."""
        for word in self.args:
            for option in options:
                if word == option or (word.startswith(option + "=") and option.startswith("--")):
                    return True
                if len(option) == 2 and len(word) < 8 and re.match(r"-[A-Za-z]+$", word) and option[1] in word:
                    return True
        return False


@lru_cache(maxsize=512)
def simple_commands(text: str) -> tuple[Command, ...]:
    """Every simple command of a shell text; several questions are asked of the same text in a row."""
    return commands_of(text)


def programs_of(text: str, variables: Mapping[str, str] | None = None) -> tuple[Program, ...]:
    """Every program of a shell text, outermost wrappers first; variables that it or ``variables`` set are filled in."""
    return tuple(_programs(text, dict(variables or {}), 0))


def assignments_of(text: str) -> dict[str, str]:
    """The variables that a shell text sets for what follows it."""
    found: dict[str, str] = {}
    for command in simple_commands(text):
        if not command.words:
            found.update(command.assignments)
        elif command.name in ("export", "declare", "readonly", "local"):
            found.update((word.partition("=")[0], word.partition("=")[2]) for word in command.words[1:] if "=" in word)
    return found


def _programs(text: str, variables: dict[str, str], level: int) -> Iterator[Program]:
    for command in simple_commands(text):
        words = [_filled(word, variables) for word in command.words]
        yield from _unwrapped(words, command, variables, level)
        variables.update((name, _filled(value, variables)) for name, value in command.assignments)


def _filled(word: str, variables: dict[str, str]) -> str:
    if not variables or "$" not in word:
        return word
    return _VARIABLE.sub(lambda found: variables.get(found.group(1) or found.group(2), found.group())[:1000], word)


def _unwrapped(words: list[str], command: Command, variables: dict[str, str], level: int) -> Iterator[Program]:
    while words and level <= _DEEPEST:
        level += 1
        program = Program(program_name(words[0]), tuple(words[1:]), command)
        yield program
        if program.name in _SHELLS | {"eval"}:
            text = _script(program)
            if text:
                yield from _programs(text, dict(variables), level)
            return
        words = _inner(program)


def program_name(word: str) -> str:
    """The program that a word names: without its folder and ``.exe``, in lower case."""
    return _WINDOWS_ENDING.sub("", re.split(r"[\\/]", word.rstrip("/\\"))[-1]).lower()


def _script(program: Program) -> str:
    """The text that a shell is given to run."""
    if program.name == "eval":
        return " ".join(program.args)
    for index, word in enumerate(program.args[:-1]):
        if re.match(r"-\w*c$", word):
            return program.args[index + 1]
    return ""


def _inner(program: Program) -> list[str]:
    """The words of the command that a wrapper runs, if the program is one."""
    words = list(program.args)
    if program.name == "docker" and words[:1] == ["compose"]:
        words = words[1:]
        return _past_service(words) if words[:1] and words[0] in ("exec", "run") else []
    if program.name in _RUNNERS:
        if not words or words[0] not in _RUNNERS[program.name]:
            return []
        words = words[1:]
        if program.name in ("docker", "podman", "docker-compose"):
            return _past_options(words)[1:]
        return _past_options(words[1:] if words[:1] == ["run"] else words)
    if program.name in ("python", "python3", "py") and words[:1] == ["-m"]:
        return words[1:]
    if program.name not in _WITH_COMMAND_AFTER:
        return []
    words = _past_options(words)
    if program.name == "timeout":
        return words[1:]
    return words[1:] if program.name == "pipx" else words


def _past_service(words: list[str]) -> list[str]:
    return _past_options(words[1:])[1:]


def _past_options(words: list[str]) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.match(words[at])):
        at += 2 if words[at] in _VALUED else 1
    return words[at:]

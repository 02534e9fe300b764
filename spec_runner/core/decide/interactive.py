"""Which programs wait for somebody at a keyboard or a screen."""

from __future__ import annotations

import re

from spec_runner.core.shell.programs import Program, programs_of

_FEEDS = re.compile(r"<(?![<(])\s*\S|<<")
_READ_FROM = re.compile(r"\|\s*(?:while|until|\{|\()|\bdone\s*<|\bread\b[^;&|\n]{0,200}<(?!\()")
_SCREEN_SCRIPT = re.compile(r":(?:ui|headed|android|ios)$|^(?:android|ios)$")
_ASKS_FOR_A_NAME = re.compile(r"(?:create|degit)-[\w-]+")
_SERVES_WATCHING = frozenset(["dev", "start", "serve", "server", "app", "main", "index", "api", "web"])
_TERMINALS = ("-it", "-ti", "-t", "--tty")
_DEFAULTS = (
    "-y", "--yes", "--defaults", "--default", "--template", "--no-interactive", "--no-interaction",
    "--non-interactive", "--ci",
)  # fmt: skip


def is_fed(command: str) -> bool:
    """Whether something in a command line reads a file or a text instead of a keyboard."""
    return _FEEDS.search(command) is not None


def feeds_loops(command: str) -> bool:
    """Whether what a ``read`` in a command line takes comes from a file, a text or a pipe."""
    return "/dev/tty" not in command and _READ_FROM.search(command) is not None


def watches(program: Program) -> bool:
    """Whether a program does its work again at every change of a file, and so never ends: it serves nobody."""
    words = program.operands
    if program.name == "watch" or (program.name == "cargo" and words[:1] == ("watch",)):
        return True
    if program.name == "kubectl":
        return program.has("-w", "--watch") or (words[:1] == ("logs",) and program.has("-f", "--follow"))
    if program.has("--watch", "--watchAll", "--watch-all"):
        return not any(word.endswith("=false") for word in program.args) and not _SERVES_WATCHING & _parts(words)
    script = _parts(tuple(word for word in words if not word.startswith("@"))[:2])
    return program.row.has("scripts") and "watch" in script and not _SERVES_WATCHING & script


def _parts(words: tuple[str, ...]) -> set[str]:
    return {part for word in words for part in re.split(r"[:_./-]", word)}


def asks(program: Program, fed: bool, loops_fed: bool) -> bool:
    """Whether a program waits for somebody at a keyboard or a screen.

    ``fed``: something reads a file or a text instead; ``loops_fed``: a ``read`` does.
    """
    row, is_piped = program.row, program.command.operator.startswith("|")
    if program.does("terminal") or (program.does("prompt") and not fed and not is_piped and not program.fed):
        return True
    if program.has("--version", "--help", "-V"):
        return False
    if watches(program):
        return True
    if row.kind == "container":
        return program.operands[:1] in (("exec",), ("run",), ("attach",), ("compose",)) and _has_terminal(program)
    if row.has("scripts") and _shows(program):
        return True
    if program.name == "read":
        return program.has("-p") or not (loops_fed or is_piped)
    return _asks_for_input(program)


def _shows(program: Program) -> bool:
    """Whether a script opens a window or an emulator."""
    return program.has("--ui", "--headed", "--debug") or any(map(_SCREEN_SCRIPT.search, program.operands))


def _has_terminal(program: Program) -> bool:
    return any(word in _TERMINALS for word in program.args[:4])


def _asks_for_input(program: Program) -> bool:
    name, words = program.name, program.operands
    if program.row.has("wizard") and words[:1] in (("init",), ("create",)):
        bare = words[0] == "init" and len(words) == 1 and name == "pnpm"
        return not (program.has(*_DEFAULTS) or bare)
    if _ASKS_FOR_A_NAME.match(name.rpartition("/")[2].partition("@")[0]):
        return not program.has(*_DEFAULTS) and not any(word.startswith("--no-") for word in program.args)
    return "login" in words[:2] or ("createsuperuser" in words and not program.has("--noinput", "--no-input"))


def opens_prompt(command: str) -> bool:
    """Whether a command opens a prompt, so that the lines after it are typed into that."""
    if is_fed(command):
        return False
    return any(
        (program.does("prompt") and not program.command.operator.startswith("|") and not program.fed)
        or (program.row.kind == "container" and _has_terminal(program))
        for program in programs_of(command)
    )

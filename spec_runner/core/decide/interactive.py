"""Which programs wait for somebody at a keyboard or a screen."""

from __future__ import annotations

import re

from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.programs import Program, names, programs_of

_FEEDS = Lazy(r"<(?![<(])\s*\S|<<", needs="<")
_READ_FROM = Lazy(
    r"\|\s*(?:while|until|\{|\()|\bdone\s*<|\bread\b[^;&|\n]{0,200}<(?!\()", needs="while|until|{|(|done|read"
)
_EDITORS = names("vi vim nvim nano emacs pico code cursor subl gedit notepad $editor ${editor} $visual")
_SCREENS = names(
    "less more most top htop btop k9s lazygit tig tmux screen man watch ssh-keygen inspector open xdg-open"
    " start explorer"
)
_REPLS = names(
    "python python3 py node deno bun irb iex lua php ghci scala ipython bpython claude copilot aider codex gemini"
)
_RUN_SCRIPTS = names("npm pnpm yarn bun make just task rake nx turbo composer deno")
_DEFAULTS = (
    "-y",
    "--yes",
    "--defaults",
    "--default",
    "--template",
    "--no-interactive",
    "--no-interaction",
    "--non-interactive",
    "--ci",
)


def is_fed(command: str) -> bool:
    """Whether something in a command line reads a file or a text instead of a keyboard."""
    return _FEEDS.search(command) is not None


def feeds_loops(command: str) -> bool:
    """Whether what a ``read`` in a command line takes comes from a file, a text or a pipe."""
    return "/dev/tty" not in command and _READ_FROM.search(command) is not None


def asks(program: Program, fed: bool, loops_fed: bool) -> bool:
    """Whether a program waits for somebody at a keyboard or a screen.

    ``fed``: something reads a file or a text instead; ``loops_fed``: a ``read`` does.
    """
    name, words = program.name, program.operands
    if program.has("--version", "--help", "-V"):
        return False
    if name in _EDITORS:
        return not (name in ("code", "cursor") and program.has("--install-extension", "--list-extensions"))
    if name in _SCREENS:
        return name not in ("ssh-keygen",) or not program.has("-N")
    if name in _REPLS and not program.args:
        return not program.command.operator.startswith("|") and not fed
    if name in ("docker", "docker-compose", "podman"):
        return bool(words) and words[0] in ("exec", "run", "attach", "compose") and _has_terminal(program)
    if (name in ("playwright", "vitest", "cypress") or name in _RUN_SCRIPTS) and _shows(program):
        return True
    if name == "read":
        return program.has("-p") or not (loops_fed or program.command.operator.startswith("|"))
    return _asks_for_input(program) or _opens_database(program, fed) or _opens_shell(program)


def _shows(program: Program) -> bool:
    """Whether a test runner or a script opens a window or an emulator."""
    if program.has("--ui", "--headed", "--debug"):
        return True
    return any(re.search(r":(?:ui|headed|android|ios)$|^(?:android|ios)$", word) for word in program.operands)


def _has_terminal(program: Program) -> bool:
    return any(word in ("-it", "-ti", "-t", "--tty", "-itd") and word != "-itd" for word in program.args[:4])


def _asks_for_input(program: Program) -> bool:
    name, words = program.name, program.operands
    verb = words[0] if words else ""
    if name in ("npm", "pnpm", "yarn", "bun") and verb in ("init", "create"):
        return not program.has(*_DEFAULTS) and (verb == "create" or len(words) > 1 or name in ("npm", "yarn", "bun"))
    if re.match(r"(?:create|degit)-[\w-]+", name.rpartition("/")[2].partition("@")[0]):
        return not program.has(*_DEFAULTS) and not any(word.startswith("--no-") for word in program.args)
    if name == "git":
        return _git_asks(program)
    if "login" in words[:2] or name in ("mysql_secure_installation", "passwd", "adduser"):
        return True
    return "createsuperuser" in words and not program.has("--noinput", "--no-input")


def _git_asks(program: Program) -> bool:
    verb = program.operands[0] if program.operands else ""
    if verb == "commit":
        return not program.has("-m", "--message", "-F", "--file", "--no-edit", "-C")
    return verb in ("add", "rebase", "checkout", "stash") and program.has("-p", "--patch", "-i", "--interactive")


def _opens_database(program: Program, fed: bool) -> bool:
    name = program.name.partition("@")[0]
    if fed or program.command.operator.startswith("|"):
        return False
    if name == "psql":
        return not program.has("-c", "-f", "-l", "--command", "--file", "--list")
    if name in ("mysql", "mariadb"):
        return not program.has("-e", "--execute")
    if name in ("mongosh", "mongo"):
        return not program.has("--eval", "--file", "-f") and not any(word.endswith(".js") for word in program.args)
    if name in ("sqlite3", "duckdb"):
        return len(program.operands) < 2
    return name in ("redis-cli", "valkey-cli") and not _past_address(program)


def _past_address(program: Program) -> tuple[str, ...]:
    """The words of a redis command, without the address of its server."""
    words, skip = [], False
    for word in program.args:
        if not skip and not word.startswith("-"):
            words.append(word)
        skip = word in ("-h", "-p", "-a", "-n", "-u", "-s")
    return tuple(words)


def _opens_shell(program: Program) -> bool:
    name, words = program.name, program.operands
    last = words[-1] if words else ""
    if "manage.py" in words or name == "flask":
        return last in ("shell", "dbshell", "shell_plus") and not program.has("-c", "--command")
    if name in ("rails", "artisan", "php", "heroku", "bin/rails"):
        return last in ("console", "c", "tinker", "dbconsole")
    if name in ("bash", "sh", "zsh", "fish", "pwsh", "powershell"):
        return (
            not program.args
            and not program.fed
            and not program.command.operator.startswith("|")
            and program.command.words[0] != program.name + "<"
        )
    return False


def opens_prompt(command: str) -> bool:
    """Whether a command opens a prompt, so that the lines after it are typed into that."""
    if is_fed(command):
        return False
    return any(
        (program.name in _REPLS and not program.args)
        or (program.name in ("docker", "docker-compose", "podman") and _has_terminal(program))
        or _opens_database(program, False)
        or _opens_shell(program)
        for program in programs_of(command)
    )

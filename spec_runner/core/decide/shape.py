"""What a piece of text looks like to a person at a shell: a command, a server, a change of folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from spec_runner.core.decide.interactive import watches
from spec_runner.core.shell.grammar import Command, read_statements
from spec_runner.core.shell.programs import Program, names, programs_of
from spec_runner.core.shell.table import program_name, row_of
from spec_runner.core.text.addresses import LOCAL_HOST

Shape = Literal["sure", "likely", "maybe", ""]

_NAME = re.compile(r"[A-Za-z@.~$][\w.@+/~$-]*$|/(?:[\w.@+-]+/)+[\w.@+-]+$")
_SCRIPT = re.compile(
    r"(?:\./|\.\./|[\w.-]+/)[\w./-]*\.(?:sh|bash|ps1|bat|cmd)$|\./[\w./-]+$|[\w-]+\.(?:sh|ps1|bat)$"
    r"|(?:[\w.-]+/)*(?:scripts?|bin|tools?)/[\w-]+$",
)
_NO_OPERAND = re.compile(r"[=:+&/|-]?$|v?\d+(?:\.\d+|\.x)*[+.x]*$|[<>]=?.*|==.*")
_PROSE = names("a an the is are and or in of with for that to you your this not can be")
_CODE = re.compile(
    r"(?:import|from|require|const|let|var|def|class|function|return|public|private|async|await|new|using|throw|raise"
    r"|interface|type|enum|extends|implements)\s|export (?!\w+=|\w+$)"
)
"""Words that begin a line of a program rather than a command."""
_COMPOUND = re.compile(r"(?:for|while|until)\b.*\bdo\b.*\bdone\b|if\b.*\bthen\b.*\bfi\b")
_TEST = re.compile(r"\[\s.*(?:-[a-z]+\s|=).*\s\](?:\s|$)|\[\[\s.*\s\]\](?:\s|$)")
_PROMPT = re.compile(r"(?:\$|%|❯|PS(?: [A-Z]:[^>\n]{0,100})?>)\s+")

_SCRIPT_NAME = re.compile(
    r"(?:^|[:_-])(?:dev|start|serve|server|preview|watch|up-watch|run-server|runserver|storybook|develop"
    r"|studio|cosmos|ios|android)(?:$|[:_-](?!once|build|test|down|all-tests))",
)
_SERVING_WORDS = names(
    "studio runserver serve serve-http http.server livereload run-server messenger:consume queue:work"
    " queue:listen worker:start"
)
_SERVER_FILE = re.compile(
    r"(?:^|[/\\._-])(?:server|serve)(?:\.(?:py|js|mjs|cjs|ts|go|rb|jar|php|exe))?$|-server$|^(?:api|web"
    r"|backend)[-_]?server",
    re.IGNORECASE,
)
_SERVER_PROJECT = re.compile(r"(?:api|apphost|web|server|gateway|host|backend)(?:\.csproj|\.fsproj)?$", re.IGNORECASE)
_ENDS = names(
    "build test lint check install add ci fmt format export generate typecheck stop down ps config logs kill"
    " help --help -h --version"
)


_TRIVIAL = frozenset(["true", "false", "exit", "sleep", "cat", "echo", "env", "date"])
"""Commands of every shell that are also plain words: only where one is asked for, with nothing or a number behind."""


def program_is_known(name: str) -> bool:
    """Whether a program is one that people have, and not a project's own."""
    return name in _TRIVIAL or not row_of(name).has("rare")


def _is_typed(name: str) -> bool:
    """Whether a program is one that people type; another name needs a word that asks for it, or an option."""
    return not row_of(name).has("rare")


def is_complete_alone(text: str) -> bool:
    """Whether one word is a whole command: a script, or a program that needs no operand."""
    return is_script(text) or text in _TRIVIAL or row_of(program_name(text)).has("alone")


def is_script(text: str) -> bool:
    """Whether a command is a script of the project, with or without operands."""
    return _SCRIPT.match(text.split(" ", 1)[0]) is not None


def without_prompt(text: str) -> str:
    """The text without the prompt that a terminal shows before it."""
    found = _PROMPT.match(text) if text.startswith(("$", "%", "❯", "PS")) else None
    return text[found.end() :] if found else text


def shape_of(text: str) -> Shape:
    """How much a code span looks like a command.

    ``sure``: a program that people type, with operands. ``likely``: an unknown one with an option. ``maybe``: a
    script, a lone program or unknown words, which only words around it can make a command.
    """
    text = without_prompt(text.strip())
    if not text or len(text) > 4000:
        return ""
    if len(text.split(None, 1)) == 1:
        return "maybe" if text not in _TRIVIAL and is_complete_alone(text) else ""
    if "\n" in text or _CODE.match(text) or not _could_start(text):
        return ""
    commands = [command for statement in read_statements(text) for command in statement.commands]
    if _COMPOUND.match(text):
        return "sure" if any(program_is_known(command.name) for command in commands) else "maybe"
    if _TEST.match(text):
        return "likely"
    first = next((command for command in commands if command.words), None)
    if first is None:
        return ""
    if first is not commands[0]:
        return "likely" if commands[0].assignments and _is_typed(first.name) else ""
    piped = len(commands) > 1 and all(_is_typed(command.name) for command in commands[1:])
    return _shape_of_words(first, text) or ("likely" if piped and _NAME.match(first.words[0]) else "")


def _could_start(text: str) -> bool:
    """Whether the first word could begin a command; most code that is none is told here, before it is read as one."""
    word = text.split(None, 1)[0]
    if re.match(r"[A-Za-z_]\w*=|[({!$\"'\[]", word):
        return True
    if not _NAME.match(word) or re.match(r"[A-Z]{2,}$", word):
        return False
    return _is_typed(program_name(word)) or " -" in text or len(text) < 120


def _shape_of_words(command: Command, text: str) -> Shape:
    word, operands = command.words[0], command.words[1:]
    if not _NAME.match(word) or re.match(r"[A-Z]{2,}$", word) or word.endswith((".", "/")):
        return ""
    known = _is_typed(program_name(word))
    if word in _TRIVIAL and all(re.match(r"\d+(?:\.\d+)?$", operand) for operand in operands):
        return "maybe"
    if not operands:
        if _SCRIPT.match(word) or row_of(program_name(word)).has("alone") or command.assignments:
            return "maybe"
        return ""
    letter = operands[0][:1].isalpha() and operands[0][0] != "v"
    if not letter and _NO_OPERAND.match(operands[0]) and operands[0] != "-":
        return "sure" if known and operands[0] == "." else ""
    if known and _is_prose(operands):
        return "maybe"
    if known or _SCRIPT.match(word):
        return "sure"
    if (
        text[len(word) :].lstrip().startswith(("(", "=", "{", ":"))
        or _is_prose(operands)
        or not re.match(r"[a-z$~./]", word)
    ):
        return ""
    return (
        "likely"
        if any(re.match(r"--?[a-z]", operand) for operand in operands) and "(" not in text
        else _plain_shape(command)
    )


def _plain_shape(command: Command) -> Shape:
    """``goa gen``: words that could be anything, but could be a command where one is asked for."""
    plain = len(command.words) <= 6 and all(re.match(r"[\w./@:=*-]+$", word) or " " in word for word in command.words)
    return "maybe" if plain and not command.name.endswith((".md", ".py", ".ts", ".json", ".go", ".js")) else ""


def _is_prose(words: tuple[str, ...]) -> bool:
    return any(word in _PROSE for word in words[:4]) and not any(word.startswith("-") for word in words)


_MOVES = ("cd", "pushd", "popd", "set-location", "Set-Location")


def is_move(text: str) -> bool:
    """Whether a statement is only a ``cd``."""
    if not any(name in text for name in _MOVES):
        return False
    statements = read_statements(text)
    if len(statements) != 1 or len(statements[0].commands) != 1:
        return False
    command = statements[0].commands[0]
    return command.name in _MOVES and not command.writes


def is_service(text: str, words: str = "", *, needs_terminal: bool = False) -> bool:
    """Whether a command goes on running: a server, a watcher. ``words`` say what stands around it.

    ``needs_terminal``: what comes after it is to be typed in another terminal.
    """
    programs = programs_of(text)
    if not programs:
        return False
    last = [program for program in programs if program.command is programs[-1].command]
    if (
        len(last) > 1
        and last[0].name in ("npx", "bunx", "uvx", "pipx")
        and len(last[-1].args) == 0
        and not _is_typed(last[-1].name)
    ):
        return starts_server(words)
    if any(_serves(program) for program in (*last, *_feeding(programs))):
        return True
    if programs[-1].command.ends == "&" and last[-1].name not in ("sleep", "wait"):
        return _starts_program(last[-1]) or any(_serves(program) for program in programs)
    return (needs_terminal or starts_server(words)) and any(_starts_program(program) for program in last)


_STOPS_READING = names("head grep rg")


def _feeding(programs: tuple[Program, ...]) -> Iterator[Program]:
    """The programs of the pipe whose last command listens for as long as they go on."""
    if programs[-1].name in _STOPS_READING:
        return
    for after, before in pairwise(reversed(programs)):
        if after.command is not before.command and after.command.operator not in ("|", "|&"):
            return
        yield before


_STARTS_SERVER = re.compile(
    r"\b(?:re)?(?:start|launch|serv|run|boot|spin)(?:s|n?ing|e)?\b[^.;`]{0,40}\b(?:servers?|daemon|backend"
    r"|frontend|api|dev|services?|worker|web ?app|app(?:lication)?|dashboard|ui|bot)\b"
    r"|\bserver (?:starts|runs|is running|will|should)|\bruns? on port|listen(?:s|ing) on"
    rf"|https?://{LOCAL_HOST}"
    r"|(?:启动|啟動|起動)[^。`]{0,12}(?:服务|服務|サーバー|后端|後端|前端|daemon|server)"
    r"|(?:démarrer|lancer|iniciar|starten|uruchom|запустить)[^.;`]{0,30}(?:serv|backend|frontend|сервер)",
)


@lru_cache(maxsize=128)
def starts_server(words: str) -> bool:
    """Whether the words speak of a server that starts."""
    return _STARTS_SERVER.search(words[:2000].lower()) is not None


def _starts_program(program: Program) -> bool:
    """Whether a program is one's own, which may or may not end: ``python main.py``, ``go run .``, ``cargo run``."""
    name, words = program.name, program.operands
    if program.has("--help", "--version", "-h") or program.has("-c", "--eval", "-e"):
        return False
    if name in ("python", "python3", "py", "node", "tsx", "ts-node", "ruby", "php", "bun", "deno"):
        if (
            program.args[:1] == ("-m",)
            and words
            and words[0].partition(".")[0] not in ("venv", "unittest", "build")
            and not _is_typed(words[0].partition(".")[0])
        ):
            return len(words) == 1
        file = next((word for word in words if re.search(r"\.(?:py|js|mjs|ts|rb|php)$", word)), "")
        return re.search(r"(?:^|/)(?:main|app|server|index|run|api|bot|worker|start|wsgi|asgi)\.\w+$", file) is not None
    if name in ("go", "cargo", "dotnet", "swift", "gradle", "gradlew"):
        return words[:1] in (("run",), ("bootRun",))
    if re.search(
        r"(?:^|[\\/.])(?:start|run|serve|dev)[\w-]*\.(?:sh|ps1|bat)$|\.exe$",
        program.command.words[0] if program.command.words else "",
    ):
        return True
    return name == "java" and "-jar" in program.args


def _serves(program: Program) -> bool:
    name, words = program.name, program.operands
    if program.does("serves"):
        return True
    if watches(program):
        return False
    if program.has("--watch", "--watchAll", "--follow", "--reload", "--ui") and "=false" not in " ".join(program.args):
        return name not in ("git", "gh", "kubectl")
    if program.row.kind == "container":
        return _serves_containers(program)
    if program.row.has("scripts"):
        return _serves_script(program)
    if _SERVING_WORDS & set(words):
        return "--help" not in program.args
    return _serves_by_name(program)


_RUNS_FILES = names("go cargo python python3 node dotnet java tsx ts-node deno bun")
_MAKES = names("test build install add get")


def _serves_by_name(program: Program) -> bool:
    name, words = program.name, program.operands
    verb = words[0] if words else ""
    if name not in _RUNS_FILES or verb in _MAKES:
        return False
    if name == "dotnet" and verb == "run":
        return any(_SERVER_PROJECT.search(word.rstrip("/\\")) for word in program.args)
    return any(_SERVER_FILE.search(word.rstrip("/")) for word in words[:3])


def _serves_containers(program: Program) -> bool:
    words = program.operands[1:] if program.operands[:1] == ("compose",) else program.operands
    compose = program.operands[:1] == ("compose",) or program.name.endswith("-compose")
    if "logs" in words:
        return program.has("-f", "--follow")
    detached = program.has("-d", "--detach", "--wait")
    if compose:
        return (
            "up" in words
            and not detached
            and not program.has("--abort-on-container-exit", "--exit-code-from", "--no-start")
        )
    return words[:1] == ("run",) and not detached and program.has("-p", "--publish") and not program.has("-it")


def _serves_script(program: Program) -> bool:
    script = _script_name(program)
    if program.name in ("make", "just", "task") and ({"run", "dev"} & {script} or "run" in program.operands):
        return True
    if script.endswith(":ui"):
        return True
    parts = set(re.split(r"[:_-]", script))
    return _SCRIPT_NAME.search(script) is not None and ("watch" in parts or not _ENDS & parts)


def _script_name(program: Program) -> str:
    """The script that a runner runs: the first word that is neither an option nor the name of a workspace."""
    valued = False
    for word in program.args:
        if (
            not valued
            and not word.startswith(("-", "@"))
            and "/" not in word
            and word not in ("run", "run-script", "workspace", "workspaces")
        ):
            return word
        valued = word in ("--filter", "-F", "--workspace", "-w", "--prefix", "-C", "--dir", "--cwd", "workspace")
    return ""

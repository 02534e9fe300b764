"""What a held command would have left behind, and which commands after it cannot do without."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from spec_runner.core.decide.holds import has_placeholder
from spec_runner.core.decide.steps import Step
from spec_runner.core.shell.programs import Program, assignments_of, names, programs_of
from spec_runner.core.text.addresses import LOCAL_HOST

_INSTALLS = names("install add -S i")
_PROGRAMS_OF = {
    "httpie": "http https",
    "ripgrep": "rg",
    "fd-find": "fd fdfind",
    "nodejs": "node npm npx",
    "docker.io": "docker",
    "docker-ce": "docker",
    "postgresql": "psql postgres createdb",
    "postgresql-client": "psql",
    "redis": "redis-cli redis-server",
    "redis-tools": "redis-cli",
    "golang": "go",
    "build-essential": "make gcc g++",
}
"""The programs of packages that are not called like them."""
_LOCAL = re.compile(rf"(?<!\w){LOCAL_HOST}|(?:^|\s):\d{{2,5}}\b")
_OUTPUT_OPTIONS = ("-o", "--output", "-out", "--outfile")


class Dependents:
    """Hears of every step of a guide in order; tells of each for which held one it has to wait."""

    def __init__(self, has_program: Callable[[str], bool]) -> None:
        self._has_program = has_program
        self._variables: dict[str, int] = {}
        self._paths: dict[str, int] = {}
        self._programs: dict[str, int] = {}
        self._service: int | None = None
        self._clone: int | None = None
        """A held clone whose folder nobody knows before the next ``cd`` names it."""

    def start_block(self) -> None:
        """A new fence begins: what a clone is called is told in its own fence."""
        self._clone = None

    def needed_by(self, step: Step) -> int | None:
        """The line of the held step that ``step`` cannot do without."""
        return next((line for line, _ in self.all_needed_by(step)), None)

    def all_needed_by(self, step: Step) -> Iterator[tuple[int, str]]:
        """The lines of all held steps that ``step`` cannot do without, each with what is missing of it."""
        if step.kind == "url":
            found: Iterable[tuple[int | None, str]] = [(self._service, "the service")]
        elif step.kind in ("command", "service"):
            found = self._lines(step, programs_of(step.command))
        else:
            found = ()
        yield from ((line, what) for line, what in found if line is not None)

    def _lines(self, step: Step, programs: tuple[Program, ...]) -> Iterator[tuple[int | None, str]]:
        yield from ((line, f"${name}") for name, line in self._variables.items() if _uses_variable(step.command, name))
        for program in programs:
            self._name_clone(program)
        yield from ((self._line_of_path(word), _plain(word)) for word in read_words(programs))
        made = {*made_by(programs)}
        yield from (
            (line, path) for path, line in self._paths.items() if path not in made and _names(step.command, path)
        )
        yield from ((self._programs.get(each.name), each.name) for each in programs if not _is_in_folder(each))
        if self._service is not None and any(program.row.has("requests") for program in programs):
            yield (self._service if _LOCAL.search(step.command) else None), "the service"

    def _name_clone(self, program: Program) -> None:
        """The first folder that is entered after a clone is its own."""
        if self._clone is not None and program.name in ("cd", "pushd") and re.match(r"\w", "".join(program.operands)):
            self._paths[_plain(program.operands[0]).split("/")[0]] = self._clone
            self._clone = None

    def _line_of_path(self, word: str) -> int | None:
        path = _plain(word)
        return next((line for held, line in self._paths.items() if path == held or path.startswith(held + "/")), None)

    def hold(self, step: Step, *, leaves_state: bool = True) -> None:
        """``step`` does not run: what it would have left is missing; its shell's variables if it ``leaves_state``."""
        self._service = step.line if step.kind == "service" else self._service
        if step.kind in ("env", "file"):
            self._paths[_plain(step.command)] = step.line
        if step.kind not in ("command", "service"):
            return
        if leaves_state:
            self._variables.update(dict.fromkeys(assignments_of(step.command), step.line))
        programs = programs_of(step.command)
        self._paths.update(dict.fromkeys(made_by(programs), step.line))
        for name in (*_installed_by(programs), *_put_on_path(programs)):
            if not self._has_program(name):
                self._programs[name] = step.line
        for program in programs:
            if "login" in program.operands[:2] and not program.row.has("login"):
                self._programs[program.name] = step.line
            if _is_clone(program) and not _clone_folder(program):
                self._clone = step.line
            self._name_clone(program)

    def run(self, step: Step) -> None:
        """``step`` runs: what it leaves is there, whoever else would have made it."""
        if step.kind == "service":
            self._service = None
        if step.kind in ("file", "env"):
            self._paths.pop(_plain(step.command), None)
        if step.kind == "command" and (self._variables or self._paths):
            for name in assignments_of(step.command):
                self._variables.pop(name, None)
            for path in made_by(programs_of(step.command)):
                self._paths.pop(path, None)

    def is_missing(self, folder: str) -> bool:
        """Whether a held clone would have made this folder."""
        return folder in self._paths


def _names(command: str, path: str) -> bool:
    """Whether a file is named in a text that a command hands over: the body of a here-document, code in quotes."""
    is_file = "/" in path and "." in path.rpartition("/")[2]
    return is_file and re.search(rf"['\"]{re.escape(path)}['\"]", command) is not None


def _is_in_folder(program: Program) -> bool:
    return any(word.lower().endswith("/" + program.name) for word in program.command.words)


def _uses_variable(command: str, name: str) -> bool:
    return "$" in command and re.search(rf"\$\{{?{re.escape(name)}\b", command) is not None


def read_words(programs: Iterable[Program]) -> Iterator[str]:
    """The words of some programs that may name a file that must be there; of what they make, the folder."""
    seen = list(programs)
    made = set(made_by(seen))
    for program in seen:
        # A program without a folder is looked for elsewhere than where one stands.
        words = [word for word in program.command.words[:1] if "/" in word]
        for word in (*words, *program.args):
            for part in (word, word.partition("=")[2], word[1:] if program.row.has("requests") else ""):
                if part and _plain(part) not in made:
                    yield part
                elif part and program.name != "mkdir":
                    yield posixpath.dirname(_plain(part))


def _plain(path: str) -> str:
    return posixpath.normpath(path.strip("'\"")) if path else ""


def made_by(programs: Iterable[Program]) -> Iterator[str]:
    """The files and folders that a command makes, as it names them, without what is no plain path."""
    for program in programs:
        for path in (*program.command.writes, *_made_alone(program)):
            plain = _plain(path)
            if plain not in ("", ".", "..", "/") and not re.match("/dev/|.*[<>$*]", plain):
                yield plain


def _made_alone(program: Program) -> tuple[str, ...]:
    name, words = program.name, program.operands
    if _is_clone(program):
        folder = _clone_folder(program)
        return (folder,) if folder else ()
    if name in ("mkdir", "touch", "tee", "mkfifo"):
        return words
    if name in ("cp", "mv", "ln", "install") and len(words) > 1 and not words[-1].endswith("/"):
        return words[-1:]
    if name in ("venv", "virtualenv") or (name == "uv" and words[:1] == ("venv",)):
        return words[-1:] if words[-1:] != ("venv",) or name == "venv" else (".venv",)
    pairs = zip(program.args, program.args[1:], strict=False)
    return tuple(value for option, value in pairs if option in _OUTPUT_OPTIONS)


def _is_clone(program: Program) -> bool:
    return (program.operands[:1] == ("clone",) and program.name in ("git", "hg")) or (
        program.name == "gh" and program.operands[:2] == ("repo", "clone")
    )


def _clone_folder(program: Program) -> str:
    """The folder that a clone makes; empty where its address is still to be filled in."""
    words = program.operands[program.operands.index("clone") + 1 :]
    # A placeholder without quotes is read as redirections: what it is redirected to is the folder.
    named = [*program.command.writes]
    for index, word in enumerate(words):
        if "/" in word or ":" in word:
            named = [*words[index + 1 :], word.rstrip("/").rpartition("/")[2].removesuffix(".git")]
            break
    return named[0] if named and re.match(r"[\w.-]+$", named[0]) and not has_placeholder(named[0]) else ""


def clone_folders(programs: Iterable[Program]) -> tuple[str, ...]:
    """The folders that the clones among some programs make."""
    return tuple(folder for program in programs if _is_clone(program) and (folder := _clone_folder(program)))


def _installed_by(programs: Iterable[Program]) -> Iterator[str]:
    for program in programs:
        if program.row.has("installs") and _INSTALLS & set(program.args):
            for word in program.operands:
                if word not in _INSTALLS:
                    yield from _PROGRAMS_OF.get(word, word).split()


def _put_on_path(programs: Iterable[Program]) -> Iterator[str]:
    """The programs that are copied to where a shell looks for them."""
    for program in programs:
        if program.name in ("cp", "mv", "ln", "install") and len(program.operands) > 1:
            *sources, target = program.operands
            if target.rstrip("/").endswith("/bin"):
                yield from (posixpath.basename(source) for source in sources)
            elif posixpath.dirname(target).endswith("/bin"):
                yield posixpath.basename(target)

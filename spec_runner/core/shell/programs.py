"""Shell text → the programs in it, seen through what wraps them: ``sudo``, ``bash -c``, ``xargs``, ``find -exec`` …"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from spec_runner.core.patterns import Lazy
from spec_runner.core.shell.grammar import Command, commands_of


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set to look them up in."""
    return frozenset(text.split())


_VARIABLE = Lazy(r"\$(?:(\w+)|\{(\w+)\})", needs="$")
_WINDOWS_ENDING = Lazy(r"\.(?:exe|cmd|bat)$", re.IGNORECASE, needs=".bat|.cmd|.exe")
_ASSIGNMENT = Lazy(r"[A-Za-z_]\w*=", needs="=")
_DEFINITION = Lazy(r"(?:^|[;&{\n])\s{0,40}(?:function\s{1,9})?([\w:.-]{1,80})\s{0,9}\(\s{0,9}\)\s{0,40}[{(]", needs="(")

_SHELLS = names("bash sh zsh dash ksh fish ash")
_WRAPPERS: Mapping[str, tuple[str, int]] = {
    "sudo": ("-u -g -h -p -C -T -r -t -U -R -D --user --group --host --prompt --chdir --role --type", 0),
    "doas": ("-u -C", 0),
    "env": ("-u -C --unset --chdir", 0),
    "cross-env": ("", 0),
    "nohup": ("", 0),
    "time": ("-f -o --format --output", 0),
    "timeout": ("-k -s --kill-after --signal", 1),
    "nice": ("-n --adjustment", 0),
    "ionice": ("-c -n --class --classdata", 0),
    "chrt": ("", 1),
    "taskset": ("", 1),
    "exec": ("-a", 0),
    "command": ("", 0),
    "builtin": ("", 0),
    "xargs": ("-n -P -I -L -d -s -E -a --max-args --max-procs --delimiter --arg-file --max-chars", 0),
    "parallel": ("-j -a --jobs --arg-file", 0),
    "stdbuf": ("-i -o -e --input --output --error", 0),
    "setsid": ("", 0),
    "chronic": ("", 0),
    "unbuffer": ("", 0),
    "fakeroot": ("", 0),
    "caffeinate": ("-t -w", 0),
    "xvfb-run": ("-n -s -e -f --server-num --server-args", 0),
    "flock": ("-w -E --timeout", 1),
    "chroot": ("", 1),
    "gosu": ("", 1),
    "runuser": ("-u -g --user --group", 0),
    "systemd-run": ("-p -u --property --unit", 0),
    "strace": ("-e -o -p -s -u", 0),
    "watch": ("-n --interval", 0),
    "busybox": ("", 0),
    "corepack": ("", 0),
    "npx": ("-p --package", 0),
    "bunx": ("-p --package", 0),
    "pipx": ("--spec --python", 1),
    "uvx": ("-p --from --with --python", 0),
    "dotenv": ("-e -f --env --file", 0),
    "winpty": ("", 0),
    "wsl": ("-d -u", 0),
}
"""Programs whose operands are another command: their options that take a word, and the operands before the command."""
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
    "op": ("run",),
    "doppler": ("run",),
}
"""Programs with a subcommand whose operands are another command."""
_VALUED = names(
    "-n -P -I -L -u -g -p -C -c -e -s -w -k -f --with --package --project --directory --python --extra --group"
    " --env-file "
    "--user --workdir --env --file --signal --kill-after --from -E --profile"
)
"""Options of these that take the next word with them."""
_OWN_VALUED = {
    "git": "-C -c --git-dir --work-tree --namespace --exec-path",
    "npm": "-C -w --prefix --workspace --userconfig --registry --loglevel",
    "pnpm": "-C -F --dir --filter --prefix --filter-prod",
    "yarn": "--cwd",
    "bun": "--cwd --filter",
    "docker": "-f -p -c -H -l --file --project-name --project-directory --env-file --profile --context --host --config",
    "make": "-C -f -o -I --directory --file --makefile",
    "just": "-f -d --justfile --working-directory",
    "task": "-t -d --taskfile --dir",
    "cargo": "-C -Z --manifest-path --config --color",
    "uv": "--directory --project --config-file",
    "poetry": "-C -P --directory --project",
    "mvn": "-f -P -s -pl --file --projects --settings --activate-profiles",
    "terraform": "",
}
_OWN_VALUED["podman"] = _OWN_VALUED["docker-compose"] = _OWN_VALUED["docker"]
"""Options before a subcommand that take the next word with them."""
_CODE = Lazy(
    r"\b(?:system|popen|exec|execSync|execFileSync|spawn|spawnSync|run|call|check_call|check_output|Popen|getoutput)"
    r"\s*\(?\s*(?:\[\s*)?(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`)((?:\s*,\s*\[?\s*(?:'[^']*'|\"[^\"]*\"))*)",
    needs="system|popen|exec|spawn|run|call|check_output|getoutput",
)
"""A call in Python, JavaScript, Ruby or Perl that starts a program, plainly written."""
_REMOVAL = Lazy(r"\b(?:rmtree|rmSync|rm_rf)\s*\(\s*['\"]([^'\"]+)['\"]", needs="rmtree|rmsync|rm_rf")
_INTERPRETERS = Lazy(r"(?:python[\d.]*|py|node|deno|bun|ruby|perl|php)$", needs="py|node|deno|bun|ruby|perl|php")
_FILTERS = names(
    "-name -iname -path -ipath -wholename -regex -iregex -mtime -mmin -size -newer -empty -user -group -perm -links"
)
_DEEPEST = 20
_MOST = 4000
"""Programs that are looked at in one text; no person writes so many into a command."""


class Program(NamedTuple):
    """A program that a command line would start, and its words."""

    name: str
    """In lower case, without its folder and without ``.exe``."""
    args: tuple[str, ...]
    command: Command
    """The simple command it stands in."""
    fed: str = ""
    """The text that it reads, where the command line says it: a here-document, or what ``echo`` prints before it."""

    @property
    def operands(self) -> tuple[str, ...]:
        """The words that are no options."""
        return tuple(word for word in self.args if not word.startswith("-"))

    @property
    def verbs(self) -> tuple[str, ...]:
        """Its operands from the subcommand on: without the values of options that stand before that."""
        args, valued = list(self.args), _OWN_VALUED.get(self.name, "").split()
        if self.name == "cargo" and args[:1] and args[0].startswith("+"):
            args = args[1:]
        if self.name == "docker" and "compose" in args[:4]:
            args.remove("compose")
        found: list[str] = []
        while args:
            word = args.pop(0)
            if not word.startswith("-"):
                found.append(word)
            elif not found and word in valued and args:
                args.pop(0)
        return tuple(found)

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
    """Every program of a shell text, outermost wrappers first.

    Variables, aliases and functions that the text or ``variables`` set are filled in.
    """
    return tuple(islice(_programs(text, dict(variables or {}), 0), _MOST))


def assignments_of(text: str) -> dict[str, str]:
    """What a shell text sets for what follows it: variables, and aliases and functions under ``name()``."""
    found: dict[str, str] = {}
    for command in simple_commands(text):
        pairs = [word.partition("=")[::2] for word in command.words[1:] if "=" in word]
        if not command.words:
            found.update(command.assignments)
        elif command.name in ("export", "declare", "readonly", "local", "typeset"):
            found.update(pairs)
        elif command.name == "alias":
            found.update((f"{name}()", value) for name, value in pairs)
    for definition in _DEFINITION.finditer(text):
        # Where its body ends is not looked for: what follows it is read as well.
        found[f"{definition.group(1)}()"] = text[definition.end() - 1 :]
    return found


def _programs(text: str, variables: dict[str, str], level: int) -> Iterator[Program]:
    before: Command | None = None
    for command in simple_commands(text):
        words = [_filled(word, variables) for word in command.words]
        if words and words[0] != command.words[0] and command.words[0].startswith("$"):
            words[:1] = words[0].split()
        yield from _unwrapped(words, command, _fed(command, before), before, variables, level)
        pairs = [(name, value) for name, value in command.assignments]
        if command.name in ("export", "declare", "readonly", "local", "typeset"):
            pairs += [word.partition("=")[::2] for word in command.words[1:] if "=" in word]
        variables.update((name, _filled(value, variables)) for name, value in pairs)
        before = command


def _filled(word: str, variables: Mapping[str, str]) -> str:
    if not variables or "$" not in word:
        return word
    return _VARIABLE.sub(lambda found: variables.get(found.group(1) or found.group(2), found.group())[:1000], word)


def _fed(command: Command, before: Command | None) -> str:
    """What a command reads, as far as its line says it."""
    if command.fed or before is None or not command.operator.startswith("|") or command.operator == "||":
        return command.fed
    said = next((at for at, word in enumerate(before.words) if word in ("echo", "printf")), None)
    return before.fed if said is None else " ".join(before.words[said + 1 :]).replace("\\n", "\n")


def _unwrapped(
    words: list[str], command: Command, fed: str, before: Command | None, variables: Mapping[str, str], level: int
) -> Iterator[Program]:
    """A program and those that it starts."""
    if not words or level > _DEEPEST:
        return
    program = Program(program_name(words[0]), tuple(words[1:]), command, fed)
    yield program
    for inner in _inside(program, words[0], before, variables):
        if isinstance(inner, str):
            # A function does not know itself here: it may call itself for ever.
            known = {name: value for name, value in variables.items() if name != f"{words[0]}()"}
            yield from _programs(inner, known, level + 1)
        else:
            yield from _unwrapped(inner, command, fed, before, variables, level + 1)


def program_name(word: str) -> str:
    """The program that a word names: without its folder and ``.exe``, in lower case."""
    return _WINDOWS_ENDING.sub("", re.split(r"[\\/]", word.rstrip("/\\"))[-1]).lower()


def _inside(
    program: Program, word: str, before: Command | None, variables: Mapping[str, str]
) -> Iterator[str | list[str]]:
    """What a program runs in its turn: shell texts, and the words of commands."""
    name, args = program.name, program.args
    defined = variables.get(f"{word}()")
    if defined:
        yield f"{defined} {' '.join(args)}"
    if name in _SHELLS:
        yield _script(program)
    elif name == "pwsh":
        # Another language, but a plain command looks the same in it.
        yield "" if set("$@{|") & set(text := _script(program)) else text
    elif name in ("eval", "watch", "alias"):
        yield " ".join(word.partition("=")[2] if name == "alias" else word for word in args)
    elif name in ("trap", "concurrently"):
        yield from args[:1] if name == "trap" else program.operands
    elif name in ("su", "runuser", "script", "flock", "nix-shell", "npx"):
        yield from (text for option, text in pairwise(args) if option in ("-c", "--command", "--run", "--call"))
    elif name == "env" and program.has("-S", "--split-string"):
        yield " ".join(word.removeprefix("--split-string=").removeprefix("-S") for word in args)
    elif name == "find":
        yield from _found(program)
    elif name == "git":
        yield from _by_git(program)
    elif _INTERPRETERS.match(name):
        yield from _called(program)
    yield _inner(program, before)


def _script(program: Program) -> str:
    """The text that a shell is given to run, as an argument or to read."""
    for index, word in enumerate(program.args[:-1]):
        if re.match(r"-\w*c$|-[Cc]ommand$", word):
            rest = program.args[index + 1 :]
            return rest[1] if rest[0] == "--" and len(rest) > 1 else rest[0]
    return program.fed if not program.operands or program.has("-s") else ""


def _found(program: Program) -> Iterator[list[str]]:
    """The commands that ``find`` runs, with what it finds standing for itself."""
    args = program.args
    found = found_by(args)
    for index, word in enumerate(args):
        if word in ("-exec", "-execdir", "-ok", "-okdir"):
            rest = list(args[index + 1 :])
            ends = [at for at, each in enumerate(rest) if each in (";", "+")]
            yield [found if each == "{}" else each for each in rest[: ends[0] if ends else len(rest)]]


def found_by(args: tuple[str, ...]) -> str:
    """A place that ``find`` gives: where it starts, or something below that if it looks for something special."""
    at = 0
    while at < len(args) and re.match(r"-(?:[HLP]|O\d|D)$", args[at]):
        at += 1
    start = args[at] if at < len(args) and not args[at].startswith(("-", "(", "!")) else "."
    return posixpath.join(start, "found") if _FILTERS & set(args) else start


def _by_git(program: Program) -> Iterator[str | list[str]]:
    verbs, args = program.verbs, list(program.args)
    if verbs[:2] == ("submodule", "foreach"):
        yield " ".join(word for word in args[args.index("foreach") + 1 :] if word != "--recursive")
    elif verbs[:2] == ("bisect", "run"):
        yield args[args.index("run") + 1 :]
    elif verbs[:1] == ("rebase",):
        yield from (text for option, text in pairwise(program.args) if option in ("-x", "--exec"))


def _called(program: Program) -> Iterator[str | list[str]]:
    """The commands that a line of code starts, where it says so in plain words."""
    code = next(
        (text for option, text in pairwise(program.args) if option in ("-c", "-e", "-r", "--eval")), program.fed
    )
    for call in _CODE.finditer(code):
        words = [word for word in call.groups()[:3] if word]
        more = re.findall(r"'([^']*)'|\"([^\"]*)\"", call.group(4) or "")
        yield [*words, *("".join(pair) for pair in more)] if more else "".join(words)
    for removal in _REMOVAL.finditer(code):
        yield ["rm", "-rf", removal.group(1)]


def _inner(program: Program, before: Command | None) -> list[str]:
    """The words of the command that a wrapper runs, if the program is one."""
    name, words = program.name, list(program.args)
    if name == "docker" and words[:1] == ["compose"]:
        words = words[1:]
        return _past_options(words[1:])[1:] if words[:1] and words[0] in ("exec", "run") else []
    if name in _RUNNERS and words and words[0] in _RUNNERS[name]:
        words = words[1:]
        if name in ("docker", "podman", "docker-compose", "direnv"):
            return _past_options(words)[1:]
        return _past_options(words[1:] if words[:1] == ["run"] else words)
    if name in ("python", "python3", "py") and words[:1] == ["-m"]:
        return words[1:]
    if name not in _WRAPPERS or (name == "command" and words[:1] and words[0] in ("-v", "-V")):
        return []
    valued, own = _WRAPPERS[name]
    words = _past_options(words, names(valued))[own:]
    return _with_arguments(words, program, before) if name in ("xargs", "parallel") else words


def _with_arguments(words: list[str], program: Program, before: Command | None) -> list[str]:
    """The words of a command with those that it is given to read."""
    given = program.fed.split()
    if before and before.name == "find" and program.command.operator.startswith("|"):
        given = [found_by(before.words[1:])]
    if "{}" in words:
        return [word if word != "{}" else " ".join(given) or word for word in words]
    return [*words, *given]


def _past_options(words: list[str], valued: frozenset[str] = _VALUED) -> list[str]:
    at = 0
    while at < len(words) and (words[at].startswith("-") or _ASSIGNMENT.match(words[at])):
        at += 2 if words[at] in valued else 1
    return words[at:]

"""Shell text → the programs in it, seen through what wraps them: ``sudo``, ``bash -c``, ``xargs``, ``find -exec`` …"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import islice, pairwise

from spec_runner.core.shell.grammar import Command, commands_of
from spec_runner.core.shell.table import Rule, program_name, row_of, rule_of


def names(text: str) -> frozenset[str]:
    """The words of a text, as a set to look them up in."""
    return frozenset(text.split())


_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_DEFINITION = re.compile(r"(?:^|[;&{\n])\s{0,40}(?:function\s{1,9})?([\w:.-]{1,80})\s{0,9}\(\s{0,9}\)\s{0,40}[{(]")
_LOOKED_UP = re.compile(r"(?:\$\(|`)(?:which|command -v|type -p)\s+([\w.+-]+)[)`]$")
_VALUED = names(
    "-n -P -I -L -u -g -p -C -c -e -s -w -k -f --with --package --project --directory --python --extra --group"
    " --env-file --user --workdir --env --file --signal --kill-after --from -E --profile"
)
"""Options that take the next word with them, of programs with a subcommand whose operands are another command."""
_CODE = re.compile(
    r"\b(?:system|popen|exec|execSync|execFileSync|spawn|spawnSync|run|call|check_call|check_output|Popen|getoutput)"
    r"\s*\(?\s*(?:\[\s*)?(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`)((?:\s*,\s*\[?\s*(?:'[^']*'|\"[^\"]*\"))*)"
)
"""A call in Python, JavaScript, Ruby or Perl that starts a program, plainly written."""
_REMOVAL = re.compile(r"\b(?:rmtree|rmSync|rm_rf)\s*\(\s*['\"]([^'\"]+)['\"]")
_GIT_RUNS = re.compile(r"(?:command|pager|editor|helper|external|fsmonitor|cmd)$", re.IGNORECASE)
"""Settings of Git's whose values it runs."""
_GIT_ALIAS = re.compile(r"alias\.(\S+)$", re.IGNORECASE)
_FILTERS = names(
    "-name -iname -path -ipath -wholename -regex -iregex -mtime -mmin -size -newer -empty -user -group -perm -links"
)
_LETTERS = re.compile(r"-[A-Za-z]+$")
_RUNS_IMAGE = names("run create exec")
_DEEPEST = 20
_MOST = 4000
"""Programs that are looked at in one text; no person writes so many into a command."""


class Program:
    """A program that a command line would start, and its words. Many questions are asked of each."""

    def __init__(self, name: str, args: tuple[str, ...], command: Command, fed: str = "") -> None:
        self.name = name
        """In lower case, without its folder and without ``.exe``."""
        self.args = args
        self.command = command
        """The simple command it stands in."""
        self.fed = fed
        """The text that it reads, where its line says it: a here-document, or what ``echo`` prints before it."""
        self.operands = tuple(word for word in args if not word.startswith("-"))
        """The words that are no options."""
        self.row = row_of(name)
        """What the table of programs says of it."""

    @cached_property
    def verbs(self) -> tuple[str, ...]:
        """Its operands from the subcommand on: without the values of options that stand before that."""
        args, valued = list(self.args), self.row.values("valued")
        if self.name == "cargo" and args[:1] and args[0].startswith("+"):
            args = args[1:]
        if self.row.kind == "container" and "compose" in args[:4]:
            args.remove("compose")
        found: list[str] = []
        while args:
            word = args.pop(0)
            if not word.startswith("-"):
                found.append(word)
            elif not found and word in valued and args:
                args.pop(0)
        return tuple(found)

    @cached_property
    def parts(self) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
        """Its options with their values, letters written together taken apart, and the words that are neither.

        What a container runs has options of its own: those end at its image.
        """
        valued = {*self.row.values("valued"), *self.row.values("at"), *self.row.values("texts")}
        options: list[tuple[str, str]] = []
        free: list[str] = []
        args = list(self.args)
        while args and not (self.row.kind == "container" and _RUNS_IMAGE & set(free[:-1])):
            word = args.pop(0)
            if word == "--":
                break
            if not word.startswith("-") or word == "-":
                free.append(word)
                continue
            *letters, (name, value) = _options_in(word, valued)
            options += [*letters, (name, value or (args.pop(0) if name in valued and "=" not in word and args else ""))]
        return tuple(options), (*free, *args)

    def values_of(self, *options: str) -> tuple[str, ...]:
        """The values that these options are given."""
        return tuple(value for option, value in self.parts[0] if option in options and value)

    def has(self, *options: str) -> bool:
        """Whether one of these options is given, also as ``--option=value`` or, a letter, among others (``-it``)."""
        for word, letters in self._marked:
            for option in options:
                if word == option or (option.startswith("--") and word.startswith(f"{option}=")):
                    return True
                if letters and len(option) == 2 and option[1] in letters:
                    return True
        return False

    @cached_property
    def _marked(self) -> tuple[tuple[str, str], ...]:
        """The words that begin with a dash, each with the letters that it may be made of."""
        marked = (word for word in self.args if word.startswith("-"))
        return tuple((word, word[1:] if len(word) < 8 and _LETTERS.match(word) else "") for word in marked)

    def does(self, effect: str) -> bool:
        """Whether it does, with these words, what a fact of the table's says by rules: ``outward``, ``root`` …"""
        rules = self.row.values(effect)
        if not rules or self._tells_of_itself():
            return False
        verbs = tuple(verb.lower() for verb in self.verbs)
        holding = [rule for rule in map(rule_of, rules) if self._keeps(rule, verbs)]
        # The last of the weightiest.
        return bool(holding) and not max(reversed(holding), key=lambda rule: rule.weight).refuses

    def _tells_of_itself(self) -> bool:
        asked = ("--version", "--help")
        return (self.args[:1] in (*((each,) for each in asked), ("-V",))) or (
            self.args in (("-h",), ("-v",)) or (not self.row.has("wraps") and self.has(*asked))
        )

    def _keeps(self, rule: Rule, verbs: tuple[str, ...]) -> bool:
        if rule.words:
            count = len(self.args) if rule.words in "+." else len(verbs)
            return {"*": True, "+": count > 0, ".": count == 0}.get(rule.words, count < int(rule.words[1:] or 0))
        return all(_is_verb(verb, at, verbs) for at, verb in enumerate(rule.verbs)) and all(
            any(word.endswith(option[1:]) for word in self.args) if option.startswith("*.") else self.has(option)
            for option in rule.options
        )


def _options_in(word: str, valued: set[str]) -> list[tuple[str, str]]:
    """The options in one word: ``--url=a``, ``-sSd`` (three letters), ``-XPOST``."""
    if word.startswith("--"):
        name, _, value = word.partition("=")
        return [(name, value)]
    end = next((at for at, letter in enumerate(word[1:], 2) if f"-{letter}" in valued), len(word))
    return [*((f"-{letter}", "") for letter in word[1 : end - 1]), (f"-{word[end - 1]}", word[end:].removeprefix("="))]


def _is_verb(wanted: str, at: int, verbs: tuple[str, ...]) -> bool:
    """Whether a verb of a rule stands at its place, or anywhere: ``@publish`` also as ``:lib:publish``."""
    if wanted.startswith("@"):
        return any(wanted[1:] in (verb, verb.rpartition(":")[2]) for verb in verbs)
    if at >= len(verbs):
        return False
    return wanted in ("*", verbs[at]) or ("." in wanted and verbs[at].endswith(f"/{wanted}"))


def programs_of(text: str, variables: Mapping[str, str] | None = None) -> tuple[Program, ...]:
    """Every program of a shell text, outermost wrappers first.

    Variables, aliases and functions that the text or ``variables`` set are filled in.
    """
    if variables and ("$" in text or any(name.endswith("()") for name in variables)):
        return tuple(islice(_programs(text, dict(variables), 0), _MOST))
    return _programs_alone(text)


@lru_cache(maxsize=512)
def _programs_alone(text: str) -> tuple[Program, ...]:
    """The programs of a text that stands for itself; several questions are asked of the same text in a row."""
    return tuple(islice(_programs(text, {}, 0), _MOST))


def assignments_of(text: str) -> dict[str, str]:
    """What a shell text sets for what follows it: variables, and aliases and functions under ``name()``."""
    found: dict[str, str] = {}
    for command in commands_of(text):
        found.update(command.assignments if not command.words else ())
        found.update(_declared(command))
    for definition in _DEFINITION.finditer(text):
        # Where its body ends is not looked for: what follows it is read as well.
        found[f"{definition.group(1)}()"] = text[definition.end() - 1 :]
    return found


def _declared(command: Command) -> dict[str, str]:
    """What a command declares: variables, aliases of the shell's (``x()``) and of Git's (``git x()``)."""
    if command.name in ("export", "declare", "readonly", "local", "typeset", "alias"):
        ends = "()" if command.name == "alias" else ""
        pairs = (word.partition("=") for word in command.words[1:] if "=" in word)
        return {f"{name}{ends}": value for name, _, value in pairs}
    if command.name != "git" or "config" not in command.words:
        return {}
    aliases = ((_GIT_ALIAS.match(key), value) for key, value in pairwise(command.words))
    return {f"git {key[1]}()": value[1:] if value[:1] == "!" else f"git {value}" for key, value in aliases if key}


def _programs(text: str, variables: dict[str, str], level: int) -> Iterator[Program]:
    before: Command | None = None
    for command in commands_of(text):
        words = [_filled(word, variables) for word in command.words]
        if words and words[0] != command.words[0] and command.words[0].startswith("$"):
            words[:1] = words[0].split()
        if words and (found := _LOOKED_UP.match(words[0])):
            words[0] = found.group(1)
        yield from _unwrapped(words, command, _fed(command, before), before, variables, level)
        set_here = {**dict(command.assignments), **_declared(command)}
        variables.update((name, _filled(value, variables)) for name, value in set_here.items())
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
            own = {f"{words[0]}()", *(f"git {word}()" for word in words)}
            known = {name: value for name, value in variables.items() if name not in own}
            yield from _programs(inner, known, level + 1)
        else:
            yield from _unwrapped(inner, command, fed, before, variables, level + 1)


def _inside(
    program: Program, word: str, before: Command | None, variables: Mapping[str, str]
) -> Iterator[str | list[str]]:
    """What a program runs in its turn: shell texts, and the words of commands."""
    name, args = program.name, program.args
    defined = variables.get(f"{word}()")
    if defined:
        yield f"{defined} {' '.join(args)}"
    if program.row.kind == "shell":
        yield _script(program)
    elif name == "pwsh":
        # Another language, but a plain command looks the same in it.
        yield "" if set("$@{|") & set(text := _script(program)) else text
    elif name in ("eval", "watch", "alias"):
        yield " ".join(word.partition("=")[2] if name == "alias" else word for word in args)
    elif name == "trap":
        yield from args[:1]
    elif program.row.has("texts"):
        texts = program.row.values("texts")
        yield from program.operands if "*" in texts else program.values_of(*texts)
    elif name == "env" and program.has("-S", "--split-string"):
        yield " ".join(word.removeprefix("--split-string=").removeprefix("-S") for word in args)
    elif name == "find":
        yield from _found(program)
    elif name == "git":
        yield from _by_git(program)
        if program.verbs and (alias := variables.get(f"git {program.verbs[0]}()")):
            yield " ".join((alias, *program.verbs[1:]))
    elif program.row.kind == "interpreter":
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
    for option, setting in pairwise(args):
        key, _, value = setting.partition("=")
        if option == "-c" and verbs and key.lower() == f"alias.{verbs[0]}":
            yield from _aliased(value, list(verbs[1:]))
        elif option == "-c" and _GIT_RUNS.search(key):
            yield value.removeprefix("!")
    if verbs[:2] == ("submodule", "foreach"):
        yield " ".join(word for word in args[args.index("foreach") + 1 :] if word != "--recursive")
    elif verbs[:2] == ("bisect", "run"):
        yield args[args.index("run") + 1 :]
    elif verbs[:1] == ("rebase",):
        yield from (text for option, text in pairwise(program.args) if option in ("-x", "--exec"))
    elif verbs[:1] == ("filter-branch",):
        yield from (text for option, text in pairwise(program.args) if option.endswith("-filter"))


def _aliased(value: str, words: list[str]) -> Iterator[str | list[str]]:
    """What an alias of Git's runs: a command of its own, or, with ``!``, a text of the shell's."""
    yield " ".join((value[1:], *words)) if value.startswith("!") else ["git", *value.split(), *words]


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
    name, row, words = program.name, program.row, list(program.args)
    if name == "docker" and words[:1] == ["compose"]:
        words = words[1:]
        return _past_options(words[1:])[1:] if words[:1] and words[0] in ("exec", "run") else []
    runs = row.values("runs")
    words = _past_options(words, frozenset(row.values("valued"))) if runs else words
    if words and words[0] in runs:
        if row.kind == "cluster":
            return [word for word in words if word != "--"]
        words = words[1:]
        if row.kind == "container" or name == "direnv":
            return _past_options(words)[1:]
        return _past_options(words[1:] if words[:1] == ["run"] else words)
    if row.kind == "interpreter" and words[:1] == ["-m"]:
        return words[1:]
    if not row.has("wraps") or (name == "command" and words[:1] and words[0] in ("-v", "-V")):
        return []
    words = _past_options(words, frozenset(row.values("valued")))[int("".join(row.values("wraps")) or 0) :]
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

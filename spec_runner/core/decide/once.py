"""Commands that are steps and no states: they can be done once, and what they leave behind tells that they were."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.shell.grammar import read_statements
from spec_runner.core.shell.programs import Program, names, programs_of

_ONCE = re.compile(
    r"(?P<moves>git mv|mv) |(?P<removes>git rm) |(?P<makes>mkdir|ln|git init|git worktree add) "
    r"|(?P<named>create-[\w.-]+(?:@\S+)?|(?:npm|pnpm|yarn|bun) (?:create|init) \S+"
    r"|(?:django-admin|python manage\.py) start(?:app|project)|cargo new|rails new|alembic init|uv init|poetry new"
    r"|flutter create|ng new|nest new|dotnet new \S+) "
    r"|(?P<manifest>(?:npm|pnpm|yarn|bun|cargo|uv|poetry|composer) init)\b"
    r"|git (?:commit|tag|branch|switch|checkout|remote add|merge|apply|am|cherry-pick|revert|submodule add|stash)\b"
    r"|patch\b|dotnet ef migrations add|alembic revision|rails (?:g|generate)|createdb|docker (?:network|volume) create"
    r"|(?:shadcn|shadcn-ui|msw|storybook|tailwindcss|playwright|prisma|husky|sentry)(?:@\S+)? init\b"
)
_MANIFESTS = {"cargo": "Cargo.toml", "uv": "pyproject.toml", "poetry": "pyproject.toml", "composer": "composer.json"}
_SIGNS = re.compile(
    r"already (?:been )?(?:exists?|initiali[sz]ed|used|contains|an? |on |applied|there)|\bexists\b|used by an existing"
    r"|nothing to commit|no changes added|conflicts with the name"
    r"|not (?:an )?empty|could conflict"
    r"|did not match any files|bad source|(?:operation )?cancelled|cannot stat|previously applied"
    r"|nothing to (?:do|stash)"
    r"|No local changes",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"(?:\./)?[\w@.-]+(?:/[\w@.-]+)*/?$")
_LEADS = names("cd pushd export set source git-add")
_CALLERS = names("npx bunx uvx")
_RED = re.compile(
    r"\b(?:FAIL\w*|RED)\b|\bfail(?:s|ing)? (?:first|before|initially|as expected|because|until)"
    r"|\bbefore (?:implement|writing)|\bred (?:phase|state|step)\b|\bTDD\b|not (?:yet )?implemented",
)
_BASELINE = re.compile(
    r"\bbaselines?\b|\bbefore (?:any|making|the|starting|touching|all) (?:\w+ ){0,3}(?:changes?|edits?|work|refactor\w*"
    r"|implementation|migration)\b",
    re.IGNORECASE,
)


_LEAVES = {
    "storybook": ".storybook/", "shadcn": "components.json", "shadcn-ui": "components.json", "prisma": "schema.prisma",
    "husky": ".husky/", "tailwindcss": "tailwind.config.",
}  # fmt: skip
"""What part of a path tells that a tool was set up with ``init``."""
_MIGRATION = re.compile(r"dotnet ef migrations add (\w+) ")
_IN_BRACES = re.compile(r"([\w@./-]*)\{([\w@./-]+(?:,[\w@./-]+)*)\}([\w@./-]*)$")
_WEAK = names("mkdir ln git-init git-worktree rm")
"""What is often done for what comes behind it, and leaves what Git does not keep."""


class Effect(NamedTuple):
    """What a command that is done once leaves behind, seen from where it starts."""

    gone: tuple[str, ...] = ()
    there: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    """Words that the names of files hold which it makes."""

    def __str__(self) -> str:
        """As in ``a.py is gone, src/a.py is there``."""
        return ", ".join((*(f"{path} is gone" for path in self.gone), *(f"{path} is there" for path in self.there)))


def is_once(command: str) -> bool:
    """Whether a command can be done once: the second time it ends otherwise."""
    return any(map(_is_once, programs_of(command)))


def says_once(output: str) -> bool:
    """Whether an output says that what was to be done is done."""
    return _SIGNS.search(output[-4000:]) is not None


def was_for_then(words: str, expect: str) -> bool:
    """Whether words ask for what is so only before what comes after it: a red phase, a baseline."""
    return (_RED.search(words) is not None) if expect == "fail" else _BASELINE.search(words) is not None


class Done(NamedTuple):
    """How a command is one that is done once."""

    effect: Effect | None
    """What it leaves behind; None where that cannot be seen in a tree."""
    is_weak: bool
    """It makes ready for something else, or does what may be done anywhere: nothing is claimed by it alone."""
    moves: bool
    """It takes files away that Git keeps, so that a second time cannot end well."""
    removes: bool
    """It only removes files: that they are not there says nothing by itself."""


def done_once(command: str) -> Done | None:
    """How a command is done once, if it is; removing a file is as well, where that is all it does."""
    programs = programs_of(command)
    once = [each for each in programs if _is_once(each) or each.name == "rm"]
    if not once:
        return None
    rest = [each for each in programs if each not in once and not _only_leads(each)]
    strong = [each for each in once if _word(each) not in _WEAK and not re.search(r"[$`]", " ".join(each.args))]
    effect = effect_of(command, beside=bool(rest))
    if rest and not (strong and effect):
        return None
    moves = bool(strong) and all(_text(each).startswith(("git mv ", "git rm ", "mv ")) for each in strong)
    return Done(effect, not strong, moves, all(_word(each) in ("rm", "git-rm") for each in once))


def _only_leads(program: Program) -> bool:
    return program.name in _LEADS or _word(program) in _LEADS or program.row.has("wraps") or program.name in _CALLERS


def _is_once(program: Program) -> bool:
    return _ONCE.match(_text(program)) is not None


def _word(program: Program) -> str:
    return f"git-{program.verbs[0]}" if program.name == "git" and program.verbs else program.name


def effect_of(command: str, *, beside: bool = False) -> Effect | None:
    """What all of a command's steps leave behind; None where that cannot be seen in a tree.

    With ``beside`` only of those that are done once, whatever else it does.
    """
    standing: str | None = directories.ROOT
    gone: dict[str, None] = {}
    there: dict[str, None] = {}
    named: list[str] = []
    for statement in read_statements(command):
        for program in programs_of(statement.text):
            found = _effect(program)
            if found is None or standing is None or (beside and _word(program) in _WEAK):
                if program.name in _LEADS or _wraps(program, command) or (beside and not _is_once(program)):
                    standing = directories.after(f"{program.name} {' '.join(program.args)}", standing)
                    continue
                return None
            for path in found.gone:
                there.pop(directories.join(standing, path), None)
                gone[directories.join(standing, path)] = None
            there.update(dict.fromkeys(directories.join(standing, path) for path in found.there))
            named += found.named
    paths = (tuple(map(posixpath.normpath, gone)), tuple(map(posixpath.normpath, there)))
    return Effect(*paths, tuple(named)) if gone or there or named else None


def _wraps(program: Program, command: str) -> bool:
    return len(programs_of(command)) > 1 and bool(program.row.has("wraps") or program.row.values("runs"))


def _text(program: Program) -> str:
    return f"{' '.join((program.name, *program.verbs))} "


def _effect(program: Program) -> Effect | None:
    migration = _MIGRATION.match(_text(program))
    if migration:
        return Effect(named=(f"_{migration[1]}.",))
    if program.name == "rm":
        paths = [word.rstrip("/") for word in program.operands]
        return Effect(tuple(paths)) if paths and all(map(_PLAIN.match, paths)) else None
    found = _ONCE.match(_text(program))
    if found is None:
        return None
    made = _LEAVES.get(program.name) if program.verbs[:1] == ("init",) else None
    if made:
        return Effect(named=(made,))
    words = [path.rstrip("/") for word in _operands(program, found) for path in _unbraced(word)]
    if not all(_PLAIN.match(word) for word in words) or words == ["."]:
        return None
    if found["manifest"] and not found["named"]:
        return Effect((), (_MANIFESTS.get(program.name, "package.json"),))
    if found["moves"] and len(words) >= 2:
        into = len(words) > 2 or program.args[-1].endswith("/")
        there = [posixpath.join(words[-1], posixpath.basename(each)) for each in words[:-1]] if into else words[-1:]
        return Effect(tuple(words[:-1]), tuple(there))
    if found["removes"] and words:
        return Effect(tuple(words))
    if found["makes"] and words:
        return Effect((), tuple(words if program.name == "mkdir" else words[-1:]))
    place = _made_at(program, words) if found["named"] and words else None
    return Effect((), (place,)) if place else None


def _made_at(program: Program, words: list[str]) -> str | None:
    """Where a scaffolder puts what it makes: in the folder behind the name, where one is given, as ``-o`` or alone."""
    told = [value for option, value in pairwise(program.args) if option in ("-o", "--output", "--directory")]
    own = words[1:2] if any(word.startswith("start") for word in program.args[:2]) else []
    made = next(iter((*told, *own, *words))).rstrip("/")
    if made == ".":
        return "manage.py" if "startproject" in program.args else None
    return made if _PLAIN.match(made) else None


def _unbraced(word: str) -> list[str]:
    """The words that the shell makes of one in braces: ``src/{a,b}``."""
    found = _IN_BRACES.match(word)
    return [f"{found[1]}{each}{found[3]}" for each in found[2].split(",")] if found else [word]


def _operands(program: Program, found: re.Match[str]) -> Iterator[str]:
    """The words behind those that make it a command of this kind, and before the options of what it calls."""
    passed = len(found.group().split()) - 1
    args = program.args[: program.args.index("--")] if "--" in program.args else program.args
    yield from [word for word in args if not word.startswith("-")][passed:]

"""Commands that are steps and no states: they can be done once, and what they leave behind tells that they were."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
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
_RED = re.compile(
    r"\b(?:FAIL\w*|RED)\b|\bfail(?:s|ing)? (?:first|before|initially|as expected|because|until)"
    r"|\bbefore (?:implement|writing)|\bred (?:phase|state|step)\b|\bTDD\b|not (?:yet )?implemented",
)
_BASELINE = re.compile(
    r"\bbaselines?\b|\bbefore (?:any|making|the|starting|touching|all) (?:\w+ ){0,3}(?:changes?|edits?|work|refactor\w*"
    r"|implementation|migration)\b",
    re.IGNORECASE,
)


class Effect(NamedTuple):
    """What a command that is done once leaves behind, seen from where it starts."""

    gone: tuple[str, ...] = ()
    there: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As in ``a.py is gone, src/a.py is there``."""
        return ", ".join((*(f"{path} is gone" for path in self.gone), *(f"{path} is there" for path in self.there)))


def is_once(command: str) -> bool:
    """Whether a command can be done once: the second time it ends otherwise."""
    return any(_ONCE.match(_text(program)) for program in programs_of(command))


def says_once(output: str) -> bool:
    """Whether an output says that what was to be done is done."""
    return _SIGNS.search(output[-4000:]) is not None


def was_for_then(words: str, expect: str) -> bool:
    """Whether words ask for what is so only before what comes after it: a red phase, a baseline."""
    return (_RED.search(words) is not None) if expect == "fail" else _BASELINE.search(words) is not None


def effect_of(command: str) -> Effect | None:
    """What all of a command's steps leave behind; None where that cannot be seen in a tree."""
    standing: str | None = directories.ROOT
    gone: dict[str, None] = {}
    there: dict[str, None] = {}
    for statement in read_statements(command):
        for program in programs_of(statement.text):
            found = _effect(program)
            if found is None or standing is None:
                if program.name in _LEADS or _wraps(program, command):
                    standing = directories.after(f"{program.name} {' '.join(program.args)}", standing)
                    continue
                return None
            for path in found.gone:
                there.pop(directories.join(standing, path), None)
                gone[directories.join(standing, path)] = None
            there.update(dict.fromkeys(directories.join(standing, path) for path in found.there))
    paths = (tuple(map(posixpath.normpath, gone)), tuple(map(posixpath.normpath, there)))
    return Effect(*paths) if gone or there else None


def _wraps(program: Program, command: str) -> bool:
    return len(programs_of(command)) > 1 and bool(program.row.has("wraps") or program.row.values("runs"))


def _text(program: Program) -> str:
    return f"{' '.join((program.name, *program.verbs))} "


def _effect(program: Program) -> Effect | None:
    found = _ONCE.match(_text(program))
    if found is None:
        return None
    words = [word.rstrip("/") for word in _operands(program, found)]
    if not all(_PLAIN.match(word) for word in words):
        return None
    if found["manifest"] and not found["named"]:
        return Effect((), (_MANIFESTS.get(program.name, "package.json"),))
    if found["moves"] and len(words) == 2:
        return Effect((words[0],), (words[1],))
    if found["removes"] and words:
        return Effect(tuple(words))
    if found["makes"] and words:
        return Effect((), tuple(words if program.name == "mkdir" else words[-1:]))
    return Effect((), tuple(words[:1])) if found["named"] and words else None


def _operands(program: Program, found: re.Match[str]) -> Iterator[str]:
    """The words behind those that make it a command of this kind, and before the options of what it calls."""
    passed = len(found.group().split()) - 1
    args = program.args[: program.args.index("--")] if "--" in program.args else program.args
    yield from [word for word in args if not word.startswith("-")][passed:]

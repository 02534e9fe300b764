"""What a command can have seen of the repository, where its words say so: an edit of anything else leaves it proven."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from spec_runner.core.plan.model import PlannedStep, PlannedTask
from spec_runner.core.shell.grammar import Command, read_statements
from spec_runner.errors import MALFORMED

Content: TypeAlias = Callable[[str], str | None]
"""The text of a file of the repository by its path; None where there is none."""

_NPM = frozenset({
    "package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc", "yarn.lock", ".yarnrc", ".yarnrc.yml",
    "pnpm-lock.yaml", "pnpm-workspace.yaml", ".pnpmfile.cjs", "bun.lock", "bun.lockb", "bunfig.toml", ".nvmrc",
    ".node-version", ".tool-versions",
})  # fmt: skip
_PIP = frozenset({"pip.conf", "pip.ini", ".python-version"})
_GO = frozenset({"go.mod", "go.sum", "go.work", "go.work.sum"})
_CARGO = frozenset({"Cargo.toml", "Cargo.lock", "config.toml", "rust-toolchain", "rust-toolchain.toml"})
_BLIND = frozenset({"cd", "export", "true", "pwd", "deactivate", ":"})
"""They read no file of the repository."""
_HOOKS = frozenset({
    "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies",
    "pnpm:devPreinstall",
})  # fmt: skip
"""Scripts of a manifest that an installation runs: they may read anything."""
_LOCAL = ("file:", "link:", "workspace:", "portal:", ".", "/", "~")
_PLAIN_PACKAGE = re.compile(r"[A-Za-z0-9@][\w.@/\[\],=<>!~^*-]*")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(?:\[[\w, .-]*\])?\s*(?:[=<>!~;].*|$)")


class Edited(NamedTuple):
    """When a path of the repository last came into a work tree."""

    at: int
    """The edition of the tree that it made."""
    by_both: int
    """The last one in which it took the place of what commands had made; 0 if none did."""


def unseen_since(
    task: PlannedTask, edition: int, edited: Mapping[str, Edited], content: Content
) -> tuple[bool, str | None]:
    """Whether evidence of a task still stands after edits, and else the path that it may have seen.

    ``edition`` is the one that the task ran in.
    """
    later = sorted(path for path, when in edited.items() if when.at > edition)
    undone = [path for path in later if edited[path].by_both > edition]
    if undone or not later:
        return not undone, undone[0] if undone else None
    names = _seen_by(task.steps, content)
    found = next((path for path in later if names is None or posixpath.basename(path) in names), None)
    return found is None, found


def _seen_by(steps: Collection[PlannedStep], content: Content) -> AbstractSet[str] | None:
    """The names of the files that these steps may read; None where that can be any."""
    names: set[str] = set()
    for step in steps:
        found = _of_step(step, content)
        if found is None:
            return None
        names |= found
    return names if steps else None


def _of_step(step: PlannedStep, content: Content) -> AbstractSet[str] | None:
    if step.step.kind != "command" or step.cwd is None or re.search(r"[$`<>*?{}|&!]", _joined(step.step.command)):
        return None
    names: set[str] = set()
    folder = step.cwd
    for statement in read_statements(step.step.command):
        for command in statement.commands:
            found = _of_command(command, folder, content)
            if found is None or statement.compound or not statement.complete:
                return None
            names |= found
            # Where a manifest stands after a change of folder is another question.
            folder = "\0" if command.name == "cd" else folder
    return names


def _joined(text: str) -> str:
    """The text without what only joins commands."""
    return text.replace("&&", " ")


def _of_command(command: Command, folder: str, content: Content) -> AbstractSet[str] | None:
    words = command.words
    if command.assignments or command.writes or command.fed or not words or words[0] != command.name:
        return None
    match words[0], words[1:]:
        case name, _ if name in _BLIND:
            return frozenset()
        case (("source" | "."), (script,)) if script.endswith("bin/activate"):
            return frozenset()
        case (("python" | "python3"), ("-m", "venv", _)):
            return frozenset()
        case (("npm" | "pnpm" | "yarn" | "bun"), args) if not args or args[0] in ("install", "ci", "i", "add"):
            return _of_npm(args, folder, content) if args or words[0] == "yarn" else None
        case (("python" | "python3"), ("-m", "pip", "install", *args)):
            return _of_pip(args, folder, content)
        case (("pip" | "pip3"), ("install", *args)):
            return _of_pip(args, folder, content)
        case "go", ("mod", "download"):
            return _GO
        case "cargo", ("fetch",):
            return _CARGO
    return None


def _of_npm(args: tuple[str, ...], folder: str, content: Content) -> AbstractSet[str] | None:
    if not all(_PLAIN_PACKAGE.fullmatch(word) or word in _QUIET for word in args[1:]):
        return None
    try:
        manifest = json.loads(content(_in(folder, "package.json")) or "")
        hooks = _HOOKS & manifest.get("scripts", {}).keys()
        parts = [manifest.get(name) or {} for name in _DEPENDENCIES]
        is_local = any(str(version).startswith(_LOCAL) for part in parts for version in part.values())
    except MALFORMED:
        return None
    return None if hooks or is_local or manifest.get("workspaces") or content(_in(folder, "binding.gyp")) else _NPM


_QUIET = frozenset(
    {"--save-dev", "-D", "--silent", "--no-audit", "--no-fund", "--frozen-lockfile", "--legacy-peer-deps"}
)
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def _of_pip(args: list[str], folder: str, content: Content) -> AbstractSet[str] | None:
    names = set(_PIP)
    words = iter(args)
    for word in words:
        if word in ("-r", "--requirement"):
            file = _in(folder, next(words, ""))
            text = content(file)
            lines = [line.split(" #")[0].strip() for line in (text or "").splitlines()]
            if text is None or not all(_REQUIREMENT.match(line) for line in lines if line and not line.startswith("#")):
                return None
            names.add(posixpath.basename(file))
        elif word not in ("-q", "--quiet", "-U", "--upgrade") and not _REQUIREMENT.fullmatch(word):
            return None
    return names


def _in(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder, name))

"""Which file a command must find where it runs, and which folders of a repository have it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.decide.once import is_once
from spec_runner.core.shell.programs import Program, names, programs_of
from spec_runner.errors import MALFORMED

_INTERPRETERS = names("python python3 node tsx ts-node deno bash sh zsh ruby php perl")
_SCRIPTED = names("npm pnpm yarn bun")
_OWN_WORDS = names("test start stop restart")
"""Scripts that are called without ``run``."""
_MANIFESTS = {
    "uv": ("pyproject.toml",), "poetry": ("pyproject.toml",), "pdm": ("pyproject.toml",), "cargo": ("Cargo.toml",),
    "go": ("go.mod",), "make": ("Makefile", "makefile", "GNUmakefile"), "alembic": ("alembic.ini",),
    "bundle": ("Gemfile",), "rails": ("Gemfile",), "rake": ("Rakefile",),
    "mvn": ("pom.xml",), "gradle": ("build.gradle", "build.gradle.kts"),
    "flutter": ("pubspec.yaml",), "dart": ("pubspec.yaml",), "composer": ("composer.json",), "npx": ("package.json",),
}  # fmt: skip
_VERBS = names(
    "sync run add remove require lock install build test vet check fmt clippy tidy mod upgrade revision exec pub"
    " analyze update ci i"
)
_UPWARDS = _SCRIPTED | names("npx uv poetry pdm cargo go bundle")
"""Programs that look for it in the folders above as well."""
_ELSEWHERE = (
    "--prefix", "-C", "--cwd", "--dir", "--directory", "--project", "--manifest-path", "--workspace", "--filter",
    "--rootdir", "--config-file", "--app-dir", "--package", "-w", "-g", "--global", "--version", "-h", "--help",
)  # fmt: skip
_PATH = re.compile(r"(?:\./)?(?:[\w@.-]+/)*[\w@.-]+/?$")
_MODULE = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*):\w+$")
_NOT_OURS = re.compile(
    r"(?:^|/)(?:node_modules|vendor|\.[\w-]+|venv|fixtures?|testdata|templates?|examples?|samples?|specs|docs)/"
)


class Wanted(NamedTuple):
    """What a command must find in its directory."""

    paths: tuple[str, ...]
    """One of these, relative to the directory."""
    script: str = ""
    """The script that the manifest must have."""
    upwards: bool = False
    """A folder above will do."""

    @property
    def name(self) -> str:
        """As it is told: the file, or the script."""
        return f'"{self.script}" in {self.paths[0]}' if self.script else self.paths[0]


def wants_of(command: str) -> tuple[Wanted, ...]:
    """What a command must find where it starts; nothing where it names nothing, or says itself where it is."""
    programs = programs_of(command)
    says_where = any(program.name in ("cd", "pushd", "popd") or program.has(*_ELSEWHERE) for program in programs)
    if says_where or is_once(command):
        return ()
    return tuple(found for program in programs if (found := _wanted(program)))


def makes_anew(command: str) -> bool:
    """Whether a command makes files that others look for: a project, not a part of one that is there."""
    if "clone" in command:
        return True
    return is_once(command) and not any(_runs_file(program) for program in programs_of(command))


def _runs_file(program: Program) -> bool:
    return program.name in _INTERPRETERS and bool(program.operands) and _is_file(program.operands[0])


def _wanted(program: Program) -> Wanted | None:
    name, operands = program.name, program.operands
    word = program.command.words[0] if program.command.words else ""
    if word.startswith("./") and posixpath.basename(word).lower() == name and _PATH.match(word):
        return Wanted((posixpath.normpath(word),))
    if name in _INTERPRETERS and program.args[:1] == operands[:1] and operands and _is_file(operands[0]):
        return Wanted((posixpath.normpath(operands[0]),))
    if name in _SCRIPTED:
        return _of_scripts(operands)
    if name in ("pip", "pip3") and (listed := program.values_of("-r") or _after(program.args, "-r")):
        return Wanted((posixpath.normpath(listed[0]),)) if _PATH.match(listed[0]) else None
    if name == "pytest" and operands and _PATH.match(path := operands[0].partition("::")[0]):
        return Wanted((posixpath.normpath(path),))
    if name in ("uvicorn", "gunicorn", "hypercorn"):
        module = next((found.group(1).replace(".", "/") for each in operands if (found := _MODULE.match(each))), None)
        return Wanted((f"{module}.py", f"{module}/__init__.py")) if module else None
    if name in _MANIFESTS and (name in ("make", "npx", "rake") or _VERBS & set(operands[:1])):
        return Wanted(_MANIFESTS[name], upwards=name in _UPWARDS)
    return None


def _of_scripts(operands: tuple[str, ...]) -> Wanted | None:
    verb = operands[0] if operands else ""
    if verb in ("run", "run-script") and len(operands) > 1 and not operands[1].endswith((".ts", ".js")):
        return Wanted(("package.json",), operands[1], upwards=True)
    if verb in _OWN_WORDS:
        return Wanted(("package.json",), verb, upwards=True)
    is_whole = verb in ("ci", "install", "i") and len(operands) == 1
    return Wanted(("package.json",), upwards=True) if is_whole else None


def _after(args: tuple[str, ...], option: str) -> tuple[str, ...]:
    at = args.index(option) + 1 if option in args else len(args)
    return args[at : at + 1]


def _is_file(word: str) -> bool:
    return _PATH.match(word) is not None and re.search(r"\.\w{1,4}$", word) is not None


def is_in(wanted: Wanted, folder: str, has: Callable[[str], bool], read: Callable[[str], str]) -> bool:
    """Whether a folder has what is wanted, or one above it where that will do."""
    for path in wanted.paths:
        there = directories.join(folder, path)
        if has(there) and not (wanted.script and wanted.script not in scripts_of(read(there))):
            return True
    above = posixpath.dirname(folder) or directories.ROOT
    return wanted.upwards and folder != directories.ROOT and is_in(wanted, above, has, read)


def holders(wanted: Wanted, files: Iterable[str], read: Callable[[str], str]) -> tuple[str, ...]:
    """The folders of a repository that have what is wanted, in order; ``files`` are its files, ``read`` reads one."""
    return tuple(dict.fromkeys(folder for file in sorted(files) for folder in _holds(wanted, file, read)))


def _holds(wanted: Wanted, file: str, read: Callable[[str], str]) -> Iterator[str]:
    if _NOT_OURS.search(file):
        return
    for path in wanted.paths:
        folder, within, _ = f"/{file}/".partition(f"/{path}/")
        if within and not (wanted.script and wanted.script not in scripts_of(read(file))):
            yield folder.strip("/") or directories.ROOT


def scripts_of(manifest: str | bytes) -> Mapping[str, object]:
    """The scripts of a ``package.json``; none where it is damaged."""
    import json

    try:
        scripts = json.loads(manifest)["scripts"]
    except MALFORMED:
        return {}
    return scripts if isinstance(scripts, dict) else {}

"""A spec's own configuration: ``spec-run.toml`` beside the documents, or ``[tool.spec-run]`` in pyproject.toml."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from spec_runner.core.decide.values import is_reserved
from spec_runner.errors import SpecError, said
from spec_runner.system.document import files

FILE = "spec-run.toml"
_Number = TypeVar("_Number", int, float)


class Config(NamedTuple):
    """What a spec says of itself. It can widen no trust: nothing here changes the sandbox."""

    mirrors: Mapping[str, Path] = {}
    """Address of a remote repository → where its content is: a Git repository, a bundle or a plain folder."""
    env: Mapping[str, str] = {}
    """Variables of the commands, and values for the keys that env tasks name; they are no secrets."""
    setup: tuple[str, ...] | None = None
    """Commands that make the work tree ready, instead of what the manifests say; they run in the sandbox alone."""
    timeout: float | None = None
    """Seconds that one command may take."""
    jobs: int | None = None
    keep_going: bool | None = None
    shell: str | None = None
    """The shell that runs the commands."""
    tests: bool | None = None
    """Whether the tests that tasks name are run."""


def read_config(folder: Path, root: Path, named: Path | None) -> Config:
    """The configuration of the spec in ``folder``: the named file, else the one beside it, else the repository's.

    Raises SpecError with the line for what is no TOML, an unknown key or a value of the wrong kind.
    """
    if named is not None:
        return _parse(named, (), None)
    if (folder / FILE).exists():
        return _parse(folder / FILE, (), root)
    if (root / "pyproject.toml").is_file():
        return _parse(root / "pyproject.toml", ("tool", "spec-run"), root)
    return Config()


def _parse(path: Path, inside: tuple[str, ...], root: Path | None) -> Config:
    """``root`` is the repository whose own configuration it is: it can name nothing outside; None for the user's."""
    data = files.read(path)
    if inside and b"tool.spec-run" not in data:
        return Config()
    table = _load(path, data)
    for name in inside:
        found = table.get(name)
        table = found if isinstance(found, dict) else {}
    return _Checked(path, data.decode("utf-8", "replace"), root).config(table)


def _load(path: Path, data: bytes) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise SpecError("the file is not UTF-8", todo="save the file as UTF-8", path=str(path)) from None
    except RecursionError:
        raise SpecError("the file is nested too deep", todo="remove the nesting", path=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        said = re.sub(r" \(at .*\)$", "", str(error))
        number = int(line.group(1)) if line else None
        raise SpecError(
            f"the file is not TOML ({said})", todo="correct the line", path=str(path), line=number
        ) from None


def write_starter(folder: Path) -> Path:
    """Write a configuration into a spec's folder in which everything is a comment; where it was written.

    Raises SpecError where there is one, or it cannot be written.
    """
    place = folder / FILE
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(Path(__file__).with_name("starter.toml").read_text(encoding="utf-8"))
    except FileExistsError:
        raise SpecError("the file exists already", todo="edit it", path=str(place)) from None
    except OSError as error:
        raise SpecError(f"cannot write the file ({said(error)})", todo="check the folder", path=str(place)) from None
    return place


class _Checked(NamedTuple):
    path: Path
    text: str
    root: Path | None

    def config(self, table: dict[str, Any]) -> Config:
        self._known(table, ("run", "git", "env", "setup", "tests"))
        run = self._table(table, "run")
        self._known(run, ("timeout", "jobs", "keep-going", "shell"))
        tests = self._table(table, "tests")
        self._known(tests, ("run",))
        git = self._table(table, "git")
        self._known(git, ("mirrors",))
        mirrors = self._strings(self._table(git, "mirrors"))
        found = {address: (self.path.parent / place).resolve() for address, place in mirrors.items()}
        for address, place in found.items():
            if self.root and (os.path.isabs(mirrors[address]) or not place.is_relative_to(self.root.resolve())):
                todo = "put it into the repository, or name a configuration of your own with --config"
                raise self._error(f"the mirror {mirrors[address]} leads out of the repository", address, todo)
            if not place.exists():
                todo = f"name it relative to {self.path.name}"
                raise self._error(f"there is no mirror {mirrors[address]}", address, todo)
        env = self._strings(self._table(table, "env"))
        for name in env:
            if not (name.isidentifier() and name.isascii()) or is_reserved(name):
                raise self._error(f"{name!r} cannot be set", name, "name a variable that the sandbox does not need")
        setup = self._table(table, "setup")
        self._known(setup, ("commands",))
        return Config(
            found,
            env,
            self._commands(setup),
            self._positive(run, "timeout", float),
            self._positive(run, "jobs", int),
            self._truth(run, "keep-going"),
            self._shell(run),
            self._truth(tests, "run"),
        )

    def _positive(self, table: dict[str, Any], key: str, kind: type[_Number]) -> _Number | None:
        value = table.get(key)
        if value is None:
            return None
        fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
        if not fits or isinstance(value, bool) or not 0 < value < 1e7:
            what = "a number of seconds" if kind is float else "a number of tasks"
            raise self._error(f"{key!r} must be {what}", key, f"write {key} = {'300' if kind is float else '4'}")
        return kind(value)

    def _commands(self, table: dict[str, Any]) -> tuple[str, ...] | None:
        value = table.get("commands")
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self._error("'commands' must be a list of commands", "commands", 'write commands = ["npm ci"]')
        return tuple(value)

    def _truth(self, table: dict[str, Any], key: str) -> bool | None:
        value = table.get(key)
        if value is not None and not isinstance(value, bool):
            raise self._error(f"{key!r} must be true or false", key, f"write {key} = true")
        return value

    def _shell(self, table: dict[str, Any]) -> str | None:
        value = table.get("shell")
        # A name alone: no program that a repository brings.
        if value not in (None, "bash", "brush"):
            raise self._error('\'shell\' must be "bash" or "brush"', "shell", 'write shell = "brush"')
        return value

    def _known(self, table: dict[str, Any], names: tuple[str, ...]) -> None:
        for key in table:
            if key not in names:
                from difflib import get_close_matches

                near = get_close_matches(key, names, n=1, cutoff=0)
                raise self._error(f"unknown key {key!r}", key, f"did you mean {near[0]!r}?")

    def _table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self._error(f"{key!r} must be a table", key, f"write [{key}]")
        return value

    def _strings(self, table: dict[str, Any]) -> dict[str, str]:
        for key, value in table.items():
            if not isinstance(value, str):
                raise self._error(f"the value of {key!r} must be a string", key, "put it in quotes")
        return table

    def _error(self, what: str, key: str, todo: str) -> SpecError:
        before = self.text.partition(key)[0]
        line = before.count("\n") + 1 if key in self.text else None
        return SpecError(what, todo=todo, path=str(self.path), line=line)

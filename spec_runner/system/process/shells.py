"""Which shell runs the commands of a spec: bash, or brush, a bash that is one program for every system."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from spec_runner.errors import SpecError

SHELLS = ("bash", "brush")
"""The one that is taken first stands first."""
_GIT_FOLDERS = {
    "PROGRAMFILES": "Git", "PROGRAMW6432": "Git", "PROGRAMFILES(X86)": "Git", "LOCALAPPDATA": r"Programs\Git",
    "USERPROFILE": r"scoop\apps\git\current",
}  # fmt: skip
"""Where Git for Windows puts itself, below the folder that a variable names."""
_TODO = {
    "bash": "install bash, which runs the commands of a spec",
    "brush": 'pip install "spec-run[windows]", which brings brush',
}
_TODO_ON_WINDOWS = 'install Git for Windows, which brings bash, or pip install "spec-run[windows]", which brings brush'


class Interpreter(NamedTuple):
    """A shell that is here."""

    name: str
    program: str

    @property
    def words(self) -> tuple[str, ...]:
        """How it is started without anybody's own settings, and without colours in what it says."""
        own = ("--no-config", "--disable-color") if self.name == "brush" else ()
        return (self.program, "--noprofile", "--norc", *own)


def find_shell(asked: str = "auto") -> Interpreter:
    """The shell of this name, else the first one that is here. Raises SpecError where there is none."""
    for name in SHELLS if asked == "auto" else (asked,):
        program = _found(name)
        if program:
            return Interpreter(name, program)
    name = "bash" if asked == "auto" else asked
    raise SpecError(f"{name} is not installed", todo=_TODO_ON_WINDOWS if sys.platform == "win32" else _TODO[name])


def shells_here() -> dict[str, str]:
    """The shells of this machine, each with its program, the one that a run gets first."""
    return {name: program for name in SHELLS if (program := _found(name))}


def _found(name: str) -> str | None:
    # The extra's programs lie beside the interpreter, which need not be on PATH.
    beside = (os.path.dirname(sys.executable), os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin"))
    places = places_of(name, os.environ, sys.platform, beside if name == "brush" else ())
    return next((each for each in places if os.access(each, os.X_OK) and os.path.isfile(each)), None)


def places_of(name: str, host: Mapping[str, str], system: str, beside: tuple[str, ...] = ()) -> Iterator[str]:
    """Where a shell may lie on a system (``sys.platform``), the best place first.

    On Windows the bash that comes with the system starts another one, Linux: what runs there proves nothing here. It
    and the stores of programs that stand for it are passed over.
    """
    path = ntpath if system == "win32" else posixpath
    file = f"{name}.exe" if system == "win32" else name
    folders = [each for each in host.get("PATH", os.defpath).split(path.pathsep) if path.isabs(each)]
    if system != "win32" or name != "bash":
        yield from (path.join(folder, file) for folder in (*folders, *beside))
        return
    yield from (path.join(folder, file) for folder in folders if not _is_of_windows(folder, host))
    yield from _beside_git(folders)
    for variable, folder in _GIT_FOLDERS.items():
        if variable in host:
            yield ntpath.join(host[variable], folder, "bin", file)


def _is_of_windows(folder: str, host: Mapping[str, str]) -> bool:
    """Whether Windows itself, or its store, put the programs of a folder there."""
    place, root = (ntpath.normcase(ntpath.normpath(each)) for each in (folder, host.get("SYSTEMROOT", r"C:\Windows")))
    return place.startswith(root) or place.endswith(r"\microsoft\windowsapps")


def _beside_git(folders: list[str]) -> Iterator[str]:
    """Git's installer puts ``Git\\cmd`` on PATH alone; its bash is in ``Git\\bin``."""
    for folder in map(ntpath.normpath, folders):
        if folder.lower().endswith(r"\git\cmd"):
            yield ntpath.join(ntpath.dirname(folder), "bin", "bash.exe")


def native(place: str, system: str) -> str:
    """A directory that a shell says it is in, as the system writes it: the bash of Git says ``/c/me`` for ``C:/me``."""
    drive = re.match(r"/([A-Za-z])(?=/|$)", place) if system == "win32" else None
    return f"{drive[1].upper()}:{place[2:] or '/'}" if drive else place

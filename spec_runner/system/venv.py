"""A virtual environment for one run, so that ``python`` and ``pip`` never touch the user's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from spec_runner.errors import MALFORMED
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree.copies import remove

_QUESTION = """\
import importlib.util as u, sys
pip = u.find_spec("pip")
print(getattr(sys, "_base_executable", sys.executable))
print("%d.%d" % sys.version_info[:2])
print(pip.origin if pip and pip.origin else "")
"""


@dataclass(frozen=True, slots=True)
class _Python:
    """An interpreter: its own program (no shim, no virtual environment), its version, and its pip package."""

    program: str
    version: str
    pip: Path | None


class Venv(NamedTuple):
    """A virtual environment: its folder of programs, and what of the machine it needs to be seen."""

    programs: Path
    readable: tuple[Path, ...]


def make_venv(place: Path, host: Mapping[str, str]) -> Venv:
    """Make it from the interpreter that the user's own ``python3`` is, or take up the one that is there.

    Commands write in it, so nothing in it is looked at: a note beside it says which interpreter it is. pip is lent, not
    installed: that would take ten seconds. Raises OSError.
    """
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    program = _noted(place)
    if program is None or not os.path.isfile(program):
        python = _ask(_users_python(host), host.get("PATH", os.defpath)) or _ask(sys.executable, os.defpath)
        assert python is not None, "the interpreter that runs this can be asked"
        for each in (place, _lent(place)):
            remove(each)
        _make(place, programs, python)
        program = python.program
        with Folder(place.parent) as folder:
            folder.replace(_note(place), json.dumps({"program": program}).encode())
    return Venv(programs, (_lent(place), Path(os.path.realpath(program)).parents[1]))


def _note(place: Path) -> str:
    return f"{place.name}.json"


def _lent(place: Path) -> Path:
    return place.with_name(f"{place.name}-pip")


def _noted(place: Path) -> str | None:
    """The interpreter of the environment that is there; None if there is none that was finished."""
    with suppress(*MALFORMED), Folder(place.parent) as folder:
        program = json.loads(folder.read(_note(place)))["program"]
        return program if isinstance(program, str) and os.path.isabs(program) else None
    return None


def _make(place: Path, programs: Path, python: _Python) -> None:
    """What ``python -m venv`` makes, without its price: a link, a note of where it leads, an empty site-packages."""
    if os.name == "nt":
        import venv

        venv.EnvBuilder(with_pip=False).create(place)
        # People type python3 where only python is.
        shutil.copyfile(programs / "python.exe", programs / "python3.exe")
        return _lend_pip(python, place / "Lib" / "site-packages", programs)
    place.mkdir()
    site = place / "lib" / f"python{python.version}" / "site-packages"
    site.mkdir(parents=True)
    programs.mkdir()
    home = os.path.dirname(python.program)
    (place / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n", encoding="utf-8")
    (programs / "python").symlink_to(python.program)
    for name in ("python3", f"python{python.version}"):
        (programs / name).symlink_to("python")
    return _lend_pip(python, site, programs)


def _users_python(host: Mapping[str, str]) -> str:
    """The ``python3`` on the user's PATH, else the interpreter that runs this."""
    path = host.get("PATH")
    return shutil.which("python3", path=path) or shutil.which("python", path=path) or sys.executable


@cache
def _ask(program: str, path: str) -> _Python | None:
    """What an interpreter says of itself; None if it does not run or is too old to have virtual environments."""
    environment = {**os.environ, "PATH": path}
    words = [program, "-I", "-c", _QUESTION]
    done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    printed = done.stdout.splitlines()
    if done.returncode or len(printed) != 3 or printed[1].startswith("2."):
        return None
    return _Python(printed[0], printed[1], Path(printed[2]).parent if printed[2] else None)


def _lend_pip(python: _Python, site: Path, programs: Path) -> None:
    """Let the environment import the interpreter's own pip from a folder beside it.

    The folder comes after site-packages and is outside the environment: pip never removes itself from there, and a
    newer pip is installed into site-packages and found first.
    """
    if python.pip is None or not python.pip.is_dir():
        return
    lent = _lent(programs.parent)
    lent.mkdir()
    for folder in (python.pip, *python.pip.parent.glob("pip-*.dist-info")):
        _link_folder(lent / folder.name, folder)
    (site / "lent-pip.pth").write_text(f"{lent}\n", encoding="utf-8")
    script = f"#!{programs / 'python'}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
    for name in ("pip", "pip3"):
        (programs / name).write_text(script, encoding="utf-8")
        (programs / name).chmod(0o755)
        if os.name == "nt":
            (programs / f"{name}.cmd").write_text('@"%~dp0python.exe" -m pip %*\n', encoding="utf-8")


def _link_folder(link: Path, folder: Path) -> None:
    """A link to a folder; on Windows a junction, which needs no right that users do not have, else a copy."""
    if sys.platform == "win32":
        import _winapi

        try:
            _winapi.CreateJunction(str(folder), str(link))
        except OSError:
            shutil.copytree(folder, link, dirs_exist_ok=True)
    else:
        link.symlink_to(folder, target_is_directory=True)

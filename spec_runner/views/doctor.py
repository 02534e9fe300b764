"""What this machine can do, as a page or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TextIO

from spec_runner.core.plan.model import Offer
from spec_runner.core.text.printable import visible

_PROMISES = {
    "bubblewrap": "writes only to the work tree, sees no HOME and no other process, leaves no process behind",
    "seatbelt": "writes only to the work tree, reads nothing in HOME; other processes are seen",
    "landlock": (
        "writes only to the work tree and /dev/shm, reads no HOME; modes and times of files outside can be changed,"
        " sockets of other programs (Docker, agents) be used"
    ),
    "plain": "a copy of the repository and an environment without secrets; no isolation",
}
PROGRAMS = {
    "bash": "the commands of a spec are run by it",
    "brush": "a bash for every system, where there is none",
    "git": "the work tree, mirrors, spec-run check",
    "python3": "what python and pip are in the sandbox",
}
"""The programs that a run uses: what for."""
_TODO = {
    "linux": {"bash": "apt install bash", "git": "apt install git", "python3": "apt install python3"},
    "darwin": {"bash": "brew install bash", "git": "brew install git", "python3": "brew install python"},
    "win32": {
        "bash": "winget install Git.Git", "git": "winget install Git.Git",
        "python3": "winget install Python.Python.3.13",
    },
}  # fmt: skip
"""What to type where one is missing, by system."""
_BRUSH = 'pip install "spec-run[windows]"'


class Diagnosis(NamedTuple):
    """All that was found."""

    levels: Sequence[Offer]
    best: str
    networks: Sequence[str]
    programs: Mapping[str, str | None]
    """The version of each of PROGRAMS; None for one that is not there."""
    shell: str | None
    """What runs the commands."""
    system: str
    """As Python names it."""


def print_diagnosis(found: Diagnosis, out: TextIO, *, as_json: bool) -> None:
    """Print what was found, with what to install where something is missing."""
    if as_json:
        print(json.dumps(_object(found), indent=2), file=out)
        return
    print("Sandbox", file=out)
    for level in found.levels:
        mark = "no " if level.problem else "yes"
        print(f"  {mark}  {level.level:<11} {visible(level.problem or _PROMISES[level.level])}", file=out)
        if level.problem and level.todo:
            print(f"                   to get it: {level.todo}", file=out)
    print(f"  A run gets {found.best}; its network can be {', '.join(found.networks)}.", file=out)
    print("\nPrograms", file=out)
    for name, version in found.programs.items():
        todo = _TODO.get(found.system, _TODO["linux"]).get(name, _BRUSH)
        missing = f"missing ({PROGRAMS[name]}); to get it: {todo}"
        mark, text = ("no ", missing) if version is None else ("yes", visible(version))
        print(f"  {mark}  {name:<11} {text}", file=out)
    print(f"  The commands are run by {found.shell or 'nothing: there is no shell'}.", file=out)


def _object(found: Diagnosis) -> dict[str, object]:
    programs = [{"name": name, "version": version, "use": PROGRAMS[name]} for name, version in found.programs.items()]
    levels = [
        {"level": each.level, "available": each.problem is None, "problem": each.problem,
         "todo": each.todo if each.problem else None}
        for each in found.levels
    ]  # fmt: skip
    fields = {"networks": list(found.networks), "levels": levels, "programs": programs}
    return {"schema": "spec-run/doctor@1", "sandbox": found.best, "shell": found.shell, **fields}

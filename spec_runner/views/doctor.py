"""What this machine can do, as a page or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TextIO

from spec_runner.core.text.printable import visible


class Level(Protocol):
    """A level of isolation, and what stands in its way."""

    @property
    def level(self) -> str: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def todo(self) -> str | None: ...
    @property
    def promise(self) -> str: ...


class Program(Protocol):
    """A program that a run uses."""

    @property
    def name(self) -> str: ...
    @property
    def use(self) -> str: ...
    @property
    def version(self) -> str | None: ...
    @property
    def todo(self) -> str: ...


class Diagnosis(NamedTuple):
    """All that was found."""

    levels: Sequence[Level]
    best: str
    networks: Sequence[str]
    programs: Sequence[Program]


def print_diagnosis(found: Diagnosis, out: TextIO, *, as_json: bool) -> None:
    """Print what was found, with what to install where something is missing."""
    if as_json:
        print(json.dumps(_object(found), indent=2), file=out)
        return
    print("Sandbox", file=out)
    for level in found.levels:
        mark = "no " if level.problem else "yes"
        print(f"  {mark}  {level.level:<11} {visible(level.problem or level.promise)}", file=out)
        if level.problem and level.todo:
            print(f"                   to get it: {level.todo}", file=out)
    print(f"  A run gets {found.best}; its network can be {', '.join(found.networks)}.", file=out)
    print("\nPrograms", file=out)
    for program in found.programs:
        mark = "no " if program.version is None else "yes"
        text = (
            f"missing ({program.use}); to get it: {program.todo}"
            if program.version is None
            else visible(program.version)
        )
        print(f"  {mark}  {program.name:<11} {text}", file=out)


def _object(found: Diagnosis) -> dict[str, object]:
    return {
        "schema": "spec-run/doctor@1",
        "sandbox": found.best,
        "networks": list(found.networks),
        "levels": [
            {
                "level": each.level,
                "available": each.problem is None,
                "problem": each.problem,
                "todo": each.todo if each.problem else None,
            }
            for each in found.levels
        ],
        "programs": [{"name": each.name, "version": each.version, "use": each.use} for each in found.programs],
    }

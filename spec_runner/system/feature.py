"""Which spec is meant where no path is typed: by spec-kit's own rule, by where one stands, or as the only one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from spec_runner.core.plan.model import GUIDE, TASKS
from spec_runner.errors import MALFORMED, SpecError
from spec_runner.system import programs
from spec_runner.system.trusted import leads_out, read_plain

_PLACES = ("specs", ".specify/specs", "openspec/changes", ".kiro/specs")
"""Where the tools that write specs put them."""
_NUMBERED = re.compile(r"(\d{8}-\d{6}|\d{3,})-")
_SHOWN = 4


def find_feature(here: Path, root: Path, environment: Mapping[str, str]) -> str:
    """The path of the spec that is meant, as it would be typed here; ``root`` is the repository.

    Raises SpecError where nothing names one.
    """
    return (
        _of_variable(here, root, environment)
        or _standing_in(here, root)
        or _of_file(here)
        or _of_branch(here, root, environment)
        or _only_one(here, root)
    )


def is_named(here: Path, environment: Mapping[str, str]) -> bool:
    """Whether spec-kit was told which spec is at hand."""
    return bool(environment.get("SPECIFY_FEATURE_DIRECTORY") or _feature_file(here))


def is_spec(folder: Path) -> bool:
    """Whether a folder has one of the documents that make it a spec."""
    return os.path.lexists(folder / TASKS) or os.path.lexists(folder / GUIDE)


def _of_variable(here: Path, root: Path, environment: Mapping[str, str]) -> str | None:
    named = environment.get("SPECIFY_FEATURE_DIRECTORY")
    if not named or os.path.isabs(named):
        return named
    # As spec-kit's script takes it; a path from here was always taken too.
    return os.path.relpath(root / named, here) if (root / named).is_dir() else named


def _standing_in(here: Path, root: Path) -> str | None:
    real = here.resolve()
    above = (each for each in (real, *real.parents) if each != root and each.is_relative_to(root))
    found = next((each for each in above if is_spec(each)), None)
    return os.path.relpath(found, real) if found else None


def _feature_file(here: Path) -> Path | None:
    files = (above / ".specify" / "feature.json" for above in (here, *here.parents))
    return next((each for each in files if each.is_file() and leads_out(each, each.parents[1].resolve()) is None), None)


def _of_file(here: Path) -> str | None:
    import json

    file = _feature_file(here)
    if file is None:
        return None
    try:
        directory = json.loads(read_plain(file))["feature_directory"]
    except MALFORMED:
        directory = None
    if not isinstance(directory, str):
        todo = 'write {"feature_directory": "specs/…"}'
        raise SpecError("the file names no feature directory", todo=todo, path=os.path.relpath(file, here))
    return os.path.relpath(file.parents[1] / directory, here)


def _of_branch(here: Path, root: Path, environment: Mapping[str, str]) -> str | None:
    """The spec whose number the branch begins with, else the one of its name."""
    from spec_runner.system.worktree import git

    programs.leave_out({root})
    branch = environment.get("SPECIFY_FEATURE")
    branch = branch or (git.read(root, "symbolic-ref", "--short", "--quiet", "HEAD") or b"").decode("utf-8", "replace")
    name = branch.strip().split("/")[-1] if branch.count("/") < 2 else ""
    number = _NUMBERED.match(name)
    folders = [each for each in _specs_in(root / "specs") if each.name.startswith(number.group() if number else name)]
    found = folders if number else [each for each in folders if each.name == name]
    return os.path.relpath(found[0], here) if len(found) == 1 else None


def _only_one(here: Path, root: Path) -> str:
    specs = [root] if is_spec(root) else []
    specs += [each for place in _PLACES for each in _specs_in(root / place)]
    paths = [os.path.relpath(each, here) for each in specs]
    if len(paths) == 1:
        return paths[0]
    if not paths:
        raise SpecError("no PATH is given, and nothing here names a spec", todo="name its folder: spec-run specs/NAME")
    shown = ", ".join(paths[:_SHOWN]) + (", …" if len(paths) > _SHOWN else "")
    raise SpecError(f"no PATH is given, and there are {len(paths)} specs here", todo=f"name one of {shown}")


def _specs_in(place: Path) -> Iterator[Path]:
    """The specs right below a folder, in order of their names."""
    with_names = sorted(os.listdir(place)) if place.is_dir() else []
    yield from (place / name for name in with_names if is_spec(place / name))

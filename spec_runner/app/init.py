"""Write a commented configuration for a spec."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spec_runner.errors import SpecError
from spec_runner.system.repository import find_specs
from spec_runner.system.starter import write_starter


def init(path: str | None, here: Path, environment: Mapping[str, str]) -> Path:
    """Where it was written. Raises SpecError where there is no single spec, or a configuration already."""
    places = find_specs((path,) if path else (), here, environment)
    first = places[0]
    if isinstance(first, SpecError):
        raise first
    if len(places) > 1:
        raise SpecError(f"this folder holds {len(places)} specs", todo="name one of them", path=path)
    return write_starter(first.folder)

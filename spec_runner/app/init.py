"""Write a commented configuration for a spec."""

from __future__ import annotations

from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.errors import SpecError
from spec_runner.system.config import write_starter
from spec_runner.system.repository import find_specs


def init(settings: Settings) -> Path:
    """Where it was written. Raises SpecError where there is no single spec, or a configuration already."""
    places = find_specs(settings.paths, settings.here, settings.environment)
    first = places[0]
    if isinstance(first, SpecError):
        raise first
    if len(places) > 1:
        raise SpecError(f"this folder holds {len(places)} specs", todo="name one of them", path=settings.paths[0])
    return write_starter(first.folder)

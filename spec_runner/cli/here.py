"""The world that a command was typed in."""

from __future__ import annotations

from pathlib import Path

from spec_runner.errors import SpecError


def current_directory() -> Path:
    """The directory that paths are relative to. Raises SpecError where it was removed."""
    try:
        return Path.cwd()
    except OSError:
        raise SpecError("the current directory is gone", todo="cd to one that exists") from None

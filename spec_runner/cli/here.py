"""The world that a command was typed in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from spec_runner.app.plan import Settings
from spec_runner.errors import SpecError


def current_directory() -> Path:
    """The directory that paths are relative to. Raises SpecError where it was removed."""
    try:
        return Path.cwd()
    except OSError:
        raise SpecError("the current directory is gone", todo="cd to one that exists") from None


def settings_here(paths: tuple[str, ...] = (), **typed: Any) -> Settings:
    """What was typed, in the world it was typed in. Raises SpecError where the current directory was removed."""
    return Settings(paths, current_directory(), dict(os.environ), sys.stdout, sys.stderr, **typed)


def is_named() -> bool:
    """Whether spec-kit was told which spec is at hand, so that no path has to be typed."""
    from spec_runner.app.status import is_named as is_named_at

    return is_named_at(current_directory(), os.environ)

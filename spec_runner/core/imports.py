"""A part of a library without the rest of it."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec, module_from_spec


def load_alone(module: str) -> None:
    """Load a package's module without running the package's own ``__init__``; whoever imports it then finds it there.

    Where the module cannot do without the rest, nothing is gained and nothing lost: importing it loads both.
    """
    package = module.partition(".")[0]
    found = find_spec(package)
    if package in sys.modules or found is None:
        return
    sys.modules[package] = module_from_spec(found)
    try:
        with suppress(ImportError):
            import_module(module)
    finally:
        del sys.modules[package]

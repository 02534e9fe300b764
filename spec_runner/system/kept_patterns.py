"""Regular expressions that are compiled once on a machine, as modules are.

A dry run needs some 350 patterns, its libraries' included, and compiling them takes a third of its time. Python keeps
the code of a module in a .pyc file, but not the code of its patterns; so that is kept here, in the user's state folder.
Patterns stand in the modules as they would anyway, and whatever is wrong with what was kept, they are compiled.

Only what stands in the code as it is, or is compiled while a module is imported, is kept: what is made of a document
or of a secret value never is.
"""

from __future__ import annotations

import marshal
import os
import re
import sys
import zlib
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from spec_runner.errors import MALFORMED
from spec_runner.system.state import keep, read_kept

_MOST = 2_000
"""Patterns that are kept: beyond that, those of other versions of this program are dropped."""
_LARGEST = 16 * 1024 * 1024

_Key = tuple[Any, int]
"""A pattern and its flags."""


class KeptPatterns:
    """Compiles what ``re`` is asked to compile, or takes the code that was kept of it."""

    def __init__(self) -> None:
        self._compiler: Any = import_module("re._compiler" if sys.version_info >= (3, 11) else "sre_compile")
        self._engine = self._compiler._sre
        self._compile = self._compiler.compile
        self._stamp = repr((sys.version, self._engine.MAGIC, self._engine.CODESIZE)).encode()
        self._name = f"patterns-{sys.implementation.cache_tag}"
        self._made: tuple[Any, ...] = ()
        self._new: dict[_Key, tuple[Any, ...]] = {}
        self._kept = self._load()

    def install(self) -> None:
        """From now on this compiles for ``re``."""
        self._compiler._sre = SimpleNamespace(**{**vars(self._engine), "compile": self._remember})
        self._compiler.compile = self.compile

    def compile(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """The pattern, compiled. Raises re.error as ``re.compile`` does."""
        # Not every number that re hands on is a plain one, and only plain ones can be kept.
        key = pattern, int(flags)
        kept = self._kept.get(key)
        if kept is not None:
            final, code, *groups = kept
            made: re.Pattern[Any] = self._engine.compile(pattern, final, memoryview(code).cast("I").tolist(), *groups)
            return made
        made = self._compile(pattern, flags)
        if type(pattern) in (str, bytes) and not flags & (re.LOCALE | re.DEBUG) and _is_fixed(pattern):
            _, final, listed, *groups = self._made
            self._new[key] = (int(final), b"".join(each.to_bytes(4, sys.byteorder) for each in listed), *groups)
        return made

    @property
    def are_new(self) -> bool:
        """There is something to keep that was not kept before."""
        return bool(self._new)

    def save(self) -> None:
        """Keep what is new; where it cannot be kept, it is compiled again."""
        if not self._new:
            return
        kept = {**self._kept, **self._new} if len(self._kept) < _MOST else self._new
        with suppress(OSError, ValueError):
            data = marshal.dumps(kept)
            keep(os.environ, self._name, b"%s\n%08x\n%s" % (self._stamp, zlib.crc32(data), data))

    def _remember(self, *made: Any) -> re.Pattern[Any]:
        self._made = made
        compiled: re.Pattern[Any] = self._engine.compile(*made)
        return compiled

    def _load(self) -> dict[_Key, tuple[Any, ...]]:
        """What was kept by this very Python; nothing where it is damaged."""
        with suppress(*MALFORMED):
            stamp, checked, data = read_kept(os.environ, self._name, _LARGEST).split(b"\n", 2)
            if stamp == self._stamp and int(checked, 16) == zlib.crc32(data):
                kept: dict[_Key, tuple[Any, ...]] = marshal.loads(data)
                return kept
        return {}


def keep_patterns() -> KeptPatterns | None:
    """Let patterns be kept from now on; None where this Python does not compile them as we know it."""
    if sys.implementation.name != "cpython":
        return None
    with suppress(ImportError, AttributeError):
        patterns = KeptPatterns()
        patterns.install()
        return patterns
    return None


def _is_fixed(pattern: str | bytes) -> bool:
    """The pattern stands in the code that has it compiled, or that code is a module that is being imported.

    mistune joins its patterns of a few rules while it works.
    """
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "re":
        frame = frame.f_back
    if pattern in frame.f_code.co_consts or frame.f_globals.get("__name__", "").startswith("mistune."):
        return True
    while frame.f_back and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") != "__main__"

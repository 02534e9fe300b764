"""The user's state folder: what may be lost, and is nobody else's to write."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from spec_runner.system.trusted import Folder


def state_folder(environment: Mapping[str, str]) -> Path | None:
    """Where this user's programs keep what may be lost; None where there is no such place."""
    named = environment.get("XDG_STATE_HOME") or ""
    home = environment.get("HOME") or ""
    local = environment.get("LOCALAPPDATA") or "" if os.name == "nt" else ""
    if os.path.isabs(named):
        return Path(named) / "spec-run"
    if os.path.isabs(local):
        return Path(local) / "spec-run"
    return Path(home) / ".local" / "state" / "spec-run" if os.path.isabs(home) else None


def plain_name(name: str) -> str:
    """A name of what is kept for commands, which is on their PATH: no colon, and no more than a name may be long."""
    return re.sub(r"[^\w.-]", "-", name, flags=re.ASCII)[:80]


def read_kept(environment: Mapping[str, str], name: str, most: int) -> bytes:
    """A file of the state folder. Raises OSError, also where it is another user's, or has more than ``most`` bytes."""
    state = state_folder(environment)
    if state is None:
        raise FileNotFoundError(name)
    with Folder(state) as folder:
        seen = folder.stat(name)
        if seen and hasattr(os, "geteuid") and seen.st_uid != os.geteuid():
            raise PermissionError(f"{name} is another user's")
        return folder.read(name, most)


def keep(environment: Mapping[str, str], name: str, data: bytes) -> None:
    """Put a file into the state folder, in place of what has the name. Raises OSError."""
    state = state_folder(environment)
    if state is not None:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with Folder(state) as folder:
            folder.replace(name, data, 0o600)

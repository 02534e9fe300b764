"""Before a run that writes: no other run has its specs, and what a killed run left of them is put right."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from spec_runner.app.plan import Settings
from spec_runner.errors import MALFORMED, SpecError
from spec_runner.system import journal
from spec_runner.system.document.recovery import put_right
from spec_runner.system.known import Known
from spec_runner.system.locks import Lock
from spec_runner.system.repository import SpecPaths
from spec_runner.system.state import state_folder
from spec_runner.system.worktree import take_over
from spec_runner.system.worktree.kept import folder_for, load


def make_ready(places: Sequence[SpecPaths | SpecError], settings: Settings, known: Known, stack: ExitStack) -> None:
    """Hold the specs until the stack is closed, and put right what a killed run left of them.

    Raises SpecError where another run holds one of them, unless we are to wait for it.
    """
    found = [place for place in places if isinstance(place, SpecPaths)]
    # In one order for all, so that two runs cannot wait for each other.
    for root, document in sorted({(place.root, place.document) for place in found}):
        hold(root, document, settings, stack)
    state = state_folder(settings.environment)
    for place in found:
        # What cannot be read or written now is reported by the run itself.
        with suppress(SpecError):
            tree = load(folder_for(place, settings.environment))
            half_done = take_over.put_back(tree) if tree else []
            for note in half_done + put_right(place, known.history(place.root).unmarked.get(place.document, ()), state):
                print(f"note: {note}", file=settings.err)


def hold(root: Path, document: str, settings: Settings, stack: ExitStack) -> None:
    """Hold one spec until the stack is closed. Raises SpecError as ``make_ready``."""
    try:
        with journal.make_folder(root) as folder:
            lock = Lock(folder, _lock_name(document))
    except (OSError, SpecError):
        # A folder that cannot be written keeps no journal either, which is reported where one is needed.
        return
    stack.callback(lock.close)
    if not lock.take():
        holder = _holder(lock)
        if not settings.wait:
            todo = "wait for it with --wait, or stop it"
            raise SpecError(f"another run is using this spec ({holder})", todo=todo, path=document)
        print(f"waiting for another run of {document}: {holder}", file=settings.err, flush=True)
        lock.take(wait=True)
    lock.write(
        json.dumps({"pid": os.getpid(), "since": datetime.now().astimezone().isoformat("T", "seconds")}).encode()
    )


def holder_of(root: Path, document: str, stack: ExitStack) -> str | None:
    """Hold one spec until the stack is closed; who has it, where somebody else does."""
    try:
        with journal.make_folder(root) as folder:
            lock = Lock(folder, _lock_name(document))
    except (OSError, SpecError):
        return None
    stack.callback(lock.close)
    return None if lock.take() else _holder(lock)


def _lock_name(document: str) -> str:
    return f"lock-{sha256(os.fsencode(document)).hexdigest()[:16]}"


def _holder(lock: Lock) -> str:
    with suppress(*MALFORMED):
        holder = json.loads(lock.read())
        return f"process {int(holder['pid'])} since {holder['since']}"
    return "a process that has not said which it is"

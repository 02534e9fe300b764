"""Keep a coding agent's turn from ending while a checkbox that is ticked in it is false or unproven."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from spec_runner.app.changed import WORKING_TREE
from spec_runner.app.plan import Settings
from spec_runner.app.verify import verify
from spec_runner.core.plan.model import TASKS
from spec_runner.errors import MALFORMED, ExitCode, SpecError, said
from spec_runner.system.repository import repository_root
from spec_runner.system.trusted import Folder
from spec_runner.system.worktree.git import status
from spec_runner.views.agents import AGENTS, added_to, answer, reason_to_go_on

_ALWAYS = {"false", "missing"}
_ONCE = _ALWAYS | {"cannot tell", "in part", "not found"}
_LEFT = _ONCE | {"present", "moved", "nothing to go by"}


def settings_text(name: str) -> str:
    """What belongs into the file of an agent."""
    return added_to(name, None)


def agent_lines() -> Iterator[str]:
    """Every agent with its name here and its file."""
    return (f"{name:<8} {each.title:<16} {each.file}" for name, each in AGENTS.items())


def write_settings(name: str, here: Path) -> Path:
    """Write what makes an agent ask into its file of the repository. Raises SpecError where that cannot be done."""
    *folders, file = AGENTS[name].file.split("/")
    root = repository_root(here)
    try:
        with Folder(root) as top, top.inner(*folders, is_made=True) as folder:
            before = folder.read(file).decode() if folder.stat(file) else None
            now = added_to(name, before)
            if now != before:
                folder.replace(file, now.encode())
    except (OSError, UnicodeDecodeError) as error:
        why = said(error) if isinstance(error, OSError) else "not UTF-8"
        raise SpecError(f"cannot write the file ({why})", todo="check it", path=AGENTS[name].file) from None
    return root / AGENTS[name].file


def stop(name: str, given: str, settings: Settings) -> ExitCode:
    """Answer an agent that wants to end its turn; ``given`` is the JSON that it hands over.

    No code but 0 and 1: the others are orders to some agents, and a question that cannot be answered stops nobody.
    """
    try:
        asked = _asked(given)
        kept = _LEFT if settings.strict else _ALWAYS if _goes_on(asked) else _ONCE
        found = list(_ticks(settings._replace(here=_folder(asked, settings.here)))) if _ends(asked) else []
        reason = reason_to_go_on((path, tick) for path, tick in found if tick["verdict"] in kept)
    except SpecError as error:
        settings.err.write(f"spec-run: {error}\n")
        return ExitCode.FAILED
    settings.out.write(json.dumps(answer(name, reason)) + "\n")
    return ExitCode.PASSED


def _asked(given: str) -> Mapping[str, Any]:
    try:
        asked = json.loads(given.removeprefix("\ufeff") or "{}")
    except MALFORMED:
        asked = None
    if not isinstance(asked, dict):
        raise SpecError("what the agent handed over is not a JSON object", path="stdin")
    return asked


def _goes_on(asked: Mapping[str, Any]) -> bool:
    """Whether the agent goes on because of an answer: a second one about the same thing would not help it."""
    return any(asked.get(name) for name in ("stop_hook_active", "stopHookActive", "loop_count"))


def _ends(asked: Mapping[str, Any]) -> bool:
    """Whether the agent ends its turn by itself: Cursor also asks when a person or an error has ended it."""
    return bool(asked.get("status", "completed") == "completed")


def _folder(asked: Mapping[str, Any], here: Path) -> Path:
    roots = asked.get("workspace_roots")
    named = asked.get("cwd") or (roots[0] if isinstance(roots, list) and roots else "")
    return here / named if isinstance(named, str) else here


def _ticks(settings: Settings) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The ticks not yet committed, each with the path of its document. Raises SpecError where nobody can say."""
    root = repository_root(settings.here)
    stands = status(root)
    if stands is None:
        raise SpecError("not a Git repository, so nobody knows which ticks are new", path=str(root))
    names = [name for name, _ in stands.changed if name.rpartition("/")[2] == TASKS and (root / name).is_file()]
    if not names:
        return
    out = StringIO()
    code = verify(settings._replace(paths=tuple(names), here=root, out=out, ticked_since=WORKING_TREE, json=True))
    report = json.loads(out.getvalue())
    unread = [spec["error"] for spec in report["specs"] if spec["error"]]
    if unread or code not in (ExitCode.PASSED, ExitCode.FAILED, ExitCode.EMPTY):
        raise SpecError("; ".join(unread) or f"the ticks could not be judged (exit code {int(code)})")
    for spec in report["specs"]:
        yield from ((spec["path"], tick) for tick in spec["ticks"])

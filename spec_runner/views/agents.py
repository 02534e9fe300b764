"""What coding agents are given: the settings that make them ask before a turn ends, and the answer that they get.

Only forms that their makers document: https://code.claude.com/docs/en/hooks, https://developers.openai.com/codex/hooks,
https://docs.github.com/copilot/reference (hooks), https://cursor.com/docs/hooks, https://geminicli.com/docs/hooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spec_runner.core.text.printable import typed, visible
from spec_runner.errors import SpecError


class Agent(NamedTuple):
    """A coding agent, and where it reads what is to be done before a turn ends."""

    title: str
    file: str
    """Relative to the repository."""
    settings: Mapping[str, Any] | None
    """None for one without hooks: its file takes the rules."""


AGENTS = {
    name: Agent(**fields)
    for name, fields in json.loads(Path(__file__).with_name("agents.json").read_text(encoding="utf-8")).items()
}
RULES = Path(__file__).with_name("agents.md").read_text(encoding="utf-8")
"""The rules for an agent without hooks."""


def added_to(name: str, text: str | None) -> str:
    """The text of an agent's file with what makes it ask; unchanged where it asks already.

    Raises SpecError for a file that is not plain JSON.
    """
    agent = AGENTS[name]
    if agent.settings is None:
        return (text or "") if RULES in (text or "") else f"{text.rstrip()}\n\n{RULES}" if text else RULES
    try:
        there = json.loads(text) if text else {}
        if not isinstance(there, dict):
            raise ValueError
        if f"spec-run agent {name} --stop" in json.dumps(there):
            return text or ""
        return json.dumps(_merged(there, agent.settings), indent=2, ensure_ascii=False) + "\n"
    except (ValueError, RecursionError):
        todo = f"add by hand what `spec-run agent {name}` prints"
        raise SpecError(
            "nothing can be added to the file, which is not a JSON object", todo=todo, path=agent.file
        ) from None


def _merged(there: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """One object in another. Raises ValueError where they do not fit together."""
    merged = dict(there)
    for name, value in more.items():
        before = merged.get(name)
        if before is None or before == value:
            merged[name] = value
        elif isinstance(before, dict) and isinstance(value, Mapping):
            merged[name] = _merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            merged[name] = [*before, *value]
        else:
            raise ValueError(name)
    return merged


def answer(name: str, reason: str) -> dict[str, str]:
    """What the agent gets on stdout: nothing, or to go on and why."""
    if not reason:
        return {}
    if name == "cursor":
        return {"followup_message": reason}
    return {"decision": "deny" if name == "gemini" else "block", "reason": reason}


def reason_to_go_on(ticks: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """What keeps a turn from ending: the ticks that are not proven, each with the path of its spec; empty for none."""
    lines: list[str] = []
    paths: dict[str, None] = {}
    for path, tick in ticks:
        name = tick["id"] or f"L{tick['line']}"
        reason = f": {tick['reason']}" if tick["reason"] else ""
        lines.append(visible(f"- {name} in {path} is {tick['verdict']}{reason}"))
        paths[path] = None
    if not lines:
        return ""
    again = f"spec-run verify --ticked-since working-tree {' '.join(map(typed, paths))}"
    return "\n".join([
        "Checkboxes that are ticked and not yet committed are not proven:", *lines,
        "Do the work, or open the checkbox again ([ ]) and say why. Do not weaken the check. To ask again:", again,
    ])  # fmt: skip

"""Real documents that lie beside the project: what is decided about them agrees with what people said."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.steps import Step
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document

ROOT = Path(__file__).resolve().parent.parent.parent
CORPUS = Path(os.environ.get("SPEC_RUN_SHARED", ROOT.parent / "shared")) / "corpus"
SHELL = {
    "bash",
    "sh",
    "shell",
    "zsh",
    "console",
    "shell-session",
    "terminal",
    "powershell",
    "pwsh",
    "ps1",
    "cmd",
    "bat",
}
HELD = {"placeholder", "interactive", "privileged", "outward", "destructive", "repl"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no labelled documents at {CORPUS}")


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def rows_of(name: str) -> list[dict[str, Any]]:
    lines = (CORPUS / "labels" / name).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["sure"]]


def asked(row: dict[str, Any]) -> list[str]:
    """The commands of a label; a fence was labelled with its language before its text."""
    shells = tuple(f"{language} " for language in sorted(SHELL))
    fence = "```" in row["text"]
    return [squeeze(text.partition(" ")[2] if fence and text.startswith(shells) else text) for text in row["run"]]


@cache
def tasks() -> Counter[str]:
    count: Counter[str] = Counter()
    for row in rows_of("tasks.jsonl"):
        document = read_document((CORPUS / row["file"]).read_bytes())
        task = next((task for task in document.tasks if task.line == row["line"]), None)
        count["tasks"] += 1
        if task is None or (row["id"] and task.id != row["id"]):
            continue
        count["found"] += 1
        intent = decide(task)
        count["kind"] += intent.kind == row["kind"]
        count_commands(count, row, [step for step in intent.steps if step.kind in ("command", "service")])
        if row["cwd"]:
            count["cwd of"] += 1
            count["cwd"] += any((step.cwd or ".") == row["cwd"].rstrip("/") for step in intent.steps)
        if row["expect"] != "ok" and row["run"]:
            count["expect of"] += 1
            count["expect"] += any(step.expect == row["expect"] for step in intent.steps)
    return count


def count_commands(count: Counter[str], row: dict[str, Any], steps: list[Step]) -> None:
    gold = Counter(asked(row))
    shown = Counter(squeeze(step.command) for step in steps)
    executed = Counter(squeeze(step.command) for step in steps if not step.hold)
    count["gold"] += gold.total()
    count["shown"] += shown.total()
    count["hit"] += (shown & gold).total()
    count["executed"] += executed.total()
    count["wrong"] += (executed if row["hold"] else executed - gold).total()


@cache
def guides() -> Counter[str]:
    count: Counter[str] = Counter()
    for row in rows_of("quickstarts.jsonl"):
        guide = read_guide((CORPUS / row["file"]).read_bytes())
        blocks = {block.line: block for block in guide.blocks}
        if row["cwd"] in ("carry", "root"):
            count["cwd of"] += 1
            count["cwd"] += guide.cwd == row["cwd"]
        for fence in row["fences"]:
            if (fence["info"].split() or [""])[0].lower().strip("{}") in SHELL:
                count_fence(count, fence, blocks.get(fence["line"]))
    return count


def count_fence(count: Counter[str], fence: dict[str, Any], block: Any) -> None:
    step, action = fence["label"] == "step", block.action if block else "none"
    held = block is not None and any(each.hold for each in block.steps)
    count["gold"] += step
    count["shown"] += action in ("run", "hold")
    count["hit"] += step and action in ("run", "hold")
    count["executed"] += action == "run"
    count["wrong"] += action == "run" and (not step or (bool(HELD & set(fence["flags"])) and not held))
    if step and "service" in fence["flags"]:
        count["service of"] += 1
        count["service"] += block is not None and "service" in block.flags


def share(count: Counter[str], good: str, of: str) -> float:
    return count[good] / max(count[of], 1)


# Floors, not goals: what a change may not fall below. How often a reading is right is measured by leaving out.
@pytest.mark.parametrize(
    ("good", "of", "least"),
    [
        ("found", "tasks", 0.97),
        ("hit", "shown", 0.98),
        ("hit", "gold", 0.95),
        ("kind", "tasks", 0.96),
        ("cwd", "cwd of", 0.80),
        ("expect", "expect of", 0.50),
    ],
)
def test_tasks_are_read_as_people_read_them(good: str, of: str, least: float) -> None:
    assert share(tasks(), good, of) >= least


def test_few_commands_of_tasks_are_wrongly_run() -> None:
    assert share(tasks(), "wrong", "executed") <= 0.03


@pytest.mark.parametrize(
    ("good", "of", "least"),
    [("hit", "shown", 0.92), ("hit", "gold", 0.94), ("service", "service of", 0.75), ("cwd", "cwd of", 0.65)],
)
def test_guides_are_read_as_people_read_them(good: str, of: str, least: float) -> None:
    assert share(guides(), good, of) >= least


def test_few_fences_of_guides_are_wrongly_run() -> None:
    assert share(guides(), "wrong", "executed") <= 0.08


def test_every_document_is_planned() -> None:
    for path in sorted(CORPUS.glob("*/*/*.md")):
        data = path.read_bytes()
        if path.relative_to(CORPUS).parts[0] == "quickstart":
            guide = read_guide(data)
            assert [block.line for block in guide.blocks] == sorted(block.line for block in guide.blocks)
            continue
        document = read_document(data)
        text = squeeze(document.source.text)
        for task in document.tasks:
            intent = decide(task)
            assert bool(intent.steps) == (intent.kind != "none")
            for step in intent.steps:
                assert step.kind not in ("command", "service") or squeeze(step.command.split("\n")[0]) in text

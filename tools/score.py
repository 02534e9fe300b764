"""Measure how often readings are right: ``python -m tools.score DOCUMENTS [--as-written] [--by GROUP]``.

DOCUMENTS is a folder with an ``index.tsv`` that holds the labelled documents. Each repository's documents are read with
weights that were trained without it; ``--as-written`` takes the weights as they stand. Nothing is executed.

planned       of what is planned (run or held), how much is meant to be run
found         of what is meant to be run, how much is planned
wrongly run   of what runs unattended, how much is not meant to be run, or is to be held
unsure        of what is planned, how much is held for that
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from spec_runner.core.decide import weights
from spec_runner.core.decide.candidate import Candidate
from spec_runner.core.decide.features import FEATURES
from spec_runner.core.decide.fence_features import FENCES, FenceCandidate
from spec_runner.core.decide.fences import POSIX, WINDOWS
from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.roles import roles_of
from spec_runner.core.decide.steps import Step
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import Fence, Task, read_document
from tools.labels import (
    FenceLabel,
    LabelledDocument,
    TaskLabel,
    documents,
    fence_labels,
    spans_of,
    task_labels,
)
from tools.train import Example, fence_examples, span_examples, weights_of

GROUPS = ("source", "language", "rule", "heading")
_ROLES = ("trouble", "deploy", "reference", "check", "run", "setup")
_FEW = 5
"""Groups with fewer decisions are shown as one."""
_HELD = frozenset({"placeholder", "interactive", "privileged", "outward", "destructive", "repl"})


class Decision(NamedTuple):
    """What was decided on one thing that is planned, or that is meant to be run."""

    kind: str
    """``tasks`` or ``guides``."""
    is_meant: bool
    is_planned: bool
    runs: bool
    is_wrong: bool
    """It runs, and should not."""
    is_unsure: bool
    groups: Mapping[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--as-written", action="store_true", help="take the weights as they stand")
    parser.add_argument("--by", choices=GROUPS, action="append", default=[], help="also the figures of each group")
    asked = parser.parse_args()
    found = list(decisions(documents(asked.documents), as_written=asked.as_written))
    for kind in ("tasks", "guides"):
        those = [each for each in found if each.kind == kind]
        print(figures(kind, those))
        for group in asked.by:
            parts: dict[str, list[Decision]] = defaultdict(list)
            for each in those:
                parts[each.groups.get(group, "")].append(each)
            few = [name for name, part in parts.items() if len(part) < _FEW]
            parts["others"] += [each for name in few for each in parts.pop(name)]
            for name, part in sorted(parts.items(), key=lambda part: -len(part[1])):
                print(figures(f"  {name[:44]}", part))
    return 0


def decisions(found: Mapping[str, LabelledDocument], *, as_written: bool = False) -> Iterator[Decision]:
    """What is decided on every label, by weights that were trained without the document's repository."""
    tasks: dict[str, list[TaskLabel]] = defaultdict(list)
    fences: dict[str, list[FenceLabel]] = defaultdict(list)
    for label in task_labels():
        tasks[label.document].append(label)
    for each in fence_labels():
        fences[each.document].append(each)
    spans, guides = span_examples(found), fence_examples(found)
    for repository in sorted({document.repository for document in found.values()}):
        if not as_written:
            _train_without(repository, spans, guides)
        for document in (document for document in found.values() if document.repository == repository):
            yield from _of_tasks(document, tasks[document.digest])
            yield from _of_guide(document, fences[document.digest])


def _train_without(repository: str, spans: list[Example[Candidate]], fences: list[Example[FenceCandidate]]) -> None:
    kept = [each for each in spans if each.repository != repository]
    weights.SPANS, weights.SPANS_BIAS = weights_of(FEATURES, kept)
    others = [each for each in fences if each.repository != repository]
    weights.FENCES, weights.FENCES_BIAS = weights_of(FENCES, others)


def _of_tasks(document: LabelledDocument, labels: list[TaskLabel]) -> Iterator[Decision]:
    if document.kind != "tasks":
        return
    read = {task.line: task for task in read_document(document.data).tasks}
    for label in labels:
        task = read.get(label.line)
        if task is None or (label.id and task.id != label.id):
            lost = len(label.run) + label.more
            yield from [Decision("tasks", True, False, False, False, False, _groups(document))] * lost
        else:
            yield from _of_task(document, task, label)


def _of_task(document: LabelledDocument, task: Task, label: TaskLabel) -> Iterator[Decision]:
    steps = [step for step in decide(task).steps if step.kind in ("command", "service")]
    parts = list(spans_of(task._replace(text=task.written)))
    meant = {_flat(part.text) for number, _, part in parts if number in label.run}
    fences = [part for _, _, part in parts if isinstance(part, Fence)]
    texts = {step: next((each.text for each in fences if _holds(each, step)), step.command) for step in steps}
    for step in steps:
        groups = _groups(document, step.why)
        yield _decision("tasks", _flat(texts[step]) in meant, step, bool(label.hold), groups)
    lost = len(meant - {_flat(text) for text in texts.values()})
    yield from [Decision("tasks", True, False, False, False, False, _groups(document))] * lost


def _flat(text: str) -> str:
    return " ".join(text.split())


def _holds(fence: Fence, step: Step) -> bool:
    return fence.line < step.line <= fence.line + fence.text.count("\n") + 1


def _decision(kind: str, is_meant: bool, step: Step, must_wait: bool, groups: Mapping[str, str]) -> Decision:
    runs = step.hold is None
    return Decision(kind, is_meant, True, runs, runs and (not is_meant or must_wait), "unsure" in step.holds, groups)


def _of_guide(document: LabelledDocument, labels: list[FenceLabel]) -> Iterator[Decision]:
    if document.kind != "quickstart":
        return
    blocks = {block.line: block for block in read_guide(document.data).blocks}
    for label in labels:
        block = blocks.get(label.line)
        if block is None or block.language not in POSIX | WINDOWS:
            continue
        is_step, is_planned = label.label == "step", block.action in ("run", "hold")
        must_wait = bool(_HELD & label.flags) and label.hold_sure and not any(step.hold for step in block.steps)
        about = next((role for role in _ROLES if role in roles_of(block.section)), "unknown")
        groups = _groups(document, block.why, about)
        runs = block.action == "run"
        is_unsure = any("unsure" in step.holds for step in block.steps)
        yield Decision("guides", is_step, is_planned, runs, runs and (not is_step or must_wait), is_unsure, groups)


def _groups(document: LabelledDocument, why: str = "not planned", heading: str = "") -> dict[str, str]:
    rule = " ".join(" ".join(why.split('"')[::2]).split()) or why
    return {
        "source": document.source,
        "language": document.language,
        "rule": rule.partition(", but")[0],
        "heading": heading,
    }


def figures(name: str, those: list[Decision]) -> str:
    """The figures of some decisions on one line."""
    planned = [each for each in those if each.is_planned]
    right = sum(each.is_meant for each in planned)
    runs = [each for each in planned if each.runs]
    return (
        f"{name:46} planned {_share(right, len(planned))}   found {_share(right, sum(each.is_meant for each in those))}"
        f"   wrongly run {_share(sum(each.is_wrong for each in runs), len(runs))}"
        f"   unsure {_share(sum(each.is_unsure for each in planned), len(planned))}"
    )


def _share(good: int, of: int) -> str:
    return f"{100 * np.divide(good, of):5.1f} % of {of:4}" if of else "           – "


if __name__ == "__main__":
    sys.exit(main())

"""The tests that a task names, as steps: each file is run with the repository's own runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from spec_runner.core.decide.paths import path_mentions
from spec_runner.core.decide.steps import Intent, Step
from spec_runner.core.decide.test_runners import Manifests, is_test_file, run_of
from spec_runner.core.text.document import Task

Find = Callable[[str], Sequence[str]]
"""The files of the repository that a path in words means."""


def with_named_tests(intent: Intent, task: Task, find: Find, content: Manifests) -> Intent:
    """A task that has nothing to run, with the tests that it names as its steps; any other one as it is.

    ``content`` gives the text of a file of the repository.
    """
    if intent.kind != "none":
        return intent
    files: dict[str, int] = {}
    for mention in path_mentions(task):
        found = find(mention.path) if mention.role != "mention" and is_test_file(mention.path) else ()
        if len(found) == 1:
            files.setdefault(found[0], mention.line)
    steps = tuple(step for file, line in files.items() if (step := _step(file, line, content)))
    return Intent("command", steps[0].why, steps) if steps else intent


def _step(file: str, line: int, content: Manifests) -> Step | None:
    text = content(file)
    call = run_of(file, text, content) if text is not None else None
    if call is None:
        return None
    why = f"the task names these tests, and {call.runner} runs them"
    hold = call.hold
    return Step("command", call.command, line, cwd=call.cwd, why=why, hold=hold, holds=(hold,) if hold else ())

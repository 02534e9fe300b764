"""What a program that asks is told: the object of a command, short enough for a model to read.

First what is wrong, then the rest, then how much was left out; whole is the object itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from spec_runner.core.text.printable import visible

MOST = 4000
"""Characters of an answer."""
_Line = tuple[bool, str]
"""Whether it is told first, and the line."""


def short_answer(report: Mapping[str, Any], code: int) -> str:
    """The object that a command printed, as lines; ``code`` is its exit code."""
    told = sorted(_LINES[report["schema"]](report), key=lambda line: not line[0])
    head = [f"exit code {code}: {_CODES.get(code, 'see the result')}", *_counted(report)]
    lines, left = list[str](), MOST - sum(map(len, head))
    for _, line in told:
        shown = visible(line if len(line) <= 400 else f"{line[:399]}…")
        left -= len(shown) + 1
        if left < 0:
            break
        lines.append(shown)
    rest = len(told) - len(lines)
    return "\n".join([*head, *lines, *([f"… and {rest} more lines: read the resource"] if rest else [])])


_CODES = {
    0: "all that was judged passed",
    1: "something failed, is false, or contradicts itself",
    4: "there was nothing to run: give the task a check",
}


def _counted(report: Mapping[str, Any]) -> Iterator[str]:
    counts = {name: count for name, count in report.get("counts", {}).items() if count}
    if counts:
        yield ", ".join(f"{count} {name}" for name, count in counts.items())


def _said(reason: object) -> str:
    return f": {reason}" if reason else ""


def _name(task: Mapping[str, Any]) -> str:
    return str(task["id"] or f"L{task['line']}")


def _errors(spec: Mapping[str, Any]) -> Iterator[_Line]:
    if spec.get("error"):
        yield True, f"{spec['path']} cannot be read: {spec['error']}"


def _planned(report: Mapping[str, Any]) -> Iterator[_Line]:
    for spec in report["specs"]:
        yield from _errors(spec)
        for task in spec["tasks"]:
            name = _name(task)
            commands = "; ".join(step["command"] for step in task["steps"])
            held = task["action"] == "hold"
            what = f"held ({task['why']}), for a person to allow: {commands}" if held else commands or task["title"]
            yield task["action"] in ("run", "hold"), f"{name} [{task['mark']}] {task['kind']}: {what}"
        for block in spec["blocks"]:
            if block["action"] in ("run", "hold"):
                commands = "; ".join(step["command"] for step in block["steps"])
                yield False, f"{block['document']}:{block['line']} {block['action']}: {commands}"


def _ran(report: Mapping[str, Any]) -> Iterator[_Line]:
    for spec in report["specs"]:
        yield from _errors(spec)
        for task in spec["tasks"]:
            if task["outcome"] is None:
                continue
            name = _name(task)
            is_bad = task["outcome"] != "passed"
            yield is_bad, f"{name} {task['outcome']}, {task['verdict']}{_said(task.get('reason') or task['why'])}"
            for step in task["steps"]:
                if step["outcome"] not in ("passed", None):
                    yield True, f"  {step['command']} (in {step['cwd']}) {step['outcome']}{_said(step['reason'])}"
                    yield from ((True, f"    {line}") for line in (step["output"] or "").splitlines()[-15:])
    yield from ((False, f"note: {message}") for message in report["warnings"])


def _verified(report: Mapping[str, Any]) -> Iterator[_Line]:
    for spec in report["specs"]:
        yield from _errors(spec)
        for tick in spec["ticks"]:
            is_bad = tick["verdict"] in ("false", "missing")
            yield (
                is_bad,
                f"{_name(tick)} in {spec['path']} is {tick['verdict']}{_said(tick['reason'])}",
            )


def _checked(report: Mapping[str, Any]) -> Iterator[_Line]:
    for spec in report["specs"]:
        yield from _errors(spec)
        for each in spec["findings"]:
            yield each["level"] == "error", f"{each['path']}:{each['line']}: {each['code']} {each['message']}"


def _shown(report: Mapping[str, Any]) -> Iterator[_Line]:
    for spec in report["specs"]:
        yield from _errors(spec)
        for task in spec["tasks"]:
            still = "" if task["applies"] else f" (no longer applies: {', '.join(task['changed'])})"
            yield False, f"{task['task']} {task['outcome']} at {task['time']}{_said(task['reason'])}{still}"
            if len(spec["tasks"]) == 1:
                for step in task["steps"]:
                    yield False, f"  {step['command']} (in {step['cwd']}) {step['outcome']}"
                    yield from ((False, f"    {line}") for line in (step["output"] or "").splitlines()[-15:])


_LINES: Mapping[str, Callable[[Mapping[str, Any]], Iterator[_Line]]] = {
    "spec-run/plan@1": _planned,
    "spec-run/run@1": _ran,
    "spec-run/verify@1": _verified,
    "spec-run/check@1": _checked,
    "spec-run/show@1": _shown,
}

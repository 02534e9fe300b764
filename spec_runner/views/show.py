"""The evidence of tasks and runs, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from spec_runner.core.evidence.records import Record
from spec_runner.core.evidence.runs import Run, SpecEvidence, Standing
from spec_runner.core.plan.model import GUIDE
from spec_runner.core.text.printable import exact
from spec_runner.views import lines_for
from spec_runner.views.json import print_object
from spec_runner.views.text import Line, took, visible

_CHANGED = {
    "gone": "the task is no longer in the document",
    "command": "what it would run was edited since",
    "commit": "the repository stands at another commit",
    "files": "the repository has, or had, changes that are in no commit",
}


def print_statement(made: dict[str, Any], out: TextIO) -> None:
    """Print a statement as one JSON object."""
    print_object(made, out)


def print_evidence(evidence: Sequence[SpecEvidence], out: TextIO, *, in_detail: bool, as_json: bool) -> None:
    """Print what is known of each spec; of one task in full."""
    if as_json:
        print_object({"schema": "spec-run/show@1", "specs": [_spec_object(each) for each in evidence]}, out)
        return
    lines = lines_for(out)
    for each in evidence:
        for line, role in _spec(each, in_detail):
            lines.write(line, role)


def _spec(evidence: SpecEvidence, in_detail: bool) -> Iterator[Line]:
    if evidence.error is not None:
        return
    if not in_detail:
        yield visible(evidence.path), "title"
        run = _run(evidence.run.of(evidence.document)) if evidence.run else "this spec has not run yet"
        yield f"  {run}", "faint"
        for name in ("commit", "files"):
            if any(name in each.changed for each in evidence.tasks):
                yield f"  {_CHANGED[name]}", "held"
    newest = evidence.run.id if evidence.run else None
    for each in evidence.tasks:
        yield from _in_full(each) if in_detail else _in_short(each, newest)
    for record in evidence.run.of(evidence.document).inside if evidence.run and not in_detail else ():
        yield f"  {visible(str(record['task'])):<6} began at {when(record)}; how it ended is not known", "held"


def _run(run: Run) -> str:
    sandbox = run.started.get("box") or {}
    parts = [
        f"run {run.id}",
        when(run.started),
        run.ended,
        f"sandbox {sandbox.get('level')}, network {sandbox.get('network')}",
    ]
    return " · ".join([*parts, _commit(run)])


def _commit(run: Run) -> str:
    head = run.commit.get("head")
    if not head:
        return "no commit"
    return f"commit {head[:12]}" + (" with changes" if run.commit.get("dirty") else "")


def when(record: Record) -> str:
    """When something was recorded, to the second, in UTC."""
    return f"{str(record.get('time', ''))[:19].replace('T', ' ')} UTC"


def _in_short(each: Standing, newest: str | None = None) -> Iterator[Line]:
    """One line; where the newest run did not have the task, also when it was seen."""
    outcome, reason = str(each.record.get("outcome")), each.record.get("reason")
    seconds = f" ({took(each.record['seconds'])})" if isinstance(each.record.get("seconds"), (int, float)) else ""
    said = f"{outcome}{seconds}" + (f": {visible(str(reason))}" if reason else "")
    said += f"  (in an earlier run, {when(each.record)})" if newest not in (None, each.record.get("run")) else ""
    name = f"  {_called(each):<6} {outcome}"
    yield f"  {_called(each):<6} {said}", f"{'passed' if outcome == 'passed' else 'failed'} {len(name)}"
    own = [_CHANGED[name] for name in each.changed if name in ("gone", "command")]
    if own:
        yield f"  {'':<6} {'; '.join(own)}", "held"


def _called(each: Standing) -> str:
    """A task by its ID or its line, a guide by the name of its file."""
    if each.task is not None:
        return visible(each.task.task.word)
    return visible(str(each.record.get("document")).rpartition("/")[2] if each.key == GUIDE else each.key)


def _in_full(each: Standing) -> Iterator[Line]:
    for line, role in _in_short(each):
        look, _, columns = role.partition(" ")
        yield line[2:], f"{look} {int(columns) - 2}" if columns else look
    yield f"  when       {when(each.record)}", ""
    if each.run:
        yield f"  {_run(each.run).replace('run', 'run       ', 1)}", ""
    still = "no: " + "; ".join(_CHANGED[name] for name in each.changed) if each.changed else "yes"
    yield f"  applies    {still}", "held" if each.changed else "passed"
    if each.last_change:
        of = ", ".join(map(visible, each.last_change.files[:3])) or "the repository"
        commit = f"{each.last_change.commit[:12]}, {each.last_change.time[:10]}"
        newer = "newer" if each.is_newer else "older"
        yield f"  result     {newer} than the last change of {of} ({commit})", "" if each.is_newer else "held"
    if each.ticked:
        who = f"{visible(each.ticked.author)}, {each.ticked.time[:10]}" if each.ticked.commit else "not committed"
        yield f"  ticked     {f'in {each.ticked.commit[:12]} by ' if each.ticked.commit else ''}{who}", ""
    if each.record.get("services"):
        yield f"  services   {', '.join(map(visible, each.record['services']))}", ""
    for step, output in zip(each.record.get("steps") or (), each.outputs, strict=True):
        yield "", ""
        yield from _step(step, output)


def _step(step: Record, output: str | None) -> Iterator[Line]:
    where = f"quickstart.md:{step['line']} " if step.get("block") else ""
    first, *rest = str(step["command"]).split("\n")
    yield f"  {step['kind']:<10} {where}{exact(first)}", ""
    for line in rest:
        yield f"  {'':<10} {exact(line)}", ""
    yield f"  directory  {visible(str(step['cwd']))}", ""
    ended = f"exit {step['exit']}" if step.get("exit") is not None else str(step["outcome"])
    signal = f", signal {step['signal']}" if step.get("signal") else ""
    yield f"  ended      {ended}{signal} after {took(step['seconds'])}", ""
    if step.get("ports"):
        yield f"  ports      {', '.join(map(str, step['ports']))}", ""
    if step.get("output") and output is None:
        yield "  output     is no longer kept", "faint"
    for number, line in enumerate((output or "").splitlines()):
        yield f"  {'output' if number == 0 else '':<10} {visible(line)}", ""


def _spec_object(evidence: SpecEvidence) -> dict[str, Any]:
    run = _run_object(evidence.run.of(evidence.document)) if evidence.run else None
    tasks = [_task_object(each) for each in evidence.tasks]
    return {"path": evidence.path, "document": evidence.document, "error": evidence.error, "run": run, "tasks": tasks}


def _run_object(run: Run) -> dict[str, Any]:
    inside = [record.get("task") for record in run.inside]
    exit_code = run.finished.get("exit") if run.finished else None
    signal = run.finished.get("signal") if run.finished else None
    names = ("time", "versions", "box", "commit", "documents")
    fields = {name: run.started.get(name) for name in names}
    return {"id": run.id, "ended": run.ended, "exit": exit_code, "signal": signal, "inside": inside, **fields}


def _task_object(each: Standing) -> dict[str, Any]:
    names = ("id", "line", "outcome", "reason", "seconds", "began", "time", "run", "tree", "services")
    steps = [
        {**{name: value for name, value in step.items() if name != "state"}, "output": output}
        for step, output in zip(each.record.get("steps") or (), each.outputs, strict=True)
    ]
    commit = each.run.commit if each.run else {}
    fields = {name: each.record.get(name) for name in names}
    applies = {"applies": not each.changed, "changed": list(each.changed)}
    ticked = each.ticked._asdict() if each.ticked else None
    last = (
        {**each.last_change._asdict(), "files": list(each.last_change.files), "result_is_newer": each.is_newer}
        if each.last_change
        else None
    )
    known = {"ticked": ticked, "last_change": last}
    return {"task": each.key, **fields, "commit": commit or None, **applies, **known, "steps": steps}

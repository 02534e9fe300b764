"""The plan and the run as JSON; these names are a contract: add to them, don't rename them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from spec_runner.core.decide.steps import Expectation
from spec_runner.core.plan.events import Cause, Event, Place, StepResult, TaskFinished
from spec_runner.core.plan.model import GUIDE, Plan, PlannedBlock, PlannedSpec, PlannedStep, PlannedTask, Setup
from spec_runner.core.plan.portable import Unportable, unportable_steps
from spec_runner.core.result.summary import Summary
from spec_runner.core.result.verdicts import JudgedClaim
from spec_runner.core.text.printable import json_escaped
from spec_runner.views.text import refuse_lost, silence

if TYPE_CHECKING:
    from spec_runner.views import View


class JsonView:
    """One JSON object at the end, on ``out``; another view shows what happens meanwhile."""

    def __init__(
        self, plan: Plan, out: TextIO, progress: View | None, made: Callable[[Summary, int], dict[str, Any]]
    ) -> None:
        """``made`` makes the object; without ``progress`` it is the plan."""
        self._plan, self._out, self._progress, self._made = plan, out, progress, made

    def hear(self, event: Event) -> None:
        """Pass an event on to the view of the progress."""
        if self._progress:
            self._progress.hear(event)

    def finish(self, summary: Summary, code: int) -> None:
        """Print the object: the plan of a dry run, the report of a run."""
        print_object(self._made(summary, code) if self._progress else plan_object(self._plan), self._out)


def print_object(made: dict[str, Any], out: TextIO) -> None:
    """Print one object, escaped where the stream's encoding lacks letters; a reader who is gone is no fault of ours.

    Raises SpecError where it cannot be written for another reason.
    """
    text = json_escaped(json.dumps(made, ensure_ascii=(out.encoding or "utf-8").lower().replace("-", "") != "utf8"))
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a letter, from a name on the disk that is no UTF-8.
        text = json.dumps(made)
    # GitHub's runner would obey what follows these signs wherever they stand in a line; as JSON both are the same.
    text = text.replace("##[", "##\\u005b")
    try:
        out.write(text + "\n")
        out.flush()
    except (OSError, ValueError) as error:
        silence(out)
        refuse_lost(error)


def plan_object(plan: Plan) -> dict[str, Any]:
    """One object for the whole plan, whatever the number of specs."""
    specs = [_spec(spec) for spec in plan.specs]
    return {**head_object("spec-run/plan@1", plan), "specs": specs}


def run_object(summary: Summary, exit_code: int) -> dict[str, Any]:
    """The plan with what became of each task and step."""
    plan = summary.plan
    return {
        **head_object("spec-run/run@1", plan),
        "exit": exit_code,
        "interrupted": summary.interrupted is not None,
        "counts": dict(summary.counts()),
        "warnings": [warning.message for warning in summary.warnings],
        "specs": [_ran_spec(number, spec, summary) for number, spec in enumerate(plan.specs)],
    }


def head_object(schema: str, plan: Plan) -> dict[str, Any]:
    """What every report of a plan begins with; of one that is a part, which one."""
    made: dict[str, Any] = {"schema": schema, "box": sandbox_object(plan)}
    return made if plan.part is None else {**made, "part": plan.part._asdict()}


def sandbox_object(plan: Plan) -> dict[str, str | None]:
    """The sandbox of a plan."""
    return {"level": plan.level, "network": plan.network, "missing": plan.missing}


def _spec(spec: PlannedSpec) -> dict[str, Any]:
    if spec.error is not None:
        return {"path": spec.read.path, "error": spec.error, "documents": [], "tasks": [], "blocks": []}
    made: dict[str, Any] = {"path": spec.read.path, "documents": _documents(spec)}
    made |= {"variables": dict(spec.variables), "mirrors": dict(spec.mirrors)}
    made["setup"], made["guide_setup"] = setup_object(spec.setup), setup_object(spec.guide_setup)
    made["tasks"] = [_task(task, spec) for task in spec.tasks]
    made["blocks"] = [_block(block, spec) for block in spec.blocks]
    unportable = unportable_steps(spec)
    if unportable:
        made["unportable"] = [_unportable(each, spec) for each in unportable]
    if spec.warnings:
        made["warnings"] = list(spec.warnings)
    return made


def _unportable(each: Unportable, spec: PlannedSpec) -> dict[str, Any]:
    document = spec.read.guide_name if each.in_guide else spec.read.tasks_name
    return {"document": document, "line": each.line, "system": each.system, "why": each.why}


def setup_object(setup: Setup | None) -> list[dict[str, Any]]:
    """The commands that make a work tree ready."""
    return [{"command": step.command, "cwd": step.cwd, "why": step.why} for step in setup.steps] if setup else []


def _documents(spec: PlannedSpec) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if spec.read.tasks is not None:
        name = spec.read.tasks_name
        found.append({"path": name, "kind": "tasks", "dialect": spec.read.tasks.dialect})
    if spec.read.guide is not None:
        found.append({"path": spec.read.guide_name, "kind": "quickstart", "cwd": spec.read.guide.cwd})
    return found


def _task(planned: PlannedTask, spec: PlannedSpec) -> dict[str, Any]:
    task = planned.task
    return {
        "id": task.id,
        "document": spec.read.tasks_name,
        "line": task.line,
        "mark": task.mark,
        "state": planned.state,
        "note": task.note,
        "title": task.title,
        "phase": task.phase.title if task.phase else None,
        "story": task.story,
        "parallel": task.parallel,
        "depends_on": list(task.depends_on),
        "kind": planned.kind,
        "action": planned.action,
        "why": planned.why,
        "probability": _probability(planned.steps),
        "steps": [_step(step) for step in planned.steps],
    }


def _probability(steps: Sequence[PlannedStep]) -> float | None:
    """How likely it is that all of these are meant to be run: the least sure of them says it."""
    return min((each.step.probability for each in steps if each.step.probability is not None), default=None)


def _block(planned: PlannedBlock, spec: PlannedSpec) -> dict[str, Any]:
    block = planned.block
    return {
        "document": spec.read.guide_name,
        "line": block.line,
        "language": block.language,
        "section": block.section,
        "label": block.label,
        "action": planned.action,
        "why": planned.why,
        "probability": block.probability,
        "cwd": planned.cwd,
        "flags": list(block.flags),
        "steps": [_step(step) for step in planned.steps],
    }


def _step(planned: PlannedStep) -> dict[str, Any]:
    step = planned.step
    made: dict[str, Any] = {
        "kind": step.kind,
        "command": step.command,
        "line": step.line,
        "action": planned.action,
        "cwd": planned.cwd,
        "expect": step.expect,
        "hold": step.hold,
        "holds": list(step.holds or ((step.hold,) if step.hold else ())),
        "because": planned.because,
        "timeout": int(planned.timeout) if planned.timeout == int(planned.timeout) else planned.timeout,
    }
    if step.expectations:
        made["expectations"] = [_expected(each) for each in step.expectations]
    if step.comment:
        made["comment"] = step.comment
    if step.keys:
        made |= {"keys": list(step.keys), "sources": dict(planned.sources)}
    return made


def _expected(each: Expectation) -> dict[str, object]:
    return {"kind": each.kind, "text": each.text, "line": each.line, "checked": each.checked}


def _ran_spec(number: int, spec: PlannedSpec, summary: Summary) -> dict[str, Any]:
    from hashlib import sha256

    made = _spec(spec)
    for name, is_guide in (("setup", False), ("guide_setup", True)):
        for index, item in enumerate(made.get(name, ())):
            result = summary.setup.get((number, is_guide, index))
            item |= result_object(result) if result else {"outcome": None}
    before = {name: sha256(data).hexdigest() for name, data in spec.read.sources}
    before[spec.read.guide_name] = before.get(GUIDE, "")
    for document in made["documents"]:
        name = document["path"]
        document["sha256"] = {"before": before[name], "after": summary.digests.get((number, name), before[name])}
    for planned, task in zip(spec.tasks, made["tasks"], strict=True):
        seen = summary.tasks.get((number, planned.task.key))
        judged = summary.judged(number, planned)
        task |= {"verdict": judged.verdict, "claims": [claim_object(claim) for claim in judged.claims]}
        task["outcome"] = summary.outcome(number, planned.task.key) or ("held" if planned.action == "hold" else None)
        if isinstance(seen, TaskFinished):
            task |= {"reason": seen.reason, "cause": cause_object(seen.cause), "seconds": round(seen.seconds, 3)}
        elif seen:
            task["reason"] = f"{summary.blamed(seen)} failed"
        for index, step in enumerate(task["steps"]):
            step |= _result(summary, Place(number, planned.task.key, index), task["outcome"], planned.steps[index])
    guide_task = summary.guide_task(number)
    for block_plan, block in zip(spec.blocks, made["blocks"], strict=True):
        for index, step in enumerate(block["steps"]):
            place = Place(number, guide_task, index, block_plan.block.line)
            step |= _result(summary, place, None, block_plan.steps[index])
    return made


def _result(summary: Summary, place: Place, task_outcome: str | None, planned: PlannedStep) -> dict[str, Any]:
    result = summary.steps.get(place)
    if result is None:
        outcome = "held" if planned.action == "hold" else "cancelled" if task_outcome else None
        return {"outcome": outcome, "exit": None, "signal": None, "seconds": None, "reason": None, "output": None}
    return result_object(result)


def cause_object(cause: Cause | None) -> dict[str, str] | None:
    """Why something could not be judged here."""
    return {"kind": cause.kind, "what": cause.what} if cause else None


def claim_object(judged: JudgedClaim) -> dict[str, Any]:
    """One thing that the words of a task say, how it is judged, and what came of it."""
    claim = judged.claim
    return {
        "text": claim.text, "kind": claim.kind, "check": claim.check, "line": claim.line, "verdict": judged.verdict,
        "reason": judged.reason, "cause": cause_object(judged.cause),
    }  # fmt: skip


def result_object(result: StepResult) -> dict[str, Any]:
    """How a step ended."""
    fields = {
        "outcome": result.outcome,
        "exit": result.exit,
        "signal": result.signal,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
        "cause": cause_object(result.cause),
        "output": result.output,
    }
    return {**fields, "ports": list(result.ports)} if result.ports else fields

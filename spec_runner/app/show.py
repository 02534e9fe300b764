"""What is known of a task or a run: the evidence, and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from spec_runner.app.plan import Read, Settings, make_plan, read_specs
from spec_runner.core.decide.paths import path_mentions
from spec_runner.core.evidence.attest import statement
from spec_runner.core.evidence.records import Record, digest, guide_digest, guide_run_digest
from spec_runner.core.evidence.runs import Changed, Run, SpecEvidence, Standing, Ticked, changes_since, read_runs
from spec_runner.core.plan.model import GUIDE, PlannedSpec, PlannedTask
from spec_runner.core.text.printable import typed
from spec_runner.errors import ExitCode, SpecError, unknown
from spec_runner.system import journal
from spec_runner.system.repository import SpecPaths
from spec_runner.system.worktree import git
from spec_runner.system.worktree.looking import names_of
from spec_runner.views import print_errors
from spec_runner.views.show import print_evidence, print_statement


def show(settings: Settings, task: str | None, *, attest: bool) -> ExitCode:
    """Print the last evidence of a task, or of all; or attest the last run. Raises SpecError where there is none."""
    found = read_specs(settings)
    plan = make_plan(found, settings)
    evidence = [_evidence(read, spec, task) for read, spec in zip(found, plan.specs, strict=True)]
    if attest:
        print_statement(statement(_only_run(evidence)), settings.out)
        return ExitCode.PASSED
    if task and not any(each.tasks or each.error for each in evidence):
        raise _without_evidence(task, plan.specs)
    print_errors((each.error for each in evidence), settings.err)
    print_evidence(evidence, settings.out, in_detail=task is not None, as_json=settings.json)
    return ExitCode.USAGE if any(each.error for each in evidence) else ExitCode.PASSED


def _without_evidence(word: str, specs: Sequence[PlannedSpec]) -> SpecError:
    """Why nothing is known of a task, and what to type."""
    for spec in specs:
        for each in spec.tasks:
            if not each.task.is_called(word):
                continue
            if each.action == "hold":
                allow = f"run it with: spec-run --allow {typed(each.task.word)} {typed(spec.read.path)}"
                return SpecError(f"{word} is held ({each.why})", todo=allow, path=spec.read.path)
            if each.action == "none":
                todo = "add a check below it: - **Verify**: `COMMAND`"
                return SpecError(f"{word} has nothing to run ({each.why})", todo=todo, path=spec.read.path)
            return SpecError(
                f"{word} has not run yet", todo=f"run it with: spec-run {typed(spec.read.path)}", path=spec.read.path
            )
    return unknown("task", word, [each.task.id for spec in specs for each in spec.tasks if each.task.id])


def _only_run(evidence: list[SpecEvidence]) -> Run:
    """The last run of all these specs. Raises SpecError where none is known, or not all were in it."""
    runs = {each.run.id: each.run for each in evidence if each.run}
    if not runs:
        raise SpecError(
            "this spec has not run yet", todo=f"run it with: spec-run {typed(evidence[0].path)}", path=evidence[0].path
        )
    if len(runs) > 1:
        raise SpecError("these specs were last run apart from each other", todo="name one spec", path=evidence[0].path)
    return next(iter(runs.values()))


def _evidence(read: Read, spec: PlannedSpec, asked: str | None) -> SpecEvidence:
    place = read.place
    if place is None or spec.error is not None:
        return SpecEvidence(spec.read.path, "", None, (), spec.error)
    runs = {run.id: run for run in read_runs(read.known.records(place.root))}
    last = {key: each.record for (name, key), each in read.history.seen.items() if name == place.document}
    of_it = [run for run in runs.values() if is_run_of(run, place.document)]
    status = read.known.git_status(place.root)
    now = status.record([file for file in (place.tasks, place.guide) if file], place.root) if status else {}
    called = {task.task.key for task in spec.tasks if asked is not None and task.task.is_called(asked)}
    standings = [
        _standing(key, last[key], runs, spec, place, now)
        for key in _in_order(spec, last)
        if asked is None or key in called or asked.lower() in (key.lower(), str(last[key].get("id")).lower())
    ]
    return SpecEvidence(spec.read.path, place.document, of_it[-1] if of_it else None, tuple(standings))


def is_run_of(run: Run, document: str) -> bool:
    """Whether a run had this document."""
    named = [each.get("path") for each in run.started.get("documents") or ()]
    return document in named or any(each.get("document") == document for each in (*run.results, *run.inside))


def _in_order(spec: PlannedSpec, last: Mapping[str, Record]) -> list[str]:
    """The tasks that ran, as they stand in the document; those that are gone come last."""
    here = [task.task.key for task in spec.tasks if task.task.key in last]
    return here + [key for key in last if key not in set(here)]


def _standing(
    key: str, record: Record, runs: Mapping[str, Run], spec: PlannedSpec, place: SpecPaths, commit_now: Record
) -> Standing:
    planned = next((task for task in spec.tasks if task.task.key == key), None)
    # A guide of another name than usual was read as if it were tasks.
    is_guide = key == GUIDE and bool(spec.read.sources)
    named = [(GUIDE, data) for _, data in spec.read.sources] if is_guide and not spec.read.guide else spec.read.sources
    run, guide = runs.get(str(record.get("run"))), guide_digest(named)
    digest_now = digest(planned, guide) if planned else guide_run_digest(guide) if is_guide else None
    changed = changes_since(record, run, digest_now, commit_now)
    steps = record.get("steps") or ()
    outputs = tuple(journal.load_output(place.root, step.get("output") or {}) for step in steps)
    last_change = _last_change(planned, place) if planned else None
    return Standing(key, planned, record, run, changed, outputs, _ticked(planned, place), last_change)


def _last_change(planned: PlannedTask, place: SpecPaths) -> Changed | None:
    """The last change of the files that a task and its commands name; of the whole repository where they name none."""
    words = [word for step in planned.steps for word in step.step.command.split()]
    named = [each.path for each in path_mentions(planned.task)] + [word for word in words if "." in word or "/" in word]
    names = names_of(place.root)
    files = tuple(dict.fromkeys(found[0] for each in named if len(found := names.find(each.strip("./'\""))) == 1))
    found_change = git.last_change(place.root, files or (".",))
    return Changed(files, found_change[0], _utc(found_change[1])) if found_change else None


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ticked(planned: PlannedTask | None, place: SpecPaths) -> Ticked | None:
    """Who ticked a task: the last change of its line."""
    if planned is None or not planned.task.is_ticked:
        return None
    found = git.line_changed(place.root, place.document, planned.task.line)
    if found is None:
        return None
    commit, author, seconds = found
    return Ticked(commit, author, _utc(seconds))

"""A run as JUnit XML: a document is a suite, a task or a block of a guide is a case.

Only what Jenkins' junit-10.xsd allows is written; GitLab and GitHub's actions read the same. It allows no file and line
on a case, so these stand in the suite, in the class name and in the text of a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple

from spec_runner.core.plan.events import Event
from spec_runner.core.plan.model import Plan, PlannedSpec
from spec_runner.core.plan.portable import by_step
from spec_runner.core.result.summary import Summary
from spec_runner.core.text.printable import exact
from spec_runner.views.report import (
    Case,
    Facts,
    Put,
    StepSeen,
    guide_cases,
    spec_error,
    strict_reasons,
    task_cases,
)
from spec_runner.views.text import document_path

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENDS = {"failed": "failure", "error": "error", "passed": None}


class Suite(NamedTuple):
    """A document, or what kept a spec from being run."""

    file: str
    spec: int
    cases: tuple[Case, ...]


class JunitView:
    """Hands the XML over when the run is over, however it ended."""

    def __init__(self, plan: Plan, facts: Facts, put: Put) -> None:
        self._plan, self._facts, self._put = plan, facts, put

    def hear(self, event: Event) -> None:
        """All is reported when it is over."""

    def finish(self, summary: Summary, code: int) -> None:
        """Hand over the whole report; what was not seen is skipped in it."""
        self._put(junit_text(summary, self._facts))


def junit_text(summary: Summary, facts: Facts) -> str:
    """The report of a run as the text of an XML file."""
    reasons = strict_reasons(summary) if facts.strict else lambda case: None
    suites = [
        suite._replace(cases=tuple(_strict(case, reasons(case)) for case in suite.cases)) for suite in _suites(summary)
    ]
    return xml_of(suites, summary.plan, facts)


def xml_of(suites: list[Suite], plan: Plan, facts: Facts) -> str:
    """Suites as the text of an XML file."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites{_numbers(_named(plan), suites, with_skipped=False)}>",
    ]
    for number, suite in enumerate(suites):
        lines += _suite(number, suite, plan, facts)
    return "\n".join([*lines, "</testsuites>", ""])


def _named(plan: Plan) -> str:
    """What the report is called: of one that is a part, which one."""
    part = plan.part
    return f"spec-run part {part.number}/{part.of} of {part.all} specs, cut {part.cut}" if part else "spec-run"


def _strict(case: Case, reason: str | None) -> Case:
    return case._replace(status="failed", reason=reason) if reason else case


def _suites(summary: Summary) -> Iterator[Suite]:
    for number, spec in enumerate(summary.plan.specs):
        error = spec_error(summary, number)
        if error:
            yield Suite(spec.read.path, number, (error,))
        guide = tuple(guide_cases(summary, number))
        if spec.tasks:
            # What the guide took is counted once: in its own suite.
            within = {summary.guide_task(number): sum(case.seconds for case in guide)}
            cases = tuple(_less(case, within) for case in task_cases(summary, number))
            yield Suite(document_path(spec, spec.read.tasks_name), number, cases)
        if guide:
            yield Suite(document_path(spec, spec.read.guide_name), number, guide)


def _less(case: Case, within: Mapping[str, float]) -> Case:
    seconds = within.get(case.task.task.key, 0.0) if case.task else 0.0
    return case._replace(seconds=max(case.seconds - seconds, 0.0)) if seconds else case


def _numbers(name: str, suites: list[Suite], *, with_skipped: bool = True) -> str:
    cases = [case for suite in suites for case in suite.cases]
    ends = [_ENDS.get(case.status, "skipped") for case in cases]
    given = {"name": name, "tests": len(cases), "failures": ends.count("failure"), "errors": ends.count("error")}
    if with_skipped:
        given["skipped"] = ends.count("skipped")
    return _attributes({**given, "time": f"{sum(case.seconds for case in cases):.3f}"})


def _suite(number: int, suite: Suite, plan: Plan, facts: Facts) -> Iterator[str]:
    given = {"timestamp": facts.started, "id": number, "file": suite.file}
    yield f"  <testsuite{_numbers(suite.file, [suite])}{_attributes(given)}>"
    yield "    <properties>"
    properties = {"spec": plan.specs[suite.spec].read.path, "box": plan.level, "network": plan.network}
    which = plan.part and str(plan.part.specs[suite.spec])
    commit = facts.commits[suite.spec] if suite.spec < len(facts.commits) else None
    elsewhere = _elsewhere(plan.specs[suite.spec], suite.file)
    more = {"commit": commit, "spec-run": facts.version, "number": which, **elsewhere}
    for name, value in {**properties, **more}.items():
        if value:
            yield f"      <property{_attributes({'name': name, 'value': value})}/>"
    yield "    </properties>"
    names: dict[str, int] = {}
    for case in suite.cases:
        yield from _case(case, _unique(_case_name(case), names), _class_name(suite.file))
    yield "  </testsuite>"


def _elsewhere(spec: PlannedSpec, file: str) -> dict[str, str]:
    """The steps of a document that cannot work on a system, for each such system."""
    found: dict[str, list[str]] = {}
    for (name, line), where in by_step(spec).items():
        for system, why in where.items() if document_path(spec, name) == file else ():
            found.setdefault(f"cannot work on {system}", []).append(f"line {line}: {why}")
    return {name: "; ".join(told) for name, told in found.items()}


def _case_name(case: Case) -> str:
    """What stays the same from run to run: an ID, but no line number."""
    is_line = case.name.startswith("line ") or (case.task and case.task.task.id is None)
    return case.title if is_line and case.title else f"{case.name} {case.title}".strip()


def _unique(name: str, names: dict[str, int]) -> str:
    """Readers take the first case of a name and leave out the others."""
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name} #{names[name]}"


def _class_name(file: str) -> str:
    """A path as Java would name a class: readers cut it at its last dot."""
    stem = re.sub(r"\.(?:md|markdown)$", "", file)
    return ".".join(part.replace(".", "_") for part in re.split(r"[/\\]", stem) if part not in ("", ".", ".."))


def _case(case: Case, name: str, class_name: str) -> Iterator[str]:
    given = {"name": name, "classname": class_name, "time": f"{case.seconds:.3f}"}
    inner = [*_end(case), *_output(case)]
    if not inner:
        yield f"    <testcase{_attributes(given)}/>"
        return
    yield f"    <testcase{_attributes(given)}>"
    yield from inner
    yield "    </testcase>"


def _end(case: Case) -> Iterator[str]:
    tag = _ENDS.get(case.status, "skipped")
    if tag == "skipped":
        message = (
            f"{case.status}: {case.reason}" if case.reason and case.status != "proven" else case.reason or case.status
        )
        yield f"      <skipped{_attributes({'message': message})}/>"
    elif tag:
        step = case.shortfall
        given = {"type": step.result.outcome if step and step.result else case.status, "message": case.reason or ""}
        story = "\n".join((case.reason or case.status, *case.story()))
        yield f"      <{tag}{_attributes(given)}>{_text(story)}</{tag}>"


def _output(case: Case) -> Iterator[str]:
    printed = [
        f"{_prompt(each)}{each.planned.step.command}\n{each.result.output.rstrip()}\n"
        for each in case.steps
        if each.result and each.result.output.strip()
    ]
    if printed:
        yield f"      <system-out>{_text(''.join(printed))}</system-out>"


def _prompt(seen: StepSeen) -> str:
    return "$ " if seen.planned.step.kind in ("command", "service") else ""


def _attributes(given: Mapping[str, object]) -> str:
    return "".join(f' {name}="{_attribute(str(value))}"' for name, value in given.items())


def _text(text: str) -> str:
    """Text between tags; what XML has no sign for is spelt out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return escape(_NOT_XML.sub(lambda found: f"\\x{ord(found.group()):02x}", exact(plain)), quote=False)


def _attribute(text: str) -> str:
    """Text between quotes, where a line ending would be read as a blank."""
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")

"""Reports of the parts of a run → the report of the whole, as one machine would have made it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spec_runner.core.plan.partition import Part
from spec_runner.errors import ExitCode, SpecError

_WORST = (ExitCode.INTERRUPTED, ExitCode.FAULT, ExitCode.USAGE, ExitCode.FAILED, ExitCode.PASSED, ExitCode.EMPTY)
"""What a whole run ends with is the first of these that a part ended with."""
_SUITE = re.compile(r"^  <testsuite .*?^  </testsuite>\n", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r'<testsuites name="spec-run part (\d+)/(\d+) of (\d+) specs, cut (\w+)"')
_SPEC = re.compile(r'^      <property name="number" value="(\d+)"/>\n', re.MULTILINE)
_NUMBER = re.compile(r' (tests|failures|errors|time)="([\d.]+)"')
_TODO = "name the reports of all parts of one run, each once"


def refuse_incomplete(parts: Sequence[tuple[str, Part]]) -> None:
    """Raises SpecError unless these are all parts of one run, each once; each comes with the name of its file."""
    first, one = parts[0]
    seen: dict[int, str] = {}
    for file, part in parts:
        if (part.of, part.cut, part.all) != (one.of, one.cut, one.all):
            problem = f"it was not cut as {first} was (other specs, other times in the journal, or other parts)"
            raise SpecError(problem, todo=_TODO, path=file)
        if part.number in seen:
            raise SpecError(f"{seen[part.number]} is part {part.number}/{part.of} too", todo=_TODO, path=file)
        seen[part.number] = file
    missing = [str(number) for number in range(1, one.of + 1) if number not in seen]
    if missing:
        raise SpecError(f"of {one.of} parts these are missing: {', '.join(missing)}", todo=_TODO)


def merged(reports: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """JSON reports of all parts as one, each with the name of its file. Raises SpecError for what is none, or lacks."""
    parts = [(file, _part(file, report)) for file, report in reports]
    refuse_incomplete(parts)
    if len({report["schema"] for _, report in reports}) > 1:
        raise SpecError("these are reports of different commands", todo=_TODO)
    first = min(zip(parts, reports, strict=True), key=lambda pair: pair[0][1].number)[1][1]
    made = {name: value for name, value in first.items() if name != "part"}
    all_reports = [report for _, report in reports]
    made["box"] = {name: _joined([report["box"][name] for report in all_reports]) for name in first["box"]}
    specs: dict[int, Any] = {}
    for (file, part), report in zip(parts, all_reports, strict=True):
        if len(report["specs"]) != len(part.specs):
            raise SpecError("it does not hold the specs of its part", todo=_TODO, path=file)
        specs.update(zip(part.specs, report["specs"], strict=True))
    made["specs"] = [specs[number] for number in sorted(specs)]
    if "counts" in made:
        made["counts"] = _added([report["counts"] for report in all_reports])
    if "exit" in made:
        made["exit"] = int(worst(int(report["exit"]) for report in all_reports))
        made["interrupted"] = any(report["interrupted"] for report in all_reports)
    if "warnings" in made:
        made["warnings"] = [warning for report in all_reports for warning in report["warnings"]]
    return made


def worst(codes: Any) -> ExitCode:
    """What a run ends with whose parts ended with these exit codes."""
    seen = set(codes)
    return next((code for code in _WORST if code in seen), ExitCode.FAULT)


def _part(file: str, report: Mapping[str, Any]) -> Part:
    try:
        told = report["part"]
        part = Part(
            int(told["number"]), int(told["of"]), str(told["cut"]), tuple(map(int, told["specs"])), int(told["all"])
        )
        assert isinstance(report["specs"], list) and isinstance(report["box"], dict)
    except (LookupError, TypeError, ValueError, AssertionError):
        raise SpecError(
            "this is no report of a part of a run", todo="run with --partition N/M --json", path=file
        ) from None
    return part


def _joined(values: Sequence[Any]) -> Any:
    """What is so of each part; where they differ, all that is."""
    named = list(dict.fromkeys(values))
    return named[0] if len(named) == 1 else ", ".join(str(each) for each in named if each is not None)


def _added(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            found[name] = found.get(name, 0) + count
    return found


def merged_junit(reports: Sequence[tuple[str, str]]) -> str:
    """JUnit reports of all parts as one, each with the name of its file. Raises SpecError as ``merged``."""
    parts: list[tuple[str, Part]] = []
    suites: list[tuple[int, str]] = []
    for file, text in reports:
        named = _NAMED.search(text)
        if named is None:
            todo = "run with --partition N/M --junit FILE"
            raise SpecError("this is no JUnit report of a part of a run", todo=todo, path=file)
        number, of, count, cut = named.groups()
        parts.append((file, Part(int(number), int(of), cut, (), int(count))))
        for suite in _SUITE.findall(text):
            spec = _SPEC.search(suite)
            suites.append((int(spec[1]) if spec else 0, _SPEC.sub("", suite)))
    refuse_incomplete(parts)
    totals = {"tests": 0.0, "failures": 0.0, "errors": 0.0, "time": 0.0}
    lines = []
    for index, (_, suite) in enumerate(sorted(suites, key=lambda each: each[0])):
        head, newline, rest = suite.partition("\n")
        for name, value in _NUMBER.findall(head):
            totals[name] += float(value)
        lines.append(re.sub(r' id="\d+"', f' id="{index}"', head, count=1) + newline + rest)
    given = "".join(f' {name}="{value:{".3f" if name == "time" else ".0f"}}"' for name, value in totals.items())
    body = "".join(lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="spec-run"{given}>\n{body}</testsuites>\n'

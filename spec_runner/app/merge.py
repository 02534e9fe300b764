"""The reports of the parts of a run, as one report."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spec_runner.app.plan import Settings
from spec_runner.app.reports import report_files
from spec_runner.core.evidence.parts import merged, merged_junit
from spec_runner.errors import MALFORMED, ExitCode, SpecError
from spec_runner.system.document import files
from spec_runner.views.json import print_object

_FAILING = re.compile(r'^<testsuites [^>]*(?:failures|errors)="[1-9]', re.MULTILINE)


def merge(settings: Settings, named: Sequence[str], out: Path | None = None) -> ExitCode:
    """Print the report of the whole run, or write it into a file; the exit code is that of the whole run.

    Raises SpecError for files that are not the reports of all parts of one run.
    """
    read = [(name, _text(settings.here / name, name)) for name in named]
    into = report_files((), {"--output": out}, settings.here).get("--output")
    if all(text.lstrip().startswith("<") for _, text in read):
        text = merged_junit(read)
        into.put(text) if into else settings.out.write(text)
        return ExitCode.FAILED if _FAILING.search(text) else ExitCode.PASSED
    reports = [(name, _object(name, text)) for name, text in read]
    try:
        made = merged(reports)
    except MALFORMED as error:
        raise SpecError(
            f"these are not reports that spec-run printed ({error})", todo="name the files that --json printed"
        ) from None
    if into:
        into.put(json.dumps(made, ensure_ascii=False) + "\n")
    else:
        print_object(made, settings.out)
    return ExitCode(made.get("exit", 0))


def _text(file: Path, name: str) -> str:
    try:
        return files.read(file).decode("utf-8", "replace")
    except SpecError as error:
        raise error.at(name) from None


def _object(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise SpecError("this is no JSON", todo="name the files that --json printed", path=name) from None

"""What a check found: a line each, as compilers print them, or one JSON object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from spec_runner.core.evidence.check import CODES, Checked
from spec_runner.core.text.printable import visible
from spec_runner.views import lines_for
from spec_runner.views.text import path_in


def print_repaired(path: str, lines: Sequence[int], err: TextIO) -> None:
    """Print which lines of a document were put right."""
    said = lines_for(err, is_result=False)
    for line in lines:
        said.write(f"fixed: {visible(path)}:{line}: blanks around the checkbox")


def print_findings(checked: Sequence[Checked], out: TextIO, *, known: int, as_json: bool) -> None:
    """Print the findings of every spec, in order; ``known`` more are in a baseline."""
    if as_json:
        _print_json(checked, known, out)
        return
    lines = lines_for(out)
    for spec in checked:
        for each in spec.findings:
            lines.write(
                f"{visible(path_in(spec.path, each.document))}:{each.line}: {each.code} {visible(each.message)}"
            )
    counts = Counter(each.code for spec in checked for each in spec.findings)
    summed = ", ".join(f"{count} {code} ({CODES[code]})" for code, count in sorted(counts.items()))
    if known:
        lines.write(f"{known} more {'is' if known == 1 else 'are'} known")
    count = sum(spec.error is None for spec in checked)
    if summed or count:
        new = " new" if known else ""
        lines.write(summed or f"nothing{new} found in {count} spec{'' if count == 1 else 's'}")


def _print_json(checked: Sequence[Checked], known: int, out: TextIO) -> None:
    from spec_runner.views.json import print_object

    specs = []
    for spec in checked:
        objects = [
            {
                "path": path_in(spec.path, each.document),
                "line": each.line,
                "code": each.code,
                "level": "note" if each.is_note else "error",
                "message": each.message,
            }
            for each in spec.findings
        ]
        specs.append({"path": spec.path, "error": spec.error, "findings": objects})
    print_object({"schema": "spec-run/check@1", "known": known, "specs": specs}, out)

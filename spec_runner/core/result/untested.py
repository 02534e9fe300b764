"""Whether a test runner that ended has tested anything at all."""

from __future__ import annotations

import re

from spec_runner.core.result.normalize import normalize
from spec_runner.core.shell.programs import Program, programs_of
from spec_runner.core.text.printable import strip_control

_NOTHING = re.compile(
    r"^(?:\[[A-Z]{1,9}\] |ℹ )?[^\w\n]*(?:"
    r"no tests? (?:files? |modules? )?(?:ran\b|(?:were |are )?(?:found|executed|available|collected))"
    r"|no tests to run|0 passing|0 pass$|ran 0 tests|0 examples, 0 failures|executed 0 tests|running 0 tests"
    r"|tests run: 0\b|collected 0 items|no test (?:is available|matches)|1\.\.0$|tests 0$"
    r"|\S{1,300}\s+\[no test files\]|ok\s+\S{1,300}\s+\S{1,30} \[no tests to run\]"
    r"|(?:\d{1,9} (?:skipped|deselected|warnings?)(?:, )?){1,3} in ).*$",
    re.IGNORECASE | re.MULTILINE,
)
_SOMETHING = re.compile(
    r"\b[1-9]\d* (?:passed|failed|passing|failing|xfailed|xpassed|pass|fail|errors?|tests? (?:passed|failed|ran))\b"
    r"|\bran [1-9]\d* tests?|\brunning [1-9]\d* tests?|\btests run: [1-9]|\b[1-9]\d* examples?, "
    r"|\bexecuted [1-9]\d* tests?|\([1-9]\d* tests?\b|\b(?:passed|failed): +[1-9]"
    r"|^ok\s+\S+\s+(?:[\d.]+s|\(cached\))(?! \[no tests)|^(?:not )?ok [1-9]|^[#ℹ] tests [1-9]|^(?:--- )?FAIL\b",
    re.IGNORECASE | re.MULTILINE,
)
_RUNNERS = re.compile(
    r"\b(?:pytest|unittest|mocha|jest|vitest|test|tests|spec|check|tox|nox|ctest|rspec|phpunit|ava|playwright|e2e)\b"
)
_EXITS = (0, 1, 4, 5, 8)
"""How runners end that found no test."""


def untested(command: str, code: int, output: str) -> str | None:
    """What says that no test was run: whatever its exit status, that has proven nothing. None if some was."""
    if not any(_runs_tests(program) for program in programs_of(command)):
        return None
    printed = strip_control(output)
    said = _NOTHING.search(printed[-4000:])
    line = normalize(said.group().strip(" \t-=_*#~|+.")) if said else ""
    if code == 5 and "pytest" in command:
        return line
    return line if said and code in _EXITS and not _SOMETHING.search(printed) else None


def _runs_tests(program: Program) -> bool:
    return not program.row.has("text") and _RUNNERS.search(" ".join((program.name, *program.args))) is not None

"""What a document expects + what was seen → did it come, and if not, what came instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from spec_runner.core.decide.outcomes import number_seen, unmet_number
from spec_runner.core.decide.steps import Expectation
from spec_runner.core.shell.programs import names
from spec_runner.core.text.printable import last_line, strip_control

_PRINTED_STATUS = re.compile(r"(?:^|\s)HTTP/\d(?:\.\d)? (\d{3})\b|awaiting response\.\.\. (\d{3})\b")
_ELLIPSIS = re.compile(r"(?:\.\.\.|…)")
_VOLATILE = re.compile(
    r"\d|<[^<>]+>|\{|\[[a-z]|[\w.~]*[/\\]\w|^\s*[\"']?[\w ()-]+[\"']?:\s+\S|\bx{3,}\b|\byour[-_ ]", re.IGNORECASE
)
"""Numbers, dates, paths, placeholders, and values behind a name: what is not the same everywhere."""
_TABLE = re.compile(r"\S {2,}\S|[|│]|\t")
_VERDICTS = names(
    "ok okay healthy unhealthy success successful succeeded error fail failed failure up down alive live ready pass"
    " passed valid invalid connected true false yes no enabled disabled available unavailable unauthorized forbidden"
    " not_found bad_request"
)
_ERRORS = frozenset({"error", "code", "error_code", "errorcode"})
_ERROR_TEXTS = frozenset({"message", "detail", "reason", "title"})
_STATUSES = frozenset({"status", "statuscode", "status_code", "code"})
_KEY = re.compile(r"(?!.*\d{3})[A-Za-z_@$][\w.@$-]*$")
"""The name of a field, and no value that something is looked up by."""
_DEEPEST = 12


class Seen(NamedTuple):
    """What was seen of a command."""

    command: str
    output: str
    exit: int | None = None
    status: int | None = None
    """The status of its last answer over HTTP."""
    whole: bool = True
    """The output is all that was printed."""


def unmet(expected: Expectation, seen: Seen) -> str | None:
    """What was expected and what came, in one sentence; None if it came, or if nobody could have seen it."""
    output = strip_control(seen.output)
    match expected.kind:
        case "status":
            return _unmet_status(expected, seen, output)
        case "exit" if expected.text == "any":
            return None
        case "exit" if expected.text == "nonzero":
            return None if seen.exit else "exit 0, but it must fail"
        case "number" if number_seen(expected.text.split()[0], output) is not None:
            return unmet_number(expected.text, output)
        case "exit":
            return None if str(seen.exit) == expected.text else f"expected exit {expected.text}, got {seen.exit}"
        case "text" if seen.whole:
            return None if _flat(expected.text) in _flat(output) else _missing(expected.text, output)
        case "output" if seen.whole:
            missing = _missing_line(expected.text, output)
            return _missing(missing, output) if missing else None
        case "json" if seen.whole:
            return _unmet_json(expected, seen, output)
        case _:
            return None


def is_seen(expected: Expectation, seen: Seen) -> bool:
    """Whether anybody can say that it came or did not."""
    if expected.kind == "number":
        return seen.whole and number_seen(expected.text.split()[0], strip_control(seen.output)) is not None
    return seen.whole or expected.kind in ("status", "exit", "words")


def _unmet_status(expected: Expectation, seen: Seen, output: str) -> str | None:
    printed = [found.group(1) or found.group(2) for found in _PRINTED_STATUS.finditer(output)]
    status = str(seen.status) if seen.status is not None else printed[-1] if printed else None
    return None if status in (None, expected.text) else f"expected status {expected.text}, got {status}"


def _missing(wanted: str, output: str) -> str:
    last = last_line(output)
    return f'expected "{_flat(wanted)}", ' + (f'got "{last}"' if last else "got nothing")


def _flat(text: str) -> str:
    return " ".join(text.split())


# Blocks of output.


def literal_lines(block: str) -> tuple[str, ...]:
    """The lines of a block of output that are the same whenever and wherever it is printed."""
    rows = (_flat(row) for row in block.split("\n") if not _TABLE.search(row.strip()))
    return tuple(
        row
        for row in rows
        if re.search(r"[^\W\d_]{2}", row) and not _VOLATILE.search(row) and not _ELLIPSIS.search(row)
    )


def _missing_line(block: str, output: str) -> str | None:
    """The first literal line of a block that does not come after the ones before it."""
    rows = iter([_flat(row) for row in output.split("\n")])
    return next((line for line in literal_lines(block) if not any(line in row for row in rows)), None)


# JSON.


def read_json(text: str) -> Any:
    """A JSON text as documents write it: with comments, commas too many and dots for the rest. None if it is none."""
    import json

    try:
        return json.loads(text)
    except RecursionError:
        return None
    except ValueError:
        pass
    text = re.sub(r"(?m)(?:^|(?<=[\s,\[{]))(?://|#)[^\"\n]*$", "", text)
    text = re.sub(r"(,?\s*)(?:\.\.\.|…)(?=\s*[,\]}])", "", text)
    text = re.sub(r",(?=\s*[\]}])", "", text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unmet_json(expected: Expectation, seen: Seen, output: str) -> str | None:
    wanted = read_json(expected.text)
    found = sorted(_printed_json(output), key=lambda each: each[0], reverse=True)
    if not found:
        return _missing("JSON", output).replace('"JSON"', "JSON", 1)
    problems = [_difference(wanted, value, "", seen.command, is_error=False) for _, value in found]
    return None if None in problems else problems[0]


def _printed_json(output: str) -> Iterator[tuple[int, Any]]:
    """The objects and lists in an output, none inside another one, with their lengths."""
    import json

    decoder, at, tried = json.JSONDecoder(), 0, 0
    while (found := re.compile(r"[{\[]").search(output, at)) and tried < 200:
        tried += 1
        try:
            value, at = decoder.raw_decode(output, found.start())
        except (ValueError, RecursionError):
            at = found.start() + 1
        else:
            yield at - found.start(), value


def _difference(wanted: Any, got: Any, path: str, command: str, *, is_error: bool, depth: int = 0) -> str | None:
    """Where the printed value lacks what the expected one plainly says."""
    if isinstance(wanted, dict):
        if not isinstance(got, dict):
            return f"expected an object{_at(path)}, got {_shown(got)}"
        is_error = is_error or "error" in wanted
        for key, value in wanted.items() if depth < _DEEPEST and not _is_tally(wanted) else ():
            below = f"{path}.{key}" if path else key
            if value is None or not _KEY.match(key):
                continue
            if key not in got:
                return f'expected "{below}" in the JSON, got {_shown(got)}'
            problem = (
                _difference(value, got[key], below, command, is_error=is_error, depth=depth + 1)
                if isinstance(value, (dict, list))
                else _differs(key, value, got[key], below, command, is_error)
            )
            if problem:
                return problem
    if isinstance(wanted, list) and not isinstance(got, list):
        return f"expected a list{_at(path)}, got {_shown(got)}"
    return None


def _is_tally(value: dict[str, Any]) -> bool:
    """Numbers alone: what is counted is an example, and what is not there is often left out."""
    numbers = [type(each) in (int, float) for each in value.values()]
    return len(numbers) > 1 and all(numbers)


def _differs(key: str, wanted: Any, got: Any, path: str, command: str, is_error: bool) -> str | None:
    if wanted == got or not is_plain(key, wanted, command, is_error=is_error):
        return None
    import json

    return f'expected "{path}": {json.dumps(wanted)}, got {_shown(got)}'


def is_plain(key: str, value: Any, command: str, *, is_error: bool = False) -> bool:
    """Whether a value is meant as it stands and no example: verdicts, switches, statuses, what the command sent."""
    key = key.lower()
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return key in _STATUSES and 100 <= value < 600
    if not isinstance(value, str) or not value or _VOLATILE.search(value) or _ELLIPSIS.search(value):
        return False
    if value.lower() in _VERDICTS or (key in _ERRORS | _ERROR_TEXTS and (key in _ERRORS or is_error)):
        return True
    return len(value) > 2 and (f'"{value}"' in command or f"'{value}'" in command)


def _at(path: str) -> str:
    return f' at "{path}"' if path else ""


def _shown(value: Any) -> str:
    """A value in few words, never cut: half a secret could not be masked any more."""
    import json

    if isinstance(value, dict):
        return f"an object with {', '.join(list(value)[:6])}" if value else "an empty object"
    return "a list" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)

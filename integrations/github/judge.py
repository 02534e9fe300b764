"""A step of the action: run spec-run as its inputs say, and hand over what came of it.

What is in the environment is set by action.yml. It ends with 0 whatever the ticks are worth: the last step of the
action fails for them, after the comment is written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_PROGRAM = (sys.executable, "-I", "-m", "spec_runner")
"""Isolated: no module that the pull request brings is imported here, outside of the sandbox."""
_COUNTED = {
    "proven": "proven", "false-ticks": "false", "missing": "missing", "cannot-tell": "cannot tell",
    "passed": "passed", "failed": "failed",
}  # fmt: skip
"""Each output, and what it counts; an expression of GitHub could take an output named false for the value."""


def main() -> int:
    """Run it, which writes the summary of the job, and hand over the outputs."""
    place = Path(os.environ["RUNNER_TEMP"]) / "spec-run-result"
    place.mkdir(exist_ok=True)
    report, summary = place / "report.json", place / "summary.md"
    summary.unlink(missing_ok=True)
    with report.open("wb") as out:
        code = subprocess.run([*_PROGRAM, *_words(), f"--markdown={summary}", "--", *_paths()], stdout=out).returncode
    if not summary.exists():
        summary.write_text(f"## spec-run: nothing was judged (exit code {code})\n", encoding="utf-8")
        _append("GITHUB_STEP_SUMMARY", summary.read_text(encoding="utf-8"))
    counts = _counts(report)
    outputs = {"exit-code": code, "report": report, "summary": summary, "counts": json.dumps(counts)}
    outputs |= {name: counts.get(counted, 0) for name, counted in _COUNTED.items()}
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))
    return 0


def _words() -> Iterator[str]:
    """The command line that the inputs mean. Raises SystemExit for a command that is not offered here."""
    command, base = _input("COMMAND"), _input("BASE")
    if command not in ("verify", "quickstart"):
        raise SystemExit(f"spec-run: the input command is verify or quickstart, not {command!r}")
    yield from (command, "--json", "--allow-empty")
    if base and (_is_on("CHANGED_ONLY") or _is_on("NEW_TICKS_ONLY")) and _has(base):
        if _is_on("CHANGED_ONLY"):
            yield f"--changed-since={base}"
        if _is_on("NEW_TICKS_ONLY") and command == "verify":
            yield f"--ticked-since={base}"
    if _is_on("STRICT"):
        yield "--strict"
    yield from _input("OPTIONS").split("\n") if _input("OPTIONS") else ()


def _paths() -> Iterator[str]:
    return filter(None, map(str.strip, _input("PATHS").split("\n")))


def _input(name: str) -> str:
    return os.environ.get(f"SPEC_RUN_{name}", "").strip()


def _is_on(name: str) -> bool:
    return _input(name).lower() == "true"


def _has(commit: str) -> bool:
    """Whether the commit before the pull request is here, fetched if need be; without it all is judged."""
    here = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    if subprocess.run(here, stderr=subprocess.DEVNULL).returncode == 0:
        return True
    fetch = ["git", "fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit]
    if subprocess.run(fetch).returncode == 0:
        return True
    print("::warning title=spec-run::the commit before the pull request is not here (fetch-depth: 0 brings it): "
          "every spec is judged", flush=True)  # fmt: skip
    return False


def _counts(report: Path) -> dict[str, int]:
    try:
        found = json.loads(report.read_bytes())["counts"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {str(name): int(count) for name, count in found.items()}


def _append(variable: str, text: str) -> None:
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())

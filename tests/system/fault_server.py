"""Runs that are hit at one system call each: a process that has everything imported forks a child for each of them.

``python -m tests.system.fault_server``; each line on stdin is a JSON object ``{"root": folder, "inject": text or null}``,
each line on stdout says how the child ended: its exit code, or minus the signal. What was said stands in ``said``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from spec_runner.app.ready import make_ready
from spec_runner.errors import SpecError
from spec_runner.system.known import Known
from spec_runner.system.repository import find_specs
from tests.recording import record_run, settings_for

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "renameat2",
    "unlink",
    "ftruncate",
    "mkdir",
    "fchmod",
    "fchown",
)
"""The calls by which a run changes the disk, or makes sure that it did."""


def run(root: Path) -> list[str]:
    """A run as the program makes it, but for the commands; what the user would be told comes back."""
    settings = settings_for(root, dry_run=False)
    with ExitStack() as stack:
        make_ready(find_specs(settings.paths, root, {}), settings, Known(), stack)
        return record_run(root)


def serve() -> None:
    """Answer one line after the other."""
    with tempfile.TemporaryDirectory() as folder:
        # What a run imports late is imported before anything is counted.
        for _ in range(2):
            file = Path(folder, "specs", "a", "tasks.md")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("- [ ] T001 Run `test -d .`\n")
            run(Path(folder))
            Path(folder, ".spec-run", "journal").write_bytes(b"")
    for line in sys.stdin:
        asked = json.loads(line)
        print(hit(Path(asked["root"]), asked["inject"]), flush=True)


def hit(root: Path, inject: str | None) -> int:
    """Record a run in a child whose system calls are hit as ``inject`` says (strace's words)."""
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(_told(root))
    os.waitpid(child, os.WUNTRACED)
    words = ["strace", "-p", str(child), "-o", str(root / "trace"), "-e", f"trace={','.join(CALLS)}"]
    with subprocess.Popen([*words, *(["-e", f"inject={inject}"] if inject else [])], stderr=subprocess.PIPE) as tracer:
        assert tracer.stderr is not None
        attached = b"attached" in tracer.stderr.readline()
        os.kill(child, signal.SIGCONT if attached else signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if attached else 99


def _told(root: Path) -> int:
    try:
        said, code = "\n".join(run(root)), 0
    except SpecError as error:
        said, code = str(error), 2
    except BaseException as error:
        said, code = f"{type(error).__name__}: {error}", 3
    for _ in range(2):
        # The first try may be the call that is hit.
        try:
            (root / "said").write_text(said)
        except OSError:
            continue
    return code


if __name__ == "__main__":
    serve()

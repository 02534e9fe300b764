"""What only Linux has, switched off: the sandbox plain as it is on Windows (no agent) and on macOS (no /proc)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from spec_runner.system.process import procfs
from spec_runner.system.process.heard import LatestLine
from spec_runner.system.process.process import Process
from spec_runner.system.process.shell import Shell, Started, State
from spec_runner.system.sandbox import sandbox as sandboxes
from spec_runner.system.sandbox.direct import Direct
from spec_runner.system.sandbox.sandbox import Layout, Sandbox
from tests.conftest import ROOT, Project

_NO_PROC = "from spec_runner.system.process import procfs; procfs.AVAILABLE = False; "


@pytest.fixture(params=["no agent", "no agent, no /proc", "no /proc"])
def sandbox(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    if "agent" in request.param:
        monkeypatch.setattr(sandboxes, "HAS_AGENT", False)
    if "/proc" in request.param:
        monkeypatch.setattr(procfs, "AVAILABLE", False)
        imported, sign, rest = sandboxes._AGENT.partition("from spec_runner.system.sandbox.agent")
        monkeypatch.setattr(sandboxes, "_AGENT", imported + _NO_PROC + sign + rest)
    (tmp_path / "root").mkdir()
    made = Sandbox(Layout(tmp_path / "root", tmp_path / "root", dict(os.environ), {}, lambda: False))
    assert isinstance(made.inside, Direct) == ("agent" in request.param)
    yield made
    if made.base.exists():
        made.close()


def start(sandbox: Sandbox, command: str, state: State | None = None) -> Started:
    return Shell(sandbox).start(command, state or State(sandbox.root), LatestLine(lambda line: None))


def until(happens: Callable[[], object]) -> None:
    """Wait for it; the test fails after a while."""
    deadline = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def printed(process: Process) -> str:
    return process.capture.text.strip()


def test_state_is_carried_and_ends_are_told(sandbox: Sandbox) -> None:
    first = start(sandbox, "mkdir a; cd a; X=1; exit 3")
    assert first.process.wait(20) and first.process.returncode == 3
    second = start(sandbox, 'echo "$X ${PWD##*/}"; kill -9 $$', first.state())
    assert second.process.wait(20) and (second.process.returncode, printed(second.process)) == (-9, "1 a")


def test_what_listens_and_what_memory_it_holds_is_seen(sandbox: Sandbox) -> None:
    script = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); x = b'x' * 50_000_000; time.sleep(99)"
    process = start(sandbox, f'python3 -c "{script}" & wait').process
    until(lambda: sandbox.inside.ports(process))
    until(lambda: sandbox.inside.held_bytes(is_exact=False)[0][process] > 50_000_000)
    assert sandbox.inside.held_bytes(is_exact=True)[0][process] > 50_000_000
    sandbox.end_some([process], others=True)
    assert process.wait(20) and not sandbox.inside.running()


def test_nothing_that_was_started_is_left(sandbox: Sandbox) -> None:
    """A job in the background that outlives its shell, one that hears no request to end, and the shell itself."""
    left = start(sandbox, "sleep 600 & echo $!").process
    deaf = start(sandbox, "trap '' TERM; echo $$; sleep 600; sleep 600").process
    assert left.wait(20)
    until(lambda: printed(deaf))
    pids = [int(printed(left)), int(printed(deaf))]
    assert all(map(alive, pids))
    deaf.stop(0.2)
    assert deaf.returncode == -9
    sandbox.close()
    until(lambda: not any(map(alive, pids)))


def test_files_are_reached_below_the_work_tree_alone(sandbox: Sandbox) -> None:
    sandbox.write(sandbox.root / "new" / "file", b"x\r\n")
    assert sandbox.read(sandbox.root / "new" / "file") == b"x\r\n"
    os.symlink("/etc", sandbox.root / "link")
    for place in (sandbox.root / ".." / "out", sandbox.root / "link" / "passwd"):
        with pytest.raises(OSError, match="outside the work tree"):
            sandbox.write(place, b"x")


_WITHOUT = {"agent": "sandbox.HAS_AGENT = False", "/proc": "procfs.AVAILABLE = False"}
_RUN = """
import sys
from spec_runner.cli import main
from spec_runner.system.process import procfs
from spec_runner.system.sandbox import sandbox
{}
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("missing", _WITHOUT)
def test_a_run_gives_the_same_marks_at_the_level_plain(project: Project, missing: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    project.tasks(
        "- [ ] T001 Create the folder: `mkdir -p a && cd a`\n"
        f"- [ ] T002 Start the server with `python3 -m http.server {port} --bind 127.0.0.1`\n"
        f"- [ ] T003 Verify that `http://localhost:{port}/` returns 200\n"
        "- [X] T004 Run `test -e missing`\n"
        "- [ ] T005 Run `test -d a`\n"
    )
    # A process of its own: a run ends all that is below it.
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(_WITHOUT[missing]), "run", "--sandbox", "plain", project.spec],
        cwd=project.root, env={**project.world, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, project.marks, "sandbox plain" in done.stderr) == (1, "XXX C", True), done.stderr


_IMPORT_ALL = """
import importlib, importlib.abc, os, pkgutil, sys
import asyncio, click, httpx, importlib.metadata, mcp.server, psutil, rich.console, subprocess, tempfile, uuid  # the libraries know their systems

HIDDEN = {"fcntl", "termios", "resource", "pwd", "grp", "pty", "tty", "syslog", "posix"}

class Hide(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in HIDDEN:
    sys.modules.pop(name, None)
for name in ("fork", "killpg", "getuid", "geteuid", "pread", "pwrite", "fchmod", "fchown", "O_NOFOLLOW", "O_DIRECTORY",
             "uname", "sysconf", "statvfs", "getpgid", "getsid", "register_at_fork"):
    delattr(os, name)
sys.meta_path.insert(0, Hide())
sys.platform = "win32"
import spec_runner
names = [each.name for each in pkgutil.walk_packages(spec_runner.__path__, "spec_runner.")]
for name in names:
    if name not in ("spec_runner.__main__", "spec_runner.system.process.jobs", "spec_runner.system.windows"):
        importlib.import_module(name)
print(len(names))
"""


def test_every_module_is_imported_where_posix_is_not() -> None:
    """Without the modules and the calls that Windows has not."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "") and int(done.stdout) > 150

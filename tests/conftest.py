"""What the tests share: specs built in a folder, and the real program run on them."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from spec_runner.system.sandbox.levels import LEVELS, offered
from tests.forked import Forks

# Quick while one works, thorough in CI; HYPOTHESIS_PROFILE chooses.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# A shell that starts the tests in the background has them ignore what stops a run, and the runs would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A run asks the user's python3 what it is; a version manager's script takes a tenth of a second to say so.
os.environ["PATH"] = os.pathsep.join((os.path.dirname(os.path.realpath(sys.executable)), os.environ["PATH"]))

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("SPEC_RUN_SHARED", ROOT.parent / "shared"))

OFFERED = [level for level in LEVELS if offered(level).problem is None]
"""The levels of isolation that this machine offers."""


LONGEST = 120
"""Seconds that a test may take, its fixtures included; ``@pytest.mark.longest(SECONDS)`` gives one more."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that hangs fails, and tells where it hung; on Windows nothing can interrupt it."""
    if not hasattr(signal, "SIGALRM"):
        return (yield)
    marked = item.get_closest_marker("longest")
    seconds = marked.args[0] if marked else LONGEST

    def over(number: int, frame: object) -> None:
        pytest.fail(f"the test took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the levels of isolation that could not be tested here: they are not passed over."""
    for offer in (offered(level) for level in LEVELS if level not in OFFERED):
        terminalreporter.write_line(f"not tested here: the sandbox {offer.level}: {offer.problem}")


@pytest.fixture(scope="session")
def brush() -> str:
    """The program brush, which comes with the development extra; found on PATH from now on."""
    try:
        files = metadata.files("brush-bin") or []
    except metadata.PackageNotFoundError:
        pytest.skip("brush-bin is not installed")
    place = next(os.path.realpath(str(each.locate())) for each in files if each.name == "brush")
    os.environ["PATH"] += os.pathsep + os.path.dirname(place)
    return place


_OF_PYTHON = ("PYTHON", "LC_", "LANG")
"""Variables that are read when Python starts."""


@cache
def forks() -> Forks:
    """What runs the program for tests that wait for its end."""
    found = Forks(environment={**os.environ, "PYTHONPATH": str(ROOT)})
    atexit.register(found.close)
    return found


needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared documents are not beside the project")


@dataclass(frozen=True)
class Done:
    """How a run of the program ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def steps(self, task: str) -> list[dict[str, Any]]:
        """The steps of a task in a plan or report of one spec."""
        found: list[dict[str, Any]] = next(each for each in self.json["specs"][0]["tasks"] if each["id"] == task)[
            "steps"
        ]
        return found

    def task(self, task: str) -> dict[str, Any]:
        found: dict[str, Any] = next(each for each in self.json["specs"][0]["tasks"] if each["id"] == task)
        return found


@dataclass
class Project:
    """A repository in a temporary folder with a spec in it, and the real program beside it."""

    root: Path
    spec: str = "specs/001-case"
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def tasks(self, text: str | bytes) -> Path:
        """Write the spec's tasks.md."""
        return self.write(f"{self.spec}/tasks.md", text)

    def guide(self, text: str | bytes) -> Path:
        """Write the spec's quickstart.md."""
        return self.write(f"{self.spec}/quickstart.md", text)

    def config(self, text: str) -> Path:
        """Write the spec's spec-run.toml."""
        return self.write(f"{self.spec}/spec-run.toml", text)

    @property
    def marks(self) -> str:
        """The marks of the tasks as they stand in the document, in order."""
        text = (self.root / self.spec / "tasks.md").read_text(encoding="utf-8")
        return "".join(line[3] for line in text.splitlines() if line.startswith("- ["))

    def text(self) -> str:
        return (self.root / self.spec / "tasks.md").read_bytes().decode()

    def git(self, *words: str) -> str:
        """Run Git in the root, with an identity and without the user's configuration."""
        given = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        for name in ("AUTHOR", "COMMITTER"):
            given |= {f"GIT_{name}_NAME": "Test", f"GIT_{name}_EMAIL": "test@localhost"}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env={**os.environ, **given}, capture_output=True, check=True
        )
        return done.stdout.decode()

    def commit(self) -> None:
        """Make the root a repository with everything committed."""
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "All")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "spec_runner", *words]

    @property
    def world(self) -> dict[str, str]:
        """The environment of a run: this machine's, without what a build machine says of itself."""
        state = {"XDG_STATE_HOME": str(self.root.parent / "state")}
        ours = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
        return {**ours, **state, "PYTHONPATH": str(ROOT), **self.environment}

    def shim(self) -> Path:
        """The program as other programs find it: a file named ``spec-run``."""
        file = self.root.parent / "bin" / "spec-run"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m spec_runner "$@"\n')
        file.chmod(0o755)
        return file

    def started(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start the program in the root and come back at once."""
        environment = self.world
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
            # Whoever started the tests ignores it (nohup does), and what is ignored is inherited.
            pipes["preexec_fn"] = lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)
        return subprocess.Popen(self.command(*words), cwd=self.root, env=environment, **pipes)

    def run(self, *words: str) -> Done:
        """Run the program in the root to its end."""
        if not any(name.startswith(_OF_PYTHON) for name in self.environment):
            code, out, err = forks().run(words, self.root, self.world, LONGEST)
            return Done(code, out.decode(), err.decode())
        process = self.started(*words)
        out, err = process.communicate(timeout=LONGEST)
        return Done(process.returncode, out.decode(), err.decode())

    def run_spec(self, *words: str) -> Done:
        """``spec-run run WORDS SPEC``."""
        return self.run("run", *words, self.spec)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "repository"
    root.mkdir()
    return Project(root)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def listener() -> Iterator[Callable[[int], socket.socket]]:
    """Hold ports as a stranger would."""
    held: list[socket.socket] = []

    def hold(port: int) -> socket.socket:
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        held.append(taken)
        return taken

    yield hold
    for each in held:
        each.close()


_forever = count()


@pytest.fixture
def forever() -> str:
    """Seconds that no other test sleeps, so that none takes another one's process for a stray."""
    return str(6_000_000_000 + os.getpid() % 1_000_000 * 1000 + next(_forever))


def no_strays(mark: str) -> bool:
    """Whether no living process carries this text in its command line."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                words = Path(f"/proc/{entry.name}/cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in words and int(entry.name) != os.getpid():
                return False
    return True

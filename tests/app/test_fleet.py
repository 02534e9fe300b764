"""Specs on a cluster of dask: real workers, one of which is killed."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from spec_runner.core.evidence.records import records
from spec_runner.system.journal import load
from tests.app.test_beside import FAILS, PASSES, specs, without_times
from tests.app.test_interrupt import wait_for
from tests.conftest import LONGEST, Project, no_strays

distributed = pytest.importorskip("distributed", reason="the extra fleet is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with two workers, each started by the line that ``spec-run worker`` prints."""
    here = Project(tmp_path_factory.mktemp("cluster"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    line = here.run("worker", "-j", "2", found).out
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": here.world}
    words = [sys.executable, "-m", "dask", "scheduler", "--host", found, "--no-dashboard"]
    started = [subprocess.Popen(each, **quiet) for each in (words, shlex.split(line))]  # type: ignore[call-overload]
    try:
        with distributed.Client(found, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield found
    finally:
        for process in reversed(started):
            for below in (*psutil.Process(process.pid).children(recursive=True), process):
                below.kill()
            process.wait()


def test_a_cluster_marks_once_and_loses_nothing_when_a_worker_is_killed(project: Project, address: str) -> None:
    project.write("wait.sh", "until test -e go; do sleep 0.1; done\n")
    waits = "- [ ] T001 Run `test -d .`\n- [ ] T002 Run `bash wait.sh`\n"
    files = specs(project, waits, PASSES, FAILS)
    process = project.started("run", "--on", f"dask:{address}", "--json", "specs")
    wait_for(process, b"003-case T001   failed")
    assert files[0].read_text() == waits, "nothing is marked before the spec is over"
    worker_with(["bash", "wait.sh"]).kill()
    project.write("go", "")
    out, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 1, err
    assert [file.read_text().count("[X]") for file in files] == [2, 2, 0]
    told = list(records(load(project.root)))
    ended = [(each["document"], each["task"]) for each in told if each["event"] == "task-finished"]
    assert len(ended) == len(set(ended)) == 5
    project.git("checkout", "-q", ".")
    alone = project.run("run", "--json", "--fresh", "-j", "1", "specs")
    assert without_times(json.loads(out)) == without_times(alone.json)


def worker_with(command: list[str]) -> psutil.Process:
    """The process of a worker below which a command runs."""
    while True:
        for each in psutil.process_iter(["cmdline"]):
            if each.info["cmdline"] == command:
                above = each.parents()
                nanny = next(index for index, other in enumerate(above) if "dask" in other.cmdline())
                return above[nanny - 1]


def test_an_interrupted_run_ends_what_its_workers_do(project: Project, address: str, forever: str) -> None:
    stuck = f"- [ ] T001 Run `test -d .`\n- [ ] T002 Run `sleep {forever}`\n"
    files = specs(project, stuck, stuck, stuck)
    process = project.started("run", "--on", f"dask:{address}", "specs")
    while sum(each.info["cmdline"] == ["sleep", forever] for each in psutil.process_iter(["cmdline"])) < 2:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert sorted(file.read_text().count("[X]") for file in files) == [0, 1, 1]
    assert no_strays(f"sleep {forever}")


def test_a_worker_judges_nothing_that_is_not_what_was_read(project: Project) -> None:
    specs(project, PASSES)
    done = project.run("run", "--on", "dask:tcp://127.0.0.1:1", "specs")
    assert (done.code, "no scheduler of dask answers" in done.err) == (2, True)
    both = project.run("run", "--on", "dask", "--in-place", "specs")
    assert (both.code, "choose one" in both.err) == (2, True)

"""What a sandbox may take of the machine."""

from __future__ import annotations

import os

import pytest

from spec_runner.core.plan.events import Lost, OverDisk, OverMemory
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge
from tests.conftest import OFFERED, Project, no_strays

EATER = "import time\nheld = [bytearray(20_000_000) for _ in range(20)]\nprint('held')\ntime.sleep(60608)\n"


@pytest.mark.parametrize("level", OFFERED)
def test_what_takes_too_much_memory_is_ended(project: Project, level: str, forever: str) -> None:
    project.write(f"eater{forever}.py", EATER)
    project.tasks(f"- [ ] T001 Run `python eater{forever}.py`\n- [ ] T002 Run `test -d .`\n")
    done = project.run_spec("--json", "--sandbox", level, "--memory", "200M", "--keep-going")
    assert done.task("T001")["reason"] == "stopped: the sandbox's memory limit of 200 MB was reached"
    assert done.task("T001")["outcome"] == "killed"
    assert no_strays(f"eater{forever}.py")


_TAKERS = {
    "memory": ("python3 eater.py", "memory limit of 200 MB"),
    "memory of a child": ("bash -c 'python3 eater.py & wait'", "memory limit of 200 MB"),
    "memory of a file that nobody mapped": ("python3 memfd.py", "memory limit of 200 MB"),
    "disk": ("bash fill.sh .", "disk limit of 50 MB"),
    "disk below TMPDIR": ("bash fill.sh", "disk limit of 50 MB"),
}
_ELSEWHERE = {
    **{place: (f"bash fill.sh {place}", "disk limit of 50 MB") for place in ("/dev/shm", "/var/tmp", "/run")},
    "memory that is shared by a number": ("python3 segment.py", "memory limit of 200 MB"),
}
if hasattr(os, "getuid") and os.getuid() != 0:
    # Root's rights do not suffice there for a namespace of its own.
    _ELSEWHERE["a file system in memory of its own"] = ("bash mount.sh", "memory limit of 200 MB")
"""What only a sandbox with a view of its own lets a command fill."""
_FILL = "head -c 60000000 /dev/zero >${1:-$TMPDIR}/big; sleep 60609"
_MOUNT = "unshare -Urm bash -c 'mount -t tmpfs none /mnt; head -c 300000000 /dev/zero >/mnt/big; sleep 60609'"
_MEMFD = """\
import os, time
held = os.memfd_create("held")
for _ in range(30):
    os.write(held, bytes(10_000_000))
time.sleep(60609)
"""
_SEGMENT = """\
import ctypes, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
segment = libc.shmget(0, ctypes.c_size_t(300_000_000), 0o1600)
place = libc.shmat(segment, None, 0)
ctypes.memset(place, 1, 300_000_000)
libc.shmdt(ctypes.c_void_p(place))
time.sleep(60609)
"""


@pytest.mark.parametrize(
    ("level", "command", "limit"),
    [
        pytest.param(level, *taken, id=f"{level}: {name}")
        for level in OFFERED
        for name, taken in {**_TAKERS, **(_ELSEWHERE if level == "bubblewrap" else {})}.items()
    ],
)
def test_after_a_passed_limit_the_next_tasks_run_and_pass(
    project: Project, level: str, command: str, limit: str
) -> None:
    for name, text in (("eater.py", EATER), ("memfd.py", _MEMFD), ("segment.py", _SEGMENT), ("fill.sh", _FILL)):
        project.write(name, text)
    project.write("mount.sh", _MOUNT)
    tasks = [
        f"Run `{command}`",
        "Run `test -d .`",
        f"Run `{command}`",
        "Run `ls eater.py`",
        "Run `head -c 9 /dev/zero >new`",
    ]
    project.tasks("".join(f"- [ ] T00{number} {text}\n" for number, text in enumerate(tasks, 1)))
    done = project.run_spec(
        "--json", "--sandbox", level, "--memory", "200M", "--disk", "50M", "--keep-going", "--timeout", "30"
    )
    reasons = [done.task(f"T00{number}").get("reason", "not run") for number in range(1, 6)]
    assert [reason and limit in reason for reason in reasons] == [True, None, True, None, None], reasons


@pytest.mark.parametrize("level", OFFERED)
def test_the_one_that_takes_most_is_ended_and_a_service_goes_on(project: Project, level: str, free_port: int) -> None:
    project.write("eater.py", EATER)
    project.tasks(
        f"- [ ] T001 Start the server: `python3 -m http.server {free_port}`\n"
        "- [ ] T002 [P] Run `python3 eater.py`\n- [ ] T003 [P] Run `sleep 3`\n"
        f"- [ ] T004 Verify that `http://localhost:{free_port}/` answers\n"
    )
    done = project.run_spec("--json", "--sandbox", level, "--memory", "200M", "--keep-going")
    assert [done.task(f"T00{number}")["outcome"] for number in range(1, 5)] == ["passed", "killed", "passed", "passed"]


def test_what_writes_too_much_is_ended(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `head -c 30000000 /dev/zero >big; sleep {forever}`\n")
    done = project.run_spec("--json", "--disk", "20M")
    assert done.task("T001")["reason"] == "stopped: the sandbox's disk limit of 20 MB was reached"
    assert no_strays(f"sleep {forever}")


@pytest.mark.parametrize("size", ["lots", "4X", "-", ""])
def test_what_is_no_size_is_told(project: Project, size: str) -> None:
    project.tasks("- [ ] T001 Run `test -d .`\n")
    done = project.run_spec("--memory", size)
    assert done.code == 2
    assert done.err == "spec-run: not a size: --memory; write 4G or 512M\n"


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (OverMemory(4 * 1000**3), "stopped: the sandbox's memory limit of 4 GB was reached"),
        (OverDisk(1500), "stopped: the sandbox's disk limit of 1.5 kB was reached"),
        (OverDisk(12), "stopped: the sandbox's disk limit of 12 bytes was reached"),
        (Lost(), "the sandbox ended while it ran"),
    ],
)
def test_such_an_end_has_its_reason(ending: OverMemory | OverDisk | Lost, reason: str) -> None:
    judged = judge(Evidence("make", ending, ""))
    assert (judged.outcome, judged.reason) == ("killed", reason)

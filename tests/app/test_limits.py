"""What a sandbox may take of the machine."""

from __future__ import annotations

import pytest

from spec_runner.core.plan.events import Lost, OverDisk, OverMemory
from spec_runner.core.result.cause import Evidence
from spec_runner.core.result.judge import judge
from tests.conftest import OFFERED, Project, no_strays

EATER = "import time\nheld = [bytearray(20_000_000) for _ in range(20)]\nprint('held')\ntime.sleep(60608)\n"


@pytest.mark.parametrize("level", OFFERED)
def test_a_box_that_takes_too_much_memory_is_ended(project: Project, level: str, forever: str) -> None:
    project.write(f"eater{forever}.py", EATER)
    project.tasks(f"- [ ] T001 Run `python eater{forever}.py`\n- [ ] T002 Run `true`\n")
    done = project.run_spec("--json", "--sandbox", level, "--memory", "200M", "--keep-going")
    assert done.task("T001")["reason"] == "stopped: the sandbox's memory limit of 200 MB was reached"
    assert done.task("T001")["outcome"] == "killed"
    assert no_strays(f"eater{forever}.py")


def test_a_box_that_writes_too_much_is_ended(project: Project, forever: str) -> None:
    project.tasks(f"- [ ] T001 Run `head -c 30000000 /dev/zero >big; sleep {forever}`\n")
    done = project.run_spec("--json", "--disk", "20M")
    assert done.task("T001")["reason"] == "stopped: the sandbox's disk limit of 20 MB was reached"
    assert no_strays(f"sleep {forever}")


@pytest.mark.parametrize("size", ["lots", "4X", "-", ""])
def test_what_is_no_size_is_told(project: Project, size: str) -> None:
    project.tasks("- [ ] T001 Run `true`\n")
    done = project.run_spec("--memory", size)
    assert done.code == 2
    assert "not a size such as 4G or 512M" in done.err


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

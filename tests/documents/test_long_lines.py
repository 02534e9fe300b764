"""Long lines and large fences: whatever they are made of, reading them takes time in proportion to their length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from spec_runner.core.decide.guide import read_guide
from spec_runner.core.decide.holds import hold_of
from spec_runner.core.decide.tasks import decide
from spec_runner.core.text.document import read_document

IN_A_LINE = [
    "`",
    "`a` ",
    "(",
    "[",
    " ",
    "run `npm test` ",
    ". ",
    "a/",
    "http://localhost/a ",
    "A_B ",
    "in a/ ",
    "<!-- ",
    "<!-- `a` --> ",
    "(FAILED: a) ",
    "(FAILED: (a ",
    "[P] ",
    "T1, ",
    "- ",
    "*",
    "✅",
]
IN_A_FENCE = ["`a` ", "$(", "# a\n", "A=1\n", "npm run dev\n", "a/", "'", "(", " "]
IN_A_COMMAND = ["`a`", "$(", "rm $a && ", "sudo ", "<a ", "'", "A=1 ", "{a", "...", "a/"]


IN_A_DOCUMENT = [
    "- a\n  b\n* c\n  d\n", "- a\n\n  - b\n\n", "- a\n\n  b\n\nc\n\n", "- a\n  ```\n", "> " * 8 + "- a\n", "- " * 15 + "a\n",
    "".join("  " * level + "- [ ] a\n" for level in range(12)), "- [ ] a\n# b\n", "- a\n\n---\n", "- [ ] a\r",
    "```bash\nnpm test\n```\n", "- a\n<div>\n", "[a\n", "1. a\n1) b\n", "- a\n", "  - a\n", "```\n", "<!-- \n",
    "- [ ] T001 `x`\n", "[a]: b\n", "* * *\n", "a\n", "- a" + "\n" * 1000 + "  b\n",
]  # fmt: skip
AFTER_A_START = [("- a\n", "  b\n"), ("- a\n", " \n"), ("> a\n", "b\n"), ("- " * 15, "a"), ("- a\n", "\n")]


def seconds(work: Callable[[str], object], text: str) -> float:
    # What the collector of garbage takes grows with all that the tests before have left, as the program knows: it is off.
    gc.disable()
    try:
        began = time.thread_time()
        work(text)
        return time.thread_time() - began
    finally:
        gc.enable()


def assert_proportional(work: Callable[[str], object], whole: Callable[[int], str], size: int) -> None:
    """Four times the length takes four times as long; where time grew with its square, it would take sixteen times."""
    told = []
    for _ in range(4):
        long = seconds(work, whole(size))
        if long < 0.03:
            return
        short = seconds(work, whole(size // 4))
        told.append((short, long))
        # A busy machine disturbs one try, not all of them.
        if long < 8 * short:
            return
    pytest.fail(f"seconds for a quarter and for the whole: {told}")


def times(part: str, size: int) -> str:
    return part * (size // len(part))


@pytest.mark.parametrize("part", IN_A_LINE)
def test_a_line_of_a_megabyte_takes_four_times_what_a_quarter_of_it_takes(part: str) -> None:
    def work(text: str) -> None:
        (task,) = read_document(text.encode()).tasks
        decide(task)

    assert_proportional(work, lambda size: f"- [ ] T001 Run {times(part, size)}\n", 1_000_000)


@pytest.mark.parametrize("part", IN_A_FENCE)
def test_a_fence_of_a_quarter_megabyte_takes_four_times_what_a_quarter_of_it_takes(part: str) -> None:
    def whole(size: int) -> str:
        return f"# Quickstart\n## Setup\n```bash\n{times(part, size)}\n```\n"

    assert_proportional(lambda text: read_guide(text.encode()), whole, 250_000)


@pytest.mark.parametrize("part", IN_A_COMMAND)
def test_a_command_of_a_hundred_kilobytes_takes_four_times_what_a_quarter_of_it_takes(part: str) -> None:
    assert_proportional(hold_of, lambda size: times(part, size), 100_000)


@pytest.mark.parametrize("part", ["word ", "`", "_ "])
def test_a_line_of_ten_megabytes_is_read(part: str) -> None:
    text = f"- [ ] T001 Run {times(part, 10_000_000)}\n- [ ] T002 Run `make`\n"
    assert [task.id for task in read_document(text.encode()).tasks] == ["T001", "T002"]


@pytest.mark.parametrize(("start", "part"), [*(("", part) for part in IN_A_DOCUMENT), *AFTER_A_START])
def test_a_document_of_one_thing_many_times_takes_four_times_what_a_quarter_of_it_takes(start: str, part: str) -> None:
    assert_proportional(lambda text: read_document(text.encode()), lambda size: start + times(part, size), 60_000)


def test_growth_is_seen() -> None:
    def square(text: str) -> None:
        for end in range(0, len(text), 8):
            text[:end].count("b")

    with pytest.raises(pytest.fail.Exception):
        assert_proportional(square, lambda size: "a" * size, 60_000)

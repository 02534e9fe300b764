"""Long lines and large fences: whatever they are made of, reading them takes time in proportion to their length."""

from __future__ import annotations

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


@pytest.mark.parametrize("part", IN_A_LINE)
def test_a_line_of_a_megabyte_is_read_at_once(part: str) -> None:
    text = f"- [ ] T001 Run {part * (1_000_000 // len(part))}\n"
    (task,) = read_document(text.encode()).tasks
    decide(task)


@pytest.mark.parametrize("part", IN_A_FENCE)
def test_a_fence_of_a_quarter_megabyte_is_read_at_once(part: str) -> None:
    text = f"# Quickstart\n## Setup\n```bash\n{part * (250_000 // len(part))}\n```\n"
    read_guide(text.encode())


@pytest.mark.parametrize("part", IN_A_COMMAND)
def test_a_command_of_a_hundred_kilobytes_is_read_at_once(part: str) -> None:
    hold_of(part * (100_000 // len(part)))


@pytest.mark.parametrize("part", ["word ", "`", "_ "])
def test_a_line_of_ten_megabytes_is_read(part: str) -> None:
    text = f"- [ ] T001 Run {part * (10_000_000 // len(part))}\n- [ ] T002 Run `make`\n"
    assert [task.id for task in read_document(text.encode()).tasks] == ["T001", "T002"]


@pytest.mark.parametrize("text", [
    "- a\n  b\n* c\n  d\n" * 5000, "- a\n\n  - b\n\n" * 5000, "- a\n\n  b\n\nc\n\n" * 5000, "- a\n  ```\n" * 5000,
    "- a\n" + "  b\n" * 50000, "- a\n" + " \n" * 50000 + "  b\n", ("- a" + "\n" * 1000 + "  b\n") * 50,
    ("> " * 8 + "- a\n") * 5000, "> a\n" + "b\n" * 50000, ("- " * 15 + "a\n") * 200, "- " * 15 + "a" * 100_000,
    "".join("  " * level + "- [ ] a\n" for level in range(12)) * 400, "- [ ] a\n# b\n" * 5000, "- a\n\n---\n" * 5000,
    "- [ ] a\r" * 20000, "```bash\nnpm test\n```\n" * 5000, "- a\n<div>\n" * 5000, "[a\n" * 5000, "1. a\n1) b\n" * 5000,
])  # fmt: skip
def test_a_document_of_one_list_many_times_is_read(text: str) -> None:
    read_document(text.encode())


@pytest.mark.parametrize("text", ["> " * 9 + "x\n", "- a\n" * 5000, "  - a\n" * 5000, "```\n" * 5001, "<!-- \n" * 5000,
                                  "- [ ] T001 `x`\n" * 5000, "[a]: b\n" * 5000, "* * *\n" * 5000, "a\n" * 50000])  # fmt: skip
def test_a_document_of_one_thing_many_times_is_read(text: str) -> None:
    read_document(text.encode())

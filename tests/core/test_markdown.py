"""Text → blocks: what is read without mistune is read as mistune would."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mistune.block_parser import BlockParser

from spec_runner.core.text.markdown import Block, _blocks, _PlacedParser, _PlacedState, read_blocks
from spec_runner.core.text.source import read_source

STARTS = [
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "10. ",
    " - ",
    "  - ",
    "    ",
    "  ",
    "",
    "\t",
    "> ",
    "> - ",
    "- [ ] ",
    "* [x] ",
]
STARTS += [
    "1. [ ] ",
    "-  ",
    "-     ",
    "-\t",
    "-",
    "- - ",
    "* * *",
    "---",
    "===",
    "# ",
    "```",
    "  ```",
    "<!-- ",
    "<div>",
]
TEXTS = [
    "a",
    "T1 b",
    "`c` d",
    "**e**",
    "[ ] f",
    "[a]: b",
    "- g",
    "1. h",
    "# i",
    "```",
    "> j",
    "",
    "   ",
    "\v",
    "é",
    "[\\] ",
]
LINES = st.lists(st.tuples(st.sampled_from(STARTS), st.sampled_from(TEXTS)).map("".join) | st.just(""), max_size=12)


class _Whole(_PlacedParser):
    """Gives mistune all there is to read."""

    parse_list = BlockParser.parse_list
    compile_sc = BlockParser.compile_sc


WHOLE = _Whole()


def read_whole(text: str) -> tuple[Block, ...]:
    source, state = read_source(text.encode()), _PlacedState()
    state.process(source.text)
    WHOLE.parse(state)
    return _blocks(state.tokens, source.line_count)


@given(LINES)
@example(["- [ ] a", "", "- [ ] b", "# c"])
@example(["- a", "```", "- b", "```", "- c"])
@example(["- a", "  - b", "- c", "* d"])
@example(["a", "2. b", "3. c"])
@example(["> a", "- b", "# c"])
@example(["- ```", "- b", "", "c"])
def test_a_list_is_what_it_is_to_mistune(lines: list[str]) -> None:
    text = "\n".join([*lines, ""])
    if not text.startswith("---"):  # front matter, which is none of mistune's
        assert read_blocks(read_source(text.encode())) == read_whole(text)


def test_mistune_tries_its_rules_at_the_start_of_a_line_alone() -> None:
    for rule in BlockParser.SPECIFICATION.values():
        assert rule.startswith(("^", "(^"))


@pytest.mark.parametrize(
    "row", ["+" + "-" * 40 + "+", "-" * 40 + "x", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18", "* " * 30]
)
def test_a_row_of_signs_is_no_list_of_many_levels(row: str) -> None:
    assert read_blocks(read_source(f"{row}\n\n- [ ] T001 Do it\n".encode()))[-1].kind == "list"

"""What a terminal shows: rows that fit, and one line for many tasks that are lost together."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from spec_runner.views.console import hanging

LINES = st.text(st.sampled_from("ab/.é漢 \u0301"), max_size=200)


def rows_of(line: str, width: int, column: int | None = None) -> list[str]:
    console = Console(width=width, file=io.StringIO())
    return [row.plain for row in hanging(Text(line), column, console)]


@given(LINES, st.integers(4, 60), st.none() | st.integers(0, 30))
def test_a_line_is_broken_into_rows_that_fit_and_loses_nothing(line: str, width: int, column: int | None) -> None:
    rows = rows_of(line, width, column)
    assert all(Text(row).cell_len <= width for row in rows)
    assert "".join(rows).replace(" ", "") == line.replace(" ", "")


def test_a_command_goes_on_further_in() -> None:
    assert rows_of("  T001 command  curl -L https://example.com/a/very/long/path", 40, 16) == [
        "  T001 command  curl -L https://example.",
        "                  com/a/very/long/path",
    ]


def test_words_stay_whole_where_that_leaves_no_gap() -> None:
    assert rows_of("  output      fatal: the remote end hung up upon us", 40) == [
        "  output      fatal: the remote end hung",
        "              up upon us",
    ]


def test_what_is_to_be_typed_stays_in_one_piece() -> None:
    line = "  next        all of it: spec-run show specs/a-very-long-name T001"
    assert rows_of(line, 40) == [line]

"""What is kept of an output, and which of its lines are shown while it runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spec_runner.system.process import KEPT, Capture, LastLine

pieces = st.lists(st.binary(max_size=12) | st.sampled_from([b"a\n", b"\r\n", b"secret", b"\n\n", b"x" * (KEPT + 1)]))


@given(pieces)
def test_only_whole_lines_are_shown(pieces: list[bytes]) -> None:
    last, come = LastLine(), b""
    for piece in pieces:
        last.add(piece)
        come += piece
        lines = come.replace(b"\r", b"\n").split(b"\n")
        assert last.text in {"", *(line.decode("utf-8", "replace") for line in lines[:-1])}


def test_the_last_line_that_has_ended_is_shown() -> None:
    last = LastLine()
    shown = []
    for piece in (b"one", b" two\nthr", b"ee\r\n", b"", b"50 %\r", b"60"):
        last.add(piece)
        shown.append(last.text)
    assert shown == ["", "one two", "three", "three", "50 %", "50 %"]


@given(st.integers(0, 4 * KEPT), st.integers(1, KEPT))
def test_an_output_is_kept_at_both_ends(size: int, piece: int) -> None:
    data = bytes(number % 251 for number in range(size))
    capture = Capture()
    for at in range(0, size, piece):
        capture.add(data[at : at + piece])
    head, gap, tail = capture.parts
    if size <= 2 * KEPT:
        assert (head, gap, tail) == (data.decode("utf-8", "replace"), "", "")
    else:
        assert gap == f"\n… {size - 2 * KEPT} bytes left out …\n"
        assert head == data[:KEPT].decode("utf-8", "replace")
        assert tail == data[-KEPT:].decode("utf-8", "replace")

"""What is kept of an output, and which of its lines are shown while it runs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from spec_runner.system.heard import EveryLine, LastLine
from spec_runner.system.process import KEPT, Capture

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


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300)))
def test_every_line_is_told_once_however_it_comes(data: bytes, cuts: list[int]) -> None:
    told: list[str] = []
    heard = EveryLine(told.append)
    ends = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, end in pairwise(ends):
        heard.add(data[start:end])
    heard.end()
    stand = [line.removesuffix(b"\r").rpartition(b"\r")[2] for line in data.removesuffix(b"\n").split(b"\n")]
    assert "\n".join(told) == b"\n".join(stand).decode("utf-8", "replace")


def test_lines_of_base64_are_told_together_and_all_of_them() -> None:
    told: list[str] = []
    heard = EveryLine(told.append)
    text = ("A" * 76 + "\n") * 5_000 + "plain"
    for start in range(0, len(text), 1_000):
        heard.add(text[start : start + 1_000].encode())
    heard.end()
    assert "\n".join(told) == text
    assert all(len(each) > KEPT for each in told[:-1])


def test_a_line_without_end_keeps_what_it_was_written_over_with() -> None:
    told: list[str] = []
    heard = EveryLine(told.append)
    for percent in range(10_000):
        heard.add(f"\rloading {percent} of 10000, which takes a while".encode())
    heard.add(b"\rdone\n")
    assert told == ["done"]
    heard.add(b"x" * 10 * KEPT)
    heard.end()
    assert "its beginning is left out" in told[1]
    assert len(told[1]) < 3 * KEPT

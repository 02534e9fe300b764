"""What is kept of an output, and which of its lines are shown while it runs."""

from __future__ import annotations

import base64
import itertools
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec_runner.core.result.masking import Secrets
from spec_runner.core.text.printable import strip_control
from spec_runner.system.process.heard import EveryLine, LastLine
from spec_runner.system.process.process import KEPT, Capture

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
    heard = EveryLine(told.append, Secrets())
    ends = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, end in pairwise(ends):
        heard.add(data[start:end])
    heard.end()
    stand = [line.removesuffix(b"\r").rpartition(b"\r")[2] for line in data.removesuffix(b"\n").split(b"\n")]
    whole = b"\n".join(line.decode("utf-8", "replace").encode() for line in stand).decode()
    assert "\n".join(told) == strip_control(whole)


SECRET = "hunter2-Zq9" * 9
WAYS = (
    SECRET, base64.encodebytes(SECRET.encode()).decode(), f"\x1b[1m{SECRET[:9]}\x1b[0m{SECRET[9:]}",
    "\n".join(f"\x1b[32m{line}\x1b[0m" for line in base64.encodebytes(b"ab" + SECRET.encode()).decode().split()),
    f"{SECRET[:20]}\x1b]0;t\n\x07{SECRET[20:]}", f"x\n{SECRET}\ny", json.dumps({"a": SECRET}),
)  # fmt: skip


@given(
    st.lists(st.sampled_from(WAYS) | st.text("aH\n =", max_size=30), max_size=5),
    st.lists(st.integers(1, 60), min_size=1),
)
def test_what_streams_is_masked_as_the_whole_is(parts: list[str], sizes: list[int]) -> None:
    told: list[str] = []
    heard = EveryLine(told.append, Secrets([SECRET]))
    data, at = ("\n".join(parts) + "\nend").encode(), 0
    for size in itertools.cycle(sizes):
        heard.add(data[at : at + size])
        at += size
        if at >= len(data):
            break
    heard.end()
    assert "\n".join(told) == Secrets([SECRET]).mask(strip_control(data.decode()))


def test_lines_that_hold_no_secret_do_not_wait() -> None:
    told: list[str] = []
    heard = EveryLine(told.append, Secrets([SECRET]))
    heard.add(b"one\n" + b"A" * 76 + b"\n")
    assert told == ["one\n" + "A" * 76]
    heard.add((f"half: {SECRET[:30]}").encode())
    heard.add(f"{SECRET[30:]} all\n".encode())
    assert told[1:] == ["half: \u2022\u2022\u2022 all"]


def test_a_line_without_end_keeps_what_it_was_written_over_with() -> None:
    told: list[str] = []
    heard = EveryLine(told.append, Secrets())
    for percent in range(10_000):
        heard.add(f"\rloading {percent} of 10000, which takes a while".encode())
    heard.add(b"\rdone\n")
    assert told == ["done"]
    for _ in range(10):
        heard.add(b"x" * KEPT)
    heard.add(b"rest of it\nnext\n")
    assert told[1:] == ["(a line of more than 64 KB is left out)\nnext"]


@pytest.mark.parametrize("line", ["{}\n", "\x1b[32m{}\x1b[0m\n"])
def test_the_last_line_is_not_told_where_it_may_be_half_of_something_coded(line: str) -> None:
    last = LastLine()
    told = []
    for text in ("fine", "A" * 76, "rest=", "fine again"):
        last.add(line.format(text).encode())
        told.append(strip_control(last.text))
    assert told == ["fine", "", "", "fine again"]

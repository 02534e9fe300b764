"""The filter of system calls, run as the kernel would, for machines that are not at hand as well."""

from __future__ import annotations

import errno
import struct

import pytest

from spec_runner.system.sandbox.seccomp import _ARM64, _I386, _X86_64, Machine, program

ALLOWED, MISSING = 0, errno.ENOSYS


def answer(machines: tuple[Machine, ...], audit: int, call: int, *words: int, shares: bool = True) -> int:
    """What a call of a program of one kind of machine is answered: 0 if it is allowed, else the error."""
    data = struct.pack("=IIQ6Q", call & 0xFFFFFFFF, audit, 0, *(*words, 0, 0, 0, 0, 0, 0)[:6])
    steps, held, at = list(program(machines, shares, shares)), 0, 0
    while True:
        code, so, otherwise, number = steps[at]
        at += 1
        if code == 0x20:
            held = struct.unpack_from("=I", data, number)[0]
        elif code == 0x06:
            return ALLOWED if number == 0x7FFF0000 else number & 0xFFFF
        elif code == 0x05:
            at += number
        else:
            fits = {0x15: held == number, 0x45: bool(held & number), 0x35: held >= number}[code]
            at += so if fits else otherwise


FOLDER, FLAGS = 0xFFFFFF9C, 0o101
CALLS = [
    ("fchmod", (3, 0o755), ALLOWED), ("fchmod", (3, 0o4755), errno.EPERM), ("fchmodat", (FOLDER, 1, 0o2755), errno.EPERM),
    ("fchmodat", (FOLDER, 1, 0o1777), ALLOWED), ("fchmodat2", (FOLDER, 1, 0o4000, 0), errno.EPERM),
    ("openat", (FOLDER, 1, FLAGS, 0o644), ALLOWED), ("openat", (FOLDER, 1, FLAGS, 0o4755), errno.EPERM),
    ("openat", (FOLDER, 1, 0, 0o4755), ALLOWED), ("openat", (FOLDER, 1, 0o20200000, 0o2700), errno.EPERM),
    ("openat2", (FOLDER, 1, 1, 24), MISSING), ("io_uring_setup", (1, 1), MISSING), ("mknodat", (3, 1, 0o104755), errno.EPERM),
    ("keyctl", (11,), errno.EPERM), ("syslog", (3,), errno.EPERM), ("add_key", (1,), errno.EPERM), ("ioctl", (0, 0x5412), errno.EPERM),
    ("ioctl", (0, 0x5401), ALLOWED), *(("socket", (family, 1), ALLOWED) for family in (1, 2, 10, 16)),
    *(("socket", (family, 1), errno.EAFNOSUPPORT) for family in (0, 3, 31, 40, 44)), ("shmget", (0, 1), errno.EPERM),
    ("semget", (0, 1), errno.EPERM), ("mq_open", (1,), errno.EPERM), ("prlimit64", (0, 1, 1 << 40), ALLOWED),
    ("prlimit64", (9, 1, 0), ALLOWED), ("prlimit64", (9, 1, 1 << 40), errno.EPERM), ("prlimit64", (9, 1, 8), errno.EPERM),
]  # fmt: skip


@pytest.mark.parametrize("machine", [_X86_64, _I386, _ARM64], ids=["x86-64", "i386", "ARM64"])
@pytest.mark.parametrize(("call", "words", "expected"), CALLS)
def test_a_call_is_answered_as_the_table_says(
    machine: Machine, call: str, words: tuple[int, ...], expected: int
) -> None:
    machines = (_ARM64,) if machine is _ARM64 else (_X86_64, _I386)
    assert answer(machines, machine.audit, machine.calls[call], *words) == expected


def test_who_shares_nothing_with_those_outside_may_share() -> None:
    for call, words in (("shmget", (0, 1)), ("mq_open", (1,)), ("prlimit64", (9, 1, 8)), ("chmod", (1, 0o2775))):
        assert answer((_X86_64, _I386), _X86_64.audit, _X86_64.calls[call], *words, shares=False) == ALLOWED
    assert answer((_X86_64, _I386), _X86_64.audit, _X86_64.calls["chmod"], 1, 0o6775, shares=False) == errno.EPERM


def test_programs_of_an_unknown_kind_have_no_calls() -> None:
    assert answer((_X86_64, _I386), _ARM64.audit, 0) == MISSING
    assert answer((_X86_64, _I386), _X86_64.audit, 0x40000000 + 90, 1, 0o4755) == MISSING
    assert answer((_X86_64, _I386), _I386.audit, _I386.calls["socketcall"], 1) == MISSING
    assert answer((_X86_64, _I386), _X86_64.audit, 0, 0) == ALLOWED

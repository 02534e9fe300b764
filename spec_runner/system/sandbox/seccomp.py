"""A filter of system calls, for what neither a mount nor Landlock keeps from commands.

What it refuses is refused at once, by the numbers that a call is given; what a pointer leads to, a path or an address,
no filter can see. Sources: the kernel's Documentation/userspace-api/seccomp_filter.rst and its tables of calls.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_LOAD, _JUMP, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_LEAST, _RETURN = 0x20, 0x05, 0x15, 0x45, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_X32 = 0x40000000
"""Where the numbers of a third kind of x86 programs begin, which nobody uses."""
_CREATES = os.O_CREAT | 0o20000000  # __O_TMPFILE, without the folder's bit that O_TMPFILE holds.
_TYPED = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: what types into a terminal."""
_FAMILIES = (1, 2, 10, 16, 17, 29, 38)
"""UNIX, INET, INET6, NETLINK, PACKET, CAN, ALG: those that a network namespace holds, and the kernel's own sums."""
_SET_MODE = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "mknod": 1, "mknodat": 2, "creat": 1}
"""Which argument of these calls is the mode."""
_OPEN = {"open": 1, "openat": 2}
"""Which argument of these calls is what is asked of the file; the next one is its mode."""
_REFUSED = {
    "syslog": errno.EPERM, "add_key": errno.EPERM, "request_key": errno.EPERM, "keyctl": errno.EPERM,
    # Programs do without where they are not there; their arguments lie behind pointers.
    "io_uring_setup": errno.ENOSYS, "openat2": errno.ENOSYS,
}  # fmt: skip
_SHARING = (
    "shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl",
    "ipc", "semtimedop_time64", "mq_open", "mq_unlink",
)  # fmt: skip
"""What processes share by a number or a name that is no file's: all of the user's do, without a namespace."""


class Machine(NamedTuple):
    """A kind of programs that a kernel runs: its number for audits, and those of its calls."""

    audit: int
    calls: dict[str, int]


_NEW = {"io_uring_setup": 425, "openat2": 437, "fchmodat2": 452}
"""The same everywhere."""
_X86_64 = Machine(0xC000003E, {
    **_NEW, "open": 2, "ioctl": 16, "syslog": 103, "shmget": 29, "shmat": 30, "shmctl": 31, "socket": 41,
    "semget": 64, "semop": 65, "semctl": 66, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "creat": 85,
    "chmod": 90, "fchmod": 91, "mknod": 133, "semtimedop": 220, "mq_open": 240, "mq_unlink": 241, "add_key": 248,
    "request_key": 249, "keyctl": 250, "openat": 257, "mknodat": 259, "fchmodat": 268, "prlimit64": 302,
})  # fmt: skip
_I386 = Machine(0x40000003, {
    **_NEW, "open": 5, "creat": 8, "mknod": 14, "chmod": 15, "ioctl": 54, "fchmod": 94, "socketcall": 102,
    "syslog": 103, "ipc": 117, "mq_open": 277, "mq_unlink": 278, "add_key": 286, "request_key": 287, "keyctl": 288,
    "openat": 295, "mknodat": 297, "fchmodat": 306, "prlimit64": 340, "socket": 359, "semget": 393, "semctl": 394,
    "shmget": 395, "shmctl": 396, "shmat": 397, "msgget": 399, "msgsnd": 400, "msgrcv": 401, "msgctl": 402,
    "semtimedop_time64": 420,
})  # fmt: skip
_ARM64 = Machine(0xC00000B7, {
    **_NEW, "ioctl": 29, "mknodat": 33, "fchmod": 52, "fchmodat": 53, "openat": 56, "syslog": 116, "mq_open": 180,
    "mq_unlink": 181, "msgget": 186, "msgctl": 187, "msgrcv": 188, "msgsnd": 189, "semget": 190, "semctl": 191,
    "semtimedop": 192, "semop": 193, "shmget": 194, "shmctl": 195, "shmat": 196, "socket": 198, "add_key": 217,
    "request_key": 218, "keyctl": 219, "prlimit64": 261,
})  # fmt: skip
_MACHINES = {"x86_64": (_X86_64, _I386), "aarch64": (_ARM64,)}
_Step = tuple[int, int, int, int]
"""An instruction: what to do, how many to pass over if so and if not, and its number."""


def is_offered() -> bool:
    """Whether the calls of this machine are known."""
    return sys.platform == "linux" and sys.byteorder == "little" and platform.machine() in _MACHINES


def restrict(*, shares_memory: bool, sees_others: bool) -> None:
    """Refuse calls to this process, and to all that it starts.

    Among them those by which processes share if they ``share_memory`` with those outside, and those to set another
    process's limits, or a mode with a group's rights, if they ``see_others``. Does nothing where it is not offered.
    Raises OSError where the kernel refuses.
    """
    if not is_offered():
        return
    steps = list(program(_MACHINES[platform.machine()], shares_memory, sees_others))
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    filter_program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, filter_program, 0, 0)):
        if libc.prctl(*words) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"seccomp: {os.strerror(number)}")


def program(machines: Iterable[Machine], shares_memory: bool, sees_others: bool) -> Iterator[_Step]:
    """The filter's instructions."""
    for machine in machines:
        rules = [step for rule in _rules(machine.calls, shares_memory, sees_others) for step in rule]
        yield _LOAD, 0, 0, _ARCHITECTURE
        # A filter passes over 255 at most by an answer, and any number by a jump.
        yield _JUMP_EQUAL, 1, 0, machine.audit
        yield _JUMP, 0, 0, len(rules) + 1
        yield from rules
        yield _RETURN, 0, 0, _ALLOW
    yield _RETURN, 0, 0, _REFUSE | errno.ENOSYS


def _rules(calls: dict[str, int], shares_memory: bool, sees_others: bool) -> Iterator[list[_Step]]:
    """One after the other, each of which ends in a refusal or behind itself."""
    yield [(_LOAD, 0, 0, _NUMBER), (_JUMP_LEAST, 0, 1, _X32), _refuse(errno.ENOSYS)]
    refused = {**_REFUSED, **(dict.fromkeys(_SHARING, errno.EPERM) if shares_memory else {})}
    for name, number in refused.items():
        yield from _rule(calls, name, [_refuse(number)])
    # Of a group's rights folders have their use; who sees others' files could give them to a program of theirs.
    rights = stat.S_ISUID | (stat.S_ISGID if sees_others else 0)
    for name, argument in _SET_MODE.items():
        yield from _rule(calls, name, [_argument(argument), (_JUMP_ANY_BIT, 0, 1, rights), _refuse(errno.EPERM)])
    for name, argument in _OPEN.items():
        mode = [_argument(argument + 1), (_JUMP_ANY_BIT, 0, 1, rights), _refuse(errno.EPERM)]
        yield from _rule(calls, name, [_argument(argument), (_JUMP_ANY_BIT, 0, 3, _CREATES), *mode])
    for typed in _TYPED:
        yield from _rule(calls, "ioctl", [_argument(1), (_JUMP_EQUAL, 0, 1, typed), _refuse(errno.EPERM)])
    known = [(_JUMP_EQUAL, len(_FAMILIES) - place, 0, family) for place, family in enumerate(_FAMILIES)]
    yield from _rule(calls, "socket", [_argument(0), *known, _refuse(errno.EAFNOSUPPORT)])
    if sees_others:
        # Whose limits, and where the new ones are: 0, and two halves of a pointer that are 0, are harmless.
        which, given = _argument(0), _argument(2)
        halves = [given, (_JUMP_EQUAL, 0, 2, 0), (_LOAD, 0, 0, given[3] + 4), (_JUMP_EQUAL, 1, 0, 0)]
        yield from _rule(calls, "prlimit64", [which, (_JUMP_EQUAL, 5, 0, 0), *halves, _refuse(errno.EPERM)])
    # The old way to make a socket hides its family behind a pointer; programs find the other one.
    yield from _rule(calls, "socketcall", [_argument(0), (_JUMP_EQUAL, 0, 1, 1), _refuse(errno.ENOSYS)])


def _rule(calls: dict[str, int], name: str, then: list[_Step]) -> Iterator[list[_Step]]:
    if name in calls:
        yield [(_LOAD, 0, 0, _NUMBER), (_JUMP_EQUAL, 0, len(then), calls[name]), *then]


def _argument(number: int) -> _Step:
    return _LOAD, 0, 0, _ARGUMENTS + 8 * number


def _refuse(number: int) -> _Step:
    return _RETURN, 0, 0, _REFUSE | number

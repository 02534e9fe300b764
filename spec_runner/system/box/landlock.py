"""The level for Linux where user namespaces are blocked: the kernel's Landlock denies reads and writes by path.

It does not cover what is no access to content: permissions, owners and times of files can be changed where the user
could, and processes are seen. Source: the kernel's Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from spec_runner.system.box.room import Room

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH, _PR_SET_NO_NEW_PRIVS = 1, 1, 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_SCOPES = 0b11
"""Abstract sockets and signals stay inside (ABI 6)."""
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")


@cache
def abi() -> int:
    """The version of Landlock that the kernel offers, 0 for none."""
    if os.uname().sysname != "Linux":
        return 0
    version: int = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(version, 0)


def rules(room: Room) -> dict[str, list[str]]:
    """The places that commands may read, and those that they may also write."""
    hidden = {os.path.realpath(place) for place in (*room.hidden, "/dev")}
    shown = [str(each) for each in room.readable]
    devices = [f"/dev/{name}" for name in _DEVICES]
    return {"read": [*_without(hidden), *shown], "write": [*map(str, room.writable), *devices]}


def _without(hidden: set[str], top: str = "/") -> Iterator[str]:
    """The largest places that hold nothing hidden."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(top):
            if entry.is_symlink() or entry.path in hidden:
                continue
            if any(each.startswith(f"{entry.path}/") for each in hidden):
                yield from _without(hidden, entry.path)
            else:
                yield entry.path


def restriction(places: Mapping[str, Iterable[str]]) -> Callable[[], None]:
    """What a new process calls before it becomes the command: from then on it is held.

    Raises OSError where the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = abi()
    handled = (1 << 13) - 1 | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    attributes = struct.pack("QQQ", handled, 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _called(libc.syscall(_CREATE_RULESET, attributes, size, 0))
    for access, names in ((_READ, places["read"]), (handled, places["write"])):
        for name in names:
            _allow(libc, ruleset, name, access & handled)

    def restrict() -> None:
        _called(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _called(libc.syscall(_RESTRICT_SELF, ruleset, 0))

    return restrict


def _allow(libc: ctypes.CDLL, ruleset: int, name: str, access: int) -> None:
    try:
        place = os.open(name, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = access if os.path.isdir(name) else access & _FILE
        _called(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0))
    finally:
        os.close(place)


def _called(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno() or errno.EPERM
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result

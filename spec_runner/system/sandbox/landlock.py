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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from spec_runner.system.sandbox.places import ON_DISK, Places

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH, _PR_SET_NO_NEW_PRIVS = 1, 1, 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_FILES = (1 << 13) - 1 | _REFER | _TRUNCATE
_DEVICE_NODES = 1 << 6 | 1 << 11
_ABSTRACT_SOCKETS, _SCOPES = 0b01, 0b11
"""They, and signals, stay inside (ABI 6)."""
_LEAST = 3
"""The first version that keeps files outside from being truncated."""
_CLONE_NEWNS, _CLONE_NEWIPC = 0x20000, 0x8000000
_MS_BIND, _MS_REC, _MS_SLAVE = 0x1000, 0x4000, 0x80000
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "shm")
"""Not the terminals below pts: the user's own one could be read there."""
_PR_CAPBSET_DROP, _KEPT, _CAPABILITIES = 24, {0, 1, 3}, 64
"""What root keeps: CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER."""


@cache
def abi() -> int:
    """The version of Landlock that the kernel offers, 0 for none."""
    if os.uname().sysname != "Linux":
        return 0
    version: int = ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, 0, _VERSION)
    return max(version, 0)


def problem() -> str | None:
    """Why the kernel's Landlock will not do; None if it will."""
    if abi() >= _LEAST:
        return None
    return "the kernel's Landlock cannot keep files from being cut short" if abi() else "the kernel does not offer it"


def rules(places: Places) -> dict[str, list[str]]:
    """The places that commands may read, and those that they may also write."""
    covered = (str(file) for file, _ in places.covers)
    hidden = {os.path.realpath(place) for place in (*places.hidden, *covered, "/dev")}
    shown = [str(each) for each in places.readable]
    devices = [f"/dev/{name}" for name in _DEVICES]
    # Names are resolved as outside: the file may lie in a hidden place.
    resolver = [os.path.realpath("/etc/resolv.conf")]
    return {
        "read": [*_without(hidden), *shown, *resolver],
        "write": [*map(str, places.writable), *devices],
        "shm": [str(places.base / ON_DISK["/dev/shm"])],
    }


def leave_shared_memory(places: Mapping[str, Sequence[str]]) -> bool:
    """Give this process, and all that it starts, a /dev/shm and numbers of shared memory of their own.

    False where it may not: only root may, and not in every container.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC) != 0:
        return False
    _called(libc.mount(None, b"/", None, _MS_REC | _MS_SLAVE, None))
    for place in places.get("shm", ()):
        _called(libc.mount(os.fsencode(place), b"/dev/shm", None, _MS_BIND, None))
    return True


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


def restrict(places: Mapping[str, Iterable[str]]) -> None:
    """Hold this process, and all that it starts, to what ``rules`` says; no rules: no socket of others without a file.

    Raises OSError where the kernel refuses.
    """
    libc, version = ctypes.CDLL(None, use_errno=True), abi()
    handled = _FILES if places else 0
    scoped = 0 if version < 6 else _SCOPES if places else _ABSTRACT_SOCKETS
    if not handled and not scoped:
        return
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _called(libc.syscall(_CREATE_RULESET, struct.pack("QQQ", handled, 0, scoped), size, 0))
    for access, names in ((_READ, places.get("read", ())), (_FILES & ~_DEVICE_NODES, places.get("write", ()))):
        for name in names:
            _allow(libc, ruleset, name, access)
    _called(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for capability in range(_CAPABILITIES) if os.geteuid() == 0 else ():
        if capability not in _KEPT:
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _called(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


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

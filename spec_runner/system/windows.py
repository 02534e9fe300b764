"""What only Windows has, asked of it by its own calls: locks on files."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

_AT_ONCE, _EXCLUSIVE = 1, 2
_TAKEN, _WAITS = 33, 997
"""ERROR_LOCK_VIOLATION and ERROR_IO_PENDING."""
_FAR = 0x7FFF_0000
"""A lock keeps others from reading what it covers: it covers a byte that no file of ours has."""


class _Place(ctypes.Structure):
    """OVERLAPPED."""

    _fields_ = (
        ("internal", ctypes.c_size_t * 2),
        ("offset", wintypes.DWORD),
        ("offset_high", wintypes.DWORD),
        ("event", wintypes.HANDLE),
    )


def _library(name: str) -> Any:
    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _handle(descriptor: int) -> wintypes.HANDLE:
    import msvcrt

    return wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))  # type: ignore[attr-defined,unused-ignore]


def lock_file(descriptor: int, *, wait: bool, shared: bool) -> bool:
    """Take a lock on an open file, or change its kind; False where somebody else has it and we do not wait.

    Where the file system knows no locks, nobody is kept out.
    """
    calls, file, place = _library("kernel32"), _handle(descriptor), _Place(offset=_FAR)
    calls.UnlockFileEx(file, 0, 1, 0, ctypes.byref(place))
    flags = (0 if shared else _EXCLUSIVE) | (0 if wait else _AT_ONCE)
    if calls.LockFileEx(file, flags, 0, 1, 0, ctypes.byref(place)):
        return True
    return ctypes.get_last_error() not in (_TAKEN, _WAITS)  # type: ignore[attr-defined,unused-ignore]

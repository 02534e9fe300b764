"""Windows: a process in a job, which ends with all that is in it when this program does, however that goes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from ctypes import wintypes
from pathlib import Path

from spec_runner.system.process.trees import KILL, Tree

_LIMITS, _PIDS = 9, 3
"""JobObjectExtendedLimitInformation and JobObjectBasicProcessIdList."""
_KILL_ON_CLOSE = 0x2000
_SUSPENDED, _NEW_GROUP = 0x4, 0x200
_MOST_PIDS = 4096
_ENDED_BY_US = 0xC000_013A
"""What Windows itself gives to a program that Ctrl-C has ended."""
_SIGNALS = {0xC000_0005: signal.SIGSEGV, _ENDED_BY_US: signal.SIGINT}


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", wintypes.DWORD),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("classes", wintypes.DWORD * 2),
        ("io", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


class _Pids(ctypes.Structure):
    """JOBOBJECT_BASIC_PROCESS_ID_LIST."""

    _fields_ = (("assigned", wintypes.DWORD), ("count", wintypes.DWORD), ("pids", ctypes.c_size_t * _MOST_PIDS))


class Job:
    """A job object. When the last handle to it is closed, and this process has the only one, all that is in it ends."""

    def __init__(self) -> None:
        """Raises OSError."""
        self._calls = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
        self._calls.CreateJobObjectW.restype = wintypes.HANDLE
        self._handle = wintypes.HANDLE(self._calls.CreateJobObjectW(None, None))
        limits = _Limits(flags=_KILL_ON_CLOSE)
        size = ctypes.sizeof(limits)
        self._hold(self._calls.SetInformationJobObject(self._handle, _LIMITS, ctypes.byref(limits), size))

    def take(self, process: wintypes.HANDLE) -> None:
        """Put a process in it; what that starts is in it too. Raises OSError."""
        self._hold(self._calls.AssignProcessToJobObject(self._handle, process))

    def pids(self) -> set[int]:
        """What is in it and runs."""
        found = _Pids()
        self._calls.QueryInformationJobObject(self._handle, _PIDS, ctypes.byref(found), ctypes.sizeof(found), None)
        return set(found.pids[: found.count])

    def end(self) -> None:
        """End all that is in it."""
        self._calls.TerminateJobObject(self._handle, wintypes.UINT(_ENDED_BY_US))

    def _hold(self, worked: int) -> None:
        if not worked:
            raise ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]


class JobTree(Tree):
    """A process in a job of its own, started only when it is in there: nothing that it starts gets away."""

    def _start(
        self, words: Sequence[str], cwd: Path, environment: Mapping[str, str], output: int
    ) -> subprocess.Popen[bytes]:
        self._job = Job()
        popen = subprocess.Popen(
            words, cwd=cwd, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            creationflags=_SUSPENDED | _NEW_GROUP,
        )  # fmt: skip
        try:
            handle = wintypes.HANDLE(int(popen._handle))  # type: ignore[attr-defined]
            self._job.take(handle)
            ctypes.WinDLL("ntdll").NtResumeProcess(handle)  # type: ignore[attr-defined,unused-ignore]
        except BaseException:
            popen.kill()
            raise
        return popen

    def wait(self) -> int:
        status = self._popen.wait()
        return -_SIGNALS[status] if status in _SIGNALS else status

    def pids(self) -> set[int]:
        return self._job.pids()

    def signal(self, number: int) -> None:
        """Windows has one way to ask a group to stop, and one to end it."""
        if number == KILL:
            self._job.end()
            return
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined,unused-ignore]

    def end(self) -> None:
        self._job.end()

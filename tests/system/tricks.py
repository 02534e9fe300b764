"""Attacks that take more than a line of shell: ``python3 tricks.py NAME WORDS``, run in a sandbox. Prints what it got."""

from __future__ import annotations

import ctypes
import os
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
ADD_KEY, KEYCTL = (217, 219) if os.uname().machine == "aarch64" else (248, 250)
USER_KEYRING, SEARCH, READ = -4, 10, 11


def add_key(name: str, secret: str) -> int:
    """Add a key to the user's own keyring; negative where that is refused."""
    data = secret.encode()
    return int(LIBC.syscall(ADD_KEY, b"user", name.encode(), data, len(data), USER_KEYRING))


def key(name: str) -> str:
    number = LIBC.syscall(KEYCTL, SEARCH, USER_KEYRING, b"user", name.encode(), 0)
    held = ctypes.create_string_buffer(100)
    LIBC.syscall(KEYCTL, READ, number, held, 100, 0)
    return held.value.decode()


def make_segment(secret: str) -> int:
    """Share memory by a number with all of this user's programs."""
    number = LIBC.shmget(0, ctypes.c_size_t(4096), 0o1600)
    if number >= 0:
        place = _attached(number)
        ctypes.memmove(place, secret.encode(), len(secret))
        LIBC.shmdt(ctypes.c_void_p(place))
    return int(number)


def remove_segment(number: int) -> None:
    LIBC.shmctl(number, 0, None)


def segment(number: str) -> str:
    place = _attached(int(number))
    return "" if place in (None, ctypes.c_void_p(-1).value) else ctypes.string_at(place).decode()


def _attached(number: int) -> int:
    LIBC.shmat.restype = ctypes.c_void_p
    place: int = LIBC.shmat(number, None, 0)
    return place


def _is_set_id(path: str) -> bool:
    return bool(os.stat(path).st_mode & 0o6000)


def made_with_rights(_: str) -> bool:
    """A new program that runs with its owner's rights, by each call that could make one."""
    try:
        os.umask(0)
        os.close(os.open("by-open", os.O_CREAT | os.O_WRONLY, 0o4755))
        return _is_set_id("by-open")
    except OSError:
        pass
    how = (ctypes.c_uint64 * 3)(os.O_CREAT | os.O_WRONLY, 0o4755, 0)
    if LIBC.syscall(437, -100, b"by-openat2", how, 24) >= 0:
        return _is_set_id("by-openat2")
    try:
        os.mknod("by-mknod", 0o104755)
        return _is_set_id("by-mknod")
    except OSError:
        return False


def ring(_: str) -> bool:
    """A queue of calls that no filter sees."""
    return int(LIBC.syscall(425, 1, ctypes.create_string_buffer(120))) >= 0


def family(number: str) -> bool:
    import socket

    socket.socket(int(number), socket.SOCK_STREAM).close()
    return True


def typed(_: str) -> bool:
    """What somebody at a terminal would have typed."""
    import fcntl
    import pty

    ours = pty.openpty()[1]
    fcntl.ioctl(ours, 0x5412, b"x")
    return True


def traced(pid: str) -> bool:
    if LIBC.ptrace(16, int(pid), None, None) != 0:
        return False
    os.waitpid(int(pid), 0x40000000)
    LIBC.ptrace(17, int(pid), None, None)
    return True


def file_taken(pid: str) -> bool:
    """A file that another process has open."""
    return int(LIBC.syscall(438, os.pidfd_open(int(pid)), 0, 0)) >= 0


def limited(pid: str) -> bool:
    import resource

    resource.prlimit(int(pid), resource.RLIMIT_CORE, resource.prlimit(int(pid), resource.RLIMIT_CORE))
    return True


def watched(path: str) -> bool:
    """Who comes and goes in a folder."""
    return int(LIBC.inotify_add_watch(LIBC.inotify_init(), path.encode(), 0xFFF)) >= 0


if __name__ == "__main__":
    got = globals()[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else "")
    print("s3cret-" + "of-the-user" if got is True else got)

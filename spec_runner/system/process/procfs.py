"""What Linux tells of processes below /proc; elsewhere psutil is asked who is there and what they hold."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

AVAILABLE = sys.platform == "linux" and os.path.isdir("/proc/self/fd")
_MOUNT_ESCAPE = re.compile(rb"\\([0-7]{3})")


class Stat(NamedTuple):
    """Who a process is among the others."""

    pid: int
    parent: int
    group: int
    session: int


def processes() -> Iterator[Stat]:
    """Every process that can be seen from here."""
    if not AVAILABLE:
        yield from _asked_of_psutil()
    for entry in os.scandir("/proc") if AVAILABLE else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                data = Path(f"/proc/{entry.name}/stat").read_bytes()
                # The name in brackets may hold blanks; behind it: state, parent, group, session.
                fields = data[data.rindex(b")") + 2 :].split(maxsplit=4)
                yield Stat(int(entry.name), int(fields[1]), int(fields[2]), int(fields[3]))


def _asked_of_psutil() -> Iterator[Stat]:
    import psutil

    for each in psutil.process_iter(["ppid"]):
        with contextlib.suppress(OSError, AttributeError):
            yield Stat(each.pid, each.info["ppid"] or 0, os.getpgid(each.pid), os.getsid(each.pid))


def ports_of_psutil(pid: int) -> Iterator[int]:
    """The TCP ports on which a process listens, where there is no /proc."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        yield from (each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if each.status == "LISTEN")


def psutil_folder() -> tuple[str, ...]:
    """Where the agent, which has no packages, finds what tells it of processes; nowhere where there is /proc."""
    if AVAILABLE:
        return ()
    import psutil

    return (str(Path(psutil.__file__).parents[1]),)


def members(session: int) -> set[int]:
    """The processes of a session, or of a process group."""
    return {each.pid for each in processes() if session in (each.group, each.session)}


def children() -> dict[int, list[int]]:
    """The processes that can be seen from here, by the one that each is below."""
    found: dict[int, list[int]] = {}
    for each in processes():
        found.setdefault(each.parent, []).append(each.pid)
    return found


def descendants(pid: int, without: frozenset[int] = frozenset()) -> set[int]:
    """Every process below ``pid``, but not those in ``without`` nor what is below them."""
    return below(pid, children(), without)


def below(pid: int, children: dict[int, list[int]], without: frozenset[int] = frozenset()) -> set[int]:
    """The same, of processes that were looked up before."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        new = [child for child in children.get(waiting.pop(), ()) if child not in without and child not in found]
        found.update(new)
        waiting += new
    return found


def resident_bytes(pids: Iterable[int]) -> int:
    """The memory that these processes hold together, in bytes; what they share is counted once for each."""
    total = 0
    if not AVAILABLE:
        return sum(map(_resident_of, pids))
    for pid in pids:
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    return total * os.sysconf("SC_PAGE_SIZE")


def _resident_of(pid: int) -> int:
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def held_bytes(pids: Iterable[int], seen: set[tuple[int, int]]) -> int:
    """The memory that is there because of these processes, in bytes: what they share is divided among those who do.

    What no process has mapped counts too: files in memory that are open, file systems in memory of their own. Those in
    ``seen`` do not, and are added to it. Takes about a millisecond for each process.
    """
    total = 0 if AVAILABLE else resident_bytes(pids)
    for pid in pids if AVAILABLE else ():
        private, shared = _proportional(pid)
        total += private + max(shared, _unmapped(pid, seen))
    return total


def _proportional(pid: int) -> tuple[int, int]:
    """A process's share of memory without a file, and of files that are in memory only."""
    found = {}
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()[1:]:
            name, count = line.split()[:2]
            found[name] = int(count) * 1024
    # Before Linux 5.4 the kernel does not tell them apart.
    return found.get(b"Pss_Anon:", found.get(b"Pss:", 0)), found.get(b"Pss_Shmem:", 0)


def _unmapped(pid: int, seen: set[tuple[int, int]]) -> int:
    total = 0
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(entry.path).startswith("/memfd:"):
                    total += _once(os.stat(entry.path), seen)
    with contextlib.suppress(OSError):
        space = os.stat(f"/proc/{pid}/ns/mnt")
        if space.st_ino != os.stat("/proc/self/ns/mnt").st_ino and (space.st_dev, space.st_ino) not in seen:
            seen.add((space.st_dev, space.st_ino))
            total += sum(_mounted_in_memory(pid, seen))
    return total


def _once(found: os.stat_result, seen: set[tuple[int, int]]) -> int:
    key = (found.st_dev, found.st_ino)
    if key in seen:
        return 0
    seen.add(key)
    return found.st_blocks * 512


def _mounted_in_memory(pid: int, seen: set[tuple[int, int]]) -> Iterator[int]:
    """What the file systems in memory hold that this process sees and may write, in bytes."""
    for place, kind, options in _mounts(pid):
        if kind in ("tmpfs", "ramfs") and "ro" not in options:
            with contextlib.suppress(OSError):
                path = f"/proc/{pid}/root{place}"
                device, space = (os.stat(path).st_dev, 0), os.statvfs(path)
                if device not in seen:
                    seen.add(device)
                    yield (space.f_blocks - space.f_bfree) * space.f_frsize


def mount_points() -> frozenset[str]:
    """Where something is mounted, as far as this process sees it."""
    with contextlib.suppress(OSError):
        return frozenset(place for place, _, _ in _mounts("self"))
    return frozenset()


def _mounts(pid: int | str) -> Iterator[tuple[str, str, list[str]]]:
    """Where something is mounted for a process, what kind of file system, and how."""
    for line in Path(f"/proc/{pid}/mountinfo").read_bytes().splitlines():
        fields, _, kind = line.partition(b" - ")
        place, options = fields.split()[4:6]
        whole = _MOUNT_ESCAPE.sub(lambda found: bytes([int(found.group(1), 8)]), place)
        yield os.fsdecode(whole), kind.split()[0].decode(), options.decode().split(",")


def unattached() -> dict[int, int]:
    """The segments of memory that processes share by a number and none has mapped, and what each holds, in bytes."""
    found = {}
    with contextlib.suppress(OSError, ValueError):
        names, *lines = (line.split() for line in Path("/proc/sysvipc/shm").read_text(encoding="ascii").splitlines())
        for fields in (dict(zip(names, map(int, line), strict=True)) for line in lines):
            if not fields["nattch"]:
                found[fields["shmid"]] = fields["rss"]
    return found


def oom_kills() -> int:
    """How many processes of our control group, else of the machine, it has ended so far; 0 where nobody counts."""
    for place in (_own_events(), Path("/proc/vmstat")):
        with contextlib.suppress(OSError, ValueError):
            for line in place.read_text(encoding="ascii").splitlines():
                key, _, count = line.partition(" ")
                if key == "oom_kill":
                    return int(count)
    return 0


def _own_events() -> Path:
    """The events of our control group; those of all groups below it are counted with it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines():
            number, _, group = line.split(":", 2)
            if number == "0":
                return Path("/sys/fs/cgroup", group.lstrip("/"), "memory.events")
    return Path("/sys/fs/cgroup/memory.events")

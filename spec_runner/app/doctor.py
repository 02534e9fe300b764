"""What this machine can do, and what to install for more."""

from __future__ import annotations

import sys

from spec_runner.app.plan import Settings
from spec_runner.errors import ExitCode
from spec_runner.system.process.shells import SHELLS, shells_here
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
    shells = shells_here()
    programs = {name: version_of(shells.get(name, "") if name in SHELLS else name) for name in PROGRAMS}
    found = Diagnosis(levels, best.level, networks, programs, next(iter(shells), None), sys.platform)
    print_diagnosis(found, settings.out, as_json=settings.json)
    return ExitCode.FAILED if best.level == "plain" else ExitCode.PASSED

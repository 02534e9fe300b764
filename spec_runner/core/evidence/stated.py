"""Whether a task's check could show that it is not done."""

from __future__ import annotations

from spec_runner.core.decide.claims import claims_of
from spec_runner.core.decide.proving import proves_nothing
from spec_runner.core.decide.whereabouts import scripts_of
from spec_runner.core.evidence.looking import Tree
from spec_runner.core.plan.model import PlannedStep, PlannedTask
from spec_runner.core.shell.grammar import commands_of

_MANAGERS = {"npm", "pnpm", "yarn", "bun"}
_RUN = {"run", "run-script"}


def cannot_fail(planned: PlannedTask, tree: Tree | None) -> str | None:
    """Why what a task runs ends well whatever is done; None where it could fail, or something else is asked."""
    steps = planned.steps
    if not steps or any(step.step.kind != "command" for step in steps):
        return None
    if all(proves_nothing(step.step.command) for step in steps):
        is_asked = any(claim.check for claim in claims_of([step.step for step in steps], planned.task.title))
        return None if is_asked else steps[-1].step.command
    scripts = [_idle_script(step, tree) for step in steps] if tree else [None]
    return "; ".join(filter(None, scripts)) if all(scripts) else None


def _idle_script(planned: PlannedStep, tree: Tree) -> str | None:
    """The script of a manifest that a command runs, where that proves nothing."""
    name = _script_name(planned.step.command)
    if name is None or planned.cwd is None or planned.step.expect not in ("ok", "other"):
        return None
    path = "package.json" if planned.cwd in ("", ".") else f"{planned.cwd}/package.json"
    script = scripts_of(tree.read([path])[path]).get(name) if path in tree.names.find(path) else None
    return f"{planned.step.command}, which is {script}" if isinstance(script, str) and proves_nothing(script) else None


def _script_name(command: str) -> str | None:
    """The script that a package manager is to run, where that is all that a command does."""
    commands = commands_of(command)
    words = commands[0].words if len(commands) == 1 else ()
    if len(words) < 2 or words[0] not in _MANAGERS:
        return None
    if words[1] in _RUN:
        return words[2] if len(words) > 2 else None
    return "test" if words[1] in ("t", "tst") else words[1]

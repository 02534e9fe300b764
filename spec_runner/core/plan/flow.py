"""Guide → where each of its steps runs, and which wait for a held one: decided before anything does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.decide.steps import Action, Guide, GuideBlock, Step
from spec_runner.core.plan.dependents import Dependents, clone_folders
from spec_runner.core.shell.programs import programs_of


class Machine(NamedTuple):
    """What a plan may know of where it will run."""

    has_program: Callable[[str], bool] = lambda name: False
    has_folder: Callable[[str], bool] = lambda path: False
    """Whether a folder, relative to the root, is in the repository."""


class Going(NamedTuple):
    """How one step goes."""

    step: Step
    action: Action
    cwd: str | None
    returns: bool = False
    """It starts in ``cwd``, wherever the one before it ended."""
    because: int | None = None
    """The line of the held step that it waits for."""


def walk(
    guide: Guide, allows: Callable[[Step], bool], text: str, machine: Machine
) -> list[tuple[str | None, list[Going]]]:
    """For each block where it starts, and how each of its steps goes. ``text`` is the whole document."""
    walker = _Walker(guide, allows, text, machine)
    return [(walker.standing.get(1, directories.ROOT), list(walker.block(block))) for block in guide.blocks]


class _Walker:
    """Stands in the terminals of a guide while it is read."""

    def __init__(self, guide: Guide, allows: Callable[[Step], bool], text: str, machine: Machine) -> None:
        self.guide, self.allows, self.text, self.machine = guide, allows, text, machine
        self.waiting = Dependents(machine.has_program)
        self.standing: dict[int, str | None] = {}
        self.home = directories.ROOT
        """Where the guide is at home: the root, or the clone that it went into."""
        self.clones: dict[str, str] = {}
        """The folder of each clone that runs → the directory it stands in."""
        self.entered: set[str] = set()
        """The directories that fences went to from home."""
        self.is_lacking = False
        """Something was held that may have made what is asked for later."""
        self.shifted: set[int] = set()
        """The terminals that do not stand where their last command left them."""

    def block(self, block: GuideBlock) -> Iterator[Going]:
        if self.guide.cwd == "root":
            self.standing, self.shifted = {}, set()
        self.waiting.start_block()
        fresh: set[int] = set()
        for step in block.steps:
            yield self._step(step, block.action, step.terminal not in fresh)
            fresh.add(step.terminal)

    def _step(self, step: Step, action: Action, is_first: bool) -> Going:
        if action not in ("run", "hold"):
            return Going(step, action, self._here(step))
        held = step.hold is not None and not self.allows(step)
        because = None if held else self.waiting.needed_by(step)
        here = self._here(step)
        if held or because is not None:
            self.waiting.hold(step)
            self.is_lacking = self.is_lacking or not only_leads_here(step)
            self._stay(step, here)
            return Going(step, "hold", here, because=because)
        step = _loosened(step) if self.is_lacking else step
        returns = step.terminal in self.shifted and step.kind in ("command", "service")
        if is_first and step.moves and step.cwd is None and self.guide.cwd == "carry":
            back = self._start_of(step, here)
            here, returns = back or here, returns or back is not None
        self.waiting.run(step)
        self._go(step, here)
        return Going(step, "run", here, returns)

    def _here(self, step: Step) -> str | None:
        here = self.standing.get(step.terminal, directories.ROOT)
        return here if step.cwd is None else directories.resolve(step.cwd, here)

    def _go(self, step: Step, here: str | None) -> None:
        if step.kind not in ("command", "service"):
            return
        self.shifted.discard(step.terminal)
        left = directories.after(step.command, here)
        if here is not None and "clone" in step.command:
            self.clones.update(dict.fromkeys(clone_folders(programs_of(step.command)), here))
        if left is not None and left != here:
            for folder, where in self.clones.items():
                inside = directories.join(where, folder)
                self.home = inside if _is_within(left, inside) else self.home
            if here == self.home:
                self.entered.add(left)
        self.standing[step.terminal] = left

    def _stay(self, step: Step, here: str | None) -> None:
        """A ``cd`` into a clone that is held: the repository itself stands for the clone."""
        target = _target(step)
        if target and here is not None and self.waiting.is_missing(target.split("/")[0]):
            below = target.partition("/")[2]
            self.standing[step.terminal] = directories.join(here, below) if below else here
            self.shifted.add(step.terminal)

    def _start_of(self, step: Step, here: str | None) -> str | None:
        """The directory from which a fence's first ``cd`` is meant, if it is not the one where the shell stands."""
        target = _target(step)
        if here is None or not target or not re.match(r"\w", target):
            return None
        clone = self.clones.get(target.split("/")[0])
        if clone is not None and _is_within(here, directories.join(clone, target.split("/")[0])):
            return clone
        if not _is_within(here, self.home) or here == self.home:
            return None
        return self.home if self._is_named_from_home(target, here) else None

    def _is_named_from_home(self, target: str, here: str) -> bool:
        """Whether words, earlier steps or the repository say that ``target`` stands at home and not below ``here``."""
        there, below = directories.join(self.home, target), directories.join(here, target)
        if below in self.entered or self.machine.has_folder(below):
            return False
        inside = here if self.home == directories.ROOT else here[len(self.home) + 1 :]
        if target.split("/")[0] == inside.split("/")[0] or there in self.entered or self.machine.has_folder(there):
            return True
        last = inside.rpartition("/")[2]
        return _starts_a_path(self.text, target) and not re.search(
            rf"\b{re.escape(last)}/{re.escape(target)}\b", self.text
        )


def only_leads_here(step: Step) -> bool:
    """A clone, or a way into the repository: what it would have left is here."""
    return all(program.name in ("git", "cd", "pushd", "mkdir") for program in programs_of(step.command))


def _loosened(step: Step) -> Step:
    """The step without judging what it is answered, which may depend on what a held command did not do."""
    if not any(each.checked and each.kind in ("status", "json") for each in step.expectations):
        return step
    loose = tuple(
        each._replace(checked=each.checked and each.kind not in ("status", "json")) for each in step.expectations
    )
    return step._replace(expectations=loose, expect="other" if step.expect.isdigit() else step.expect)


def _starts_a_path(text: str, folder: str) -> bool:
    """Whether a path in the text begins with a folder: ``web/package.json``, not ``apps/web/``."""
    return re.search(rf"(?<![\w./@:-]){re.escape(folder)}/", text) is not None


def _is_within(path: str, folder: str) -> bool:
    return folder == directories.ROOT or path == folder or path.startswith(folder + "/")


def _target(step: Step) -> str:
    """The folder that a ``cd`` names, if it names one plainly."""
    words = next((program.operands for program in programs_of(step.command) if program.name in ("cd", "pushd")), ())
    return words[0].removeprefix("./").rstrip("/") if words else ""

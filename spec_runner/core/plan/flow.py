"""Steps of tasks or of a guide → where each runs, and which wait for a held one: decided before anything does."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.decide.holds import has_placeholder
from spec_runner.core.decide.steps import Action, Guide, GuideBlock, Intent, Step
from spec_runner.core.decide.whereabouts import Wanted, makes_anew, wants_of
from spec_runner.core.plan.dependents import Dependents, clone_folders
from spec_runner.core.shell.programs import programs_of

_ENTERS = re.compile(r"(?:^|[;&|]\s*)(?:cd|pushd|Set-Location)\s+([^;&|\n]*[^;&|\s])")

_PLAIN = re.compile(r"(?:[\w.@-]+/)*[\w.@-]+/?$")


class Machine(NamedTuple):
    """What a plan may know of where it will run."""

    has_program: Callable[[str], bool] = lambda name: False
    has_folder: Callable[[str], bool] = lambda path: False
    """Whether a folder, relative to the root, is in the repository."""
    name: str = "/"
    """What the repository's folder is called."""
    holders: Callable[[Wanted, str], tuple[str, ...] | None] = lambda wanted, here: None
    """The folders of the repository that have what a command wants; None where ``here`` has it."""


class Going(NamedTuple):
    """How one step goes."""

    step: Step
    action: Action
    cwd: str | None
    returns: bool = False
    """It starts in ``cwd``, wherever the one before it ended."""
    because: int | None = None
    """The line of the held step that it waits for."""
    wanted: str = ""
    """The file that ``cwd`` was found by, or that several folders have."""
    places: tuple[str, ...] = ()
    """The folders that have it, where nothing says which one is meant."""


class TaskGoing(NamedTuple):
    """How the steps of a task go."""

    steps: tuple[Going, ...]
    mover: str | None = None
    """The task whose ``cd`` brought the shell where this one starts."""

    @property
    def because(self) -> int | None:
        """The line of the held step that the task waits for."""
        return next((going.because for going in self.steps if going.because is not None), None)


def walk(
    guide: Guide, allows: Callable[[Step], bool], text: str, machine: Machine
) -> list[tuple[str | None, list[Going]]]:
    """For each block where it starts, and how each of its steps goes. ``text`` is the whole document."""
    walker = _Walker(allows, text, machine, is_guide=True)
    return [
        (walker.standing.get(1, directories.ROOT), list(walker.block(block, returns=guide.cwd == "root")))
        for block in guide.blocks
    ]


def walk_tasks(
    groups: Iterable[Collection[str]],
    intents: Mapping[str, Intent],
    held: Collection[str],
    free: Collection[str],
    text: str,
    machine: Machine,
) -> dict[str, TaskGoing]:
    """How each task goes, by key, in the order of its groups; neighbours in a group leave nothing behind.

    A task that is ``held`` runs none of its steps; one that is ``free`` waits for no held step, as the user wants it.
    Tasks of no group do not run: they stand where the one before them did.
    """
    walker = _Walker(lambda step: True, text, machine, is_guide=False)
    found: dict[str, TaskGoing] = {}
    after: dict[str, tuple[dict[int, str | None], str | None]] = {}
    mover: str | None = None
    for group in groups:
        before, came = dict(walker.standing), mover
        for key in group:
            walker.standing = dict(before)
            goings = tuple(walker.task(intents[key].steps, is_held=key in held, waits=key not in free))
            needs_mover = any(step.cwd != directories.ROOT for step in intents[key].steps)
            found[key] = TaskGoing(goings, came if needs_mover else None)
            mover = key if walker.standing != before and key not in held else came
        if len(group) > 1:
            walker.standing, mover = before, came
        after.update(dict.fromkeys(group, (dict(walker.standing), mover)))
    standing: dict[int, str | None] = {}
    for key, intent in intents.items():
        if key in after:
            standing, _ = after[key]
        else:
            walker.standing = dict(standing)
            found[key] = TaskGoing(tuple(Going(step, "skip", walker.pass_by(step)) for step in intent.steps))
    return found


class _Walker:
    """Stands in the terminals of a document while it is read."""

    def __init__(self, allows: Callable[[Step], bool], text: str, machine: Machine, *, is_guide: bool) -> None:
        self.allows, self.text, self.machine, self.is_guide = allows, text, machine, is_guide
        self.waiting = Dependents(machine.has_program)
        self.standing: dict[int, str | None] = {}
        self.home = directories.ROOT
        """Where the document is at home: the root, or the clone that it went into."""
        self.clones: dict[str, str] = {}
        """The folder of each clone that runs → the directory it stands in."""
        self.entered: set[str] = set()
        """The directories that fences went to from home."""
        self.makes = False
        """An earlier step makes files or a clone of the repository."""
        self.is_lacking = False
        """Something was held that may have made what is asked for later."""
        self.shifted: set[int] = set()
        """The terminals that do not stand where their last command left them."""
        self.lost: dict[int, int] = {}
        """The terminals of which nobody knows where they stand → the line of the held step that left them so."""
        self.checkout: list[str] = []
        """The parts of the path from elsewhere that the document calls the repository by."""

    def block(self, block: GuideBlock, *, returns: bool) -> Iterator[Going]:
        """How the steps of a guide's block go; where each block ``returns``, it starts at home."""
        if returns:
            # Of itself a terminal returns to the root alone.
            shifted = {step.terminal for step in block.steps} if self.home != directories.ROOT else set[int]()
            self.standing, self.shifted, self.lost = dict.fromkeys(shifted, self.home), shifted, {}
        self.waiting.start_block()
        fresh: set[int] = set()
        for step in block.steps:
            if block.action not in ("run", "hold"):
                yield Going(step, block.action, self._here(step))
                continue
            is_held = step.hold is not None and not self.allows(step)
            yield self._step(step, is_held=is_held, is_first=step.terminal not in fresh and not returns)
            fresh.add(step.terminal)

    def task(self, steps: tuple[Step, ...], *, is_held: bool, waits: bool) -> list[Going]:
        """How the steps of a task go. One that waits for something holds all: half of a task proves nothing."""
        self.waiting.start_block()
        before = dict(self.standing)
        goings = [self._step(step, is_held=is_held, is_first=step is steps[0], waits=waits) for step in steps]
        because = next((going.because for going in goings if going.because is not None), None)
        if because is None:
            return goings
        self.standing = before
        for step in steps:
            self.waiting.hold(step)
            self._leave(step, self._here(step))
        return [going._replace(action="hold", because=because) for going in goings]

    def carries(self, step: Step) -> bool:
        """Whether what follows starts where the step ends: of a task's only where it does nothing but go there."""
        return self.is_guide or step.moves

    def pass_by(self, step: Step) -> str | None:
        """Where a step would run that does not."""
        here = self._here(step)
        if step.moves:
            self.standing[step.terminal] = directories.after(step.command, here)
        return here

    def _step(self, step: Step, *, is_held: bool, is_first: bool, waits: bool = True) -> Going:
        because = self._needed_by(step) if waits and not is_held else None
        here = self._here(step)
        if is_held or because is not None:
            self.waiting.hold(step)
            self.is_lacking = self.is_lacking or not only_leads_here(step)
            self._leave(step, here)
            if self.is_guide and because is None and self._is_of_author(step):
                # The author's own clone is the repository: nobody has to go there.
                return Going(step, "skip", here)
            return Going(step, "hold", here, because=because)
        if self.is_guide and self.is_lacking:
            step = _loosened(step)
        returns = step.terminal in self.shifted and step.kind in ("command", "service")
        if step.cwd is None and (is_first if step.moves else self.is_guide and step.command.startswith("cd ")):
            back = self._start_of(step, here)
            here, returns = back or here, returns or back is not None
        self.waiting.run(step)
        found = self._by_evidence(step, here)
        self.makes = self.makes or makes_anew(step.command)
        if found is not None and len(found.places) == 1:
            self.shifted.add(step.terminal)
            return found._replace(cwd=found.places[0], returns=True, places=())
        self._go(step, here)
        return Going(step, "run", here, returns) if found is None else found._replace(returns=returns)

    def _by_evidence(self, step: Step, here: str | None) -> Going | None:
        """Where a command runs that wants a file which its directory lacks, by the folders that have it.

        What earlier steps make is not in the repository yet.
        """
        if step.cwd is not None or step.kind not in ("command", "service") or here is None or self.makes:
            return None
        found: tuple[str, tuple[str, ...]] | None = None
        for wanted in wants_of(step.command):
            places = self.machine.holders(wanted, here)
            if places:
                both = tuple(each for each in found[1] if each in places) if found else places
                found = (wanted.name, both or places)
        return Going(step, "run", here, wanted=found[0], places=found[1]) if found else None

    def _needed_by(self, step: Step) -> int | None:
        """The line of the held step that a step waits for: it needs what that one makes, or stands where it goes."""
        is_lost = step.cwd is None and step.kind != "url"
        return (self.lost.get(step.terminal) if is_lost else None) or self.waiting.needed_by(step)

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
        self.lost.pop(step.terminal, None)
        if self.carries(step):
            self.standing[step.terminal] = left

    def _leave(self, step: Step, here: str | None) -> None:
        """Where the terminal stands after a held step: in the folder it enters, as far as anybody can tell."""
        named = _ENTERS.search(step.command) if step.kind in ("command", "service") and self.carries(step) else None
        if not named or here is None:
            return
        target = _target(step)
        if target and self.waiting.is_missing(target.split("/")[0]):
            # The repository itself stands for the clone.
            below = target.partition("/")[2]
            left: str | None = directories.join(here, below) if below else here
        else:
            plain = _PLAIN.match(named.group(1)) and not has_placeholder(named.group(1))
            left = directories.after(step.command, here) if plain else self._in_checkout(named.group(1))
        self.standing[step.terminal] = left
        if left is None:
            self.lost[step.terminal] = step.line
        else:
            self.shifted.add(step.terminal)

    def _is_of_author(self, step: Step) -> bool:
        """A step that does nothing but go to where the author has the repository, which is here."""
        lands = self.standing.get(step.terminal) is not None and step.terminal not in self.lost
        target = _target(step)
        is_checkout = (
            target.startswith("/") and "/path/" not in target and self.machine.name == target.rpartition("/")[2]
        )
        return step.moves and step.holds == ("placeholder",) and lands and is_checkout

    def _in_checkout(self, named: str) -> str | None:
        """The folder that a path from elsewhere names: the first such path of a document is the repository's."""
        if named.startswith("$"):
            return None
        parts = re.sub(r"\\(?! )", "/", named.strip("\"'")).rstrip("/").split("/")
        name = self.machine.name
        if name in parts[1:]:
            return "/".join(parts[len(parts) - parts[::-1].index(name) :]) or directories.ROOT
        self.checkout = self.checkout or parts
        if parts[: len(self.checkout)] != self.checkout:
            return None
        return "/".join(parts[len(self.checkout) :]) or directories.ROOT

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
    step = step._replace(answer=0)
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

"""What contradicts itself in many specs: looked for in several processes, and known again while nothing changes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spec_runner.app.plan import Settings, machine, make_plan, read_specs
from spec_runner.core.decide.whereabouts import Wanted
from spec_runner.core.evidence.baseline import Placed, placed
from spec_runner.core.evidence.check import Finding, check_spec
from spec_runner.core.evidence.looking import Tree
from spec_runner.core.plan.flow import Machine
from spec_runner.core.plan.model import PlannedSpec
from spec_runner.errors import MALFORMED, SpecError
from spec_runner.system.answers import Answers, Stamp, stamp_of
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths
from spec_runner.system.worktree.looking import fingerprint_of, tree_of

_SHARE = 25
"""Specs that a process checks in one go."""


class Found(NamedTuple):
    """What was found in a spec."""

    path: str
    """As the user would type it."""
    error: str | None = None
    findings: tuple[Placed, ...] = ()


class _Answer(NamedTuple):
    """What was found in a spec, and what that stands on beside its files."""

    found: Found
    asked: Mapping[str, bool]
    """Whether programs and folders are there: what was asked, with the answer."""
    searched: bool
    """Which folders have a file was asked, too: only what Git lists tells whether that is still so."""


def look_for(
    places: Sequence[SpecPaths | SpecError], settings: Settings, *, names_unchecked: bool = False
) -> list[Found]:
    """What there is to find in each spec: what is known since the last time, and the rest looked for."""
    roots: dict[Path, _Root] = {}
    found: dict[int, Found] = {}
    asked: list[tuple[int, SpecPaths, Stamp]] = []
    for number, place in enumerate(places):
        if isinstance(place, SpecError):
            found[number] = Found(place.path or "", str(place))
            continue
        if place.root not in roots:
            roots[place.root] = _Root(place.root, settings, names_unchecked)
        stamp = roots[place.root].stamp(place)
        kept = roots[place.root].find(place, stamp)
        if kept is None:
            asked.append((number, place, stamp))
        else:
            found[number] = kept
    answers = _looked_for([place for _, place, _ in asked], _Checker(settings, names_unchecked))
    for (number, place, stamp), answer in zip(asked, answers, strict=True):
        found[number] = answer.found
        roots[place.root].keep(place, stamp, answer)
    for root in roots.values():
        root.answers.save()
    return [found[number] for number in range(len(places))]


class _Root:
    """A repository, and what is known of its specs."""

    def __init__(self, root: Path, settings: Settings, names_unchecked: bool) -> None:
        self._fingerprint, self._newest = fingerprint_of(root)
        self.answers = Answers(settings.environment, "check-unchecked" if names_unchecked else "check", root)

    def stamp(self, place: SpecPaths) -> Stamp:
        """What tells the files that a spec's findings come from, but for the repository's, from changed ones."""
        return [*stamp_of(place), [0, 0, self._newest]]

    def find(self, place: SpecPaths, stamp: Stamp) -> Found | None:
        """What was found in a spec, if all that it stands on is as it was."""
        with suppress(*MALFORMED):
            match self.answers.find(place.document, stamp):
                case [self._fingerprint, str(path), dict(asked), list(findings)] if path == place.path:
                    if asked == _asked_again(place, asked):
                        return Found(
                            path, None, tuple(Placed(at, Finding(*told), known_by) for at, told, known_by in findings)
                        )
        return None

    def keep(self, place: SpecPaths, stamp: Stamp, answer: _Answer) -> None:
        """Remember what was found in a spec that could be read."""
        if answer.found.error is None and (self._fingerprint or not answer.searched):
            path, _, findings = answer.found
            self.answers.keep(place.document, stamp, [self._fingerprint, path, answer.asked, findings])


def _asked_again(place: SpecPaths, asked: dict[str, Any]) -> dict[str, bool]:
    """The same questions, answered now."""
    here = _Questions(place)
    return {each: here.ask(each) for each in asked}


class _Questions:
    """What planning asks of the machine, remembered."""

    def __init__(self, place: SpecPaths) -> None:
        self._machine = machine(place)
        self.asked: dict[str, bool] = {}
        self.searched = False

    def ask(self, question: str) -> bool:
        kind, _, name = question.partition(" ")
        answer = self._machine.has_program(name) if kind == "program" else self._machine.has_folder(name)
        self.asked[question] = answer
        return answer

    def holders(self, wanted: Wanted, here: str) -> tuple[str, ...] | None:
        self.searched = True
        return self._machine.holders(wanted, here)

    @property
    def machine(self) -> Machine:
        return self._machine._replace(
            has_program=lambda name: self.ask(f"program {name}"),
            has_folder=lambda name: self.ask(f"folder {name}"),
            holders=self.holders,
        )


class _Checker:
    """Looks for what there is to find; what is known of a repository is found out once."""

    def __init__(self, settings: Settings, names_unchecked: bool) -> None:
        self.settings, self._unchecked, self._known = settings, names_unchecked, Known()
        self._trees: dict[Path, Tree | None] = {}

    def check(self, places: Sequence[SpecPaths]) -> list[_Answer]:
        """What there is to find in some specs."""
        questions = {place: _Questions(place) for place in places}
        found = read_specs(self.settings, places, self._known)
        plan = make_plan(found, self.settings, lambda place: questions[place].machine)
        answers = []
        for place, spec in zip(places, plan.specs, strict=True):
            findings = () if spec.error else self._findings(spec, place)
            asked = questions[place]
            answers.append(_Answer(Found(spec.read.path, spec.error, tuple(findings)), asked.asked, asked.searched))
        return answers

    def _findings(self, spec: PlannedSpec, place: SpecPaths) -> list[Placed]:
        found = check_spec(spec, self._tree(place.root), place.document, names_unchecked=self._unchecked)
        return placed(spec, found, os.path.dirname(place.document))

    def _tree(self, root: Path) -> Tree | None:
        if root not in self._trees:
            self._trees[root] = tree_of(root)
        return self._trees[root]


_checkers: list[_Checker] = []
"""In a process of its own: the one that looks there."""


def _looked_for(places: Sequence[SpecPaths], checker: _Checker) -> Iterator[_Answer]:
    """What there is to find in specs, in their order; many are shared among processes."""
    shares = [places[at : at + _SHARE] for at in range(0, len(places), _SHARE)]
    jobs = min(checker.settings.jobs or os.cpu_count() or 1, len(shares))
    if jobs > 1 and hasattr(os, "fork"):
        return _looked_for_by(jobs, shares, checker)
    return (answer for share in shares for answer in checker.check(share))


def _looked_for_by(jobs: int, shares: Sequence[Sequence[SpecPaths]], checker: _Checker) -> Iterator[_Answer]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, get_context("fork"), _start_checking, (checker,))
    try:
        for share in pool.map(_check_share, shares):
            yield from share
    finally:
        pool.shutdown(cancel_futures=True)


def _start_checking(checker: _Checker) -> None:
    import signal

    # Who asked is interrupted, and ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _checkers.append(checker)


def _check_share(places: Sequence[SpecPaths]) -> list[_Answer]:
    return _checkers[-1].check(places)

"""What the selected tasks need of those that were left out and are not proven: these run first.

Needed is what words, commands and the shell's state show: a task that is named (``depends on``); the directory, the
variables and the virtual environment that a terminal would have by then; a service; a file that one command makes and
another one reads; a program that is installed. What only running can show is not known.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from spec_runner.core.decide import directories
from spec_runner.core.decide.proving import proves_nothing
from spec_runner.core.plan.dependents import Dependents, made_by, read_words
from spec_runner.core.plan.model import PlannedSpec, PlannedStep, PlannedTask, whole_order
from spec_runner.core.plan.setup import ecosystems_of, installs_of
from spec_runner.core.shell.grammar import read_statements
from spec_runner.core.shell.programs import Program, names, programs_of

_LEADS = names("cd pushd popd export source . set unset alias shopt umask declare readonly")
"""What leaves nothing but the state of its shell."""
_ACTIVATES = re.compile(r"(?:^|[;&|]\s*|\s)(?:source|\.)\s+\S*\bactivate\b")
_READS = names("test [ cat diff cmp head wc jq ls stat du tree pwd echo printf type which git")
_READERS = _READS | names("python python3 node deno bun ruby php perl bash sh tail cp mv source . tar unzip") - {"git"}
_A_FILE = re.compile(
    r"(?:\./)?(?:[\w@.-]+/)+[\w@.-]+|[\w-]+\.(?:js|mjs|cjs|json|html|py|sh|txt|db|log|csv|wasm|jar|whl)"
)
_BUILDS = re.compile(r"\b(?:build|compile|bundle|generate|codegen|package|export|dist|webpack|rollup|esbuild|tsc)\b")
_READING_GIT = names("status log diff show branch ls-files rev-parse grep blame describe")
_CHECKING = re.compile(r"(?:[\w-]+[:-])?(?:tests?|lint|check|type-?check|vet|clippy|audit|e2e)(?:[:-][\w-]+)*$")
_CHANGES = names("-w -u --fix --write --update --updateSnapshot --in-place")
_SENDS = names("-o -O --output -X --request -d --data --data-raw --data-binary --json -F -T")

Edges = Mapping[str, Mapping[str, str]]
"""For each task that runs, by key, the tasks that it needs, each with what it needs of them; nothing: it is named."""


class World(NamedTuple):
    """What a plan may know of where it runs."""

    has_program: Callable[[str], bool] = lambda name: False
    has_path: Callable[[str], bool] = lambda path: True
    """Whether a path, relative to the root, is in the repository."""
    is_set_up: bool = False
    """What the repository's manifests ask for is installed before any task runs."""
    makers: bool = False
    """What leaves something behind runs first, needed or not: nothing of it is there yet."""


def needs(spec: PlannedSpec, there: Collection[str], world: World) -> Edges:
    """What each task that runs needs of those before it that were left out or run first, but what is there already."""
    tasks = {task.task.key: task for task in spec.tasks}
    left, found = _Left(world), dict[str, dict[str, str]]()
    for group in whole_order(spec.tasks):
        members = [tasks[node.key] for node in group]
        for node, task in zip(group, members, strict=True):
            if task.action == "run":
                named = {key: "" for key in node.depends_on if key in left.tasks}
                found[node.key] = {**left.perhaps(task), **named, **dict(left.needed_by(task))}
        for task in members:
            if (task.left_out == "run" or task.is_first) and task.task.key not in there:
                left.add(task, is_alone=len(members) == 1)
            elif task.action == "run":
                left.run(task)
    return found


def running_first(spec: PlannedSpec, edges: Edges) -> PlannedSpec:
    """The plan in which what is needed runs too; who needs it does not run where it fails."""
    asked: dict[str, str] = {}
    for task in spec.tasks:
        for key, what in edges.get(task.task.key, {}).items():
            asked.setdefault(key, f"{task.task.word} {f'needs {what}' if what else 'depends on it'}")

    def planned(task: PlannedTask) -> PlannedTask:
        sure = edges.get(task.task.key, {}).items()
        more = tuple(key for key, what in sure if what != _PERHAPS and key not in task.needs)
        task = task._replace(needs=(*task.needs, *more)) if more else task
        if task.left_out != "run" or task.task.key not in asked:
            return task
        steps = tuple(step._replace(action="run") for step in task.steps)
        return task._replace(action="run", why=asked[task.task.key], left_out=None, steps=steps, is_first=True)

    return spec._replace(tasks=tuple(map(planned, spec.tasks)))


class _Left:
    """The tasks that were left out so far, and what is missing without them."""

    def __init__(self, world: World) -> None:
        self.tasks: dict[str, PlannedTask] = {}
        self._world, self._missing = world, Dependents(world.has_program)
        self._by_line: dict[int, str] = {}
        self._paths: dict[str, tuple[str, str]] = {}
        """What is made, and the folders above it: each with the task and with its own path."""
        self._state: dict[str, str] = {}
        """Tasks that only set the shell's state, each with what of it."""
        self._values: dict[str, bool] = {}
        """Tasks that write a file of values, each with whether every value is there."""
        self._installs: dict[str, frozenset[str]] = {}

    def add(self, task: PlannedTask, *, is_alone: bool) -> None:
        """A task does not run; what is not alone in its group leaves its shell's state to nobody."""
        key = task.task.key
        self.tasks[key] = task
        self._missing.start_block()
        for step in task.steps:
            self._missing.hold(step.step, leaves_state=is_alone)
            self._by_line[step.step.line] = key
            for path in _resolved(step, made_by(_programs(step))):
                self._paths[path] = (key, path)
            for path in _resolved(step, _folders(step)):
                self._paths.update((above, (key, path)) for above in _upwards(path))
        if is_alone and (state := _state_of(task)):
            self._state[key] = state
        if any(step.step.kind == "env" for step in task.steps):
            self._values[key] = all(source for step in task.steps for _, source in step.sources)
        is_kept = self._world.is_set_up and task.task.is_ticked
        installs = frozenset(
            each.ecosystem
            for step in task.steps
            for each in installs_of(step.step.command)
            if not (self._world.is_set_up and not each.named) and not (is_kept and each.is_recorded)
        )
        if installs:
            self._installs[key] = installs

    def run(self, task: PlannedTask) -> None:
        """A task runs: what it leaves is there."""
        for step in task.steps:
            self._missing.run(step.step)

    def needed_by(self, task: PlannedTask) -> Iterator[tuple[str, str]]:
        """The tasks that were left out and that this one cannot do without, each with what of it."""
        self._missing.start_block()
        yield from ((key, self._what(key, task)) for key in task.needs if key in self.tasks)
        for step in task.steps:
            for line, what in self._missing.all_needed_by(step.step):
                yield self._by_line[line], what
            if step.step.kind in ("command", "service"):
                yield from self._of_paths(step)
                yield from self._of_builds(step)
                yield from self._of_shell(step)

    def perhaps(self, task: PlannedTask) -> Mapping[str, str]:
        """The tasks that leave something behind, which a task may stand on."""
        if not self._world.makers or task.kind == "quickstart":
            return {}
        return {key: _PERHAPS for key, other in self.tasks.items() if not only_looks(other)}

    def _what(self, key: str, task: PlannedTask) -> str:
        if self.tasks[key].kind == "service":
            return "the service"
        return next((f"the directory {step.cwd}" for step in task.steps if step.cwd), "its directory")

    def _of_paths(self, step: PlannedStep) -> Iterator[tuple[str, str]]:
        """The files that a command names and that others make, seen from where each runs."""
        programs = _programs(step) if self._paths else ()
        for path in _resolved(step, (*read_words(programs), *map(posixpath.dirname, made_by(programs)))):
            yield from islice((self._paths[above] for above in _upwards(path) if above in self._paths), 1)

    def _of_builds(self, step: PlannedStep) -> Iterator[tuple[str, str]]:
        """What is left out that may make a file which a command reads and which is nowhere: builds, else all of it."""
        absent = (path for path in _resolved(step, _files_read(_programs(step))) if not self._world.has_path(path))
        path = next((path for path in absent if not any(above in self._paths for above in _upwards(path))), None)
        if path is not None:
            makers = {key: task for key, task in self.tasks.items() if key not in self._state and not only_looks(task)}
            builds = [key for key, task in makers.items() if any(_BUILDS.search(s.step.command) for s in task.steps)]
            yield from ((key, path) for key in builds or makers)

    def _of_shell(self, step: PlannedStep) -> Iterator[tuple[str, str]]:
        """What a command needs of the terminal that it is typed in."""
        wanted = ecosystems_of(step.step.command)
        for key, state in self._state.items():
            if state != _ENVIRONMENT or "python" in wanted or _has_unknown(step.step.command):
                yield key, state
        for key, is_given in self._values.items():
            if is_given or step.step.kind == "service":
                yield key, "its values"
        for key, installed in self._installs.items():
            if common := installed & wanted:
                yield key, f"what it installs for {min(common)}"


_ENVIRONMENT = "the virtual environment"
_PERHAPS = "what it may make"
"""Of what nobody knows whether it is needed: it is tried without that, too."""


def _programs(step: PlannedStep) -> tuple[Program, ...]:
    return programs_of(step.step.command) if step.step.kind in ("command", "service") else ()


def _folders(step: PlannedStep) -> Iterator[str]:
    """The folders that a step makes, with those above them."""
    yield from (word for program in _programs(step) if program.name == "mkdir" for word in program.operands)


def _files_read(programs: Iterable[Program]) -> Iterator[str]:
    """The files that programs are plainly given to read or to run."""
    for program in programs:
        words = program.operands if program.name in _READERS else ()
        yield from (word for word in (*program.command.words[:1], *words) if _A_FILE.fullmatch(word))


def _resolved(step: PlannedStep, words: Iterable[str]) -> Iterator[str]:
    """The paths in the repository that words mean where a step runs."""
    where = directories.after(step.step.command, step.cwd) if step.step.command.startswith("cd ") else step.cwd
    for word in words if where is not None else ():
        path = posixpath.normpath(posixpath.join(where or "", word.strip("'\"")))
        if path not in (".", where) and not path.startswith(("..", "/")):
            yield path


def _upwards(path: str) -> Iterator[str]:
    """A path and the folders above it."""
    while path:
        yield path
        path = posixpath.dirname(path)


def _state_of(task: PlannedTask) -> str | None:
    """What of the shell's state a task sets, where it does nothing else; a change of directory is known otherwise."""
    commands = [step.step.command for step in task.steps if step.step.kind == "command"]
    if not commands or len(commands) != len(task.steps) or all(step.step.moves for step in task.steps):
        return None
    for command in commands:
        for statement in read_statements(command):
            if statement.compound or any(each.words and each.name not in _LEADS for each in statement.commands):
                return None
    return _ENVIRONMENT if any(map(_ACTIVATES.search, commands)) else "the variables it sets"


def _has_unknown(command: str) -> bool:
    return any(not program.row.kind for program in programs_of(command))


def only_looks(task: PlannedTask) -> bool:
    """Whether a task leaves nothing behind that another one could stand on: it looks, or it checks."""
    return all(map(step_only_looks, task.steps))


def is_set_up_by(task: PlannedTask, world: World) -> bool:
    """Whether a task installs no more than the setup does."""
    installs = [[*installs_of(step.step.command)] for step in task.steps]
    return world.is_set_up and all(each and not any(one.named for one in each) for each in installs)


def step_only_looks(step: PlannedStep) -> bool:
    """Whether a step leaves nothing behind."""
    if step.step.kind in ("url", "quickstart"):
        return True
    if step.step.kind != "command" or step.step.moves:
        return False
    command = step.step.command
    return proves_nothing(command) or all(map(_looks, programs_of(command)))


def _looks(program: Program) -> bool:
    if any(not place.startswith(("/dev/", "&")) for place in program.command.writes):
        return False
    if program.row.kind == "request":
        return not program.has(*_SENDS)
    if program.name in _READS or program.row.kind == "search":
        return program.name != "git" or "".join(program.verbs[:1]) in _READING_GIT
    if program.has(*_CHANGES):
        return False
    is_wrapper = program.row.values("wraps") or (program.row.values("runs") and not program.row.has("scripts"))
    return program.row.kind == "check" or bool(is_wrapper) or _checks(program)


def _checks(program: Program) -> bool:
    verbs = program.verbs[1:2] if program.verbs[:1] in (("run",), ("run-script",), ("exec",)) else program.verbs[:1]
    return any(map(_CHECKING.match, verbs))

"""Specs as tasks on a cluster of dask: each is run by whoever is free, in a sandbox there; what was seen comes back.

Who asked marks the documents, once, when a spec is over: a spec that is done again because its worker died was never
heard of. Sending, repeating, and knowing who is alive is dask's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from socket import gethostname
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import uuid4

from spec_runner import __version__
from spec_runner.core.plan.driver import follow
from spec_runner.core.plan.events import Event, Interrupted, OutputSeen, SpecAbandoned, SpecFinished, TimePassed
from spec_runner.core.plan.handout import Handout
from spec_runner.core.plan.model import Plan
from spec_runner.errors import SpecError
from spec_runner.system.document import files
from spec_runner.system.known import Known
from spec_runner.system.repository import SpecPaths
from spec_runner.system.sandbox.levels import choose_level
from spec_runner.system.worktree import git

if TYPE_CHECKING:
    from spec_runner.app.plan import Read, Settings
    from spec_runner.system.process.runner import Runner

_LACKING = SpecError("--on dask needs dask.distributed", todo='pip install "spec-run[fleet]"')
_HERE: dict[str, list[Runner]] = {}
"""In a worker: what runs there now, by the run that it belongs to."""


class Job(NamedTuple):
    """A spec as it is sent: its plan, and all that a worker must know to follow it."""

    run: str
    version: str
    plan: Plan
    """Of this spec alone."""
    read: Read
    settings: Settings
    commit: str | None
    documents: Mapping[str, str]
    """sha256 of each document, by path: whoever has others must not judge these."""


class Fleet:
    """A cluster that follows a plan."""

    def __init__(self, found: list[Read], plan: Plan, settings: Settings) -> None:
        """Raises SpecError where dask is missing, or nobody answers at the address."""
        self._plan, self._found, self._settings = plan, found, settings
        self._run = uuid4().hex
        self._handout = Handout(plan)
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._over: SimpleQueue[Any] = SimpleQueue()
        self._sent: dict[Any, int] = {}
        self._is_stopping = False
        self._closing = ExitStack()
        self._client = self._connected()

    def _connected(self) -> Any:
        try:
            import distributed
        except ImportError:
            raise _LACKING from None
        # It has no types that could be held to.
        dask: Any = distributed
        _, _, address = (self._settings.on or "").partition(":")
        try:
            if not address:
                local = dask.LocalCluster(
                    n_workers=self._plan.at_once, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
                )
                self._closing.callback(local.close)
            client = dask.Client(address or local, timeout=5, set_as_default=False)
        except (OSError, ValueError) as error:
            todo = "start one with: dask scheduler"
            raise SpecError(f"no scheduler of dask answers ({error})", todo=todo, path=address) from None
        self._closing.callback(client.close)
        return client

    def follow(self, when_idle: Any = lambda: None) -> Iterator[Event]:
        """Run every spec that has something to run; the events of each come in a row, when it is over."""
        self._send()
        while self._sent:
            while not self._asked.empty():
                yield from self._interrupted(self._asked.get())
            try:
                future = self._over.get(timeout=0.2)
            except Empty:
                when_idle()
                continue
            number = self._sent.pop(future, None)
            if number is not None:
                yield from self._heard(number, future)
                future.release()
                self._handout.give_back(number)
                self._send()

    def _send(self) -> None:
        while not self._is_stopping and (number := self._handout.take()) is not None:
            # Impure: what commands do is not the same for the same words.
            future = self._client.submit(run_job, self._job(number), pure=False)
            self._sent[future] = number
            future.add_done_callback(self._over.put)

    def _job(self, number: int) -> Job:
        read, settings = self._found[number], self._settings
        assert read.place is not None
        shell = settings.shell or (read.config and read.config.shell) or None
        sent = read._replace(known=Known(), config=None, spec=read.spec._replace(tasks=None, guide=None, sources=()))
        sent = sent._replace(mirrors=dict(read.mirrors))
        plan = self._plan._replace(specs=(self._plan.specs[number],), part=None)
        # Streams and the environment are this machine's.
        bare = settings._replace(out=cast(Any, None), err=cast(Any, None), environment={}, shell=shell)
        return Job(self._run, __version__, plan, sent, bare, read.known.head(read.place.root), _digests(read.place))

    def _heard(self, number: int, future: Any) -> Iterator[Event]:
        if future.cancelled():
            return
        try:
            for event in future.result():
                yield _numbered(event, number)
        except SpecError as error:
            yield SpecAbandoned(number, str(error))
        except Exception as error:  # Whatever came of it there is a fault of that spec's run.
            what = f"{type(error).__name__}: {error}".partition("\n")[0]
            yield SpecAbandoned(number, f"the cluster could not run it: {what}", fault=True)
            yield SpecFinished(number)

    def interrupt(self, number: int) -> None:
        """Stop everything that runs; Interrupted says so. Safe in a signal handler."""
        self._asked.put(number)

    def _interrupted(self, number: int) -> Iterator[Event]:
        yield Interrupted(number)
        self._is_stopping = True
        self._client.run(interrupt_here, self._run, number, on_error="ignore")
        running = {str(key) for stacks in self._client.call_stack().values() for key in stacks}
        waiting = [future for future in self._sent if str(future.key) not in running]
        for future in waiting:
            del self._sent[future]
        self._client.cancel(waiting)

    def abandon(self) -> None:
        """Let go of the cluster; one of our own ends."""
        self._client.cancel(list(self._sent), force=True)
        self._closing.close()


def _digests(place: SpecPaths) -> dict[str, str]:
    return {str(file): sha256(files.read(file)).hexdigest() for file in (place.tasks, place.guide) if file}


def _numbered(event: Event, number: int) -> Event:
    """The event of a plan of one spec as one of the whole plan."""
    place = getattr(event, "place", None)
    if place is not None:
        return cast(Any, event)._replace(place=place._replace(spec=number))  # type: ignore[no-any-return]
    return cast(Any, event)._replace(spec=number)  # type: ignore[no-any-return]


# In a worker.


def run_job(job: Job) -> list[Event]:
    """Follow the plan of one spec here. Raises SpecError where this machine cannot, or has other files."""
    from spec_runner.app.run import setting_for
    from spec_runner.system.process.runner import Runner
    from spec_runner.system.process.terminal import LiveProcesses

    _refuse_others(job)
    settings = job.settings._replace(environment=dict(os.environ), out=sys.stdout, err=sys.stderr)
    processes = LiveProcesses()
    runner = Runner(job.plan, processes, {0: setting_for(job.read, settings, processes, job.plan)})
    _HERE.setdefault(job.run, []).append(runner)
    try:
        seen = follow(job.plan, runner, (0,))
        return [event for event in seen if not isinstance(event, (Interrupted, OutputSeen, TimePassed))]
    finally:
        _HERE[job.run].remove(runner)
        runner.abandon()


def interrupt_here(run: str, number: int) -> None:
    """Stop what this worker runs of a run."""
    for runner in list(_HERE.get(run, ())):
        runner.interrupt(number)


def _refuse_others(job: Job) -> None:
    """Raises SpecError unless a spec is here as it was read, and can be kept from this machine as it is to be."""
    place, here = job.read.place, f"the worker on {gethostname()}"
    assert place is not None
    if job.version != __version__:
        raise SpecError(f"{here} has spec-run {__version__}, not {job.version}", todo="install the same one there")
    if not place.root.is_dir():
        raise SpecError(f"{here} has no {place.root}", todo="give it the repository at the same path")
    if git.head(place.root) != job.commit:
        raise SpecError(f"{here} stands at another commit", todo=f"check out {job.commit} there", path=str(place.root))
    for file, digest in job.documents.items():
        if sha256(files.read(Path(file))).hexdigest() != digest:
            raise SpecError(f"{here} has another text of it", todo="share the folder, or commit first", path=file)
    offer = choose_level(job.plan.level, job.plan.network)
    if offer.level != job.plan.level:
        raise SpecError(f"{here} has no {job.plan.level}, only {offer.level}", todo=f"ask for --sandbox {offer.level}")

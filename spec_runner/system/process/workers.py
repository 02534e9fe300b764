"""Several specs at once, each in a process of its own: a process is handed a spec, and tells what happens in it.

The one that hands out is the one that writes: processes run commands, and nobody else marks a document.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from queue import SimpleQueue

from spec_runner.core.plan.driver import follow
from spec_runner.core.plan.events import Event, Interrupted, SpecAbandoned, SpecFinished, TimePassed
from spec_runner.core.plan.handout import Handout
from spec_runner.core.plan.model import Plan
from spec_runner.system.process.prepared import own_folder, remove_own
from spec_runner.system.process.runner import QUIET, Runner, Setting
from spec_runner.system.process.terminal import LiveProcesses
from spec_runner.system.signals import END, INTERRUPT

_PATIENCE = 5.0
"""Seconds in which a process that nobody needs any more may clean up."""


@dataclass(slots=True)
class _Worker:
    process: ForkProcess
    spec: int | None = None
    """What it was handed; None while it waits."""
    fault: str | None = None
    """What went wrong in it, if it could say so."""


class Workers:
    """Processes that follow a plan together."""

    def __init__(
        self,
        plan: Plan,
        setting_of: Callable[[int, LiveProcesses], Setting],
        when_idle: Callable[[], None] = lambda: None,
        *,
        streams: bool = False,
    ) -> None:
        """``setting_of`` gives what a spec runs with, asked in its process; the rest is as for ``Runner``."""
        self._plan, self._setting_of, self._when_idle, self._streams = plan, setting_of, when_idle, streams
        self._handout = Handout(plan)
        self._asked: SimpleQueue[int] = SimpleQueue()
        self._is_stopping = False
        self._grounds = own_folder()
        self._workers: dict[Connection, _Worker] = {}
        for _ in range(plan.at_once):
            self._start()

    def follow(self) -> Iterator[Event]:
        """Run every spec that has something to run; the events of each come in their order."""
        self._hand_out()
        quiet = time.monotonic()
        while any(worker.spec is not None for worker in self._workers.values()):
            ready = wait(list(self._workers), timeout=0.2)
            while not self._asked.empty():
                yield from self._interrupted(self._asked.get())
            for link in ready:
                assert isinstance(link, Connection)
                yield from self._heard(link)
            if ready:
                quiet = time.monotonic()
                self._hand_out()
                continue
            self._when_idle()
            if time.monotonic() - quiet > QUIET:
                quiet = time.monotonic()
                yield TimePassed()

    def interrupt(self, number: int) -> None:
        """Stop everything that runs; Interrupted says so. Safe in a signal handler."""
        self._asked.put(number)

    def abandon(self) -> None:
        """End every process: those that wait, and those that nobody follows any more."""
        workers, self._workers = self._workers, {}
        for link in workers:
            link.close()
        for worker in workers.values():
            worker.process.join(_PATIENCE)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()
        remove_own(self._grounds)

    def _start(self) -> None:
        ours, theirs = get_context("fork").Pipe()
        process = get_context("fork").Process(target=_work, args=(theirs, self), daemon=True)
        process.start()
        theirs.close()
        self._workers[ours] = _Worker(process)

    def _hand_out(self) -> None:
        for link, worker in self._workers.items():
            if worker.spec is None and not self._is_stopping:
                worker.spec = self._handout.take()
                if worker.spec is not None:
                    # Should it have died, its end is heard.
                    with suppress(OSError):
                        link.send((worker.spec, None))

    def _interrupted(self, number: int) -> Iterator[Event]:
        self._is_stopping = True
        yield Interrupted(number)
        for link, worker in self._workers.items():
            if worker.spec is not None:
                with suppress(OSError):
                    link.send((None, number))

    def _heard(self, link: Connection) -> Iterator[Event]:
        """What a process says: an event, the text of a fault, or None when its spec is over."""
        worker = self._workers[link]
        try:
            told = link.recv()
        except (EOFError, OSError):
            yield from self._lost(link, worker)
            return
        if told is None and worker.spec is not None:
            self._handout.give_back(worker.spec)
            worker.spec = None
        elif isinstance(told, str):
            worker.fault = told
        elif not isinstance(told, (Interrupted, TimePassed)):
            yield told

    def _lost(self, link: Connection, worker: _Worker) -> Iterator[Event]:
        """A process is gone: its spec is lost, another process takes its place."""
        del self._workers[link]
        link.close()
        worker.process.join()
        if worker.spec is not None:
            self._handout.give_back(worker.spec)
            yield SpecAbandoned(worker.spec, worker.fault or _end_of(worker.process.exitcode), fault=True)
            yield SpecFinished(worker.spec)
        if not self._is_stopping:
            self._start()

    # In a process of its own.

    def work(self, link: Connection) -> None:
        """Follow the plan of each spec that is handed out, until nobody hands out any more."""
        processes = LiveProcesses()
        settings: dict[int, Setting] = {}
        runner = Runner(self._plan, processes, settings, streams=self._streams, grounds=self._grounds)
        specs: SimpleQueue[int | None] = SimpleQueue()
        threading.Thread(target=_listen, args=(link, runner, specs), name="told", daemon=True).start()
        while (number := specs.get()) is not None:
            settings[number] = self._setting_of(number, processes)
            for event in follow(self._plan, runner, (number,)):
                link.send(event)
            del settings[number]
            link.send(None)
        runner.abandon()


def _listen(link: Connection, runner: Runner, specs: SimpleQueue[int | None]) -> None:
    """Hear what a process is to do; when nobody is there to say it, all that it started ends with it."""
    with suppress(EOFError, OSError):
        while True:
            spec, number = link.recv()
            if number is not None:
                runner.interrupt(number)
            else:
                specs.put(spec)
    runner.abandon()
    os._exit(0)


def _work(link: Connection, workers: Workers) -> None:
    """What a process does from its first moment to its last."""
    # What was there before belongs to another process: it is never looked at, nor closed when nobody names it any more.
    gc.freeze()
    # Who hands out is interrupted, and says so. What commands inherit is as it was: a handler is not handed on.
    for name in (INTERRUPT, *END):
        if signal.getsignal(getattr(signal, name)) != signal.SIG_IGN:
            signal.signal(getattr(signal, name), lambda *_: None)
    # Locks, leases and journals are not ours: whoever holds them can let go of them alone.
    os.closerange(3, link.fileno())
    os.closerange(link.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    try:
        workers.work(link)
    except (BrokenPipeError, ConnectionResetError):
        pass
    except Exception as error:
        with suppress(OSError):
            link.send(f"fault of spec-run: {type(error).__name__}: {error}")
    os._exit(0)


def _end_of(code: int | None) -> str:
    if code is not None and code < 0:
        return f"the process that ran it was ended by {signal.Signals(-code).name}"
    return f"the process that ran it ended (exit {code})"

"""Services and probes: wait until a command answers, and ask an address for its status."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx

from spec_runner.core.events import Ending, Exited, Listening, Signalled, TimedOut
from spec_runner.system.ports import listening_ports
from spec_runner.system.process import Process

_LOOK_EVERY = 0.1
_HOLDS = 0.5
"""Seconds that a connection must hold for a service that speaks no HTTP."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


def wait_until_answering(process: Process, timeout: float) -> Ending:
    """Wait until a process, or one that it started, listens and answers; or ends; or its time is over."""
    deadline = time.monotonic() + timeout
    while not process.wait(_LOOK_EVERY):
        answering = answering_ports(process)
        if answering:
            return Listening(answering)
        if time.monotonic() > deadline:
            return TimedOut(timeout)
    return ending(process)


def answering_ports(process: Process) -> tuple[int, ...]:
    """The ports on which the process listens, if one of them answers."""
    ports = listening_ports(process.pid)
    return ports if any(_answers(port) for port in ports) else ()


def ending(process: Process) -> Ending:
    """How a process that is over ended."""
    code = process.returncode or 0
    return Exited(code) if code >= 0 else Signalled(-code)


def _answers(port: int) -> bool:
    """Any HTTP answer will do; what speaks something else must hold the connection."""
    with suppress(httpx.HTTPError):
        httpx.get(f"http://localhost:{port}/", timeout=2.0, trust_env=False)
        return True
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(_HOLDS)
            connection.connect((address, port))
            try:
                return connection.recv(1) != b""
            except TimeoutError:
                return True
    return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said: a status, or why there was none."""

    status: int | None
    problem: str = ""


def probe(address: str, is_expected: Callable[[int], bool], timeout: float, is_over: Callable[[], bool]) -> Answer:
    """Ask an address until it answers as expected; the last answer when the time is over or ``is_over`` says so."""
    deadline = time.monotonic() + timeout
    with httpx.Client(timeout=10.0, verify=not _is_local(address), trust_env=not _is_local(address)) as client:
        while True:
            answer = _ask(client, address)
            expected = answer.status is not None and is_expected(answer.status)
            if expected or time.monotonic() > deadline or is_over():
                return answer
            time.sleep(_LOOK_EVERY)


def _is_local(address: str) -> bool:
    with suppress(httpx.InvalidURL):
        return httpx.URL(address).host in _LOCAL
    return False


def _ask(client: httpx.Client, address: str) -> Answer:
    try:
        # Only the status is wanted: a stream that never ends must not hold the run.
        with client.stream("GET", address) as response:
            return Answer(response.status_code)
    except httpx.InvalidURL as error:
        return Answer(None, f"not an address: {error}")
    except httpx.ConnectError as error:
        said = "connection refused" if "refused" in str(error).lower() or "111" in str(error) else str(error)
        return Answer(None, said)
    except httpx.TimeoutException:
        return Answer(None, "no answer in 10 s")
    except httpx.HTTPError as error:
        return Answer(None, str(error) or type(error).__name__)

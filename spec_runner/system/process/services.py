"""Services and probes: wait until a command answers, and ask an address for its status."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import httpx

from spec_runner.core.plan.events import Ending, Exited, Listening, Signalled, TimedOut
from spec_runner.errors import said
from spec_runner.system.process.process import Process
from spec_runner.system.sandbox.relay import Relay
from spec_runner.system.sandbox.sandbox import Sandbox

_LOOK_EVERY = 0.1
_HOLDS = 0.5
"""Seconds that a connection must hold for a service that speaks no HTTP."""
_OTHERS = 10.0
"""Seconds that a service may take to listen where words say, once it listens elsewhere."""
_READS = 5.0
_LONGEST_BODY = 256 * 1024
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


def wait_until_answering(sandbox: Sandbox, process: Process, timeout: float, ports: tuple[int, ...] = ()) -> Ending:
    """Wait until a process, or one that it started, listens and answers; or ends; or its time is over.

    Where it is to listen on one of ``ports``, another one that answers first is waited with for a while.
    """
    deadline, since = time.monotonic() + timeout, None
    answering: tuple[int, ...] = ()
    while not process.wait(_LOOK_EVERY):
        if since and sandbox.inside.ports(process) == answering and time.monotonic() < since + _OTHERS:
            continue
        answering = answering_ports(sandbox, process)
        since = (since or time.monotonic()) if answering else None
        is_meant = not ports or not set(ports).isdisjoint(answering)
        if since and (is_meant or time.monotonic() > since + _OTHERS):
            return Listening(answering)
        if time.monotonic() > deadline:
            return TimedOut(timeout)
    return ending(process)


def answering_ports(sandbox: Sandbox, process: Process) -> tuple[int, ...]:
    """The ports on which the process listens, if one of them answers."""
    ports = sandbox.inside.ports(process)
    return ports if any(_answers(sandbox, port) for port in ports) else ()


def ending(process: Process) -> Ending:
    """How a process that is over ended."""
    code = process.returncode or 0
    return Exited(code) if code >= 0 else Signalled(-code)


def _answers(sandbox: Sandbox, port: int) -> bool:
    """Any HTTP answer will do; what speaks something else must hold the connection."""
    address = f"http://localhost:{port}/"
    with suppress(httpx.HTTPError), _client(sandbox, address, 2.0) as client:
        client.get(address)
        return True
    for host in ("127.0.0.1", "::1"):
        with suppress(OSError), _connection(sandbox, host, port) as connection:
            connection.settimeout(_HOLDS)
            try:
                return connection.recv(1) != b""
            except TimeoutError:
                return True
    return False


def _connection(sandbox: Sandbox, host: str, port: int) -> socket.socket:
    return (
        sandbox.inside.connect(host, port)
        if sandbox.has_own_network
        else socket.create_connection((host, port), timeout=_HOLDS)
    )


@contextmanager
def _client(sandbox: Sandbox, address: str, timeout: float) -> Iterator[httpx.Client]:
    """A client that reaches an address as the commands of the sandbox would."""
    is_local = _is_local(address)
    with ExitStack() as stack:
        transport = None
        if sandbox.has_own_network:
            relay = stack.enter_context(Relay(lambda: sandbox.inside.connect(*_host_and_port(address))))
            transport = httpx.HTTPTransport(uds=relay.address, verify=not is_local)
        yield stack.enter_context(
            httpx.Client(timeout=timeout, transport=transport, verify=not is_local, trust_env=not is_local)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said: a status, or why there was none."""

    status: int | None
    problem: str = ""
    body: str = ""
    """The beginning of what it said, where that was asked for."""
    is_page: bool = False
    """It is a page, the content of which a browser may still make."""


def probe(
    sandbox: Sandbox, address: str, is_expected: Callable[[Answer], bool], timeout: float, is_over: Callable[[], bool],
    *, reads: bool = False,
) -> Answer:  # fmt: skip
    """Ask an address until it answers as expected; the last answer when the time is over or ``is_over`` says so.

    With ``reads`` its body is read as well, up to 256 KB and for 5 s.
    """
    deadline = time.monotonic() + timeout
    with _client(sandbox, address, 10.0) as client:
        while True:
            answer = _refusal(sandbox, address) or _ask(client, address, reads=reads)
            if (answer.status is not None and is_expected(answer)) or time.monotonic() > deadline or is_over():
                return answer
            time.sleep(_LOOK_EVERY)


def _refusal(sandbox: Sandbox, address: str) -> Answer | None:
    """Why no connection can be made in the sandbox's own network; behind the relay it could not be told."""
    if not sandbox.has_own_network:
        return None
    try:
        sandbox.inside.connect(*_host_and_port(address)).close()
    except OSError as error:
        return Answer(None, said(error))
    except httpx.InvalidURL as error:
        return Answer(None, f"not an address: {error}")
    return None


def _host_and_port(address: str) -> tuple[str, int]:
    url = httpx.URL(address)
    return url.host, url.port or (443 if url.scheme == "https" else 80)


def _is_local(address: str) -> bool:
    with suppress(httpx.InvalidURL):
        return httpx.URL(address).host in _LOCAL
    return False


def _beginning(response: httpx.Response) -> bytes:
    body, deadline = b"", time.monotonic() + _READS
    with suppress(httpx.TimeoutException):
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LONGEST_BODY or time.monotonic() > deadline:
                break
    return body[:_LONGEST_BODY]


def _ask(client: httpx.Client, address: str, *, reads: bool) -> Answer:
    try:
        # A stream that never ends must not hold the run.
        with client.stream("GET", address) as response:
            body = _beginning(response) if reads else b""
            is_page = "html" in response.headers.get("content-type", "")
            return Answer(response.status_code, body=body.decode("utf-8", "replace"), is_page=is_page)
    except httpx.InvalidURL as error:
        return Answer(None, f"not an address: {error}")
    except httpx.ConnectError as error:
        said = "connection refused" if "refused" in str(error).lower() or "111" in str(error) else str(error)
        return Answer(None, said)
    except httpx.TimeoutException:
        return Answer(None, "no answer in 10 s")
    except httpx.HTTPError as error:
        return Answer(None, str(error) or type(error).__name__)

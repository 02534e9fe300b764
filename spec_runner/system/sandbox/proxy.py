"""The only way out of a sandbox whose network is ``registries``: a proxy that connects to listed hosts alone."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from spec_runner.system.sandbox.relay import carry, join

REGISTRIES = (
    "pypi.org", "files.pythonhosted.org", "conda.anaconda.org", "repo.anaconda.com",
    "registry.npmjs.org", "registry.yarnpkg.com", "repo.yarnpkg.com", "jsr.io", "npm.jsr.io", "nodejs.org",
    "crates.io", "index.crates.io", "static.crates.io", "static.rust-lang.org",
    "proxy.golang.org", "sum.golang.org", "go.dev",
    "rubygems.org", "index.rubygems.org", "repo.packagist.org", "packagist.org", "repo.hex.pm", "hex.pm", "pub.dev",
    "repo.maven.apache.org", "repo1.maven.org", "plugins.gradle.org", "services.gradle.org",
    "api.nuget.org", "www.nuget.org", "globalcdn.nuget.org",
    "deb.debian.org", "security.debian.org", "archive.ubuntu.com", "security.ubuntu.com", "dl-cdn.alpinelinux.org",
    "github.com", "codeload.github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com",
    "raw.githubusercontent.com", "gitlab.com", "bitbucket.org", "codeberg.org",
)  # fmt: skip
"""Package registries and Git hosts."""
_PORTS = frozenset({80, 443})
_LONGEST_HEAD = 65536
_CONNECT_SECONDS = 20.0
_GUESTS = 256
"""Connections that are served at once; each takes two threads."""
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class _Request(NamedTuple):
    """What a guest asks for."""

    is_tunnel: bool
    name: str
    port: int
    path: str
    length: int
    """Bytes that follow its head."""


class Proxy:
    """Serves connections that come out of a sandbox, each in a thread of its own."""

    def __init__(self, allowed: Iterable[str], host: Mapping[str, str]) -> None:
        """``host`` is the user's environment: where it names a proxy, that one is asked in turn."""
        self._allowed = frozenset(name.lower().rstrip(".") for name in allowed)
        self._upstream = _upstream(host)
        self._free = threading.BoundedSemaphore(_GUESTS)

    def serve(self, guest: socket.socket) -> None:
        """Take over a connection; returns at once."""
        if self._free.acquire(blocking=False):
            threading.Thread(target=self._serve, args=(guest,), name="proxy", daemon=True).start()
        else:
            guest.close()

    def _serve(self, guest: socket.socket) -> None:
        try:
            with guest, suppress(OSError, ValueError):
                guest.settimeout(_CONNECT_SECONDS)
                self._answer(guest, *_head(guest))
        finally:
            self._free.release()

    def _answer(self, guest: socket.socket, head: bytes, rest: bytes) -> None:
        request = _request(head)
        if request.name not in self._allowed or request.port not in _PORTS:
            guest.sendall(_refusal(request.name))
            return
        guest.settimeout(None)
        try:
            server = self._connected(request)
        except OSError as error:
            guest.sendall(_answer("502 No connection", f"{request.name}: {error}\n"))
            return
        with server:
            if request.is_tunnel:
                guest.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                server.sendall(rest)
                join(guest, server)
            else:
                server.sendall(_forwarded(request, head, to_proxy=self._upstream is not None))
                _carry_body(guest, server, rest, request.length)
                carry(server, guest)

    def _connected(self, request: _Request) -> socket.socket:
        name, port, is_tunnel = request.name, request.port, request.is_tunnel
        if self._upstream is None:
            return _opened((address_of(name, port, is_public=name in REGISTRIES), port))
        server = _opened(self._upstream)
        if is_tunnel:
            server.sendall(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode("latin-1"))
            answer, _ = _head(server)
            if answer.split(b" ", 2)[1] != b"200":
                server.close()
                raise OSError("the proxy refused")
        return server


def _request(head: bytes) -> _Request:
    """Raises ValueError for what another program might read as another request."""
    first, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if _CONTROL.search(first) or any(_CONTROL.search(field) or field[:1] in b" \t" for field in fields):
        raise ValueError("not a plain head")
    method, target, _ = first.decode("latin-1").split(" ", 2)
    is_tunnel = method.upper() == "CONNECT"
    address = urlsplit(f"//{target}" if is_tunnel else target)
    lengths = [value.strip() for name, _, value in (field.partition(b":") for field in fields)
               if name.strip().lower() == b"content-length"]  # fmt: skip
    is_chunked = any(field.lower().startswith(b"transfer-encoding") for field in fields)
    if not is_tunnel and (is_chunked or len(lengths) > 1 or not all(each.isdigit() for each in lengths)):
        raise ValueError("no plain length")
    name, port = (address.hostname or "").lower().rstrip("."), address.port or (443 if is_tunnel else 80)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    return _Request(is_tunnel, name, port, path, int(lengths[0]) if lengths else 0)


def address_of(name: str, port: int, *, is_public: bool) -> str:
    """An address of a host. Raises OSError where it is link-local (the machine's own cloud answers there), and, if it
    has to be public, where it leads to a private network or to this machine.
    """
    found = [str(each[4][0]) for each in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]
    near = [each for each in found if not _ip(each).is_link_local]
    if not near:
        raise OSError(f"its address {found[0]} is link-local")
    fit = [each for each in near if _ip(each).is_global or not is_public]
    if not fit:
        raise OSError(f"its address {near[0]} is a private one; --registry {name} lets it be reached")
    return fit[0]


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    found = ipaddress.ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _carry_body(guest: socket.socket, server: socket.socket, rest: bytes, length: int) -> None:
    """What belongs to one request; what follows would be another, which nobody has looked at."""
    server.sendall(rest[:length])
    left = length - len(rest)
    while left > 0 and (data := guest.recv(min(left, _LONGEST_HEAD))):
        server.sendall(data)
        left -= len(data)


def _opened(address: tuple[str, int]) -> socket.socket:
    server = socket.create_connection(address, timeout=_CONNECT_SECONDS)
    server.settimeout(None)
    return server


def _upstream(host: Mapping[str, str]) -> tuple[str, int] | None:
    given = next(
        (host[name] for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy") if host.get(name)), ""
    )
    address = urlsplit(given if "://" in given else f"//{given}")
    return (address.hostname, address.port or 8080) if address.hostname else None


def _head(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of a message, and what already came behind it. Raises ValueError where none comes."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece or len(data) > _LONGEST_HEAD:
            raise ValueError("no request")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _forwarded(request: _Request, head: bytes, *, to_proxy: bool) -> bytes:
    """A request as the server wants it: its own name and path, and no second request on the same connection."""
    first, _, others = head.partition(b"\r\n")
    method, _, version = first.split(b" ", 2)
    host = request.name if request.port == 80 else f"{request.name}:{request.port}"
    target = f"http://{host}{request.path}" if to_proxy else request.path
    ours = (b"proxy-", b"connection", b"host")
    kept = [line for line in others.split(b"\r\n") if line and not line.lower().startswith(ours)]
    opening = b" ".join((method, target.encode("latin-1"), version))
    return b"\r\n".join([opening, f"Host: {host}".encode("latin-1"), *kept, b"Connection: close", b"", b""])


def _refusal(name: str) -> bytes:
    said = f"{name} is not among the registries; spec-run --registry {name} lets it be reached\n"
    return _answer("403 Not a registry", said)


def _answer(status: str, said: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(said.encode())}\r\n"
        f"Connection: close\r\n\r\n{said}"
    ).encode("latin-1", "replace")


def environment(port: int) -> dict[str, str]:
    """What makes programs use the proxy; what is in the sandbox itself is reached without it."""
    address = f"http://127.0.0.1:{port}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    local = "localhost,127.0.0.1,::1"
    found = {each: address for name in names for each in (name, name.lower())}
    return {**found, "NO_PROXY": local, "no_proxy": local, "NODE_USE_ENV_PROXY": "1"}


def allowed_hosts(named: Iterable[str], host: Mapping[str, str]) -> tuple[str, ...]:
    """The registries, those that the user named, and the index that their pip uses."""
    own = [
        urlsplit(host[name]).hostname
        for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY")
        if host.get(name)
    ]
    return (*REGISTRIES, *named, *(name for name in own if name))

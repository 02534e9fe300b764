"""The only way out of a box whose network is ``registries``: a proxy outside that connects to listed hosts alone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from spec_runner.system.box.relay import join

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


class Proxy:
    """Serves connections that come out of a box, each in a thread of its own."""

    def __init__(self, allowed: Iterable[str], host: Mapping[str, str]) -> None:
        """``host`` is the user's environment: where it names a proxy, that one is asked in turn."""
        self._allowed = frozenset(name.lower().rstrip(".") for name in allowed)
        self._upstream = _upstream(host)

    def serve(self, guest: socket.socket) -> None:
        """Take over a connection; returns at once."""
        threading.Thread(target=self._serve, args=(guest,), name="proxy", daemon=True).start()

    def _serve(self, guest: socket.socket) -> None:
        with guest, suppress(OSError, ValueError):
            guest.settimeout(_CONNECT_SECONDS)
            head, rest = _head(guest)
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            is_tunnel = method.upper() == "CONNECT"
            address = urlsplit(f"//{target}" if is_tunnel else target)
            name, port = (address.hostname or "").lower().rstrip("."), address.port or (443 if is_tunnel else 80)
            if name not in self._allowed or port not in _PORTS:
                guest.sendall(_refusal(name))
                return
            guest.settimeout(None)
            try:
                server = self._connected(name, port, is_tunnel=is_tunnel)
            except OSError as error:
                guest.sendall(_answer("502 No connection", f"{name}: {error}\n"))
                return
            with server:
                if is_tunnel:
                    guest.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(_forwarded(head, to_proxy=self._upstream is not None))
                server.sendall(rest)
                join(guest, server)

    def _connected(self, name: str, port: int, *, is_tunnel: bool) -> socket.socket:
        if self._upstream is None:
            return _opened((name, port))
        server = _opened(self._upstream)
        if is_tunnel:
            server.sendall(f"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n".encode("latin-1"))
            answer, _ = _head(server)
            if answer.split(b" ", 2)[1] != b"200":
                server.close()
                raise OSError("the proxy refused")
        return server


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


def _forwarded(head: bytes, *, to_proxy: bool) -> bytes:
    """A request as the server wants it: its own path, and no second request on the same connection."""
    first, _, others = head.partition(b"\r\n")
    method, target, version = first.split(b" ", 2)
    if not to_proxy:
        address = urlsplit(target.decode("latin-1"))
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        target = path.encode("latin-1")
    kept = [line for line in others.split(b"\r\n") if line and not line.lower().startswith((b"proxy-", b"connection:"))]
    return b"\r\n".join([b" ".join((method, target, version)), *kept, b"Connection: close", b"", b""])


def _refusal(name: str) -> bytes:
    said = f"{name} is not among the registries; spec-run --registry {name} lets it be reached\n"
    return _answer("403 Not a registry", said)


def _answer(status: str, said: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(said.encode())}\r\n"
        f"Connection: close\r\n\r\n{said}"
    ).encode("latin-1", "replace")


def environment(port: int) -> dict[str, str]:
    """What makes programs use the proxy; what is in the box itself is reached without it."""
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

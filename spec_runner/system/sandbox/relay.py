"""A way from outside into the network of a sandbox, for a client that can speak to a socket in a folder."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

_PIECE = 65536


class Relay:
    """Listens at ``address``; each connection is joined to a new one of its own on the other side."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        # A short path: the address of such a socket holds about a hundred bytes.
        self._folder = tempfile.TemporaryDirectory(prefix="spec-run-")
        self.address = os.path.join(self._folder.name, "relay")
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.address)
        self._listener.listen()
        threading.Thread(target=self._serve, name="relay", daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._join, args=(client,), name="relay-join", daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        with client, suppress(OSError), self._connect() as server:
            join(client, server)


def join(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until both sides have said all."""
    back = threading.Thread(target=carry, args=(other, one), name="relay-back", daemon=True)
    back.start()
    carry(one, other)
    back.join()


def carry(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes one way until all is said."""
    with suppress(OSError):
        while data := source.recv(_PIECE):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)

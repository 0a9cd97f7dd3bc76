"""One address in front of several replicas, like a reverse proxy: a new connection goes to one that lives."""

import contextlib
import itertools
import selectors
import socket
import threading
from collections.abc import Iterator, Sequence


class FrontDoor:
    """Forwards TCP connections to ``backends`` (ports on this machine) in turn, skipping those that are dead."""

    def __init__(self, backends: Sequence[int]) -> None:
        self._door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._turn = itertools.cycle(backends)
        self._tries = len(backends)
        self._open = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def run(self) -> None:
        while self._open:
            try:
                visitor, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def close(self) -> None:
        self._open = False
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self, visitor: socket.socket) -> None:
        with visitor:
            backend = self._backend()
            if backend is None:
                return
            with backend:
                _pump(visitor, backend)

    def _backend(self) -> socket.socket | None:
        for _ in range(self._tries):
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", next(self._turn)), timeout=5)
        return None


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until either side ends."""
    with selectors.DefaultSelector() as ready:
        ready.register(one, selectors.EVENT_READ, other)
        ready.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in ready.select(timeout=120):
                try:
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    key.data.sendall(data)
                except OSError:
                    return


@contextlib.contextmanager
def front_door(backends: Sequence[int]) -> Iterator[FrontDoor]:
    """A door that is open for the block."""
    door = FrontDoor(backends)
    threading.Thread(target=door.run, name="front door", daemon=True).start()
    try:
        yield door
    finally:
        door.close()

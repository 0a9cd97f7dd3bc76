"""A line that can be broken: forwards TCP, and cuts, delays or swallows what goes over it when it is told to."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Forwards from a port of its own to ``port`` on this machine. Each direction can be disturbed by itself.

    What was swallowed stays swallowed: a connection that met a black hole never works again, only a new one does.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._door.getsockname()[1])
        self.refusing = False
        self.delay = 0.0
        """Seconds for every piece, both ways."""
        self.swallow: frozenset[str] = frozenset()
        """``there`` and ``back``: directions that lead nowhere."""
        self.most = 0
        """Bytes a connection may send there before it is cut in the middle; 0 for no limit."""
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        threading.Thread(target=self._run, daemon=True).start()

    def cut(self) -> None:
        """End every connection at once; new ones may come unless ``refusing``."""
        for pair in list(self._pairs):
            _end(*pair)

    def mend(self) -> None:
        """New connections work; those that were disturbed stay as they are."""
        self.refusing, self.delay, self.swallow, self.most = False, 0.0, frozenset(), 0

    def close(self) -> None:
        self.refusing = True
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.cut()

    def _run(self) -> None:
        while True:
            try:
                visitor, _ = self._door.accept()
            except OSError:
                return
            try:
                if self.refusing:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
                server.settimeout(None)
            except OSError:
                visitor.close()
                continue
            pair = (visitor, server)
            self._pairs.add(pair)
            for way, (source, sink) in {"there": pair, "back": (server, visitor)}.items():
                threading.Thread(target=self._pump, args=(way, source, sink, pair), daemon=True).start()

    def _pump(self, way: str, source: socket.socket, sink: socket.socket, pair: tuple[socket.socket, ...]) -> None:
        sent, lost = 0, False
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                time.sleep(self.delay)
                lost = lost or way in self.swallow
                if lost:
                    continue
                if way == "there" and self.most and sent + len(data) > self.most:
                    sink.sendall(data[: self.most - sent])
                    break
                sink.sendall(data)
                sent += len(data)
        _end(*pair)
        self._pairs.discard(pair)  # type: ignore[arg-type]


def _end(*pair: socket.socket) -> None:
    for one in pair:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def line(port: int) -> Iterator[Line]:
    """A line for the block."""
    made = Line(port)
    try:
        yield made
    finally:
        made.close()

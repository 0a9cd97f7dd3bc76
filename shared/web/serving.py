"""Serving pages from this process: the embedded product, the demonstration and tests of both."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server

THREADS = 8
CONNECTIONS = 1000
"""Open at once; waitress reads them without a thread each, so many slow ones hold up nobody."""
SILENCE = 30
"""Seconds after which a connection that says nothing is closed."""


@contextmanager
def serving(wsgi: Callable[..., Iterable[bytes]], **where: Any) -> Iterator[None]:
    """Answer requests on a thread of its own while the block lasts.

    ``where`` is waitress's: ``host`` and ``port``, or ``sockets`` that listen already. Raises ``OSError`` when the
    address is taken.
    """
    server = create_server(
        wsgi,
        threads=THREADS,
        ident=None,
        connection_limit=CONNECTIONS,
        channel_timeout=SILENCE,
        cleanup_interval=10,
        asyncore_use_poll=True,
        map={},
        **where,
    )
    ending = threading.Event()

    def run() -> None:
        try:
            server.run()
        except OSError:
            if not ending.is_set():  # closing takes the socket away while the loop looks at it
                raise

    thread = threading.Thread(target=run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        server.close()
        thread.join(timeout=10)

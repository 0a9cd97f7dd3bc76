"""Serving from one process: slow clients hold up nobody, and the end is quiet."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterable
from typing import Any

from shared.web.serving import CONNECTIONS, THREADS, serving


def hello(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def test_many_who_never_finish_their_request_hold_up_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = door.getsockname()
        with serving(hello, sockets=[door]):
            slow = [socket.create_connection(address) for _ in range(CONNECTIONS // 3)]
            assert len(slow) > 10 * THREADS
            for one in slow:
                one.sendall(b"POST /s/submit HTTP/1.1\r\nHost: cermin\r\nContent-Length: 1000\r\n\r\n{")
            began = time.monotonic()
            with urllib.request.urlopen(f"http://127.0.0.1:{address[1]}/", timeout=10) as answer:
                assert answer.read() == b"hello"
            assert time.monotonic() - began < 5
            for one in slow:
                one.close()


def test_it_ends_quietly_also_while_it_waits(capfd: Any) -> None:
    for _ in range(30):
        with socket.create_server(("127.0.0.1", 0)) as door, serving(hello, sockets=[door]):
            time.sleep(0.005)
    assert not [thread for thread in threading.enumerate() if thread.name == "web" and thread.is_alive()]
    assert "Traceback" not in capfd.readouterr().err

"""A real server and a real browser for the rater's pages."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from waitress.server import create_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of a server that runs ``app`` while the block lasts."""
    sockets: dict[int, Any] = {}
    server = create_server(app, host="127.0.0.1", port=0, threads=4, map=sockets, ident=None)

    def run() -> None:
        with suppress(OSError):  # the socket is closed under the loop that waits for it
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://localhost:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a sandbox because tests may run as root."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()

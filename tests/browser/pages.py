"""A real server and a real browser for the rater's pages."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from shared.web.serving import serving

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
    with socket.create_server(("127.0.0.1", 0)) as door, serving(app, sockets=[door]):
        yield f"http://localhost:{door.getsockname()[1]}"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a sandbox because tests may run as root."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()

"""A real server and a real browser for the rater's pages."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

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
NARROWEST = {"width": 320, "height": 640}
SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('.table')]
    .filter(one => one.scrollWidth > one.clientWidth).map(one => one.outerHTML.slice(0, 120))"""


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


def sound(page: Page) -> None:
    """No fault that axe finds, and nothing to be pushed sideways; on a phone also on the narrowest."""
    found = Axe().run(page).response["violations"]
    faults = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    assert not faults, f"{page.url}: {faults}"
    assert not page.evaluate(SIDEWAYS), f"{page.url} is too wide"
    if page.viewport_size == PHONE:
        page.set_viewport_size(NARROWEST)
        wide = page.evaluate(SIDEWAYS)
        page.set_viewport_size(PHONE)
        assert not wide, f"{page.url} is too wide for 320 px: {wide}"

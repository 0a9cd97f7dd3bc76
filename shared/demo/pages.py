"""The rater's pages as a browser sees them: fetched over HTTP, read as HTML, no cookie, nothing of our own code."""

import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit


class Surprise(Exception):
    """A page that is not what it should be."""


@dataclass(slots=True)
class Page:
    """What a rater and the script of the page find in it."""

    status: int
    kind: str = ""
    """``start``, ``survey``, ``aside``, ``done`` or ``dead-end``."""
    data: dict[str, str] = field(default_factory=dict)
    """The ``data-`` attributes of the page: what sealing needs, the receipt, why it is a dead end."""
    ticket: str = ""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Values to choose from, by the name of the question."""


class Browser:
    """One window: a kept connection to the site that a link leads to. Not for several threads."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = connect(parts.netloc, timeout=60)

    def get(self, path: str) -> Page:
        """Look at a page."""
        return self._ask("GET", path, None, {})

    def send(self, path: str, values: Mapping[str, str]) -> Page:
        """Send a form."""
        return self._ask("POST", path, urlencode(values), {"Content-Type": "application/x-www-form-urlencoded"})

    def send_json(self, path: str, values: Mapping[str, str]) -> Page:
        """Send what a script sends."""
        return self._ask("POST", path, json.dumps(values), {"Content-Type": "application/json"})

    def close(self) -> None:
        """Close the window."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Page:
        answer, text = self._insist(method, path, body, {"Accept": "text/html", **headers})
        if "Set-Cookie" in answer.headers:
            raise Surprise("the rater's pages set a cookie")
        return _read(answer.status, text)

    def _insist(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send the same bytes again when the connection breaks, as the script of the page does."""
        for pause in (0.2, 1, 3, 0):
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                return answer, answer.read().decode()
            except (http.client.HTTPException, OSError):
                self._connection.close()
                if not pause:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try raises")


_TAG = re.compile(r"<\w+ [^>]*(?:data-page=|name=\")[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def _read(status: int, text: str) -> Page:
    """Pick up the page's own attributes and every field. Our pages escape what could end a tag."""
    page = Page(status)
    for tag in _TAG.findall(text):
        found = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        if "data-page" in found:
            page.kind = found["data-page"]
            page.data = {name.removeprefix("data-"): value for name, value in found.items() if name != "class"}
        elif found.get("name") == "ticket":
            page.ticket = found["value"]
        elif found.get("type") == "radio":
            page.choices.setdefault(found["name"], []).append(found["value"])
    return page

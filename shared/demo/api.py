"""The HTTP API as the personnel office's own program would call it."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class Stuck(Exception):
    """Something that was to happen did not; the text says what."""


class Declined(Stuck):
    """The API refused, with this HTTP status and the ``code`` of its problem (empty when it said none)."""

    def __init__(self, asked: str, status: int, body: str) -> None:
        self.status = status
        self.code = _code(body)
        super().__init__(f"{asked} was answered with {status}: {body[:2000]}")


@dataclass(frozen=True, slots=True)
class Api:
    """One service's API at ``url`` with a key for it."""

    url: str
    key: str

    def get(self, path: str) -> Any:
        """What a GET answers."""
        return self._ask("GET", path, None, "")

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What a POST of JSON, or of nothing, answers."""
        return self._ask("POST", path, None if body is None else json.dumps(body).encode(), "application/json")

    def post_csv(self, path: str, content: bytes) -> Any:
        """What a POST of a file answers."""
        return self._ask("POST", path, content, "text/csv")

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **({"Content-Type": kind} if body is not None else {})}
        request = urllib.request.Request(f"{self.url}{path}", body, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Declined(f"{method} {path}", error.code, error.read().decode()) from error


def _code(body: str) -> str:
    try:
        return str(json.loads(body)["code"])
    except (ValueError, LookupError, TypeError):
        return ""


def wait(what: str, look: Callable[[], T | None], seconds: float) -> T:
    """The first true result of ``look``; raises ``Stuck`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise Stuck(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(0.1)
    return found

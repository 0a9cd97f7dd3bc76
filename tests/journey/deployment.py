"""Real processes for the journey: ``cermin up`` with its environment, killed and started again at will."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.journey import nursery
from tests.journey.nursery import Nursery

START_SECONDS = 90


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that is given these settings and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CERMIN_")} | dict(environment)


class Process:
    """One ``cermin up SERVICES`` with its log beside it; born in a ``nursery`` when it is to start quickly."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        services: tuple[str, ...],
        port: int,
        born_in: Nursery | None = None,
    ) -> None:
        self.port = port
        self.services = services
        self.log = folder / f"{'-'.join(services) or 'all'}-{port}.log"
        self._environment = clean({**environment, "CERMIN_PORT": str(port)})
        self._nursery = born_in
        self._running: subprocess.Popen[bytes] | None = None
        self._pid = 0

    @property
    def url(self) -> str:
        """Where its pages and API are."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Process":
        """Start it; ``wait`` tells when it can work."""
        if self._nursery:
            self._pid = self._nursery.start(["up", *self.services], self._environment, self.log)
            return self
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "shared.cli", "up", *self.services],
                env=self._environment,
                stderr=log,
                stdout=log,
            )
        return self

    def wait(self) -> "Process":
        """Return when ``/health/ready`` says so; otherwise fail with what it says and its log."""
        deadline = time.monotonic() + START_SECONDS
        said = "no answer"
        while time.monotonic() < deadline:
            assert self._lives(), self.log.read_text()[-4000:]
            try:
                urllib.request.urlopen(f"{self.url}/health/ready", timeout=5).close()
                return self
            except urllib.error.HTTPError as error:
                said = error.read().decode()
            except OSError as error:
                said = str(error)
            time.sleep(0.1)
        raise AssertionError(f"{self.services} not ready: {said}\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it does not listen."""
        self._end(signal.SIGTERM)

    def _lives(self) -> bool:
        if self._nursery:
            return nursery.alive(self._pid)
        return self._running is not None and self._running.poll() is None

    def _end(self, how: signal.Signals) -> None:
        if self._pid:
            nursery.end(self._pid, how)
            self._pid = 0
        if self._running is None:
            return
        self._running.send_signal(how)
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait(5)
        self._running = None

"""Who listens in the demonstration: a queue that keeps every public event, and the stand-in appraisal system."""

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shared.demo.api import Stuck
from shared.events import PUBLIC
from shared.host import make_broker
from shared.messaging.broker import Delivery, Done, Outcome, Queue

QUEUE = Queue("demo.events", ((PUBLIC, "#"),))
STAND_IN = Path(__file__).parents[2] / "examples" / "appraisal_system.py"


class Chronicle:
    """Every public event as it was published, one a line; an id that comes again is written once."""

    def __init__(self, path: Path) -> None:
        self.types: Counter[str] = Counter()
        self.facts: dict[str, Any] = {}
        """The data of the last event of a type."""
        self._seen: set[str] = set()
        self._path = path
        path.touch()

    def take(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Write down what is new."""
        new = {one.id: one for one in deliveries if one.id not in self._seen}
        with self._path.open("ab") as file:
            file.write(b"".join(one.body + b"\n" for one in new.values()))
        for one in new.values():
            event = json.loads(one.body)
            self.types[event["type"]] += 1
            self.facts[event["type"]] = event["data"]
        self._seen |= new.keys()
        return [Done() for _ in deliveries]


@contextmanager
def listening(broker_url: str, path: Path) -> Iterator[Chronicle]:
    """Keep public events in ``path`` from now on, by a durable queue of its own."""
    broker = make_broker(broker_url)
    broker.declare([QUEUE])
    chronicle, stop = Chronicle(path), threading.Event()
    thread = threading.Thread(
        target=broker.consume, args=(QUEUE.name, chronicle.take, stop), name="chronicle", daemon=True
    )
    thread.start()
    try:
        yield chronicle
    finally:
        stop.set()
        thread.join(timeout=10)
        broker.close()


def appraise(way: str, url: str, folder: Path, key: str = "") -> Path:
    """Let the stand-in read what waits; the CSV it wrote. Raises ``Stuck`` when a release is incomplete."""
    table = folder / "scores.csv"
    command = [sys.executable, str(STAND_IN), way, url, "--once"]
    command += ["--db", str(folder / "appraisal.db"), "--csv", str(table)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env={**os.environ, "CERMIN_API_KEY": key}, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise Stuck(f"the appraisal system is not content: {done.stderr.strip()}")
    return table

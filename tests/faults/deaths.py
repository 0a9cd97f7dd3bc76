"""Dies once at every step of every phase, each time in a process of its own, and looks at what came of the round.

``python -m tests.faults.deaths '{"part": [0, 2], "sample": 0}'`` prints one JSON object; tests and
``make faults`` run several at once. It has one thread, so that it may fork.
"""

import json
import os
import random
import socket
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask

from shared.config import load
from shared.host import Host, make_broker
from tests.faults import sink
from tests.faults.death import Death, arm
from tests.faults.small_round import LATER, NOW, PHASES, SmallRound
from tests.faults.storage import Storage

SHARED_MEMORY = Path("/dev/shm")
Work = Callable[[SmallRound], None]


class Deaths:
    """One storage, and a worker that is built once and forked for every life."""

    def __init__(self, storage: Storage, looks: bool) -> None:
        self.storage, self.looks = storage, looks
        self.now = NOW
        self.host = Host(load(storage.environment()), clock=self._clock)
        self.app: Flask = self.host.app("survey")
        self.reference: dict[str, Any] = {}
        self.mails: Counter[str] = Counter()

    def _clock(self) -> datetime:
        return self.now

    def prepare(self) -> None:
        """A round without any death: its states are what every life begins from, its end what they must reach.

        It is lived in this process, so that those who are forked afterwards find everything compiled and read.
        """
        self._work(SmallRound.set_up)
        for phase in PHASES:
            self.storage.save(phase.name)
            self._work(lambda it, phase=phase: it.run(phase))  # type: ignore[misc]
        self.reference = self._end(len(PHASES))

    def die(self, at: int, step: int) -> dict[str, Any] | None:
        """Die at ``step`` of phase ``at``, let another worker finish; what was wrong, None after the last step."""
        phase = PHASES[at]
        self.storage.restore(phase.name)
        note = self.storage.live / "death"
        ended = self._fork(lambda: self._mortal(at, step, note))
        if not note.exists():
            assert ended == 0, f"{phase.name} failed without a death"
            return None
        told: dict[str, Any] = {"phase": phase.name, **json.loads(note.read_text()), "wrong": []}
        try:
            found = self._end(at)
        except AssertionError as error:
            return told | {"wrong": [str(error)]}
        told["wrong"] = [
            f"{name}: {found.get(name)} instead of {value}"
            for name, value in self.reference.items()
            if found.get(name) != value
        ]
        told["doubled"] = found["doubled"]
        return told

    def _mortal(self, at: int, step: int, note: Path) -> None:
        death = Death(step, note, self.looks)
        self.host.broker = make_broker(self.host.settings.broker_url)
        arm(self.host, death)
        SmallRound(self.host, self.app, self.storage.live, death).run(PHASES[at])

    def _end(self, at: int) -> dict[str, Any]:
        """Do phase ``at`` again and all that follow; how the round ended."""
        result = self.storage.live / "verdict"

        def finish(it: SmallRound) -> None:
            for phase in PHASES[at:]:
                it.run(phase)
            letters = it.letters()
            found = it.verdict() | {"letters": len(letters)}
            result.write_text(json.dumps(found | {"doubled": letters.total() - len(letters)}))

        self.now = NOW + LATER
        try:
            self._live(finish)
        finally:
            self.now = NOW
        found: dict[str, Any] = json.loads(result.read_text())
        if not self.reference:
            found.pop("doubled")
        return found

    def _live(self, work: Work) -> None:
        """A worker's life from birth to a proper end."""

        ended = self._fork(lambda: self._work(work))
        assert ended == 0, "a worker failed: " + (self.storage.home / "error").read_text()[-3000:]

    def _work(self, work: Work) -> None:
        """Work with connections of one's own, and leave none behind."""
        self.host.broker = make_broker(self.host.settings.broker_url)
        work(SmallRound(self.host, self.app, self.storage.live))
        self.host.close()
        for job in self.host.services["notifier"].jobs:
            if job.name.startswith("delivery"):
                job.run.__self__._mailer.close()  # type: ignore[attr-defined]

    def _fork(self, work: Callable[[], None]) -> int:
        child = os.fork()
        if child == 0:
            try:
                work()
                os._exit(0)
            except BaseException:
                (self.storage.home / "error").write_text(traceback.format_exc())
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def explore(deaths: Deaths, part: tuple[int, int], sample: int, seed: int) -> list[dict[str, Any]]:
    """Every step of every phase that belongs to ``part`` (this one, of so many); or only ``sample`` chosen ones."""
    found: list[dict[str, Any]] = []
    dice = random.Random(seed)
    for at, phase in enumerate(PHASES):
        if not phase.dies:
            continue
        step, stride = part[0] + 1, part[1]
        while told := deaths.die(at, step):
            found.append(told)
            step += dice.randint(1, 2 * sample - 1) if sample else stride
    return found


def main(order: dict[str, Any]) -> None:
    """Carry out one order and print what came of it."""
    os.environ.setdefault("TZ", "UTC")
    home = Path(tempfile.mkdtemp(prefix="cermin-deaths-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None))
    door = socket.create_server(("127.0.0.1", 0))
    storage = Storage(home, door.getsockname()[1], order.get("server", ""), order.get("broker", ""))
    server = os.fork()
    if server == 0:
        sink.serve(door, storage.live / "mails.jsonl")
    door.close()
    try:
        deaths = Deaths(storage, bool(order.get("looks")))
        deaths.prepare()
        found = explore(deaths, tuple(order["part"]), order["sample"], order.get("seed", 1))
        print(json.dumps({"reference": deaths.reference, "deaths": found}))
    finally:
        os.kill(server, 15)
        os.waitpid(server, 0)
        storage.discard()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

"""SIGKILL of real processes at random during a journey: two replicas of each service, one always lives."""

import hashlib
import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.config import SERVICES
from shared.demo import journey
from shared.demo.api import Api, Declined, wait
from shared.demo.journey import Place, Story
from tests.faults.conftest import FULL, Figure
from tests.journey.deployment import Process
from tests.journey.front_door import front_door
from tests.journey.nursery import Nursery, nursery
from tests.journey.test_journey import PACE, SECRET, SEED, _adds_up, _files, _left, _place, _scores, running
from tests.servers.postgres import Postgres
from tests.servers.processes import free_port
from tests.servers.rabbit import Rabbit

KILLS = 300 if FULL else 10


class Mailbox:
    """Keeps every mail once, as a Maildir, and counts how often it came."""

    def __init__(self, folder: Path) -> None:
        self.times: Counter[str] = Counter()
        self._new = folder / "new"
        self._new.mkdir(parents=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        self.times[name] += 1
        if self.times[name] == 1:
            (self._new / hashlib.sha256(name.encode()).hexdigest()).write_bytes(envelope.content)
        return "250 queued"


@dataclass(frozen=True, slots=True)
class Patient(Api):
    """HR's program: looks again when a connection breaks. Nobody is killed while it changes something: that is
    gone through step by step elsewhere, and a person would look what came of it before doing it again."""

    calm: threading.Lock

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        if method == "POST":
            with self.calm:
                return Api._ask(self, method, path, body, kind)
        for pause in (0.2, 1, 3, 5, 0):
            try:
                return Api._ask(self, method, path, body, kind)
            except Declined:
                raise
            except (OSError, http.client.HTTPException):
                if not pause:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try raises")


class Killer:
    """Kills one replica of a service after another, and starts it again; as many threads as services."""

    def __init__(self, replicas: Mapping[str, list[Process]], calm: threading.Lock, most: int, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self.slowest = 0.0
        self._calm, self._most = calm, most
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, pair, random.Random(f"{seed} {name}")), daemon=True)
            for name, pair in replicas.items()
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Kill nobody any more; doing it again changes nothing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()

    def _run(self, name: str, pair: list[Process], dice: random.Random) -> None:
        took = 1.0
        while not self._stop.wait(dice.uniform(0.5, 1.5) * (1 + took)) and self.kills.total() < self._most:
            one = dice.choice(pair)
            with self._calm:
                one.kill()
                self.kills[name] += 1
            begun = time.monotonic()
            one.start().wait()
            took = time.monotonic() - begun
            self.slowest = max(self.slowest, took)


@contextmanager
def _mailbox(folder: Path) -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(folder), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def _one_journey(
    folder: Path, urls: Mapping[str, str], amqp: str, most: int, born_in: Nursery
) -> tuple[Story, Killer, Mailbox]:
    ports = {name: [free_port(), free_port()] for name in SERVICES}
    with ExitStack() as stack:
        asks, counts = (stack.enter_context(front_door(ports[name])) for name in ("survey", "scoring"))
        box, port = stack.enter_context(_mailbox(folder / "mail"))
        environment = {
            "CERMIN_DATA_DIR": str(folder / "data"),
            "CERMIN_PUBLIC_URL": asks.url,
            "CERMIN_BROKER_URL": amqp,
            "CERMIN_EVENT_SECRETS": SECRET,
            "CERMIN_SERVICE_SECRETS": SECRET[::-1],
            "CERMIN_MAIL_URL": f"smtp://127.0.0.1:{port}?starttls=never",
            **{f"CERMIN_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
            **PACE,
        }
        replicas = {
            name: [Process(folder, environment, (name,), port, born_in) for port in ports[name]]
            for name in SERVICES
        }
        stack.enter_context(running([one for pair in replicas.values() for one in pair]))
        plain = _place(environment, asks.url, counts.url, folder / "mail")
        calm = threading.Lock()
        survey, scoring = (Patient(api.url, api.key, calm) for api in (plain.survey, plain.scoring))
        place = Place(survey, scoring, folder / "mail", patience=150)
        killer = Killer(replicas, calm, most, seed=most)
        stack.callback(killer.end)
        story = journey.tell(place, *_files(folder), SEED)
        killer.end()
        _adds_up(story)
        assert sum(_scores(place, story).values()) == story.ratees
        wait("every event has left", lambda: not any(_left(url) for url in urls.values()), 60)
    return story, killer, box


@pytest.mark.timeout(3000)
def test_killed_at_random(tmp_path: Path, postgres: Postgres, rabbit: Rabbit, figure: Figure) -> None:
    kills: Counter[str] = Counter()
    stories, mails, doubled, slowest = 0, 0, 0, 0.0
    vhosts: list[str] = []
    while kills.total() < KILLS:
        vhosts = vhosts or rabbit.vhosts(10)
        urls = {name: postgres.database() for name in SERVICES}
        folder = tmp_path / str(stories)
        folder.mkdir()
        with nursery() as born_in:
            _, killer, box = _one_journey(folder, urls, vhosts.pop(), KILLS - kills.total(), born_in)
        assert killer.kills, "nobody was killed"
        kills, stories, slowest = kills + killer.kills, stories + 1, max(slowest, killer.slowest)
        mails, doubled = mails + len(box.times), doubled + box.times.total() - len(box.times)
        for url in urls.values():
            postgres.drop(url)
    assert doubled <= kills["notifier"] * 2, "a kill repeats at most the mails being acknowledged, one a connection"
    target = f"{stories} journeys add up; at most 1 mail a killed connection, of {mails}"
    figure("SIGKILL at random", kills.total(), lost=0, doubled=doubled, seconds=slowest, target=target)
    assert slowest < 30

"""The whole story through the public doors: embedded, and as replicas that are killed on the way."""

import csv
import io
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.database import connect, reading
from shared.demo import journey, organisation
from shared.demo.api import Api, wait
from shared.demo.journey import Place, Story
from shared.messaging.tables import outbox
from tests.journey.deployment import Process, clean
from tests.journey.front_door import front_door
from tests.servers.postgres import Postgres
from tests.servers.processes import free_port

SEED = 7
PEOPLE = 60
SECRET = "known-to-nobody-but-this-journey-test"
PACE = {"CERMIN_MAILS_PER_MINUTE": "1000000", "CERMIN_MAILS_PER_MINUTE_PER_DOMAIN": "1000000"}


SCOPES = ("people:write", "questionnaires:read", "rounds:read", "rounds:write", "results:read", "results:write")


def _place(environment: dict[str, str], survey: str, scoring: str, mail: Path) -> Place:
    """The APIs with one key for both, made by the operator's command."""
    wanted = [part for scope in (*SCOPES, "scores:read") for part in ("--scope", scope)]
    command = [sys.executable, "-m", "shared.cli", "api-key", "add", "journey", *wanted]
    done = subprocess.run(command, env=clean(environment), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    key = done.stdout.strip()
    return Place(Api(survey, key), Api(scoring, key), mail, patience=120)


def _files(folder: Path) -> tuple[bytes, bytes]:
    office = organisation.make(PEOPLE, SEED)
    organisation.write_people(folder / "people.csv", office)
    organisation.write_work_results(folder / "work.csv", office, SEED)
    return (folder / "people.csv").read_bytes(), (folder / "work.csv").read_bytes()


def _adds_up(story: Story) -> None:
    done = story.outcomes
    assert done["answered"] + done["declined"] + done["silent"] + story.on_paper == story.invited
    assert story.counted == done["answered"] > 100
    assert story.scored + sum(story.held.values()) == story.ratees
    assert story.scored > 0 < sum(story.held.values())


def _scores(place: Place, story: Story) -> Counter[tuple[str, ...]]:
    """The released table, without what differs from run to run."""
    feed = place.scoring.get("/api/v1/scores/feed?limit=500")
    rows: Counter[tuple[str, ...]] = Counter()
    for event in feed["events"]:
        data = event["data"]
        if "ratee" in data:
            rows[(event["type"], data["ratee"], str(data.get("behaviour")), str(data.get("total")))] += 1
    assert sum(rows.values()) == story.ratees
    return rows


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Counter[tuple[str, ...]]]:
    """The journey on SQLite with the local broker, in one process."""
    folder = tmp_path_factory.mktemp("embedded")
    port = free_port()
    environment = {
        "CERMIN_DATA_DIR": str(folder / "data"),
        "CERMIN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **PACE,
    }
    with running([Process(folder, environment, (), port)]) as processes:
        url = processes[0].url
        place = _place(environment, url, url, folder / "data" / "mail")
        story = journey.tell(place, *_files(folder), SEED)
        return story, _scores(place, story)


@contextmanager
def running(processes: Sequence[Process]) -> Iterator[Sequence[Process]]:
    with ExitStack() as stack:
        for process in processes:
            stack.callback(process.stop)
            process.start()
        for process in processes:
            process.wait()
        yield processes


@pytest.mark.timeout(300)
def test_embedded_the_figures_add_up(told: tuple[Story, Counter[tuple[str, ...]]]) -> None:
    _adds_up(told[0])


@pytest.mark.timeout(400)
def test_separated_with_replicas_killed_on_the_way_gives_the_same_scores(
    tmp_path: Path, postgres: Postgres, amqp_url: str, told: tuple[Story, Counter[tuple[str, ...]]]
) -> None:
    services = ("survey", "scoring", "notifier")
    ports = {name: [free_port(), free_port()] for name in services}
    urls = {name: postgres.database() for name in services}
    with front_door(ports["survey"]) as asks, front_door(ports["scoring"]) as counts:
        environment = {
            "CERMIN_DATA_DIR": str(tmp_path / "data"),
            "CERMIN_PUBLIC_URL": asks.url,
            "CERMIN_BROKER_URL": amqp_url,
            "CERMIN_EVENT_SECRETS": SECRET,
            "CERMIN_SERVICE_SECRETS": SECRET[::-1],
            **{f"CERMIN_{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
            **PACE,
        }
        replicas = {
            name: [Process(tmp_path, environment, (name,), port) for port in ports[name]] for name in services
        }
        with running([one for pair in replicas.values() for one in pair]):
            place = _place(environment, asks.url, counts.url, tmp_path / "data" / "mail")
            killer = threading.Thread(target=_kill_on_the_way, args=(replicas, place), daemon=True)
            killer.start()
            story = journey.tell(place, *_files(tmp_path), SEED)
            killer.join(60)
            assert not killer.is_alive(), "not every replica was killed"
            _adds_up(story)
            assert _scores(place, story) == told[1]
            wait("every event has left", lambda: not any(_left(url) for url in urls.values()), 60)
        for pair in replicas.values():
            for one in pair:
                assert "Traceback" not in one.log.read_text(), one.log.read_text()[-4000:]
    for url in urls.values():
        postgres.drop(url)


def _kill_on_the_way(replicas: dict[str, list[Process]], place: Place) -> None:
    """SIGKILL one replica of each service while it has work in hand, and start it again a little later."""

    def mails() -> int:
        return len(list((place.mail / "new").glob("*")))

    wait("some mails", lambda: mails() > 5, 120)
    replicas["notifier"][0].kill()
    wait("all mails", lambda: mails() > 40, 120)
    replicas["survey"][0].kill()
    replicas["scoring"][0].kill()
    replicas["notifier"][0].start().wait()
    replicas["survey"][0].start().wait()
    replicas["scoring"][0].start().wait()


def _left(url: str) -> int:
    engine = connect(url)
    with reading(engine) as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(outbox)) or 0
    engine.dispose()
    return count


def test_the_sample_files_are_tables(tmp_path: Path) -> None:
    people, work = _files(tmp_path)
    assert len(list(csv.DictReader(io.StringIO(people.decode("utf-8-sig"))))) >= PEOPLE
    assert len(list(csv.DictReader(io.StringIO(work.decode("utf-8-sig"))))) > PEOPLE / 2

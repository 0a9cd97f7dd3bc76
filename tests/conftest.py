"""Servers for tests. Fixtures that everybody may use:

``database_url``  a fresh, empty database; the test runs once on SQLite and once on PostgreSQL
``new_database``  a function that makes more of them; ``new_database("survey_service.migrations")`` is migrated
``new_engine``    the same, connected; engines are disposed at the end of the test
``broker_url``    a fresh broker without queues; the test runs once on the local broker and once on RabbitMQ
``broker``        the same, as a ``Broker``, closed at the end of the test
``postgres``      the shared PostgreSQL server          ``rabbit``   the shared RabbitMQ node
``amqp_url``      a fresh vhost on RabbitMQ             ``pg_url``   a fresh database on PostgreSQL
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from sqlalchemy.engine import Engine

from shared.config import SERVICES
from shared.database import connect
from shared.events import PRIVATE, PUBLIC
from shared.host import make_broker
from shared.messaging.broker import Broker
from shared.migrate import upgrade
from tests.servers import run
from tests.servers.postgres import Postgres
from tests.servers.rabbit import Rabbit

BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
BOTH_BROKERS = ["local", pytest.param("rabbit", marks=pytest.mark.rabbitmq)]
NewDatabase = Callable[..., str]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a server by its fixture need not repeat the marker."""
    for item in items:
        for fixture, marker in (("postgres", "postgresql"), ("rabbit", "rabbitmq")):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)


def _find(name: str) -> dict[str, Any]:
    found = run.find(name)
    if "failed" in found:
        pytest.fail(found["failed"], pytrace=False)
    if "missing" in found:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(found["missing"])
    return found


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    return Postgres(_find("postgres")["url"])


@pytest.fixture(scope="session")
def rabbit() -> Rabbit:
    found = _find("rabbit")
    return Rabbit(found["url"], Path(found["home"]) if found["home"] else None, found["environment"])


@pytest.fixture(scope="session")
def templates() -> Iterator[dict[str, str]]:
    """Migrated databases to copy from: URL by kind and package of migrations."""
    made: dict[str, str] = {}
    yield made
    for kind, url in made.items():
        if kind.startswith("postgresql"):
            Postgres(run.find("postgres")["url"]).drop(url)


@pytest.fixture(params=BOTH_DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new_database(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path, templates: dict[str, str]
) -> Iterator[NewDatabase]:
    made: list[str] = []
    server: Postgres | None = request.getfixturevalue("postgres") if database_kind == "postgresql" else None

    def fresh(source: str | None = None) -> str:
        if server:
            return server.database(source)
        path = tmp_path / f"database{len(made)}.db"
        if source:
            shutil.copyfile(source.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def make(migrations: str | None = None) -> str:
        key = f"{database_kind} {migrations}"
        if migrations and key not in templates:
            templates[key] = _migrated(fresh(), migrations)
            if not server:
                kept = request.getfixturevalue("tmp_path_factory").mktemp("template") / "template.db"
                shutil.move(templates[key].removeprefix("sqlite:///"), kept)
                templates[key] = f"sqlite:///{kept}"
        made.append(fresh(templates[key] if migrations else None))
        return made[-1]

    yield make
    for url in made:
        if server:
            server.drop(url)


def _migrated(url: str, migrations: str) -> str:
    engine = connect(url)
    upgrade(engine, migrations)
    engine.dispose()  # closing the last connection also folds SQLite's log into the file
    return url


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    return new_database()


@pytest.fixture
def new_engine(new_database: NewDatabase) -> Iterator[Callable[..., Engine]]:
    engines: list[Engine] = []

    def make(migrations: str | None = None) -> Engine:
        engines.append(connect(new_database(migrations)))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def pg_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.database()
    yield url
    postgres.drop(url)


@pytest.fixture
def amqp_url(rabbit: Rabbit) -> Iterator[str]:
    if rabbit.home is None:
        with run.turn("given-amqp"):
            _empty(rabbit.url)
            yield rabbit.url
        return
    with run.turn("vhosts") as pool:
        waiting = pool.read_text().split()
        if not waiting:
            waiting = rabbit.vhosts(20)
        pool.write_text("\n".join(waiting[1:]))
    yield waiting[0]


def _empty(url: str) -> None:
    """Take away what an earlier test left on a server that was given: bindings go with their exchange."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    for exchange in (PUBLIC, PRIVATE):
        channel.exchange_delete(exchange)
    for service in SERVICES:
        for queue in (f"cermin.{service}", f"cermin.{service}.dead", f"cermin.{service}.retry"):
            channel.queue_delete(queue)
    connection.close()


@pytest.fixture(params=BOTH_BROKERS)
def broker_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def broker_url(broker_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if broker_kind == "rabbit":
        return str(request.getfixturevalue("amqp_url"))
    return f"sqlite:///{tmp_path / 'broker.db'}"


@pytest.fixture
def broker(broker_url: str) -> Iterator[Broker]:
    made = make_broker(broker_url)
    yield made
    made.close()

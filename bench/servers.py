"""The private servers of a run, and products on fresh databases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pika
import psycopg

from bench import apart
from shared.config import SERVICES, load
from shared.host import Host
from tests.servers import postgres, rabbit

SECRET = "bench-secret-" + "x" * 32
"""Of the private servers of one run."""


@dataclass(slots=True)
class Servers:
    """PostgreSQL and RabbitMQ as they are installed in production: what is committed is on the disk."""

    postgres: postgres.Postgres
    rabbit: rabbit.Rabbit
    folder: Path
    _vhosts: list[str] = field(default_factory=list)

    def product(self, name: str, **more: str) -> dict[str, str]:
        """The environment of a product on fresh, migrated databases and a fresh vhost."""
        home = self.folder / name
        home.mkdir()
        if not self._vhosts:
            self._vhosts = self.rabbit.vhosts(8)
        found = {f"CERMIN_{one.upper()}_DATABASE_URL": self.postgres.database() for one in SERVICES} | {
            "CERMIN_DATA_DIR": str(home),
            "CERMIN_KEYSTORE_URL": f"dir:{home / 'keys'}",
            "CERMIN_BROKER_URL": self._vhosts.pop(),
            "CERMIN_EVENT_SECRETS": SECRET,
            "CERMIN_SERVICE_SECRETS": SECRET,
            "CERMIN_PUBLIC_URL": "https://survei.example.go.id",
            "CERMIN_LOG_LEVEL": "WARNING",
        }
        found |= {f"CERMIN_{key.upper()}": value for key, value in more.items()}
        apart.run(migrate, found)
        return found

    def names(self) -> list[str]:
        """Names and versions."""
        with psycopg.connect(self.postgres.url) as connection:
            number = connection.info.server_version
        broker = pika.BlockingConnection(pika.URLParameters(self.rabbit.url))
        version = broker._impl.server_properties["version"]
        broker.close()
        return [f"PostgreSQL {number // 10000}.{number % 10000} (fsync on)", f"RabbitMQ {version}"]


def migrate(environment: dict[str, str]) -> None:
    """Bring a product's databases to the newest form."""
    host = Host(load(environment))
    host.migrate()
    host.close()


@contextmanager
def servers() -> Iterator[Servers]:
    """Both servers, and a folder that goes at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cermin-bench-"))
    try:
        with postgres.server(durable=True) as database, rabbit.server() as broker:
            yield Servers(database, broker, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

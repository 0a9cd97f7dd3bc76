"""Where a small round keeps things, with a copy of every state to go back to."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.config import SERVICES
from tests.servers.postgres import Postgres


@dataclass
class Storage:
    """A folder, three databases and a broker. States are saved and restored under a name while nobody works."""

    home: Path
    smtp_port: int
    server: str = ""
    """A PostgreSQL server's URL; empty for SQLite."""
    broker: str = ""
    """A RabbitMQ vhost's URL, whose queues are empty whenever a state is saved; empty for the local broker."""
    _databases: dict[str, str] = field(default_factory=dict)
    _saved: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.live.mkdir(parents=True)
        if self.server:
            self._databases = {name: Postgres(self.server).database() for name in SERVICES}

    @property
    def live(self) -> Path:
        return self.home / "live"

    def environment(self) -> Mapping[str, str]:
        """The settings of a worker."""
        own = {f"CERMIN_{name.upper()}_DATABASE_URL": url for name, url in self._databases.items()}
        return {
            "CERMIN_DATA_DIR": str(self.live),
            "CERMIN_MAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}?connections=1&starttls=never",
            "CERMIN_EVENT_SECRETS": "e" * 40,
            "CERMIN_SERVICE_SECRETS": "s" * 40,
            "CERMIN_MAILS_PER_MINUTE": "1000000",
            "CERMIN_MAILS_PER_MINUTE_PER_DOMAIN": "1000000",
            **own,
            **({"CERMIN_BROKER_URL": self.broker} if self.broker else {}),
        }

    def save(self, name: str) -> None:
        """Keep the present state."""
        shutil.copytree(self.live, self.home / name)
        if self.server:
            self._saved[name] = {
                service: Postgres(self.server).database(url) for service, url in self._databases.items()
            }

    def restore(self, name: str) -> None:
        """Go back to a state."""
        shutil.rmtree(self.live)
        shutil.copytree(self.home / name, self.live)
        for service, source in self._saved.get(name, {}).items():
            Postgres(self.server).replace(self._databases[service], source)

    def discard(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.home, ignore_errors=True)
        for urls in (self._databases, *self._saved.values()):
            for url in urls.values():
                Postgres(self.server).drop(url)

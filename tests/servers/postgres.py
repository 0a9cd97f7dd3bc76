"""A private PostgreSQL: ``with server() as postgres: url = postgres.database()``."""

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers import processes
from tests.servers.processes import ServerFailed, ServerMissing

ADVICE = "PostgreSQL is not installed (Debian package postgresql)"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; ``url`` leads to its maintenance database."""

    url: str

    def database(self, template: str | None = None) -> str:
        """The URL of a fresh database, copied from ``template`` (a URL nobody is connected to) if given."""
        name = f"cermin_{uuid.uuid4().hex[:12]}"
        source = sql.Identifier(template.rpartition("/")[2] if template else "template0")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
        return f"{self.url.rpartition('/')[0]}/{name}"

    def replace(self, url: str, template: str) -> None:
        """Make the database ``url`` a copy of ``template`` again."""
        names = [sql.Identifier(one.rpartition("/")[2]) for one in (url, template)]
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))

    def drop(self, url: str) -> None:
        """Remove a database, also when somebody is still connected."""
        name = sql.Identifier(url.rpartition("/")[2])
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@contextmanager
def server(durable: bool = False) -> Iterator[Postgres]:
    """A server in a fresh folder, or the one that ``TEST_DATABASE_URL`` names.

    Tests do not wait for the disk; ``durable`` does, as production. Raises ``ServerMissing`` when PostgreSQL is
    not installed.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Postgres(given)
        return
    programs = _programs()
    with processes.folder("cermin-pg-") as home:
        _initialise(programs, home)
        port, log = processes.free_port(), home / "log"
        command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port)]
        command += [] if durable else ["-F"]
        command += ["-k", str(home), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        process = processes.start(command, log, _environment(home))
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        try:
            processes.wait_until(lambda: _answers(url), process, log, 30)
            yield Postgres(url)
        finally:
            processes.stop(process, signal.SIGINT)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise ServerMissing(ADVICE)


def _initialise(programs: Path, home: Path) -> None:
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-N"]
    command += ["-E", "UTF8", "--locale=C.UTF-8"]
    result = subprocess.run(
        command, capture_output=True, env=_environment(home), cwd="/", timeout=60, **processes.unprivileged()
    )
    if result.returncode:
        raise ServerFailed(f"initdb: {result.stderr.decode(errors='replace')[-2000:]}")


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True

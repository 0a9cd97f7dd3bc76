"""A private PostgreSQL: ``with server() as postgres: url = postgres.database()``."""

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers import processes
from tests.servers.processes import ServerFailed, ServerMissing

ADVICE = "PostgreSQL is not installed (Debian package postgresql)"


class Postgres:
    """A running server; ``url`` leads to its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = url

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


class Own(Postgres):
    """A server of one's own, to be stopped and started at will."""

    def __init__(self, home: Path, durable: bool) -> None:
        programs, port = _programs(), processes.free_port()
        super().__init__(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        self._home = home
        self._command = [str(programs / "postgres"), "-D", str(home / "data"), "-p", str(port)]
        self._command += [] if durable else ["-F"]
        self._command += ["-k", str(home), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        _initialise(programs, home)

    def start(self) -> None:
        """Return when it answers."""
        log = self._home / "log"
        self._process = processes.start(self._command, log, _environment(self._home))
        processes.wait_until(lambda: _answers(self.url), self._process, log, 30)

    def stop(self) -> None:
        """Hang up on everybody and end."""
        processes.stop(self._process, signal.SIGINT)


@contextmanager
def own(durable: bool = False) -> Iterator[Own]:
    """A server in a fresh folder. Raises ``ServerMissing`` when PostgreSQL is not installed.

    Tests do not wait for the disk; ``durable`` does, as production.
    """
    with processes.folder("cermin-pg-") as home:
        server = Own(home, durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextmanager
def server(durable: bool = False) -> Iterator[Postgres]:
    """The server that ``TEST_DATABASE_URL`` names, else one of one's own (see there)."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Postgres(given)
        return
    with own(durable) as made:
        yield made


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

"""Lines and servers break under the running services; within 30 seconds after they are mended mails go out again.

What is asked for passes everything there is: outbox, relay, broker, inbox, database, mail server and back.
"""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from sqlalchemy.engine import Engine

from shared.config import load
from shared.database import connect, transaction
from shared.demo.api import wait
from shared.events import MailAccepted, event_id
from shared.host import Host, now
from shared.messaging import outbox
from shared.messaging.tables import inbox
from tests.faults.conftest import FULL, Figure
from tests.faults.proxy import Line, line
from tests.faults.test_kills import Mailbox
from tests.post_office import Office, link
from tests.servers import processes, rabbit
from tests.servers.postgres import Own, own
from tests.servers.processes import free_port

LIMIT = 30.0
LINES = ("cut", "delayed", "black hole there", "black hole back")


@dataclass
class Running:
    """Survey service and notifier at work, with every line to a server in our hands."""

    host: Host
    node: rabbit.Rabbit
    server: Own
    broker: Line
    database: Line
    mail: Line
    box: Mailbox
    own: Engine
    """The survey database, reached without the line."""
    office: Office

    def ask(self) -> str:
        """Ask for a mail; the id by which its acceptance will be known."""
        letter = self.office.request(
            links=[link(str(uuid.uuid4()))], not_before=now(), closes_at=now() + timedelta(days=1)
        )
        with transaction(self.own) as session:
            outbox.publish(session, [letter])
        return event_id(MailAccepted.type, letter.id)

    def accepted(self, id: str) -> bool:
        with self.own.connect() as connection:
            return connection.scalar(sa.select(inbox.c.type).where(inbox.c.event_id == id)) is not None

    def seconds(self, *ids: str) -> float:
        """How long it takes until these mails, and one more asked for now, are through."""
        begun = time.monotonic()
        wanted = [*ids, self.ask()]
        wait("the mails", lambda: all(map(self.accepted, wanted)), 90)
        return time.monotonic() - begun


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    if os.environ.get("TEST_AMQP_URL"):
        pytest.skip("a server that was given is not disturbed")
    folder = tmp_path_factory.mktemp("recovery")
    with ExitStack() as stack:
        try:
            node = stack.enter_context(rabbit.server())
            server = stack.enter_context(own())
        except processes.ServerMissing as missing:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))
        urls = {name: server.database() for name in ("survey", "notifier")}
        box, port = Mailbox(folder / "box"), free_port()
        controller = Controller(box, hostname="127.0.0.1", port=port)
        controller.start()
        stack.callback(controller.stop)
        lines = [
            stack.enter_context(line(one)) for one in (urlsplit(node.url).port, urlsplit(server.url).port, port)
        ]
        yield stack.enter_context(_services(folder, node, server, urls, lines, box))


class _services:  # noqa: N801 - a context manager
    def __init__(
        self,
        folder: Path,
        node: rabbit.Rabbit,
        server: Own,
        urls: dict[str, str],
        lines: list[Line],
        box: Mailbox,
    ) -> None:
        broker, database, mail = lines
        through = {name: _moved(url, database.port) for name, url in urls.items()}
        environ = {
            "CERMIN_DATA_DIR": str(folder),
            "CERMIN_SURVEY_DATABASE_URL": through["survey"],
            "CERMIN_NOTIFIER_DATABASE_URL": through["notifier"],
            "CERMIN_BROKER_URL": _moved(node.url, broker.port),
            "CERMIN_MAIL_URL": f"smtp://127.0.0.1:{mail.port}?starttls=never&connections=1",
            "CERMIN_EVENT_SECRETS": "s" * 40,
            "CERMIN_SERVICE_SECRETS": "s" * 40,
        }
        self.host = Host(load(environ), ("survey", "notifier"))
        self.host.migrate()
        self.stop = threading.Event()
        self.threads = self.host.start(self.stop)
        office = Office.__new__(Office)
        office.settings, office.clock = self.host.settings, now
        wait("the notifier's key", lambda: (folder / "keys" / "notifier").exists(), 20)
        own = connect(urls["survey"])
        self.running = Running(self.host, node, server, broker, database, mail, box, own, office)

    def __enter__(self) -> Running:
        time.sleep(1.5)  # queues that were just declared
        assert self.running.seconds() < LIMIT
        return self.running

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(5)
        self.host.close()
        self.running.own.dispose()


def _moved(url: str, port: int) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.port}/", f":{port}/")


def _disturb(one: Line, how: str) -> None:
    if how == "cut":
        one.refusing = True
        one.cut()
    elif how == "delayed":
        one.delay = 0.2
    else:
        one.swallow = frozenset({how.rpartition(" ")[2]})


def _recovers(running: Running, figure: Figure, what: str, waiting: str) -> None:
    took = running.seconds(waiting)
    figure(what, 1, lost=0, seconds=took, target="< 30 s")
    assert took < LIMIT


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", LINES if FULL else ("cut", "black hole back"))
def test_the_line_to_the_broker(running: Running, figure: Figure, how: str) -> None:
    _disturb(running.broker, how)
    waiting = running.ask()
    time.sleep(3)
    running.broker.mend()
    _recovers(running, figure, f"broker, {how}", waiting)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", LINES[:2] if FULL else ("cut",))
def test_the_line_to_the_databases(running: Running, figure: Figure, how: str) -> None:
    """A black hole made of a proxy still says "received": the kernel's time-outs, which end a real one, are set."""
    _disturb(running.database, how)
    waiting = running.ask()
    time.sleep(3)
    running.database.mend()
    _recovers(running, figure, f"databases, {how}", waiting)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", (*LINES, "closed in mid-sentence") if FULL else ("cut", "closed in mid-sentence"))
def test_the_line_to_the_mail_server(running: Running, figure: Figure, how: str) -> None:
    running.mail.cut()
    if how == "closed in mid-sentence":
        running.mail.most = 2000
    else:
        _disturb(running.mail, how)
    waiting = running.ask()
    time.sleep(20 if FULL else 8)
    running.mail.mend()
    running.mail.cut()
    _recovers(running, figure, f"mail server, {how}", waiting)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", ("killed", "restarted", "memory alarm", "disk alarm") if FULL else ("killed",))
def test_the_broker_itself(running: Running, figure: Figure, what: str) -> None:
    node = running.node
    if what == "killed":
        node.kill()
    elif what == "restarted":
        node.stop()
    elif what == "memory alarm":
        node.control("set_vm_memory_high_watermark", "0.00001")
    else:
        node.control("set_disk_free_limit", "1000GB")
    waiting = running.ask()
    time.sleep(10)
    if what in ("killed", "restarted"):
        node.start()
    elif what == "memory alarm":
        node.control("set_vm_memory_high_watermark", "0.4")
    else:
        node.control("set_disk_free_limit", "50MB")
    _recovers(running, figure, f"broker, {what}", waiting)


@pytest.mark.timeout(300)
def test_a_database_server_that_restarts(running: Running, figure: Figure) -> None:
    waiting = running.ask()
    running.server.stop()
    time.sleep(5)
    running.server.start()
    _recovers(running, figure, "database server, restarted", waiting)


@pytest.mark.timeout(300)
def test_a_database_server_without_connections(running: Running, figure: Figure) -> None:
    taken = []
    with psycopg.connect(running.server.url, autocommit=True) as admin:
        waiting = running.ask()
        try:
            while len(taken) < 250:
                taken.append(psycopg.connect(running.server.url))
        except psycopg.OperationalError:
            pass
        for database in running.host.services.values():
            name = database.engine.url.database
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        time.sleep(3)
        for connection in taken:
            connection.close()
    _recovers(running, figure, "database server, out of connections", waiting)


def test_the_kernel_gives_up_a_database_that_vanished(running: Running) -> None:
    import socket

    with running.own.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        with socket.socket(fileno=os.dup(raw.fileno())) as line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 15_000
        assert connection.scalar(sa.text("SHOW idle_in_transaction_session_timeout")) == "5min"

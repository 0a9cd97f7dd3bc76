"""Databases that restart, have no connection or no room left: whoever asks hears so and loses nothing."""

import errno
import re
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from shared.config import load
from shared.database import FOLD, connect, glancing, maintain, transaction
from shared.events import PRIVATE, MailAccepted
from shared.host import Host
from shared.messaging.broker import Delivery, Done, Message, Queue
from shared.messaging.inbox import receiver
from shared.messaging.local import LocalBroker
from shared.migrate import upgrade
from shared.sealing import b64
from shared.service import Service
from shared.unavailable import unavailable
from survey_service.tables import SURVEY
from tests.asked import Asked, Link, complete
from tests.faults.conftest import Figure
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.test_abuse import _accepted
from tests.integration.survey.conftest import NOW
from tests.post_office import SECRETS
from tests.servers.postgres import Own, own

MIGRATIONS = "survey_service.migrations"


@pytest.fixture(scope="module")
def server() -> Iterator[Own]:
    with own() as made:
        yield made


@pytest.fixture
def engine(server: Own) -> Iterator[Engine]:
    found = connect(server.database())
    upgrade(found, MIGRATIONS)
    yield found
    found.dispose()


@dataclass
class Rater:
    """A browser without JavaScript that fills in a form and presses the button of the page it got."""

    world: Asked
    link: Link

    def __post_init__(self) -> None:
        self._client = self.world.app().test_client()

    def look(self) -> TestResponse:
        return self._client.post("/s/open", data={"code": self.link.code})

    def answer(self) -> TestResponse:
        fields = {"code": self.link.code, "lang": "en", **complete(self.world)}
        return self._client.post("/s/answer", data=fields)

    def press(self, page: TestResponse) -> TestResponse:
        """Send again what the page keeps."""
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
        return self._client.post("/s/answer", data={name: unescape(value) for name, value in fields.items()})

    def submit(self) -> TestResponse:
        values = {**self.link.form, "ballot": b64(self.world.ballot())}
        return self._client.post("/s/submit", json=values, headers={"Accept": "text/html"})


def refused_for_now(page: TestResponse) -> None:
    assert page.status_code == 503, page.text
    assert int(page.headers["Retry-After"]) > 0
    assert page.headers["Cache-Control"] == "no-store"
    assert "Traceback" not in page.text
    assert "data-page" not in page.text, "the script takes it for no answer, keeps the ballot and tries again"


def _rater(engine: Engine, folder: Path) -> Rater:
    world = Asked(engine, folder)
    return Rater(world, world.invite("peer"))


def test_a_restart_costs_a_rater_nothing_but_a_moment(
    server: Own, engine: Engine, tmp_path: Path, figure: Figure
) -> None:
    rater = _rater(engine, tmp_path)
    _use_every_connection(engine)
    server.stop()
    try:
        page = rater.answer()
        refused_for_now(page)
        assert "What you filled in is not lost" in page.text
        refused_for_now(rater.submit())
    finally:
        server.start()
    begun = time.monotonic()
    assert rater.press(page).status_code == 200
    figure("PostgreSQL stopped and started", 1, lost=0, seconds=time.monotonic() - begun, target="< 30 s")
    assert rater.world.state(rater.link)[0] == "answered"
    assert len(rater.world.opened()) == 1


def test_nobody_notices_a_restart_between_two_requests(server: Own, engine: Engine, tmp_path: Path) -> None:
    """Connections that were in use a moment ago are hung up like all others, and nobody hears of it."""
    rater = _rater(engine, tmp_path)
    _use_every_connection(engine)
    server.stop()
    server.start()
    assert [rater.look().status_code for _ in range(10)] == [200] * 10
    _use_every_connection(engine)
    with psycopg.connect(server.url, autocommit=True) as admin:
        gone = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        admin.execute(gone, [engine.url.database])
    assert [rater.look().status_code for _ in range(10)] == [200] * 10


def _use_every_connection(engine: Engine) -> None:
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(engine.connect()).execute(sa.text("SELECT 1"))


def test_looking_at_the_line_costs_next_to_nothing(engine: Engine) -> None:
    """Less than a tenth of the shortest question to a server on the same machine."""
    from shared.database import _unasked

    with engine.connect() as connection:
        raw = connection.connection.driver_connection

        def seconds(work: Callable[[], Any]) -> float:
            begun = time.perf_counter()
            for _ in range(300):
                work()
            return time.perf_counter() - begun

        asking = min(seconds(lambda: engine.dialect.do_ping(raw)) for _ in range(3))  # type: ignore[arg-type]
        looking = min(seconds(lambda: _unasked(raw)) for _ in range(3))
    assert looking < asking / 10


def test_a_server_without_connections(server: Own, engine: Engine, tmp_path: Path) -> None:
    rater = _rater(engine, tmp_path)
    engine.dispose()
    taken = []
    with pytest.raises(psycopg.OperationalError):
        while len(taken) < 250:
            taken.append(psycopg.connect(server.url))
    page = rater.answer()
    for connection in taken:
        connection.close()
    refused_for_now(page)
    assert rater.press(page).status_code == 200


def test_a_pool_without_connections(engine: Engine, tmp_path: Path) -> None:
    rater = _rater(engine, tmp_path)
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    most = engine.pool.size() + engine.pool._max_overflow  # type: ignore[attr-defined]
    with ExitStack() as stack:
        for _ in range(most):
            stack.enter_context(engine.connect())
        page = rater.answer()
    refused_for_now(page)
    assert rater.press(page).status_code == 200


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with tempfile.TemporaryDirectory(prefix="cermin-disk-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with small_disk(Path(folder) / "disk", 24) as made:
            yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def on_small_disk(request: pytest.FixtureRequest, disk: SmallDisk) -> Iterator[Engine]:
    """A survey database that has no other place than the small disk."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{disk.path / 'survey.db'}")
    else:
        server: Own = request.getfixturevalue("server")
        url = server.database()
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
            admin.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET TABLESPACE small")
        engine = connect(url)
    upgrade(engine, MIGRATIONS)
    yield engine
    engine.dispose()
    if request.param == "postgresql":
        server.drop(url)
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute("DROP TABLESPACE small")


def test_a_full_disk(on_small_disk: Engine, disk: SmallDisk, tmp_path: Path) -> None:
    """Answers until there is no room; the one that met the end is accepted when there is room again."""
    world = Asked(on_small_disk, tmp_path)
    raters = [Rater(world, world.invite("peer")) for _ in range(60)]
    if on_small_disk.dialect.name == "sqlite":
        maintain(on_small_disk, FOLD)  # its log keeps the room it once had
    disk.fill()
    accepted, page = 0, None
    for rater in raters:
        page = rater.answer()
        if page.status_code != 200:
            break
        accepted += 1
    assert page is not None
    refused_for_now(page)
    refused_for_now(raters[accepted].submit())
    disk.make_room()
    assert raters[accepted].press(page).status_code == 200
    assert len(world.opened()) == accepted + 1


def test_what_stays_wrong_is_not_called_passing(tmp_path: Path, engine: Engine) -> None:
    for one in (engine, connect(f"sqlite:///{tmp_path / 'x.db'}")):
        with pytest.raises(sa.exc.DBAPIError) as told, glancing(one) as session:
            session.execute(sa.text("SELECT 1 FROM no_such_table"))
        assert not unavailable(told.value)
        one.dispose()
    assert not unavailable(FileNotFoundError(errno.ENOENT, "no such file"))
    assert not unavailable(ValueError())
    assert not unavailable(None)
    assert unavailable(OSError(errno.ENOSPC, "full"))
    assert unavailable(OSError(errno.EDQUOT, "quota"))


def test_a_locked_file_and_one_that_cannot_grow(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    with transaction(engine) as session:
        session.execute(sa.text("CREATE TABLE t (x)"))
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError) as told, engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 10")  # type: ignore[union-attr]
        connection.execute(sa.text("INSERT INTO t VALUES (1)"))
    assert unavailable(told.value)
    other.execute("ROLLBACK")
    with pytest.raises(sa.exc.OperationalError) as told, transaction(engine) as session:
        session.execute(sa.text("PRAGMA max_page_count = 1"))
        session.execute(sa.text("INSERT INTO t VALUES (zeroblob(100000))"))
    assert unavailable(told.value)
    other.close()
    engine.dispose()


def test_staff_and_programs_are_told_in_their_own_way(
    server: Own, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole service: a password is in no page, a form comes back, a program gets problem+json."""
    monkeypatch.setenv("CERMIN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv(
        "CERMIN_SURVEY_DATABASE_URL", engine.url.set(drivername="postgresql").render_as_string(False)
    )
    for name in ("EVENT", "SERVICE"):
        monkeypatch.setenv(f"CERMIN_{name}_SECRETS", "s" * 40)
    host = Host(load(), ["survey"])
    client = host.app("survey").test_client()
    form = client.get("/console/sign-in").text
    token = form.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    server.stop()
    try:
        program = client.get("/api/v1/rounds", headers={"Authorization": "Bearer x"})
        signing = client.post("/console/sign-in", data={"csrf_token": token, "login": "sari", "password": "geheim"})
        wish = client.post("/s/resend", data={"address": 'a"b@dinas.example'})
        look = client.get("/s/receipts/00000000-0000-0000-0000-000000000000")
    finally:
        server.start()
        host.close()
    assert program.content_type == "application/problem+json"
    assert program.json is not None and program.json["code"] == "not_now"
    for page in (program, signing, wish, look):
        refused_for_now(page)
    assert "geheim" not in signing.text and "kembali ke halaman sebelumnya" in signing.text
    assert 'value="a&#34;b@dinas.example"' in wish.text and "Kirim lagi" in wish.text
    assert "Buka lagi" in look.text


def test_no_event_is_blamed_for_a_full_disk(on_small_disk: Engine, disk: SmallDisk) -> None:
    """The batch stays where it is, uncounted, however long it takes until there is room again."""

    def keep(session: Any, events: Any) -> None:
        session.execute(sa.text("INSERT INTO effect VALUES (:content)"), [{"content": "x" * 4_000_000}])

    with transaction(on_small_disk) as session:
        session.execute(sa.text("CREATE TABLE effect (content TEXT)"))
        if on_small_disk.dialect.name == "postgresql":
            session.execute(sa.text("ALTER TABLE effect ALTER COLUMN content SET STORAGE EXTERNAL"))
    message = _accepted(1)
    work = receiver(
        Service("survey", SURVEY, MIGRATIONS, on_small_disk, handlers={MailAccepted.type: keep}),
        SECRETS,
        lambda: NOW,
    )
    disk.fill()
    for _ in range(10):
        with pytest.raises(sa.exc.OperationalError):
            work([Delivery(message.topic, message.id, message.body)])
    disk.make_room()
    assert work([Delivery(message.topic, message.id, message.body)]) == [Done()]


def test_the_local_broker_notes_what_is_done_as_soon_as_there_is_room(disk: SmallDisk, figure: Figure) -> None:
    """The disk fills up between the consumer's commit and the note of it; its lease would last for a minute."""
    broker = LocalBroker(disk.path / "broker.db")
    broker.declare([Queue("q", ((PRIVATE, "#"),))])
    broker.publish([Message(PRIVATE, "t", "one", b"x" * 100_000)])
    heard, stop = [], threading.Event()

    def hear(deliveries: Any) -> Any:
        heard.extend(one.id for one in deliveries)
        with broker._file.reading() as db:
            db.execute(FOLD)  # the log keeps the room it once had
        disk.fill()
        return [Done()] * len(deliveries)

    thread = threading.Thread(target=broker.consume, args=("q", hear, stop))
    thread.start()
    time.sleep(3)
    assert broker.depth("q") == 1
    disk.make_room()
    room = time.monotonic()
    while broker.depth("q") and time.monotonic() - room < 30:
        time.sleep(0.05)
    took = time.monotonic() - room
    stop.set()
    thread.join(5)
    broker.close()
    figure("disk of the local broker full", 1, lost=0, doubled=0, seconds=took, target="< 30 s")
    assert heard == ["one"] and took < 5

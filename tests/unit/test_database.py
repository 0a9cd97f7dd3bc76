"""The database layer behaves the same on SQLite and PostgreSQL, and loses nothing."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.bulk import behind, fill
from shared.database import Json, UTCDateTime, connect, glancing, insert_new, reading, transaction

tables = sa.MetaData()
counter = sa.Table("counter", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
moment = sa.Table("moment", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", UTCDateTime))
mixed = sa.Table(
    "mixed",
    tables,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(200)),
    sa.Column("held", sa.LargeBinary),
    sa.Column("facts", Json),
    sa.Column("at", UTCDateTime),
    sa.Column("order", sa.Boolean),
)
child = sa.Table("child", tables, sa.Column("parent", sa.ForeignKey("counter.id"), nullable=False))


@pytest.fixture
def engine(new_engine: Callable[..., Engine]) -> Engine:
    made = new_engine()
    tables.create_all(made)
    return made


def number(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.scalar(sa.select(counter.c.n)) or 0)


def start_counter(engine: Engine) -> None:
    with transaction(engine) as session:
        session.execute(counter.insert().values(id=1, n=0))


def increment_by_reading(engine: Engine) -> None:
    """Read, then write: what the house avoids, and must be safe all the same where it is done with a lock."""
    with transaction(engine) as session:
        found = session.scalar(sa.select(counter.c.n).with_for_update()) or 0
        session.execute(sa.update(counter).values(n=found + 1))


@pytest.mark.parametrize("engines", [1, 2])
def test_no_update_is_lost_between_threads(engine: Engine, engines: int) -> None:
    """With two engines the threads meet in the file or the server, as two processes would."""
    start_counter(engine)
    others = [connect(engine.url.render_as_string(hide_password=False)) for _ in range(engines - 1)]
    everyone = [engine, *others]

    def work(at: int) -> None:
        for _ in range(25):
            increment_by_reading(everyone[at % engines])

    threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for other in others:
        other.dispose()
    assert number(engine) == 200


def test_a_transaction_is_whole_or_nothing(engine: Engine) -> None:
    start_counter(engine)
    with pytest.raises(RuntimeError), transaction(engine) as session:
        session.execute(sa.update(counter).values(n=5))
        raise RuntimeError
    assert number(engine) == 0


def test_reading_keeps_nothing_and_blocks_nobody(engine: Engine) -> None:
    start_counter(engine)
    with reading(engine) as session:
        assert session.scalar(sa.select(counter.c.n)) == 0
        increment_by_reading(engine)
    assert number(engine) == 1


def test_a_look_is_consistent_on_sqlite(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    tables.create_all(engine)
    start_counter(engine)
    with reading(engine) as session:
        assert session.scalar(sa.select(counter.c.n)) == 0
        increment_by_reading(engine)
        assert session.scalar(sa.select(counter.c.n)) == 0
    engine.dispose()


def test_foreign_keys_hold(engine: Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), transaction(engine) as session:
        session.execute(child.insert().values(parent=99))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 10, 1, 12, 30, 15, 123456, tzinfo=UTC),
        datetime(2026, 10, 1, 12, 30, tzinfo=timezone(timedelta(hours=7))),
        datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=9))),
    ],
)
def test_moments_come_back_as_they_were_in_utc(engine: Engine, at: datetime) -> None:
    with transaction(engine) as session:
        session.execute(moment.insert().values(id=1, at=at))
    with reading(engine) as session:
        [found] = session.scalars(sa.select(moment.c.at).where(moment.c.at == at))
    assert found == at
    assert found.utcoffset() == timedelta(0)


def test_moments_without_zone_are_refused(engine: Engine) -> None:
    naive = datetime(2026, 10, 1)  # noqa: DTZ001
    with pytest.raises(sa.exc.StatementError, match="without zone"), transaction(engine) as session:
        session.execute(moment.insert().values(id=1, at=naive))


def test_moments_compare_in_order(engine: Engine) -> None:
    early, late = datetime(2026, 10, 1, 9, tzinfo=UTC), datetime(2026, 10, 1, 10, tzinfo=UTC)
    with transaction(engine) as session:
        session.execute(moment.insert(), [{"id": 1, "at": late}, {"id": 2, "at": early}, {"id": 3, "at": None}])
    with reading(engine) as session:
        assert session.scalars(sa.select(moment.c.id).where(moment.c.at < late)).all() == [2]


def test_what_exists_stays_as_it_is(engine: Engine) -> None:
    with transaction(engine) as session:
        assert insert_new(session, counter, [], "id") == 0
        assert insert_new(session, counter, [{"id": 1, "n": 1}, {"id": 2, "n": 1}], "id") == 2
        assert insert_new(session, counter, [{"id": 2, "n": 9}, {"id": 3, "n": 9}], "id") == 1
    with reading(engine) as session:
        assert session.execute(sa.select(counter).order_by(counter.c.id)).all() == [(1, 1), (2, 1), (3, 9)]


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 30000),
    ],
)
def test_every_sqlite_connection_is_set_as_deletion_and_durability_need(
    tmp_path: Path, pragma: str, value: object
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'new folder' / 'x.db'}").execution_options(reading_only=True)
    with engine.connect() as first, engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engine.dispose()


def test_a_database_that_refuses_a_setting_is_not_used() -> None:
    engine = connect("sqlite:///file::memory:?uri=true")  # a database in memory has no write-ahead log
    with pytest.raises(RuntimeError, match="journal_mode"), engine.connect():
        pass
    engine.dispose()


def test_deleted_content_leaves_no_trace_in_the_file(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT)")
        connection.execute(sa.text("INSERT INTO t VALUES (:x)"), {"x": "canary" * 200})
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM t")
    engine.dispose()
    assert b"canary" not in (tmp_path / "x.db").read_bytes()


def test_errors_do_not_show_values(engine: Engine) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as problem, engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO nothing VALUES (:secret)"), {"secret": "s3cret-value"})
    assert "s3cret-value" not in str(problem.value)


def test_many_rows_are_filled_in_as_they_are(engine: Engine) -> None:
    rows = [
        {
            "id": uuid.uuid4(),
            "name": "tab\t, line\nand \\N are text",
            "held": bytes(range(256)),
            "facts": {"id": "naïve", "n": [1, None]},
            "at": datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=7))),
            "order": True,
        },
        {"id": uuid.uuid4(), "name": None, "held": None, "facts": [], "at": None, "order": False},
    ]
    with transaction(engine) as session:
        fill(session, mixed, rows)
        fill(session, mixed, [])
    with glancing(engine) as session:
        found = {row["id"]: dict(row) for row in session.execute(sa.select(mixed)).mappings()}
    assert found == {row["id"]: row for row in rows}


def test_rows_that_do_not_fit_fill_nothing(engine: Engine) -> None:
    start_counter(engine)
    with pytest.raises(sa.exc.IntegrityError), transaction(engine) as session:
        session.execute(sa.update(counter).values(n=7))
        fill(session, counter, [{"id": 2, "n": 0}, {"id": 1, "n": 0}])
    assert number(engine) == 0


def test_rows_are_written_in_order_while_others_are_made(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(counter.insert().values(id=0, n=0))
    with transaction(engine) as session:
        with behind() as soon:
            for at in range(1, 40):
                soon(fill, session, counter, [{"id": at, "n": at}])
                soon(fill, session, child, [{"parent": at}])
        assert session.scalar(sa.select(sa.func.sum(counter.c.n))) == sum(range(40))
    with pytest.raises(sa.exc.IntegrityError), transaction(engine) as session, behind() as soon:
        soon(fill, session, counter, [{"id": 100, "n": 0}])
        soon(fill, session, counter, [{"id": 1, "n": 0}])
    with pytest.raises(ZeroDivisionError), transaction(engine) as session, behind() as soon:
        soon(fill, session, counter, [{"id": 101, "n": 1 // 0}])
    with glancing(engine) as session:
        assert session.scalar(sa.select(sa.func.max(counter.c.id))) == 39


@pytest.mark.postgresql
def test_a_connection_that_rested_and_died_is_replaced(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.RESTED", 0.0)
    engine = connect(pg_url)
    with glancing(engine) as session:
        pid = session.scalar(sa.text("SELECT pg_backend_pid()"))
    with psycopg.connect(pg_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))
    with transaction(engine) as session:
        assert session.scalar(sa.text("SELECT pg_backend_pid()")) != pid
    engine.dispose()

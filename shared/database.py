"""Engines and transactions: PostgreSQL as it is, and SQLite made to behave like a server."""

import select
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import Session

from shared.sqlite import DURABLE
from shared.sqlite import prepare as prepare_sqlite

NAMES: Mapping[str, str] = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Naming convention of constraints, so that a migration can name what it changes."""

_SETTINGS = (*DURABLE, ("foreign_keys", "ON", 1), ("busy_timeout", "30000", 30000))
RESTED = 1.0
"""Seconds after which a connection is asked before it is used again; one that was just hung up is seen without."""
_writers: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()

PATIENCE: Mapping[str, object] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How libpq notices a server that vanished without a word: within 15 seconds. A URL may say otherwise."""
_FORGET_THE_VANISHED = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = '20s'; SET idle_in_transaction_session_timeout = '5min'"
)
"""How the server notices the same of us, so that the locks of a machine that lost power do not outlive it."""


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; refuses naive datetimes, always returns aware ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store as UTC (SQLite has no zones, so the naive UTC value is kept there)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Jot = Callable[[sa.Executable, Mapping[str, Any]], int]
"""Runs one writing statement with its values and commits it; gives the number of rows."""

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A growing key: 64 bits on both databases. Not for anything a rater touches: it would tell the order."""

Json = sa.JSON()
"""A JSON document."""


def metadata() -> sa.MetaData:
    """An empty set of tables with the naming convention."""
    return sa.MetaData(naming_convention=dict(NAMES))


def connect(url: str) -> Engine:
    """An engine for ``url``; on SQLite every writing transaction is ``BEGIN IMMEDIATE``.

    Raises ``RuntimeError`` when SQLite does not accept a setting that durability or deletion depends on.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _connect_sqlite(parsed)
    patience: dict[str, object] = {}
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        patience = {name: value for name, value in PATIENCE.items() if name not in parsed.query}
    engine = sa.create_engine(
        parsed, pool_size=8, max_overflow=24, pool_timeout=10, hide_parameters=True, connect_args=patience
    )
    if parsed.get_backend_name() == "postgresql":
        _ask_rested(engine)
    return engine


def _ask_rested(engine: Engine) -> None:
    """Ask a connection whether it still lives when it has rested or when something lies on its line.

    Asking each time costs a fifth of an answer. A server that stops says so on every line, where only answers are
    expected: looking at the line costs a hundredth of asking and finds all that were hung up.
    """

    @event.listens_for(engine, "connect")
    def settle(raw: Any, _record: Any) -> None:
        raw.execute(_FORGET_THE_VANISHED)
        raw.commit()

    @event.listens_for(engine, "checkin")
    def note(_raw: Any, record: Any) -> None:
        record.info["since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(raw: Any, record: Any, _proxy: Any) -> None:
        rested = time.monotonic() - record.info.get("since", time.monotonic())
        if rested < RESTED and not _unasked(raw):
            return
        try:
            engine.dialect.do_ping(raw)
        except psycopg.Error as error:
            raise sa.exc.DisconnectionError from error


def _unasked(raw: Any) -> bool:
    """Whether something came on the line of a connection that nobody asked anything: most likely a farewell."""
    line = select.poll()
    line.register(raw.fileno(), select.POLLIN)
    return bool(line.poll(0))


def _connect_sqlite(url: sa.URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=16,
        max_overflow=16,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        prepare_sqlite(raw, _SETTINGS)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading_only = connection.get_execution_options().get("reading_only")
        connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any exception.

    On SQLite writers of one process take turns here, so that none of them waits in SQLite's busy loop.
    """
    with _turn(engine), Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent look, however many statements; it never blocks a writer and nothing it does is kept."""
    options = {"reading_only": True} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with Session(engine.execution_options(**options)) as session:
        yield session


@contextmanager
def glancing(engine: Engine) -> Iterator[Session]:
    """For single statements that need not agree with each other: PostgreSQL then opens no transaction for them."""
    options = {"reading_only": True} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with Session(engine.execution_options(**options)) as session:
        yield session


@contextmanager
def jotting(engine: Engine) -> Iterator[Jot]:
    """For single statements that are committed one by one.

    What they wrote outlives this process. On PostgreSQL it does not wait for the disk: when the database crashes or
    its machine loses power, what was written in the last second may be gone (``synchronous_commit``), unless an
    ordinary transaction was committed since. So this is for what may then simply be done again.
    """
    if engine.dialect.name == "sqlite":
        yield partial(_jot_durably, engine)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SET synchronous_commit = off")
        try:
            yield lambda statement, values: changed(connection.execute(statement, values))
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql("RESET synchronous_commit")


def _jot_durably(engine: Engine, statement: sa.Executable, values: Mapping[str, Any]) -> int:
    with transaction(engine) as session:
        return changed(session.execute(statement, dict(values)))


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    if engine.dialect.name != "sqlite":
        yield
        return
    with _writers.setdefault(engine, threading.Lock()):
        yield


def insert_new(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], *keys: str) -> int:
    """Insert rows, leaving those whose ``keys`` exist already as they are; returns how many were new.

    What was written is counted, because psycopg does not tell the number for many rows at once.
    """
    if not rows:
        return 0
    statement = insert(session, table).on_conflict_do_nothing(index_elements=list(keys))
    written = session.connection().execute(statement.returning(table.c[keys[0]]), rows)
    return len(written.all())


def changed(result: sa.Result[Any]) -> int:
    """How many rows a statement wrote; an ``INSERT`` must be executed with ``preserve_rowcount=True``."""
    return int(cast("sa.CursorResult[Any]", result).rowcount)


def insert(session: Session, table: sa.Table) -> Any:
    """The dialect's ``INSERT`` with ``ON CONFLICT``; both databases spell it alike."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as dialect_insert
    else:
        from sqlalchemy.dialects.postgresql import insert as dialect_insert  # type: ignore[assignment]
    return dialect_insert(table)


FOLD = "PRAGMA wal_checkpoint(TRUNCATE)"
"""Folds SQLite's log into its file, so that the log does not keep what was before."""
SWEEP_PATIENCE = "3s"
"""How long rewriting a table may wait for whoever uses it; every other statement waits behind it meanwhile."""


def rewriting(tables: Sequence[sa.Table]) -> Iterator[str]:
    """What leaves no old row of ``tables`` in PostgreSQL's pages.

    ``VACUUM`` first: the other keeps what a transaction in any database of the server might still see.
    """
    for table in tables:
        yield f"VACUUM {table.name}"
        yield f"VACUUM FULL {table.name}"


def maintain(engine: Engine, *statements: str) -> None:
    """Run what is no part of a transaction, such as ``VACUUM``; raises the driver's error after the patience."""
    raw = engine.raw_connection()
    driver = raw.driver_connection
    assert driver is not None, "a connection from the pool has its driver's"
    server = engine.dialect.name == "postgresql"
    try:
        if server:
            driver.autocommit = True
            driver.execute(f"SET lock_timeout = '{SWEEP_PATIENCE}'")
        for statement in statements:
            driver.execute(statement).close()
    finally:
        if server:
            driver.execute("RESET lock_timeout")
            driver.autocommit = False
        raw.close()

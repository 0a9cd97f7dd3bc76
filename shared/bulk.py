"""Writing many new rows: by COPY where there is one, and while the next ones are being made."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

Soon = Callable[..., None]


@contextmanager
def behind() -> Iterator[Soon]:
    """Have rows written, in the order of the calls, while the caller makes the next ones.

    ``soon(work, *args)`` is carried out by a thread; only one is under way: the next call waits for it, and raises
    what went wrong with it. Nobody else may use a session that is written to; after the block all is written.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="behind") as thread:
        before: Future[object] | None = None

        def soon(work: Callable[..., object], *args: Any) -> None:
            nonlocal before
            if before is not None:
                before.result()
            before = thread.submit(work, *args)

        yield soon
        if before is not None:
            before.result()


def fill(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many new rows, all with the same columns: COPY on PostgreSQL, one statement elsewhere.

    Binary: half the work of text on both sides.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(table.insert(), rows)
        return
    dialect, names, raw = connection.dialect, list(rows[0]), cast("Any", connection.connection)
    kinds = [table.c[name].type.dialect_impl(dialect) for name in names]
    bind = [None if isinstance(kind, _AS_IS) else kind.bind_processor(dialect) for kind in kinds]
    quote = dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, names))}) FROM STDIN (FORMAT BINARY)"
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_sent_as(kind, dialect) for kind in kinds])
            for row in rows:
                cells = zip(names, bind, strict=True)
                copy.write_row([row[name] if work is None else work(row[name]) for name, work in cells])
    except psycopg.Error as error:
        gone = raw.driver_connection.closed
        if gone:
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(
            statement, None, error, psycopg.Error, connection_invalidated=gone, dialect=dialect
        ) from error


_AS_IS = (sa.LargeBinary, sa.Enum, sa.Uuid)
"""Types whose values psycopg takes as they are; a word that is none of an ``Enum``'s fails at its constraint."""


def _sent_as(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> str:
    """PostgreSQL's name of a column's type without its length."""
    return kind.compile(dialect).partition("(")[0].lower()

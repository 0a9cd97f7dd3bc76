"""Deleted ballots leave the files too: freed pages, dead rows and SQLite's log.

``VACUUM`` and checkpoints are no part of a transaction, so this one takes the engine. It is safe at any time and
from several replicas: sweeping twice sweeps nothing more.
"""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import reading, transaction
from survey_service.tables import box, invitation, letter, round_

_DONE = ("counted", "scored", "released", "final", "archived", "cancelled")
_TABLES = (box, letter, invitation)


def sweep(engine: Engine) -> int:
    """Fold SQLite's log into the file, and clear the files after rounds whose boxes were deleted; how many rounds.

    While rounds are open only the log is folded, so that it does not keep the order in which answers came.
    """
    with reading(engine) as session:
        due = sa.select(round_.c.id).where(round_.c.state.in_(_DONE), sa.not_(round_.c.swept))
        found = list(session.scalars(due))
    if engine.dialect.name == "sqlite":
        _run(engine, *(["VACUUM"] if found else []), "PRAGMA wal_checkpoint(TRUNCATE)")
    elif found:
        _run(engine, *(f"VACUUM {table.name}" for table in _TABLES))
    if found:
        with transaction(engine) as session:
            session.execute(sa.update(round_).where(round_.c.id.in_(found)).values(swept=True))
    return len(found)


def _run(engine: Engine, *statements: str) -> None:
    """Outside any transaction."""
    raw = engine.raw_connection()
    try:
        driver = raw.driver_connection
        assert driver is not None, "a connection from the pool has its driver's"
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
        for statement in statements:
            driver.execute(statement).close()
    finally:
        if engine.dialect.name == "postgresql":
            raw.driver_connection.autocommit = False  # type: ignore[union-attr]
        raw.close()

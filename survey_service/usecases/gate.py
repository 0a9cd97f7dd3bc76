"""The gate of an open round: answers pass side by side; whoever ends answering waits for those inside.

On PostgreSQL it is an advisory lock, which queues: once somebody waits to shut the gate, whoever comes later waits
behind, while on the row of a round new share locks would pass the one who waits, for as long as they overlap. It
ends with the transaction. SQLite has one writer at a time and needs none.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session


def passing(query: sa.Select[Any], round_id: sa.ColumnElement[UUID]) -> sa.Select[Any]:
    """``query`` that goes through the gate of the round it finds, on PostgreSQL, with one more column, ``gate``.

    What it reads may be from before its wait: whoever changes something afterwards asks for the state again.
    """
    return query.add_columns(sa.func.pg_advisory_xact_lock_shared(_name(round_id), type_=sa.Text).label("gate"))


def shut(session: Session, round_id: UUID) -> None:
    """Wait until nobody is inside and let nobody in before this transaction ends.

    Whoever shuts the gate has changed the row of the round before: always in this order, or two of them would wait
    for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_name(sa.literal(round_id, sa.Uuid)))))


def _name(round_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[int]:
    return sa.func.hashtextextended(sa.cast(round_id, sa.Text), 0)

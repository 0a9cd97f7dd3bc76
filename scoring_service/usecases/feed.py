"""The feed: every public event once more, in the order in which it became visible, to read by cursor or replay."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import feed, feed_head, round_
from shared import audit
from shared.database import insert
from shared.errors import conflict, invalid, missing
from shared.events import Event
from shared.messaging import outbox
from shared.messaging.tables import outbox as outgoing

_HEAD = "scores"
_MARK = "feed:"


@dataclass(frozen=True, slots=True)
class Page:
    """Some events of the feed. ``cursor`` is where to go on; ``more`` says whether anything waits there now."""

    events: Sequence[Mapping[str, Any]]
    cursor: str
    more: bool


def append(session: Session, round_id: UUID, events: Sequence[Event]) -> None:
    """Publish public events and keep them in the feed, in this transaction.

    The head row stays locked until the caller commits, so positions become visible in order and without gaps.
    """
    if not events:
        return
    last = _advance(session, len(events))
    rows = [
        {
            "position": last - len(events) + at,
            "event_id": event.id,
            "round_id": round_id,
            "type": event.type,
            "subject": event.subject,
            "time": event.time,
            "data": json.dumps(event.plain(), separators=(",", ":"), ensure_ascii=False),
        }
        for at, event in enumerate(events, start=1)
    ]
    session.connection().execute(feed.insert(), rows)
    outbox.publish(session, events)


def read(session: Session, after: str | None, limit: int) -> Page:
    """Up to ``limit`` events after a cursor (from the beginning when None). Raises ``Refused`` for a bad one."""
    start = _position(after)
    rows = session.execute(
        sa.select(feed).where(feed.c.position > start).order_by(feed.c.position).limit(limit + 1)
    ).all()
    shown = rows[:limit]
    events = [
        {
            "id": row.event_id,
            "type": row.type,
            "subject": row.subject,
            "time": row.time,
            "data": json.loads(row.data),
        }
        for row in shown
    ]
    return Page(events, _cursor(shown[-1].position if shown else start), len(rows) > limit)


def replay(session: Session, round_id: UUID, actor: str, now: datetime) -> int:
    """Publish the events of a released round again, with the same ids and content; returns how many.

    Raises ``Refused`` for an unknown round or one that is not released. One copying statement, whatever the size.
    """
    state = session.scalar(sa.select(round_.c.state).where(round_.c.id == round_id))
    if state is None:
        raise missing("round_unknown", "There is no round under this id.")
    if state not in ("released", "final"):
        raise conflict("round_not_released", f"This round is {state}: there is nothing to publish again.")
    columns = ["event_id", "type", "subject", "time", "data"]
    source = sa.select(*(feed.c[name] for name in columns)).where(feed.c.round_id == round_id)
    count = session.scalar(sa.select(sa.func.count()).where(feed.c.round_id == round_id)) or 0
    session.execute(outgoing.insert().from_select(columns, source.order_by(feed.c.position)))
    audit.record(session, now, actor, "scores.replayed", str(round_id), {"events": count})
    return count


def ids_of(session: Session, round_id: UUID) -> Sequence[tuple[str, str]]:
    """Type and id of every event of a round, by id."""
    query = sa.select(feed.c.type, feed.c.event_id).where(feed.c.round_id == round_id).order_by(feed.c.event_id)
    return [(row.type, row.event_id) for row in session.execute(query)]


def _advance(session: Session, by: int) -> int:
    statement = insert(session, feed_head).values(name=_HEAD, position=by)
    moved = statement.on_conflict_do_update(
        index_elements=["name"], set_={"position": feed_head.c.position + statement.excluded.position}
    )
    position: int = session.execute(moved.returning(feed_head.c.position)).scalar_one()
    return position


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"{_MARK}{position}".encode()).decode().rstrip("=")


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        digits = text.removeprefix(_MARK)
        if text == digits or not digits.isdigit() or len(digits) > 18:
            raise ValueError(cursor)
    except (binascii.Error, ValueError):
        raise invalid("cursor_unknown", "Send back a cursor as the feed gave it, or none to start over.") from None
    return int(digits)

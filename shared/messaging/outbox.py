"""Publish with the fact, relay afterwards.

``publish`` stores events in the caller's transaction. ``relay`` claims a batch under a lease, hands it to the
broker outside any transaction, and deletes what was confirmed; a death in between publishes the batch again, with
the same ids.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import transaction
from shared.events import CONTRACTS, PUBLIC, Event
from shared.messaging.broker import Broker, Message, PublishFailed, Unroutable
from shared.messaging.envelope import write
from shared.messaging.tables import outbox
from shared.service import Clock

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=15)
"""How long a relay may take for a batch before another takes it too; longer than any broker waits for confirms.
One that ends much later was made before the clock was set back, and is void."""
PAUSE = timedelta(seconds=2)
"""How long a message that cannot leave lets others pass."""


def publish(session: Session, events: Sequence[Event]) -> None:
    """Store events to be published when this transaction commits; one statement for all."""
    if not events:
        return
    rows = [
        {
            "event_id": event.id,
            "type": event.type,
            "subject": event.subject,
            "time": event.time,
            "data": json.dumps(event.plain(), separators=(",", ":"), ensure_ascii=False),
        }
        for event in events
    ]
    session.connection().execute(outbox.insert(), rows)


def relay(engine: Engine, broker: Broker, secrets: Sequence[str], clock: Clock, batch: int = 1000) -> int:
    """Hand one batch to the broker, in the order of publication; returns how many messages left.

    A public event that nobody listens to counts as handed over (the feed and ``cermin replay`` have it). A private
    one stays with its problem and lets others pass; when the broker itself fails, the whole batch comes again next.
    """
    claimed = _claim(engine, clock, batch)
    if not claimed:
        return 0
    messages, stuck = _messages(claimed, secrets)
    again: datetime | None = clock() + PAUSE
    try:
        broker.publish(list(messages.values()))
    except Unroutable as problem:
        lost = set(problem.ids)
        stuck |= {
            position: "no queue listens"
            for position, message in messages.items()
            if message.id in lost and message.exchange != PUBLIC
        }
    except PublishFailed as problem:
        stuck |= {position: str(problem)[:200] for position in messages}
        again = None
    _settle(engine, [row.position for row in claimed if row.position not in stuck], stuck, again)
    if stuck:
        log.warning("events wait in the outbox", count=len(stuck), problem=next(iter(stuck.values())))
    return len(claimed) - len(stuck)


def _claim(engine: Engine, clock: Clock, batch: int) -> list[sa.Row[tuple[object, ...]]]:
    now = clock()
    until = outbox.c.leased_until
    free = sa.or_(until.is_(None), until < now, until > now + 2 * LEASE)
    due = sa.select(outbox.c.position).where(free).order_by(outbox.c.position).limit(batch)
    with transaction(engine) as session:
        rows = session.execute(
            sa.update(outbox)
            .where(outbox.c.position.in_(due.with_for_update(skip_locked=True)))
            .values(leased_until=now + LEASE, attempts=outbox.c.attempts + 1)
            .returning(outbox)
        ).all()
    return sorted(rows, key=lambda row: row.position)


def _messages(
    rows: Sequence[sa.Row[tuple[object, ...]]], secrets: Sequence[str]
) -> tuple[dict[int, Message], dict[int, str]]:
    """Messages by position, and the problems of rows that this program cannot turn into one."""
    messages: dict[int, Message] = {}
    problems: dict[int, str] = {}
    for row in rows:
        try:
            body = write(row.type, row.event_id, row.subject, row.time, json.loads(row.data), secrets)
            messages[row.position] = Message(CONTRACTS[row.type].exchange, row.type, row.event_id, body)
        except (KeyError, ValueError, TypeError) as error:
            problems[row.position] = f"cannot be sent by this version: {type(error).__name__}"
    return messages, problems


def _settle(engine: Engine, gone: Sequence[int], stuck: dict[int, str], again: datetime | None) -> None:
    with transaction(engine) as session:
        if gone:
            session.execute(sa.delete(outbox).where(outbox.c.position.in_(gone)))
        if stuck:
            session.connection().execute(
                sa.update(outbox)
                .where(outbox.c.position == sa.bindparam("at"))
                .values(problem=sa.bindparam("why"), leased_until=again),
                [{"at": at, "why": why} for at, why in stuck.items()],
            )

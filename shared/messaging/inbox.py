"""First time only: an event's effect and its inbox row are committed together, then it is acknowledged.

A batch is one transaction. When a handler stumbles, the batch is taken apart and each event tried alone, so that
one bad event holds up no other.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from shared.database import changed, insert, transaction
from shared.errors import Refused
from shared.events import BadEvent, Event
from shared.messaging.broker import Bury, Consumer, Delivery, Done, Outcome, Retry
from shared.messaging.envelope import Unreadable, decode
from shared.messaging.tables import inbox
from shared.service import Clock, Service
from shared.unavailable import unavailable

log = structlog.get_logger(__name__)
_DONE = Done()

KEEP = timedelta(days=30)
"""How long an applied event's id is remembered; outlives every retry and a dead letter's usual wait."""


def receiver(service: Service, secrets: Sequence[str], clock: Clock) -> Consumer:
    """The consumer of a service's queue: decodes, keeps out repetitions, calls handlers, commits."""

    def receive(deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        outcomes: dict[int, Outcome] = {}
        events: list[tuple[int, Event, bytes]] = []
        for at, delivery in enumerate(deliveries):
            try:
                event = decode(delivery.body, secrets)
                events.append((at, event, hashlib.sha256(_content(event)).digest()))
            except Unreadable as reason:
                log.error("message buried", queue=service.name, reason=str(reason))
                outcomes[at] = Bury(str(reason))
        outcomes |= _apply(service, clock, events)
        return [outcomes[at] for at in range(len(deliveries))]

    return receive


def _content(event: Event) -> bytes:
    return repr((event.type, event.subject, event.plain())).encode()


def _apply(service: Service, clock: Clock, events: list[tuple[int, Event, bytes]]) -> dict[int, Outcome]:
    if not events:
        return {}
    try:
        with transaction(service.engine) as session:
            return _apply_in(session, service, clock, events)
    except Exception as error:
        if _away(service.engine, error):
            raise
        if len(events) == 1:
            at, event, _ = events[0]
            return {at: _outcome(event, error)}
    outcomes: dict[int, Outcome] = {}
    for one in events:
        outcomes |= _apply(service, clock, [one])
    return outcomes


def _away(engine: Engine, error: Exception) -> bool:
    """Whether database or disk are what failed: then no event is to blame and none is counted.

    A connection that broke is looked at twice: an event that breaks it each time is to blame for that.
    """
    if unavailable(error) and not getattr(error, "connection_invalidated", False):
        return True
    if not isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return False
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return True
    return False


def _outcome(event: Event, error: Exception) -> Outcome:
    reason = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, Refused | BadEvent):
        log.warning("event refused", type=event.type, id=event.id, error=type(error).__name__)
        return Bury(reason)
    log.warning("event to be tried again", type=event.type, id=event.id, error=type(error).__name__)
    return Retry(type(error).__name__)


def _apply_in(
    session: Session, service: Service, clock: Clock, events: list[tuple[int, Event, bytes]]
) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    fresh: dict[str, tuple[Event, bytes]] = {}
    for _, event, digest in events:
        fresh.setdefault(event.id, (event, digest))
    new = _remember(session, clock, fresh)
    known = {id: digest for id, (_, digest) in fresh.items() if id in new}
    known |= _known(session, fresh.keys() - new)
    for at, event, digest in events:
        outcomes[at] = _DONE if known[event.id] == digest else _other_content(event)
    ordered = [event for event, _ in fresh.values() if event.id in new]
    for kind, run in groupby(ordered, key=lambda event: event.type):
        if kind not in service.handlers:
            raise BadEvent(f"{service.name} does not listen to {kind}")
        service.handlers[kind](session, list(run))
    return outcomes


def _other_content(event: Event) -> Outcome:
    log.error("an event id came again with other content", type=event.type, id=event.id)
    return Bury("the same id came before with other content")


def _remember(session: Session, clock: Clock, fresh: dict[str, tuple[Event, bytes]]) -> set[str]:
    day = clock().date()
    rows = [
        {"event_id": event.id, "type": event.type, "digest": digest, "day": day} for event, digest in fresh.values()
    ]
    statement = insert(session, inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
    return set(session.scalars(statement, rows))


def _known(session: Session, ids: Collection[str]) -> dict[str, bytes]:
    if not ids:
        return {}
    rows = session.execute(sa.select(inbox.c.event_id, inbox.c.digest).where(inbox.c.event_id.in_(ids)))
    return {row.event_id: row.digest for row in rows}


def prune(engine: Engine, clock: Clock) -> int:
    """Forget ids older than ``KEEP``; returns how many. A repetition later than that is a new event."""
    with transaction(engine) as session:
        return changed(session.execute(sa.delete(inbox).where(inbox.c.day < clock().date() - KEEP)))

"""Before answers come: the keys of notifier and round arrive, and the round opens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.database import changed, insert_new
from shared.errors import conflict
from shared.events import Event, RoundOpened, event_id
from shared.messaging import outbox
from shared.sealing import Sealer, fingerprint
from survey_service.tables import invitation, notifier_key, ratee, round_
from survey_service.usecases import rounds

PATIENCE = timedelta(minutes=10)
"""How long a launched round may wait for its key before somebody should look."""


def keep_notifier_key(session: Session, public_key: bytes, claimed: str) -> None:
    """Letters are sealed to this key from now on. Raises ``Refused`` when it does not fit its fingerprint."""
    _check_key(public_key, claimed)
    row = {"fingerprint": claimed, "public_key": public_key, "current": False}
    insert_new(session, notifier_key, [row], "fingerprint")
    session.execute(sa.update(notifier_key).values(current=notifier_key.c.fingerprint == claimed))


def current_notifier_key(session: Session) -> sa.Row[Any]:
    """The key that letters are sealed to now. Raises ``Refused`` when the notifier has announced none."""
    wanted = sa.select(notifier_key).where(notifier_key.c.current)
    key = session.execute(wanted.with_for_update(read=True)).first()  # it must not be retired meanwhile
    if key is None:
        detail = "The notifier has not announced its key yet: start it, wait a moment, then launch again."
        raise conflict("notifier_key_missing", detail)
    return key


def keep_round_key(session: Session, round_id: UUID, public_key: bytes, claimed: str) -> None:
    """Ballots of the round are sealed to this key. The first counts; raises ``Refused`` for another."""
    _check_key(public_key, claimed)
    first = sa.and_(round_.c.id == round_id, round_.c.public_key.is_(None), round_.c.state == "preparing")
    taken = session.execute(sa.update(round_).where(first).values(public_key=public_key, fingerprint=claimed))
    if changed(taken):
        return
    row = rounds.find(session, round_id)
    if row.public_key is None:
        raise conflict("round_key_unexpected", f"The round is {row.state} and takes no key.")
    if row.public_key != public_key:
        raise conflict("round_key_differs", "The round has another key already; the first one counts.")


def open_due(session: Session, now: datetime) -> int:
    """Open the rounds whose window has begun and that have their key; how many."""
    due = sa.select(round_.c.id).where(
        round_.c.state == "preparing", round_.c.public_key.is_not(None), round_.c.opens_at <= now
    )
    opened = [rounds.step(session, name, "open") for name in session.scalars(due.with_for_update(skip_locked=True))]
    for row in opened:
        _tell(session, row, now)
    return len(opened)


def waiting_for_key(session: Session, now: datetime) -> list[str]:
    """Names of rounds that have waited too long for scoring to send their key."""
    late = sa.and_(
        round_.c.state == "preparing", round_.c.public_key.is_(None), round_.c.launched_at < now - PATIENCE
    )
    return list(session.scalars(sa.select(round_.c.name).where(late).order_by(round_.c.name)))


def _check_key(public_key: bytes, claimed: str) -> None:
    try:
        Sealer(public_key)
    except ValueError as error:
        raise conflict("key_invalid", "This is no public key on the curve P-256.") from error
    if fingerprint(public_key) != claimed:
        raise conflict("key_invalid", "The fingerprint does not belong to this key.")


def _tell(session: Session, row: sa.Row[Any], now: datetime) -> None:
    data = {
        "round_id": row.id,
        "name": row.name,
        "period": {"start": row.period_start, "end": row.period_end},
        "closes_at": row.closes_at,
        "ratees": _count(session, ratee, row.id),
        "invited": _count(session, invitation, row.id),
    }
    name = event_id(RoundOpened.type, row.id)
    outbox.publish(session, [Event.make(RoundOpened, id=name, subject=str(row.id), time=now, data=data)])
    audit.record(session, now, "schedule", "round.opened", str(row.id))


def _count(session: Session, table: sa.Table, round_id: UUID) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.round_id == round_id)) or 0

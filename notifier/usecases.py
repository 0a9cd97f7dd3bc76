"""What the notifier does with its rows. The caller opens the transaction; nothing here waits on a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from notifier.domain.letter import Request
from notifier.tables import STATES, announced_key, mail, slip
from shared.database import changed, insert_new
from shared.events import (
    NOTICE_KINDS,
    SLIP,
    Event,
    MailAccepted,
    MailRefused,
    NoticeMailed,
    NotifierKey,
    SlipsPrinted,
    event_id,
)
from shared.messaging import outbox
from shared.sealing import b64, fingerprint, unb64

LEASE = timedelta(minutes=1)
"""Longer than one run of the delivery (5 s) and the longest wait for a single answer (40 s). After a crash, the
wait until another process takes over what was in hand. A server that delays every single answer can make a mail
take longer; it may then get the mail twice. A lease that ends much later was made before the clock was set back,
and is void."""
SUSPECT = 2
"""After so many tries a mail is taken in hand alone."""
GRACE = timedelta(hours=1)
"""How long a retired key is kept for notices that are under way."""
KEPT = timedelta(days=30)
"""How long the outcome of a mail is kept; the survey service has been told long before."""

FINISH = (
    sa.update(mail)
    .where(mail.c.id == sa.bindparam("mail"), mail.c.state == sa.literal_column("'waiting'"))
    .values(
        state=sa.bindparam("outcome"),
        status=sa.bindparam("code"),
        pending=sa.literal_column("'[]'"),
        **dict.fromkeys(("sealed", "enclosed", "address", "leased_until"), sa.null()),
    )
)
"""Records the outcome of one mail and deletes its letter; changes no row when that was done before."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail in hand until ``leased_until``; ``attempt`` counts from 1 and includes this try."""

    id: str
    letter_id: UUID
    sealed: bytes
    enclosed: bytes | None
    """The sealed link of a notice; None for a letter, which holds its own."""
    address: bytes | None
    fingerprint: str
    pending: frozenset[str]
    attempt: int
    leased_until: datetime
    request: Request


def announce(session: Session, now: datetime, public: bytes) -> int:
    """Tell the survey service the public key, once for each key; returns how many were told (0 or 1)."""
    name = fingerprint(public)
    if not insert_new(session, announced_key, [{"fingerprint": name}], "fingerprint"):
        return 0
    data = {"public_key": b64(public), "fingerprint": name}
    told = Event.make(NotifierKey, id=event_id(NotifierKey.type, name), subject=name, time=now, data=data)
    outbox.publish(session, [told])
    return 1


def retire(session: Session, names: Sequence[str], now: datetime) -> None:
    """Note that no letter is sealed to these keys any more."""
    fresh = announced_key.c.fingerprint.in_(names), announced_key.c.retired_at.is_(None)
    session.execute(sa.update(announced_key).where(*fresh).values(retired_at=now))
    session.execute(sa.delete(slip).where(slip.c.fingerprint.in_(names)))


def spent_keys(session: Session, now: datetime) -> Sequence[str]:
    """Keys retired at least ``GRACE`` ago that no mail waits for."""
    waiting = sa.exists().where(mail.c.fingerprint == announced_key.c.fingerprint, mail.c.state == "waiting")
    old = announced_key.c.retired_at < now - GRACE
    return session.scalars(sa.select(announced_key.c.fingerprint).where(old, ~waiting)).all()


def store(session: Session, events: Sequence[Event]) -> None:
    """Keep requested letters until they are due. A request that came before changes nothing."""
    mails = [event for event in events if event.data["kind"] != SLIP]
    insert_new(session, mail, [_row(event) for event in mails], "id")
    insert_new(session, slip, [_slip_row(event) for event in events if event not in mails], "letter_id")


def slips(session: Session, round_id: UUID, now: datetime) -> Sequence[sa.Row[Any]]:
    """The letters of a round that are to be printed, sealed; none after the end of answering."""
    return session.execute(sa.select(slip).where(slip.c.round_id == round_id, slip.c.closes_at > now)).all()


def store_notices(session: Session, events: Sequence[Event]) -> None:
    """Keep notices until they are mailed; one that came before changes nothing."""
    insert_new(session, mail, [_notice_row(event) for event in events], "id")


def claim(session: Session, now: datetime, limit: int) -> list[Claimed]:
    """Take up to ``limit`` due mails in hand, longest due first; nobody else gets them until the lease ends.

    A try is counted for each. One that was in hand often already is taken alone: if it is what kills its process,
    no other dies of it, and one that was only near such deaths is soon sent.
    """
    due = (
        sa.select(mail.c.id, mail.c.attempts)
        .where(mail.c.state == "waiting", mail.c.due_at <= now)
        .where(
            sa.or_(mail.c.leased_until.is_(None), mail.c.leased_until < now, mail.c.leased_until > now + 2 * LEASE)
        )
        .order_by(mail.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session.execute(due).all()
    alone = next((at for at, row in enumerate(found) if row.attempts >= SUSPECT), len(found))
    rows = session.execute(
        sa.update(mail)
        .where(mail.c.id.in_([row.id for row in found[: max(alone, 1)]]))
        .values(leased_until=now + LEASE, attempts=mail.c.attempts + 1)
        .returning(mail)
    ).all()
    return [_claimed(row) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


def tell(session: Session, now: datetime, limit: int = 1000) -> int:
    """Tell the survey service of outcomes that it does not know yet; how many. Nobody else tells them meanwhile."""
    fresh = (
        sa.select(mail.c.id)
        .where(mail.c.finished_on.is_(None), mail.c.state.in_([state for state in STATES if state != "waiting"]))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        sa.update(mail)
        .where(mail.c.id.in_(fresh))
        .values(finished_on=now.date())
        .returning(mail.c.id, mail.c.letter_id, mail.c.kind, mail.c.state, mail.c.status)
        .execution_options(synchronize_session=False)
    ).all()
    outbox.publish(session, [_told(now, row) for row in rows])
    return len(rows)


def printed(session: Session, round_id: UUID, sheets: int, by: str, now: datetime) -> None:
    """Tell the survey service, which keeps the audit trail, that slips were opened for printing, and by whom."""
    data = {"round_id": round_id, "sheets": sheets, "by": by}
    told = Event.make(SlipsPrinted, id=str(uuid4()), subject=str(round_id), time=now, data=data)
    outbox.publish(session, [told])


def try_again(session: Session, one: Claimed, at: datetime, status: str) -> None:
    """Put a mail back until ``at`` after a try that failed."""
    session.execute(_in_hand([one]).values(due_at=at, leased_until=None, status=status))


def put_back(session: Session, several: Sequence[Claimed], at: datetime | None = None) -> None:
    """Put mails back untried, until ``at`` or as they were; no try is counted."""
    values: dict[str, Any] = {"leased_until": None, "attempts": mail.c.attempts - 1}
    session.execute(_in_hand(several).values(values if at is None else values | {"due_at": at}))


def forget(session: Session, now: datetime) -> int:
    """Delete outcomes older than ``KEPT``, and slips when answering is over; returns how many outcomes."""
    session.execute(sa.delete(slip).where(slip.c.closes_at <= now))
    old = sa.delete(mail).where(mail.c.state != "waiting", mail.c.finished_on < (now - KEPT).date())
    return changed(session.execute(old))


def _in_hand(several: Sequence[Claimed]) -> sa.Update:
    """Only what is still ours: after its lease a mail may be in other hands."""
    return sa.update(mail).where(
        mail.c.id.in_([one.id for one in several]),
        mail.c.state == "waiting",
        mail.c.leased_until == several[0].leased_until,
    )


def _row(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "id": event.id,
        **{name: data[name] for name in ("letter_id", "round_id", "kind", "fingerprint", "round_name")},
        **{name: data[name] for name in ("authority", "contact", "closes_at", "timezone")},
        "message": data.get("message", {}),
        "address": _bytes(data["address"]) if "address" in data else None,
        "sealed": _bytes(data["sealed"]),
        "pending": sorted(str(invitation) for invitation in data["pending"]),
        "asked_at": event.time,
        "due_at": data["not_before"],
        "state": "waiting",
        "attempts": 0,
    }


def _slip_row(event: Event) -> dict[str, Any]:
    row = _row(event)
    names = ("letter_id", "round_id", "sealed", "fingerprint", "pending", "round_name", "authority", "contact")
    return {name: row[name] for name in (*names, "closes_at", "timezone")}


def _notice_row(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "id": event.id,
        "letter_id": data["notice_id"],
        **{name: data[name] for name in ("round_id", "kind", "fingerprint", "round_name", "timezone", "contact")},
        "authority": "",
        "message": {},
        "closes_at": data["not_after"],
        "sealed": _bytes(data["address"]),
        "enclosed": _bytes(data["sealed"]),
        "address": None,
        "pending": [],
        "asked_at": event.time,
        "due_at": event.time,
        "state": "waiting",
        "attempts": 0,
    }


def _bytes(text: str) -> bytes:
    """The sealed letter; what is none is kept as nothing, fails to open and is reported as technical."""
    try:
        return unb64(text)
    except ValueError:
        return b""


def _claimed(row: sa.Row[Any]) -> Claimed:
    minute = row.asked_at.replace(second=0, microsecond=0)
    request = Request(
        row.kind, row.round_name, row.authority, row.contact, minute, row.closes_at, row.timezone, row.message
    )
    return Claimed(
        id=row.id,
        letter_id=row.letter_id,
        sealed=row.sealed,
        enclosed=row.enclosed,
        address=row.address,
        fingerprint=row.fingerprint,
        pending=frozenset(row.pending),
        attempt=row.attempts,
        leased_until=row.leased_until,
        request=request,
    )


def _told(now: datetime, row: sa.Row[Any]) -> Event:
    if row.kind in NOTICE_KINDS:
        told: dict[str, object] = {"notice_id": row.letter_id, "outcome": row.state}
        name = event_id(NoticeMailed.type, row.id)
        return Event.make(NoticeMailed, id=name, subject=str(row.letter_id), time=now, data=told)
    contract = MailAccepted if row.state == "accepted" else MailRefused
    data: dict[str, object] = {"letter_id": row.letter_id, "kind": row.kind}
    if contract is MailRefused:
        data |= {"reason": row.state, "status": row.status}
    identity = event_id(contract.type, row.id)
    return Event.make(contract, id=identity, subject=str(row.letter_id), time=now, data=data)

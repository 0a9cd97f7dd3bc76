"""Notices: links for people whom only the survey service knows, sealed so that only the notifier can read them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service import tokens
from scoring_service.tables import notice, notifier_key, ratee, round_
from scoring_service.usecases import receipts
from scoring_service.usecases.receipts import Calendar
from shared.database import insert_new
from shared.errors import conflict
from shared.events import Event, NoticeRequested, event_id
from shared.messaging import outbox
from shared.sealing import Sealer, b64, fingerprint, notice_info

LIFE = {
    "report": timedelta(days=180),
    "supervisor": timedelta(days=180),
    "assessment": timedelta(days=90),
    "decision": timedelta(days=90),
}
"""How long a link of each purpose is good; the personnel office can have another one made."""
PATHS = {"report": "own", "supervisor": "team", "assessment": "assess", "decision": "decide"}
"""Where a link of each purpose leads, below ``/reports``."""
BATCH = 200


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a link: about one ``ratee`` and ``version``, or about all people of a supervisor."""

    person: str
    ratee: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """What links are made of: where they lead, what signs them."""

    public_url: str
    secrets: Sequence[str]

    def link(self, reference: bytes, purpose: str, not_after: datetime) -> str:
        """The whole address."""
        return (
            f"{self.public_url}/reports/{PATHS[purpose]}/{tokens.sign(reference, purpose, not_after, self.secrets)}"
        )


def keep_key(session: Session, public_key: bytes, claimed: str) -> None:
    """Links are sealed to this key from now on. Raises ``Refused`` when it does not fit its fingerprint."""
    if fingerprint(public_key) != claimed:
        raise conflict("notifier_key_unfit", "The notifier's key does not fit its fingerprint.")
    insert_new(
        session,
        notifier_key,
        [{"fingerprint": claimed, "public_key": public_key, "current": False}],
        "fingerprint",
    )
    session.execute(sa.update(notifier_key).values(current=notifier_key.c.fingerprint == claimed))


def want(
    session: Session, round_id: UUID, kind: str, purpose: str, recipients: Sequence[Recipient], now: datetime
) -> list[UUID]:
    """Have links mailed to these people; returns the ids of the notices, in order."""
    ids = [uuid4() for _ in recipients]
    rows = [
        {
            "id": one_id,
            "round_id": round_id,
            "kind": kind,
            "purpose": purpose,
            "person": one.person,
            "ratee": one.ratee,
            "version": one.version,
            "state": "wanted",
            "not_after": now + LIFE[purpose],
        }
        for one_id, one in zip(ids, recipients, strict=True)
    ]
    if rows:
        session.connection().execute(notice.insert(), rows)
    return ids


def dispatch(session: Session, doors: Doors, timezone: str, now: datetime, limit: int = BATCH) -> int:
    """Make the links of at most ``limit`` notices and hand them over, sealed; none without a key to seal to."""
    key = session.execute(sa.select(notifier_key).where(notifier_key.c.current)).first()
    if key is None:
        return 0
    due = (
        sa.select(notice, round_.c.name, round_.c.policy_text, ratee.c.name.label("about"))
        .join(round_, round_.c.id == notice.c.round_id)
        .outerjoin(ratee, sa.and_(ratee.c.round_id == notice.c.round_id, ratee.c.number == notice.c.ratee))
        .where(notice.c.state == "wanted")
        .limit(limit)
        .with_for_update(of=notice, skip_locked=True)
    )
    rows = session.execute(due).all()
    sealer, made, events = Sealer(key.public_key), [], []
    for row in rows:
        reference = tokens.new_reference()
        made.append({"which": row.id, "digest": tokens.digest_of(reference), "state": "requested"})
        plain = {"link": doors.link(reference, row.purpose, row.not_after), "about": row.about or ""}
        sealed = sealer.seal(json.dumps(plain, ensure_ascii=False).encode(), notice_info(row.id))
        events.append(_request(row, b64(sealed), key.fingerprint, timezone, now))
    if made:
        change = sa.update(notice).where(notice.c.id == sa.bindparam("which"))
        session.connection().execute(change, made)
        outbox.publish(session, events)
    return len(rows)


def settle(session: Session, outcomes: Sequence[tuple[UUID, str]], calendar: Calendar, now: datetime) -> None:
    """Note what became of mails (notice id and outcome); an accepted report counts as received on this day."""
    by_outcome: dict[str, list[UUID]] = defaultdict(list)
    for notice_id, outcome in outcomes:
        by_outcome[outcome].append(notice_id)
    for outcome, ids in by_outcome.items():
        told = sa.update(notice).where(notice.c.id.in_(ids), notice.c.state == "requested").values(state=outcome)
        rows = session.execute(told.returning(notice.c.round_id, notice.c.ratee, notice.c.version)).all()
        if outcome == "accepted":
            receipts.mailed(session, [row for row in rows if row.version is not None], calendar, now)


def _request(row: Any, sealed: str, key: str, timezone: str, now: datetime) -> Event:
    data = {
        "notice_id": row.id,
        "round_id": row.round_id,
        "round_name": row.name,
        "person": row.person,
        "kind": row.kind,
        "sealed": sealed,
        "fingerprint": key,
        "not_after": row.not_after,
        "timezone": timezone,
    }
    kind = NoticeRequested.type
    return Event.make(NoticeRequested, id=event_id(kind, row.id), subject=str(row.id), time=now, data=data)

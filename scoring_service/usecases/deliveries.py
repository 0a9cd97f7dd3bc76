"""What became of links, for the personnel office: those that did not arrive, another try, a printed one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service import tokens
from scoring_service.tables import notice, objection
from scoring_service.tables import ratee as people
from scoring_service.usecases import notices
from scoring_service.usecases.notices import LIFE, Doors, Recipient
from shared import audit
from shared.errors import conflict, missing

FAILED = ("permanent", "temporary", "technical")
MOST = 200
"""Rows of a list for people."""


def counts(session: Session, round_id: UUID) -> Mapping[str, int]:
    """How many links of a round are in which state."""
    query = sa.select(notice.c.state, sa.func.count().label("n")).where(notice.c.round_id == round_id)
    return {row.state: row.n for row in session.execute(query.group_by(notice.c.state))}


def listed(
    session: Session, round_id: UUID, now: datetime, ratee: str | None = None
) -> Sequence[Mapping[str, Any]]:
    """At most ``MOST`` links that still open something, with whom they are for: those that did not arrive, or all
    that are about one ratee."""
    which = notice.c.ratee == ratee if ratee else notice.c.state.in_(FAILED)
    query = sa.select(notice).where(notice.c.round_id == round_id, notice.c.not_after > now, which)
    rows = session.execute(query.order_by(notice.c.purpose, notice.c.person).limit(MOST)).all()
    names = _names(session, round_id, [row.person for row in rows])
    return [
        dict(row._mapping)
        | {
            "name": names.get(row.person, row.person),
            "failed": row.state in FAILED,
            "settled": row.state not in ("wanted", "requested"),
        }
        for row in rows
    ]


def again(session: Session, round_id: UUID, notice_id: UUID, actor: str, now: datetime) -> None:
    """Mail another link in the place of one that did not arrive or was lost; the old one ends.

    Raises ``Refused`` for one that is unknown, was replaced, or has not been mailed yet.
    """
    old = _end(session, round_id, notice_id, (*FAILED, "accepted", "printed"), now)
    notices.want(session, round_id, old.kind, old.purpose, [_recipient(old)], now)
    audit.record(session, now, actor, "link.sent_again", str(round_id), _facts(old))


def printed(session: Session, round_id: UUID, notice_id: UUID, doors: Doors, actor: str, now: datetime) -> str:
    """A link to hand over on paper, for somebody whom no mail reached; the old one ends. Shown once, audited.

    Raises ``Refused`` for a link that was or may yet be mailed.
    """
    old = _end(session, round_id, notice_id, FAILED, now)
    reference, not_after = tokens.new_reference(), now + LIFE[old.purpose]
    (made,) = notices.want(session, round_id, old.kind, old.purpose, [_recipient(old)], now)
    change = sa.update(notice).where(notice.c.id == made)
    session.execute(change.values(state="printed", digest=tokens.digest_of(reference), not_after=not_after))
    audit.record(session, now, actor, "link.printed", str(round_id), _facts(old))
    return doors.link(reference, old.purpose, not_after)


def _recipient(old: Any) -> Recipient:
    return Recipient(old.person, old.ratee, old.version)


def _facts(old: Any) -> dict[str, str]:
    return {"purpose": old.purpose, "person": old.person}


def _end(session: Session, round_id: UUID, notice_id: UUID, states: Sequence[str], now: datetime) -> Any:
    mine = notice.c.id == notice_id, notice.c.round_id == round_id
    ended = sa.update(notice).where(*mine, notice.c.state.in_(states), notice.c.not_after > now)
    row = session.execute(ended.values(not_after=now).returning(notice)).first()
    if row is None:
        if session.scalar(sa.select(notice.c.id).where(*mine)) is None:
            raise missing("link_unknown", "This link is not known here.")
        raise conflict("link_under_way", "This link was replaced, is on its way, or has arrived.")
    return row


def _names(session: Session, round_id: UUID, numbers: Sequence[str]) -> dict[str, str]:
    pairs = (
        (people.c.number, people.c.name, people.c.round_id),
        (people.c.assessor, people.c.assessor_name, people.c.round_id),
        (objection.c.decider, objection.c.decider_name, objection.c.round_id),
    )
    found: dict[str, str] = {}
    for number, name, owner in pairs:
        query = sa.select(number, name).where(owner == round_id, number.in_(numbers)).distinct()
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found

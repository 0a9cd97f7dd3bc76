"""Doors: what a signed link opens, if it still does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service import tokens
from scoring_service.tables import notice, objection, ratee
from shared.errors import Refused, missing


@dataclass(frozen=True, slots=True)
class Door:
    """An open door: whose it is and what lies behind it. ``printed``: the link was handed out on paper."""

    round_id: UUID
    person: str
    ratee: str | None
    not_after: datetime
    printed: bool
    reference: bytes


def enter(
    session: Session, token: str, purpose: str, now: datetime, secrets: Sequence[str], salt: str = ""
) -> Door:
    """The door behind a token. ``salt`` is the page's own, where a link of ``purpose`` leads on to another page.

    Raises ``Refused``: ``link_unknown`` (forged, for another page, or never made), ``link_expired``, or
    ``link_replaced``. A forgery does not reach the database.
    """
    try:
        reference = tokens.read(token, salt or purpose, now, secrets)
    except tokens.BadLink:
        raise _unknown() from None
    except tokens.Expired:
        raise Refused("gone", "link_expired", "The time of this link is over.") from None
    row = session.execute(sa.select(notice).where(notice.c.digest == tokens.digest_of(reference))).first()
    if row is None or row.purpose != purpose:
        raise _unknown()
    if row.not_after <= now:
        raise Refused("gone", "link_replaced", "This link was replaced by a newer one.")
    return Door(row.round_id, row.person, row.ratee, row.not_after, row.state == "printed", reference)


def people(session: Session, door: Door) -> dict[str, str]:
    """The ratees behind a door to a whole team, by the selector that stands for each in an address."""
    mine = ratee.c.round_id == door.round_id, ratee.c.assessor == door.person
    numbers = session.scalars(sa.select(ratee.c.number).where(*mine).order_by(ratee.c.name, ratee.c.number))
    return {tokens.selector(door.reference, number): number for number in numbers}


def person(session: Session, door: Door, who: str) -> str:
    """The number of one of them. Raises ``Refused`` for a selector of somebody else."""
    found = people(session, door).get(who)
    if found is None:
        raise _unknown()
    return found


def decides(session: Session, door: Door) -> str:
    """The ratee whose objection this door's person decides. Raises ``Refused`` when another was named since."""
    mine = (
        objection.c.round_id == door.round_id,
        objection.c.ratee == door.ratee,
        objection.c.decider == door.person,
    )
    found: str | None = session.scalar(sa.select(objection.c.ratee).where(*mine))
    if found is None:
        raise Refused("gone", "link_replaced", "This link was replaced by a newer one.")
    return found


def _unknown() -> Refused:
    return missing("link_unknown", "This link is not known here.")

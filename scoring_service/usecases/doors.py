"""Doors: what a signed link opens, if it still does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service import tokens
from scoring_service.tables import notice, objection, ratee
from shared.errors import Refused, missing

OPEN_FOR = timedelta(days=1)
"""How long a page that was opened with the button of a landing page stays usable."""


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
    session: Session, token: str, purpose: str, now: datetime, secrets: Sequence[str], page: str = ""
) -> Door:
    """The door behind a token: that of a mailed link, or with ``page`` that of a page which such a link led on to.

    Raises ``Refused``: ``link_unknown`` (forged, for another page, or never made), ``link_expired``,
    ``page_closed`` (open for longer than ``OPEN_FOR``), or ``link_replaced``. A forgery does not reach the
    database.
    """
    try:
        reference = tokens.read(token, _salt(purpose, page), now, secrets)
    except tokens.BadLink:
        raise _unknown() from None
    except tokens.Expired:
        if page:
            raise Refused("gone", "page_closed", "This page was open for long: open your link again.") from None
        raise Refused("gone", "link_expired", "The time of this link is over.") from None
    row = session.execute(sa.select(notice).where(notice.c.digest == tokens.digest_of(reference))).first()
    if row is None or row.purpose != purpose:
        raise _unknown()
    if row.not_after <= now:
        raise Refused("gone", "link_replaced", "This link was replaced by a newer one.")
    return Door(row.round_id, row.person, row.ratee, row.not_after, row.state == "printed", reference)


def onward(door: Door, purpose: str, page: str, now: datetime, secrets: Sequence[str]) -> str:
    """A token for a ``page`` that a link of ``purpose`` leads on to, good for ``OPEN_FOR``."""
    return tokens.sign(door.reference, _salt(purpose, page), min(door.not_after, now + OPEN_FOR), secrets)


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


def ratee_of(door: Door) -> str:
    """The ratee whose own report lies behind a door. Raises ``Refused`` for a door to a team."""
    if door.ratee is None:
        raise _unknown()
    return door.ratee


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


def _salt(purpose: str, page: str) -> str:
    return f"{purpose}.{page}" if page else purpose


def _unknown() -> Refused:
    return missing("link_unknown", "This link is not known here.")

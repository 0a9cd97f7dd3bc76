"""Sending somebody's links again, without telling the one who asks whether anybody is known under that address.

A wish is noted the same way for every address; a job grants wishes afterwards, and a letter leaves at most once a
day.
"""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.database import insert
from survey_service.tables import invitation, letter, person, resend_wish, round_
from survey_service.usecases import letters

MOST_WISHES = 10_000
"""More than these are not noted: somebody is playing."""


def looks_like_an_address(address: str) -> bool:
    """Whether this could be a mail address at all: its form only, at most 254 characters."""
    name, _, host = address.rpartition("@")
    return bool(name and "." in host.strip(".")) and address.isprintable() and len(address) <= 254


def wish(session: Session, address: str) -> None:
    """Note that somebody wants the links of ``address`` again: one statement, the same for every address."""
    noted = sa.select(sa.func.count()).select_from(resend_wish).scalar_subquery()
    room = sa.select(sa.literal(address.lower())).where(noted < MOST_WISHES)
    session.execute(insert(session, resend_wish).from_select(["address"], room).on_conflict_do_nothing())


def grant_wishes(session: Session, now: datetime, day: date, limit: int = 200) -> int:
    """Take at most ``limit`` wishes and ask for the letters behind them; how many wishes were taken."""
    some = sa.select(resend_wish.c.address).limit(limit).with_for_update(skip_locked=True)
    taken = session.scalars(
        sa.delete(resend_wish).where(resend_wish.c.address.in_(some)).returning(resend_wish.c.address)
    ).all()
    if taken:
        request_resend(session, taken, now, day)
    return len(taken)


def request_resend(session: Session, addresses: Sequence[str], now: datetime, day: date) -> int:
    """Ask again for the letters of the people at ``addresses`` (lower case); how many will go.

    Only letters of rounds that are open at ``now``, or for somebody with an extension, with something pending, and
    one mail per letter and ``day``.
    """
    extended = sa.exists().where(
        invitation.c.letter_id == letter.c.id, invitation.c.state == "pending", invitation.c.extended_to > now
    )
    theirs = (
        sa.select(letter.c.id)
        .join(person, person.c.number == letter.c.rater)
        .join(round_, round_.c.id == letter.c.round_id)
        .where(sa.func.lower(person.c.email).in_(addresses))
        .where(round_.c.state == "open", round_.c.opens_at <= now, sa.or_(round_.c.closes_at > now, extended))
    )
    return letters.resend(session, session.scalars(theirs).all(), day)

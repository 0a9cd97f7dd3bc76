"""The service was away while people could have answered: noticed afterwards, and HR may give the time back.

A row says every minute that the jobs ran; a gap is an outage, whatever its cause. Nothing in it is about a rater.
While HR has not decided, the round is not closed by the clock, for a day at most; links end at their deadline.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.database import insert_new
from shared.errors import Problem, conflict, invalid
from survey_service.tables import outage, presence, round_
from survey_service.usecases import letters, rounds

EVERY = timedelta(minutes=1)
SHORTEST = timedelta(minutes=10)
"""Shorter gaps are restarts and upgrades."""
NEAR = timedelta(days=2)
"""An outage longer before the deadline than this leaves enough time."""
PATIENCE = timedelta(days=1)
"""How long after an outage the clock waits for HR before it closes the round."""
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Away:
    """Between two moments the service was away for ``length``, in whole minutes: once or several times."""

    began_at: datetime
    ended_at: datetime
    length: timedelta


def notice(session: Session, now: datetime) -> int:
    """Note that we are here; after a gap, note the outage for each open round that is near its end; how many."""
    seen = session.scalar(sa.select(presence.c.seen_at))
    if seen is None:
        insert_new(session, presence, [{"id": 1, "seen_at": now}], "id")
        return 0
    if abs(now - seen) < EVERY:  # a clock that was set back counts from there
        return 0
    mine = sa.update(presence).where(presence.c.seen_at == seen).values(seen_at=now).returning(presence.c.id)
    if session.execute(mine).first() is None or now - seen < SHORTEST:
        return 0
    hit = sa.select(round_.c.id, round_.c.opens_at).where(
        round_.c.state == "open",
        round_.c.opens_at < now,
        round_.c.closes_at > seen,
        round_.c.closes_at <= now + NEAR,
    )
    rows = [
        {"round_id": one.id, "began_at": max(seen, one.opens_at), "ended_at": now} for one in session.execute(hit)
    ]
    return insert_new(session, outage, rows, "round_id", "began_at")


def undecided(session: Session) -> dict[UUID, Away]:
    """The outages of open rounds that HR has not decided about."""
    query = sa.select(outage).join(round_, round_.c.id == outage.c.round_id)
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in session.execute(query.where(round_.c.state == "open", outage.c.answer.is_(None))):
        found[row.round_id].append((row.began_at, row.ended_at))
    return {name: _together(gaps) for name, gaps in found.items()}


def _together(gaps: list[tuple[datetime, datetime]]) -> Away:
    seconds = sum((ended - began).total_seconds() for began, ended in gaps)
    length = timedelta(minutes=math.ceil(seconds / 60))
    return Away(min(began for began, _ in gaps), max(ended for _, ended in gaps), length)


def waiting(now: datetime) -> sa.Exists:
    """Whether HR may still decide about an outage of the round of the outer query."""
    return sa.exists().where(
        outage.c.round_id == round_.c.id, outage.c.answer.is_(None), outage.c.ended_at > now - PATIENCE
    )


def give_back(session: Session, round_id: UUID, now: datetime, actor: str) -> datetime:
    """Move the deadline by the length of the outage, counted from now where it is over; the new deadline.

    Raises ``Refused`` (outage_none) when there is nothing to decide.
    """
    row, away = rounds.find(session, round_id, lock=True), undecided(session).get(round_id)
    if away is None or not _decide(session, round_id, "extended"):
        raise _nothing()
    until: datetime = max(row.closes_at, now) + min(away.length, LONGEST)
    extend(session, round_id, until, now, actor)
    return until


def dismiss(session: Session, round_id: UUID, now: datetime, actor: str) -> None:
    """Leave the deadline as it is. Raises ``Refused`` (outage_none) when there is nothing to decide."""
    if round_id not in undecided(session) or not _decide(session, round_id, "dismissed"):
        raise _nothing()
    audit.record(session, now, actor, "round.outage_dismissed", str(round_id))


def extend(session: Session, round_id: UUID, until: datetime, now: datetime, actor: str) -> None:
    """Everybody may answer until ``until``, and whoever has something left to answer gets a mail that says so.

    Raises ``Refused``: the round is not open, or the moment is past, before the deadline, or ``LONGEST`` after it.
    """
    row = rounds.find(session, round_id, lock=True)
    if row.state != "open":
        raise conflict("round_not_open", f"The round is {row.state}; more time is given only while it is open.")
    least = max(now, row.closes_at)
    if not least < until <= least + LONGEST:
        fault = Problem("closes_at", f"Choose a moment after the end, at most {LONGEST.days} days later.")
        raise invalid("extension_unfit", "The extension does not fit.", [fault])
    session.execute(sa.update(round_).where(round_.c.id == round_id).values(closes_at=until))
    letters.tell_extension(session, round_id)
    audit.record(session, now, actor, "round.extended", str(round_id), {"until": until.isoformat()})


def _decide(session: Session, round_id: UUID, answer: str) -> bool:
    open_ones = sa.update(outage).where(outage.c.round_id == round_id, outage.c.answer.is_(None))
    return session.execute(open_ones.values(answer=answer).returning(outage.c.began_at)).first() is not None


def _nothing() -> Exception:
    return conflict("outage_none", "There is no outage to decide about: somebody decided, or the round has ended.")

"""Receipts: when a ratee received a report, and until when an objection counts.

The day of the mail counts until the ratee opens the report; opening it in time makes that the day of receipt. What
was handed over on paper counts from the day that the personnel office noted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.objections import window_ends
from scoring_service.tables import receipt, round_
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import changed
from shared.errors import conflict, invalid


@dataclass(frozen=True, slots=True)
class Calendar:
    """How long the ratees of a round may object, by its policy, in the agency's zone."""

    shelf: Shelf
    zone: tzinfo

    def until(self, session: Session, round_id: UUID, received: datetime) -> datetime:
        """When the time to object is over for a report received then."""
        row = session.execute(sa.select(round_).where(round_.c.id == round_id)).one()
        return window_ends(received, self.shelf.thaw(row).objection_days, self.zone)


def expect(session: Session, round_id: UUID, ratees: Sequence[str], version: int) -> None:
    """These versions were published and wait to be received."""
    rows = [{"round_id": round_id, "ratee": one, "version": version} for one in ratees]
    if rows:
        session.connection().execute(receipt.insert(), rows)


def mailed(session: Session, rows: Sequence[Any], calendar: Calendar, now: datetime) -> None:
    """Reports (round, ratee, version) were taken by a mail server; the first time counts, and only until they are
    opened or handed over."""
    ends = {one: calendar.until(session, one, now) for one in {row.round_id for row in rows}}
    which = [
        {"round": row.round_id, "who": row.ratee, "what": row.version, "ends": ends[row.round_id]} for row in rows
    ]
    if not which:
        return
    change = sa.update(receipt).where(
        receipt.c.round_id == sa.bindparam("round", type_=sa.Uuid),
        receipt.c.ratee == sa.bindparam("who"),
        receipt.c.version == sa.bindparam("what"),
        receipt.c.mailed_at.is_(None),
    )
    ending = sa.bindparam("ends", type_=receipt.c.until.type)
    values = {"mailed_at": now, "until": sa.func.coalesce(receipt.c.until, ending, type_=receipt.c.until.type)}
    session.connection().execute(change.values(values), which)


def opened(session: Session, round_id: UUID, ratee: str, version: int, calendar: Calendar, now: datetime) -> bool:
    """The ratee opened the report; True the first time. In time, the days to object count from now."""
    first = sa.update(receipt).where(*_one(round_id, ratee, version), receipt.c.opened_at.is_(None))
    in_time = sa.and_(receipt.c.handed_at.is_(None), sa.or_(receipt.c.until.is_(None), receipt.c.until > now))
    until = sa.case((in_time, calendar.until(session, round_id, now)), else_=receipt.c.until)
    return bool(changed(session.execute(first.values(opened_at=now, until=until))))


def handed(
    session: Session,
    round_id: UUID,
    ratee: str,
    version: int,
    received: datetime,
    calendar: Calendar,
    actor: str,
    now: datetime,
) -> None:
    """The report was handed over on paper. Raises ``Refused`` for a future day, one before the release, or twice.

    It never shortens a time that runs already.
    """
    released = session.scalar(sa.select(round_.c.released_at).where(round_.c.id == round_id))
    if (
        released is None
        or received > now
        or received.astimezone(calendar.zone).date() < (released.astimezone(calendar.zone).date())
    ):
        raise invalid("handed_on_unfit", "Give a day between the release and today.")
    ends = calendar.until(session, round_id, received)
    longer = sa.case((receipt.c.until > ends, receipt.c.until), else_=sa.literal(ends, receipt.c.until.type))
    change = sa.update(receipt).where(*_one(round_id, ratee, version), receipt.c.handed_at.is_(None))
    if not changed(session.execute(change.values(handed_at=received, until=longer))):
        raise conflict(
            "handed_already", "It is noted already when this report was handed over, or it needs no note."
        )
    day = received.astimezone(calendar.zone).date().isoformat()
    audit.record(session, now, actor, "report.handed", f"{round_id}/{ratee}", {"on": day})


def _one(round_id: UUID, ratee: str, version: int) -> tuple[sa.ColumnElement[bool], ...]:
    return receipt.c.round_id == round_id, receipt.c.ratee == ratee, receipt.c.version == version

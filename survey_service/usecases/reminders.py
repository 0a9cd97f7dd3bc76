"""Reminders that leave by themselves, as the schedule of their round says."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.domain.schedule import audible, moments, schedule_from
from survey_service.tables import round_
from survey_service.usecases import letters


def send_due(session: Session, now: datetime) -> int:
    """Ask for the reminders of every open round whose moment has come; how many rounds.

    Several moments that were missed, because nothing ran, are one reminder. Of two replicas one does it.
    """
    running = sa.select(round_).where(round_.c.state == "open", round_.c.closes_at > now)
    done = 0
    for row in session.execute(running.order_by(round_.c.id).with_for_update(skip_locked=True)).all():
        plan = schedule_from(row.schedule)
        past = [one for one in moments(plan, row.opens_at, row.closes_at, row.timezone) if one <= now]
        new = [one for one in past if row.reminded_until is None or one > row.reminded_until]
        if not new or audible(plan, now, row.closes_at, row.timezone) > now:
            continue
        session.execute(sa.update(round_).where(round_.c.id == row.id).values(reminded_until=new[-1]))
        letters.remind(session, row.id, now, now.astimezone(ZoneInfo(row.timezone)).date())
        done += 1
    return done

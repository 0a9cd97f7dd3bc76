"""Long work that somebody asked for: kept as a row, claimed under a lease, finished together with its effect.

A task is asked for once while it is unfinished (``slot``). A worker that dies loses its lease and another begins
anew; one that was overtaken cannot finish, so its effect is rolled back. No row holds anything about a person but
the account that asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.database import insert_new
from shared.errors import conflict, missing
from survey_service.tables import task

LEASE = timedelta(minutes=2)
"""How long a worker may be silent before another takes over."""
TRIES = 3
KEPT = timedelta(days=7)
"""How long the outcome can be looked up."""


def ask(
    session: Session, kind: str, about: UUID, account_id: str, options: Mapping[str, Any], now: datetime
) -> UUID:
    """Ask for work; the id of the task, which is the unfinished one where the same was asked before."""
    slot, task_id = f"{kind} {about}", uuid4()
    row = {
        "id": task_id,
        "kind": kind,
        "about": about,
        "account_id": UUID(account_id),
        "options": dict(options),
        "state": "waiting",
        "slot": slot,
        "done": 0,
        "total": 0,
        "attempts": 0,
        "asked_at": now,
    }
    insert_new(session, task, [row], "slot")
    found: UUID = session.execute(sa.select(task.c.id).where(task.c.slot == slot)).scalar_one()
    return found


def find(session: Session, task_id: UUID) -> sa.Row[Any]:
    """One task. Raises ``Refused`` when there is none."""
    row = session.execute(sa.select(task).where(task.c.id == task_id)).first()
    if row is None:
        raise missing("task_unknown", "There is no such task any more.")
    return row


def newest(session: Session, kind: str, about: UUID) -> sa.Row[Any] | None:
    """The last task of this kind about this upload or round."""
    query = sa.select(task).where(task.c.kind == kind, task.c.about == about)
    return session.execute(query.order_by(task.c.asked_at.desc()).limit(1)).first()


def claim(session: Session, now: datetime) -> sa.Row[Any] | None:
    """Take the task that waits longest, or one whose worker fell silent; None when there is none.

    One that was tried ``TRIES`` times is given up.
    """
    until = task.c.leased_until
    ended = sa.or_(until < now, until > now + 2 * LEASE)  # the latter were made before the clock was set back
    silent = sa.and_(task.c.state == "running", ended)
    over = sa.update(task).where(silent, task.c.attempts >= TRIES)
    session.execute(over.values(state="failed", slot=None, finished_at=now))
    free = sa.or_(task.c.state == "waiting", silent)
    first = sa.select(task.c.id).where(free).order_by(task.c.asked_at).limit(1).with_for_update(skip_locked=True)
    taken = sa.update(task).where(task.c.id.in_(first))
    values = {"state": "running", "leased_until": now + LEASE, "attempts": task.c.attempts + 1, "done": 0}
    return session.execute(taken.values(values).returning(task)).first()


def report(session: Session, row: Any, done: int, total: int, now: datetime) -> None:
    """Say how far a worker has come; that also renews its lease."""
    session.execute(_held(row).values(done=done, total=total, leased_until=now + LEASE))


def finish(session: Session, row: Any, result: Mapping[str, Any], now: datetime, state: str = "done") -> None:
    """Note the outcome in the transaction of the effect. Raises ``Refused`` when another worker has taken over."""
    values = {"state": state, "result": dict(result), "slot": None, "finished_at": now}
    if session.execute(_held(row).values(values).returning(task.c.id)).first() is None:
        raise conflict("task_taken_over", "Another worker has taken over this task.")


def give_back(session: Session, row: Any, now: datetime) -> None:
    """After a fault: let it be tried again, or give it up."""
    again = {"state": "waiting"} if row.attempts < TRIES else {"state": "failed", "slot": None, "finished_at": now}
    session.execute(_held(row).values(again))


def forget_old(session: Session, now: datetime) -> int:
    """Delete outcomes older than ``KEPT``; how many."""
    old = sa.delete(task).where(task.c.finished_at <= now - KEPT)
    return len(session.scalars(old.returning(task.c.id)).all())


def _held(row: Any) -> sa.Update:
    """The task while this claim of it holds."""
    return sa.update(task).where(task.c.id == row.id, task.c.state == "running", task.c.attempts == row.attempts)

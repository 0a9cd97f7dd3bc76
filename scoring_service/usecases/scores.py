"""Provisional scores, computed in bounded batches by whichever replica comes first; again when an input changes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import assessment, ratee, round_, score, tally, work_result
from scoring_service.usecases import advancing
from scoring_service.usecases.rules import Choice, appraised
from scoring_service.usecases.shelf import Shelf
from shared.database import changed, insert

CHUNK = 500
"""Ratees per transaction: bounds memory and how long a writer waits."""


def to_compute(session: Session) -> Sequence[UUID]:
    """Rounds that are counted and not completely scored."""
    return session.scalars(sa.select(round_.c.id).where(round_.c.state == "counted")).all()


def compute(session: Session, round_id: UUID, shelf: Shelf, chunk: int = CHUNK) -> int:
    """Score the next ratees of a counted round that nobody else is scoring; returns how many.

    Each ratee has one protected table per version; until the release it is version 1 and may be computed again.
    """
    row = session.execute(sa.select(round_).where(round_.c.id == round_id, round_.c.state == "counted")).first()
    if row is None:
        return 0
    policy = shelf.thaw(row)
    due = session.execute(_due(round_id, chunk)).all()
    if due:
        _keep(session, [_scored(appraised(policy, one, chosen(one)), one) for one in due])
        numbers = [one.number for one in due]
        done = sa.update(ratee).where(ratee.c.round_id == round_id, ratee.c.number.in_(numbers))
        session.execute(done.values(stale=False))
    return len(due)


def settle(session: Session, round_id: UUID, now: datetime) -> bool:
    """Call a counted round ``scored`` when no ratee of it is left; False when some are or others were faster.

    The round is locked first, so that work results coming in at the same moment are either seen or wait.
    """
    locked = sa.select(round_.c.id).where(round_.c.id == round_id, round_.c.state == "counted")
    if session.execute(locked.with_for_update()).first() is None:
        return False
    left = sa.exists().where(ratee.c.round_id == round_id, ratee.c.stale)
    done = sa.update(round_).where(round_.c.id == round_id, ~left).values(state="scored")
    settled = bool(changed(session.execute(done)))
    if settled:
        advancing.tell(session, round_id, "scored", now)
    return settled


def inputs(round_id: UUID) -> sa.Select[Any]:
    """What decides the scores of a round: sums, work results and assessors' choices, a row per ratee."""
    same = work_result.c.round_id == ratee.c.round_id, work_result.c.ratee == ratee.c.number
    assessed = assessment.c.round_id == ratee.c.round_id, assessment.c.ratee == ratee.c.number
    return (
        sa.select(
            ratee.c.round_id,
            ratee.c.number,
            ratee.c.leadership,
            ratee.c.invited,
            tally.c.sums,
            work_result.c.value.label("work_result"),
            work_result.c.new_idea,
            assessment.c.overall,
            assessment.c.ratings,
        )
        .join(tally, sa.and_(tally.c.round_id == ratee.c.round_id, tally.c.ratee == ratee.c.number))
        .outerjoin(work_result, sa.and_(*same))
        .outerjoin(assessment, sa.and_(*assessed))
        .where(ratee.c.round_id == round_id)
    )


def superseded() -> sa.ColumnElement[bool]:
    """Whether a row of ``score`` has a newer version."""
    newer = score.alias("newer")
    same = newer.c.round_id == score.c.round_id, newer.c.ratee == score.c.ratee
    return sa.exists().where(*same, newer.c.version > score.c.version)


def chosen(one: Any) -> Choice | None:
    """The assessor's choice in a row of ``inputs``."""
    return None if one.overall is None else Choice(one.overall, one.ratings)


def _due(round_id: UUID, chunk: int) -> sa.Select[Any]:
    """Stale ratees, locked until this transaction ends."""
    stale = inputs(round_id).where(ratee.c.stale).order_by(ratee.c.number)
    return stale.limit(chunk).with_for_update(of=ratee, skip_locked=True)


def _scored(facts: dict[str, Any], one: Any) -> dict[str, Any]:
    return {"round_id": one.round_id, "ratee": one.number, "version": 1} | facts


def _keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    statement = insert(session, score)
    columns = ("status", "reason", "behaviour", "total", "predicate", "n_band", "protected")
    again = statement.on_conflict_do_update(
        index_elements=["round_id", "ratee", "version"], set_={name: statement.excluded[name] for name in columns}
    )
    session.connection().execute(again, rows)

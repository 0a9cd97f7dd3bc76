"""The end of a round: when nobody may object any more and every objection is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import objection, receipt, round_, score
from scoring_service.usecases import advancing, feed, versions
from scoring_service.usecases.assessments import WAITING
from scoring_service.usecases.release import contract_of, digest_of, period
from scoring_service.usecases.scores import superseded
from shared import audit
from shared.errors import conflict
from shared.events import BehaviourHeld, Event, RoundFinal, event_id


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps a released round from being final."""

    objections: int
    """Open objections."""
    running: int
    """Reports that may still be objected to."""
    not_received: int
    """Reports that nobody is known to have received."""
    awaited: int
    """Scores that wait for their assessor."""

    @property
    def over(self) -> bool:
        """Whether every right to object was used or has run out."""
        return not (self.objections or self.running or self.not_received)


def standing(session: Session, round_id: UUID, now: datetime) -> Standing:
    """What is still to come in a released round."""
    objected = sa.exists().where(objection.c.round_id == receipt.c.round_id, objection.c.ratee == receipt.c.ratee)
    waiting = sa.and_(receipt.c.round_id == round_id, ~objected)

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0

    return Standing(
        count(objection, objection.c.round_id == round_id, objection.c.state == "open"),
        count(receipt, waiting, receipt.c.until > now),
        count(receipt, waiting, receipt.c.until.is_(None)),
        count(score, score.c.round_id == round_id, score.c.reason == WAITING, ~superseded()),
    )


def due(session: Session) -> Sequence[UUID]:
    """Rounds that may become final by the clock."""
    return session.scalars(sa.select(round_.c.id).where(round_.c.state == "released")).all()


def finish_due(session: Session, round_id: UUID, now: datetime) -> bool:
    """Make a round final when its time has come and no assessor is awaited; False when it has not."""
    row = versions.held_round(session, round_id)
    found = standing(session, round_id, now)
    if row.state != "released" or not found.over or found.awaited:
        return False
    _finish(session, row, "clock", found, now)
    return True


def finish(session: Session, round_id: UUID, actor: str, now: datetime) -> None:
    """Make a round final by the personnel office's word; scores that wait for their assessor stay held.

    Raises ``Refused`` while somebody may object or an objection is open: nobody's right is cut short.
    """
    row = versions.held_round(session, round_id)
    if row.state != "released":
        raise conflict("round_not_released", f"This round is {row.state}: only a released one can become final.")
    found = standing(session, round_id, now)
    if not found.over:
        detail = (
            f"Not yet: {found.objections} objections are open, {found.running} ratees may still object, "
            f"{found.not_received} reports are not received."
        )
        raise conflict("objections_possible", detail)
    _finish(session, row, actor, found, now)


def _finish(session: Session, row: Any, actor: str, found: Standing, now: datetime) -> None:
    session.execute(sa.update(round_).where(round_.c.id == row.id).values(state="final", final_at=now))
    kinds, ids = standing_events(session, row.id)
    held = sum(kind == BehaviourHeld.type for kind in kinds)
    data = {
        "round_id": row.id,
        "period": period(row),
        "scored": len(ids) - held,
        "held": held,
        "ids_digest": digest_of(ids),
    }
    name = event_id(RoundFinal.type, row.id)
    feed.append(session, row.id, [Event.make(RoundFinal, id=name, subject=str(row.id), time=now, data=data)])
    advancing.tell(session, row.id, "final", now)
    facts = {"scored": data["scored"], "held": held, "awaited": found.awaited}
    audit.record(session, now, actor, "round.final", str(row.id), facts)


def standing_events(session: Session, round_id: UUID) -> tuple[list[str], list[str]]:
    """Type and id of the event of every ratee's newest version."""
    columns = (score.c.ratee, score.c.version, score.c.status, score.c.cause)
    kinds, ids = [], []
    for row in session.execute(sa.select(*columns).where(score.c.round_id == round_id, ~superseded())).yield_per(
        1000
    ):
        kinds.append(contract_of(row).type)
        ids.append(event_id(kinds[-1], round_id, row.ratee, row.version))
    return kinds, ids

"""Versions after the release: published as they are made, each in the place of the one before, which stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.policy import Policy
from scoring_service.tables import ratee, round_, score
from scoring_service.usecases import feed
from scoring_service.usecases.release import event_of
from scoring_service.usecases.scores import inputs
from shared.errors import missing


def held_round(session: Session, round_id: UUID) -> Any:
    """The round, held against release and end until this transaction ends. Raises ``Refused``."""
    row = session.execute(sa.select(round_).where(round_.c.id == round_id).with_for_update()).first()
    if row is None:
        raise missing("round_unknown", "There is no round under this id.")
    return row


def newest(session: Session, round_id: UUID, number: str) -> Any:
    """The newest score of a ratee. Raises ``Refused`` when there is none."""
    query = sa.select(score).where(score.c.round_id == round_id, score.c.ratee == number)
    row = session.execute(query.order_by(score.c.version.desc()).limit(1)).first()
    if row is None:
        raise missing("score_unknown", "There is no score of this person in this round that may be seen.")
    return row


def given(session: Session, round_id: UUID, number: str) -> Any:
    """What the score of one ratee is made of."""
    return session.execute(inputs(round_id).where(ratee.c.number == number)).one()


def supersede(
    session: Session,
    row: Any,
    before: Any,
    columns: Mapping[str, Any],
    cause: str,
    policy: Policy,
    now: datetime,
) -> int:
    """Keep and publish the next version of a score of round ``row``; returns its number."""
    version: int = before.version + 1
    values = {**columns, "round_id": row.id, "ratee": before.ratee, "version": version, "cause": cause}
    one = session.execute(score.insert().values(values).returning(score)).one()
    feed.append(session, row.id, [event_of(row, one, now, policy.basis("objection"))])
    return version

"""How far a closed round is on its way to scores, as far as this service is told."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.tables import ratee

STAGES = ("handing", "counting", "scoring")
"""Boxes leave per ratee; scoring opens and counts them and destroys the key; scores are computed."""


@dataclass(frozen=True, slots=True)
class Way:
    """The stage a round is in, and how many ratees of how many it has behind it; no numbers where none are told."""

    stage: str
    done: int = 0
    total: int = 0


def way(session: Session, row: Any) -> Way | None:
    """Where a round (its row) is between its close and its scores; None before and afterwards."""
    if row.state == "counted":
        return Way("scoring")
    if row.state != "closed":
        return None
    if row.merkle_root is not None:
        return Way("counting")
    gone = sa.func.coalesce(sa.func.sum(sa.case((ratee.c.number <= row.handed_over_to, 1), else_=0)), 0)
    query = sa.select(gone, sa.func.count()).where(ratee.c.round_id == row.id)
    return Way("handing", *session.execute(query).one())

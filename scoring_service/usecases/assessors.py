"""Assessors that the organisation chart does not name: the personnel office names one for a ratee who waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import assessment, ratee, score
from scoring_service.usecases import assessments, versions
from scoring_service.usecases.scores import superseded
from shared import audit
from shared.errors import conflict, invalid

MOST = 200
"""Rows of a list for people."""


def name_assessor(
    session: Session, round_id: UUID, number: str, assessor: str, name: str, actor: str, now: datetime
) -> None:
    """Say who assesses a ratee where the organisation chart names nobody; that person is asked. Audited.

    Until the choice is made another one may be named, for a mistake. Raises ``Refused``: no name, the ratee or who
    decides on objections would assess, the chart names somebody, or no choice is awaited.
    """
    row = versions.held_round(session, round_id)
    who = assessments.person_of(session, round_id, number)
    if not assessor or not name:
        raise invalid("assessor_missing", "Give number and name of the person who assesses.")
    if assessor in (number, who.superior):
        raise invalid("assessor_unfit", "Neither the ratee nor who decides on objections can assess this person.")
    if row.state not in (*assessments.OPEN, "released"):
        raise conflict("assessment_not_now", assessments.not_now(row.state))
    change = sa.update(ratee).where(ratee.c.round_id == round_id, ratee.c.number == number, *_unnamed())
    named = {"assessor": assessor, "assessor_name": name, "assessor_named": True}
    if session.execute(change.values(named).returning(ratee.c.number)).first() is None:
        detail = "Nobody can be named here: the organisation names the assessor, or no choice is awaited."
        raise conflict("assessor_known", detail)
    audit.record(session, now, actor, "assessment.assessor", f"{round_id}/{number}", {"assessor": assessor})
    assessments.ask(session, round_id, now)


def unnamed(session: Session, round_id: UUID) -> Sequence[Mapping[str, Any]]:
    """At most ``MOST`` ratees of a round who wait for a choice and have no assessor, by name."""
    columns = ratee.c.number.label("ratee"), ratee.c.name, ratee.c.unit
    nobody = ratee.c.round_id == round_id, ratee.c.assessor.is_(None), *_unnamed()
    query = sa.select(*columns).where(*nobody).order_by(ratee.c.name, ratee.c.number).limit(MOST)
    return [dict(row._mapping) for row in session.execute(query)]


def assessor_of(session: Session, round_id: UUID, number: str) -> Mapping[str, Any]:
    """A ratee's assessor: number, name, ``named`` by the personnel office, and ``open`` if it may name one now."""
    columns = (
        ratee.c.assessor.label("number"),
        ratee.c.assessor_name.label("name"),
        ratee.c.assessor_named.label("named"),
    )
    query = sa.select(*columns, sa.and_(*_unnamed()).label("open"))
    return dict(session.execute(query.where(ratee.c.round_id == round_id, ratee.c.number == number)).one()._mapping)


def _unnamed() -> tuple[sa.ColumnElement[bool], ...]:
    """Of a row of ``ratee``: the chart names no assessor, the score waits for one, nothing is chosen yet."""
    same = score.c.round_id == ratee.c.round_id, score.c.ratee == ratee.c.number
    waits = sa.exists().where(*same, score.c.reason == assessments.WAITING, ~superseded()).correlate(ratee)
    chosen = sa.exists().where(assessment.c.round_id == ratee.c.round_id, assessment.c.ratee == ratee.c.number)
    return sa.or_(ratee.c.assessor.is_(None), ratee.c.assessor_named), waits, ~chosen.correlate(ratee)

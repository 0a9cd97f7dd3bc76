"""What HR sees of an open round: recounted on a schedule, in steps, so that no single answer can be watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.database import changed, insert
from survey_service.domain.steps import stepped
from survey_service.tables import invitation, letter, progress, ratee, round_
from survey_service.usecases import rounds

EVERY = timedelta(minutes=15)
"""How old a count gets before it is made again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One relation of one unit; counts are steps such as ``<5`` or ``15``."""

    unit: str
    relation: str
    invited: str
    answered: str
    declined: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A round as HR may see it. ``as_of`` is when it was counted, None before the first time."""

    state: str
    as_of: datetime | None
    lines: Sequence[Line]
    letters: dict[str, int]
    """Letters by state: what the mail servers said. Acceptance by a mail server is not delivery."""


def recount(session: Session, now: datetime) -> int:
    """Count every open round whose count is older than ``EVERY``, in one statement; rows written."""
    fresh = sa.exists().where(progress.c.round_id == round_.c.id, progress.c.as_of > now - EVERY)
    due = sa.select(round_.c.id).where(round_.c.state.in_(("preparing", "open")), ~fresh)
    return _count(session, due, now)


def show(session: Session, round_id: UUID) -> Progress:
    """The last count of a round in steps. Raises ``Refused`` for an unknown round."""
    state = rounds.find(session, round_id).state
    query = sa.select(progress).where(progress.c.round_id == round_id)
    rows = session.execute(query.order_by(progress.c.unit, progress.c.relation)).all()
    lines = [
        Line(row.unit, row.relation, str(row.invited), stepped(row.answered), stepped(row.declined)) for row in rows
    ]
    mails = sa.select(letter.c.state, sa.func.count()).where(letter.c.round_id == round_id).group_by(letter.c.state)
    counts = {row[0]: row[1] for row in session.execute(mails)}
    return Progress(state, min((row.as_of for row in rows), default=None), lines, counts)


def _count(session: Session, which: sa.Select[tuple[UUID]], now: datetime) -> int:
    def count(*states: str) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((invitation.c.state.in_(states), 1), else_=0))

    counted = (
        sa.select(
            invitation.c.round_id,
            ratee.c.unit,
            invitation.c.relation,
            count("pending", "answered", "declined", "wrong_relation"),
            count("answered"),
            count("declined", "wrong_relation"),
            sa.bindparam("as_of", now, progress.c.as_of.type),
        )
        .join(ratee, sa.and_(ratee.c.round_id == invitation.c.round_id, ratee.c.number == invitation.c.ratee))
        .where(invitation.c.round_id.in_(which))
        .group_by(invitation.c.round_id, ratee.c.unit, invitation.c.relation)
    )
    names = ["round_id", "unit", "relation", "invited", "answered", "declined", "as_of"]
    statement = insert(session, progress).from_select(names, counted)
    new = {name: statement.excluded[name] for name in names[3:]}
    upsert = statement.on_conflict_do_update(index_elements=["round_id", "unit", "relation"], set_=new)
    return changed(session.execute(upsert.execution_options(preserve_rowcount=True)))

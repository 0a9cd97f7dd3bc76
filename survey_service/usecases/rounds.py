"""Rounds: drafts and their steps from state to state."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.database import insert_new
from shared.errors import Problem, Refused, conflict, invalid, missing
from survey_service.domain.rounds import Draft, before, faults, groups_from, groups_to
from survey_service.domain.schedule import schedule_from, schedule_to
from survey_service.tables import questionnaire, round_

UNFINISHED = "This questionnaire is still being written: finish it first, or choose another."
_FIELDS = tuple(field.name for field in fields(Draft))


def create(session: Session, draft: Draft, now: datetime, actor: str) -> UUID:
    """Store a new draft; its id. Raises ``Refused`` with every fault, or when the name is taken."""
    _check(session, draft)
    round_id = uuid4()
    row = _columns(draft) | {"id": round_id, "state": "draft", "revision": 1, "handed_over_to": "", "swept": False}
    if not insert_new(session, round_, [row], "name"):
        raise _name_taken()
    audit.record(session, now, actor, "round.created", str(round_id))
    return round_id


def edit(
    session: Session, round_id: UUID, revision: int, changes: Mapping[str, Any], now: datetime, actor: str
) -> int:
    """Change fields of a draft that is still at ``revision``; the new revision.

    Raises ``Refused``: unknown round, no longer a draft, edited by somebody else meanwhile, or a fault.
    """
    present = find(session, round_id, lock=True)
    if present.state != "draft":
        raise conflict(
            "round_not_draft", f"The round is {present.state}; only a draft can be changed. Clone it instead."
        )
    if present.revision != revision:
        raise conflict(
            "round_changed", "Somebody else changed this round meanwhile: load it again, then change it."
        )
    draft = replace(draft_of(present), **changes)
    _check(session, draft)
    try:
        with session.begin_nested():
            session.execute(
                sa.update(round_).where(round_.c.id == round_id).values(**_columns(draft), revision=revision + 1)
            )
    except sa.exc.IntegrityError as error:
        raise _name_taken() from error
    audit.record(session, now, actor, "round.edited", str(round_id), {"fields": sorted(changes)})
    return revision + 1


def clone(
    session: Session, round_id: UUID, changes: Mapping[str, Any], seed: int, now: datetime, actor: str
) -> UUID:
    """A new draft like an old round, with ``changes`` (at least a name and the dates) and its own seed."""
    draft = replace(draft_of(find(session, round_id)), **{"seed": seed, **changes})
    return create(session, draft, now, actor)


def find(session: Session, round_id: UUID, *, lock: bool = False) -> sa.Row[Any]:
    """One round; ``lock`` holds others off until the end of the transaction. Raises ``Refused``."""
    query = sa.select(round_).where(round_.c.id == round_id)
    row = session.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise missing("round_unknown", "There is no such round.")
    return row


def listing(session: Session, after: str = "", limit: int = 100) -> list[sa.Row[Any]]:
    """Rounds by name, those whose name comes after ``after``."""
    return list(
        session.execute(sa.select(round_).where(round_.c.name > after).order_by(round_.c.name).limit(limit))
    )


def step(session: Session, round_id: UUID, state: str, **values: Any) -> sa.Row[Any]:
    """Take a round to ``state`` when that step is allowed; the row after it. One of two callers at once wins.

    Raises ``Refused`` (conflict) with the reason when the present state does not allow it.
    """
    row = session.execute(
        sa.update(round_)
        .where(round_.c.id == round_id, round_.c.state.in_(before(state)))
        .values(state=state, **values)
        .returning(round_)
    ).first()
    if row is None:
        raise _no_such_step(find(session, round_id).state, state)
    return row


def draft_of(row: sa.Row[Any]) -> Draft:
    """What HR decided about a stored round."""
    values = {name: getattr(row, name) for name in _FIELDS}
    return Draft(**values | {"groups": groups_from(row.groups), "schedule": schedule_from(row.schedule)})


def _columns(draft: Draft) -> dict[str, Any]:
    plain = {name: getattr(draft, name) for name in _FIELDS}
    return plain | {"groups": groups_to(draft.groups), "schedule": schedule_to(draft.schedule)}


def _check(session: Session, draft: Draft) -> None:
    problems = [Problem(where, message) for where, message in faults(draft)]
    known = sa.select(questionnaire.c.finished).where(questionnaire.c.id == draft.questionnaire_id)
    finished = session.scalar(known)
    if finished is None:
        problems.append(Problem("questionnaire_id", "There is no such questionnaire."))
    elif not finished:
        problems.append(Problem("questionnaire_id", UNFINISHED))
    if problems:
        raise invalid("round_invalid", "The round cannot be kept like this.", problems)


def _name_taken() -> Refused:
    return conflict("round_name_taken", "Another round has this name: choose another.")


def _no_such_step(present: str, wanted: str) -> Refused:
    return conflict("round_step", f"The round is {present}; from there it cannot become {wanted}.")

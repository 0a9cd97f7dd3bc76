"""Reading: rounds of scoring and their scores, page by page, from the protected tables and nothing else."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.moments import Moments
from scoring_service.domain.policy import Policy
from scoring_service.domain.units import Gathered, UnitFigures, figures
from scoring_service.tables import box, manifest, moments, ratee, round_, score, work_result
from scoring_service.usecases.release import verdict
from scoring_service.usecases.scores import superseded
from shared.errors import conflict, missing

BATCH = 250
"""Rows that are fetched at a time where all of them are read."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the key to go on with (None at the end)."""

    rows: Sequence[Mapping[str, Any]]
    after: str | None


def rounds(session: Session, after: UUID | None, limit: int) -> Sequence[Mapping[str, Any]]:
    """Rounds by id, with state and problem."""
    query = sa.select(round_).order_by(round_.c.id).limit(limit)
    if after is not None:
        query = query.where(round_.c.id > after)
    return [round_summary(row) for row in session.execute(query)]


def round_of(session: Session, round_id: UUID) -> Mapping[str, Any]:
    """One round with how far it is: boxes expected and here, refused ballots by reason, the guard's verdict."""
    row = found(session, round_id)
    promised = session.execute(sa.select(manifest).where(manifest.c.round_id == round_id)).first()
    here = session.execute(
        sa.select(sa.func.count(), sa.func.sum(box.c.ballots)).where(box.c.round_id == round_id)
    ).one()
    return dict(round_summary(row)) | {
        "boxes": {"expected": promised.messages if promised else None, "here": here[0]},
        "ballots": {"expected": promised.ballots if promised else None, "here": here[1] or 0},
        "refused_reasons": _reasons(session, round_id),
        "verdict": verdict(session, round_id),
    }


def progress(session: Session, row: Any) -> tuple[int, int] | None:
    """How many ratees of how many a round (its row) has behind it at work; None while it waits for people."""
    count, of = sa.select(sa.func.count()), row.ratees
    if row.state == "sealing":
        return session.scalar(count.select_from(box).where(box.c.round_id == row.id)) or 0, of
    if row.state in ("reconciled", "counted"):
        left = count.select_from(ratee).where(ratee.c.round_id == row.id, ratee.c.stale)
        return of - (session.scalar(left) or 0), of
    if row.state == "releasing":
        done = count.select_from(ratee).where(ratee.c.round_id == row.id, ratee.c.published)
        return session.scalar(done) or 0, of
    return None


def summary_of(session: Session, round_id: UUID) -> Mapping[str, Any]:
    """One round as everybody reads it. Raises ``Refused`` for an unknown one."""
    return round_summary(found(session, round_id))


def statistics(session: Session, round_id: UUID) -> Mapping[str, Any] | None:
    """The quality of the instrument in a counted round, None over too few ratees.

    Raises ``Refused`` for an unknown round and before it is counted: two interim looks would tell single answers.
    """
    row = found(session, round_id)
    if row.key_destroyed_at is None:
        raise conflict("round_not_counted", f"This round is {row.state}: figures are shown when it is counted.")
    sums = session.scalar(sa.select(moments.c.sums).where(moments.c.round_id == round_id))
    return Moments.from_json(sums).figures(row.threshold) if sums else None


def titles(session: Session, round_id: UUID) -> Mapping[str, Mapping[str, str]]:
    """What the behaviours of a round are called in both languages, by aspect. Raises ``Refused``."""
    return {part["aspect"]: part["title"] for part in found(session, round_id).questionnaire["sections"]}


def units(session: Session, round_id: UUID) -> Sequence[str]:
    """The units of the ratees of a round."""
    wanted = sa.select(ratee.c.unit).where(ratee.c.round_id == round_id).distinct()
    return session.scalars(wanted.order_by(ratee.c.unit)).all()


def with_work_result(session: Session, round_id: UUID) -> int:
    """How many ratees of a round have a work result."""
    wanted = sa.select(sa.func.count()).select_from(work_result).where(work_result.c.round_id == round_id)
    return session.scalar(wanted) or 0


def scores(
    session: Session,
    round_id: UUID,
    *,
    released: bool,
    unit: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page:
    """Newest scores of a round by ratee, after a ratee's number. With ``released`` only what was published.

    Raises ``Refused`` for an unknown round.
    """
    row = found(session, round_id)
    query = _scores(round_id, released, unit).order_by(score.c.ratee).limit(limit + 1)
    if after is not None:
        query = query.where(score.c.ratee > after)
    fetched = session.execute(query).all()
    rows = [_score(row, one) for one in fetched[:limit]]
    return Page(rows, rows[-1]["ratee"] if len(fetched) > limit else None)


def score_of(session: Session, round_id: UUID, number: str, *, released: bool) -> Mapping[str, Any]:
    """The newest score of one ratee. Raises ``Refused`` when there is none to be seen."""
    row = found(session, round_id)
    one = session.execute(_scores(round_id, released).where(score.c.ratee == number)).first()
    if one is None:
        raise missing("score_unknown", "There is no score of this person in this round that may be seen.")
    return _score(row, one)


def unit_figures(
    session: Session, round_id: UUID, policy: Policy, organisation: str | None = None
) -> Sequence[UnitFigures]:
    """Figures by unit over the newest scores of a round, everybody first; from published numbers only.

    Raises ``Refused`` for an unknown round and before its scores are released.
    """
    row = found(session, round_id)
    if row.released_at is None:
        raise conflict("round_not_released", f"This round is {row.state}: units are shown when it is released.")
    scored = _scores(round_id, released=True).where(score.c.status == "scored").subquery()
    query = sa.select(scored.c.unit, scored.c.behaviour, scored.c.predicate)
    gathered: dict[str, Gathered] = defaultdict(Gathered)
    for one in session.execute(query, execution_options={"yield_per": BATCH}):
        gathered[one.unit].add(one.behaviour, one.predicate)
    return figures(policy, gathered, organisation)


def count(session: Session, round_id: UUID, *, released: bool, unit: str | None = None) -> int:
    """How many scores ``every`` gives. Raises ``Refused`` for an unknown round."""
    query = _scores(found(session, round_id).id, released, unit).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(query)) or 0


def every(session: Session, row: Any, *, released: bool, unit: str | None = None) -> Iterator[Mapping[str, Any]]:
    """All newest scores of a round (its row) by ratee, fetched in batches while they are read."""
    query = _scores(row.id, released, unit).order_by(score.c.ratee)
    for one in session.execute(query, execution_options={"yield_per": BATCH}):
        yield _score(row, one)


def found(session: Session, round_id: UUID) -> Any:
    """The row of a round; raises ``Refused``."""
    row = session.execute(sa.select(round_).where(round_.c.id == round_id)).first()
    if row is None:
        raise missing("round_unknown", "There is no round under this id.")
    return row


def _scores(round_id: UUID, released: bool, unit: str | None = None) -> sa.Select[Any]:
    query = (
        sa.select(score, ratee.c.name, ratee.c.unit, ratee.c.superior, ratee.c.published)
        .join(ratee, sa.and_(ratee.c.round_id == score.c.round_id, ratee.c.number == score.c.ratee))
        .where(score.c.round_id == round_id, ~superseded())
    )
    if unit is not None:
        query = query.where(ratee.c.unit == unit)
    return query.where(ratee.c.published) if released else query


def _reasons(session: Session, round_id: UUID) -> dict[str, int]:
    total: dict[str, int] = {}
    refused = sa.select(box.c.reasons).where(box.c.round_id == round_id, box.c.refused > 0)
    for reasons in session.scalars(refused):
        for reason, count in reasons.items():
            total[reason] = total.get(reason, 0) + count
    return dict(sorted(total.items()))


def round_summary(row: Any) -> dict[str, Any]:
    """A row of ``round`` as everybody reads it."""
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "period": {"start": row.period_start, "end": row.period_end},
        "policy": {"id": row.policy, "version": row.policy_version, "digest": row.policy_digest},
        "threshold": row.threshold,
        "ratees": row.ratees,
        "counted": row.counted,
        "refused": row.refused,
        "key_destroyed_at": row.key_destroyed_at,
        "released_at": row.released_at,
        "ids_digest": row.ids_digest,
        "final_at": row.final_at,
        "problem": {"code": row.problem, "detail": row.problem_detail} if row.problem else None,
    }


def _score(row: Any, one: Any) -> dict[str, Any]:
    return {
        "round_id": row.id,
        "ratee": one.ratee,
        "name": one.name,
        "unit": one.unit,
        "superior": one.superior,
        "version": one.version,
        "state": _state(row, one),
        "supersedes": one.version - 1 or None,
        "status": one.status,
        "reason": one.reason,
        "behaviour": one.behaviour,
        "total": one.total,
        "predicate": one.predicate,
        "n_band": one.n_band,
        "policy": {"id": row.policy, "version": row.policy_version, "digest": row.policy_digest},
        "table": one.protected if one.status == "scored" else None,
    }


def _state(row: Any, one: Any) -> str:
    if not one.published:
        return "provisional"
    if row.state == "final":
        return "final"
    return "corrected" if one.cause == "corrected" else "released"

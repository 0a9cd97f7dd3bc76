"""Reports: everything that a page may say about one released score, from the protected table and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.disclosure import Protected
from scoring_service.domain.policy import Policy
from scoring_service.domain.reading import Compared, compare, notable
from scoring_service.tables import ratee, receipt, round_, score
from scoring_service.usecases import objections, results
from scoring_service.usecases.assessments import WAITING
from scoring_service.usecases.scores import superseded
from scoring_service.usecases.shelf import Shelf

STEPS = ("raters", "weights", "combination", "bands", "objection")
"""Steps of the way to a number whose legal basis a report prints."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report. ``table`` is None for a held score, which says why and shows no number."""

    round: Mapping[str, Any]
    score: Mapping[str, Any]
    policy: Policy
    table: Protected | None
    titles: Mapping[str, Mapping[str, str]]
    compared: tuple[Compared, ...]
    notable: Fraction
    basis: Mapping[str, str]
    receipt: Any
    """Days of receipt of the newest version that may be objected to; None for others."""
    objection: Any
    leadership: bool
    superior: str | None
    """Name of who would decide an objection."""
    versions: Sequence[Any]
    """Number and cause of every version, the oldest first."""


def report_of(session: Session, round_id: UUID, number: str, shelf: Shelf, *, released: bool = True) -> Report:
    """The report of a ratee. Raises ``Refused`` before the release."""
    row = session.execute(sa.select(round_).where(round_.c.id == round_id)).first()
    found = results.score_of(session, round_id, number, released=released)
    assert row is not None
    policy = shelf.thaw(row)
    table = Protected.from_json(found["table"]) if found["table"] else None
    who = session.execute(sa.select(ratee).where(ratee.c.round_id == round_id, ratee.c.number == number)).one()
    mine = receipt.c.round_id == round_id, receipt.c.ratee == number
    return Report(
        round=results.round_summary(row),
        score=found,
        policy=policy,
        table=table,
        titles=results.titles(session, round_id),
        compared=compare(policy, table) if table else (),
        notable=notable(policy),
        basis={step: policy.basis(step) for step in STEPS},
        receipt=session.execute(
            sa.select(receipt).where(*mine).order_by(receipt.c.version.desc()).limit(1)
        ).first(),
        objection=objections.find(session, round_id, number),
        leadership=who.leadership,
        superior=who.superior_name,
        versions=_versions(session, round_id, number),
    )


def team(session: Session, round_id: UUID, assessor: str) -> Sequence[Mapping[str, Any]]:
    """The ratees of an assessor, by name, with the newest score of each and whether it waits for a category."""
    query = (
        sa.select(
            ratee.c.number,
            ratee.c.name,
            ratee.c.unit,
            ratee.c.published,
            ratee.c.stale,
            score.c.status,
            score.c.reason,
            score.c.behaviour,
            score.c.predicate,
            score.c.protected,
        )
        .join(score, sa.and_(score.c.round_id == ratee.c.round_id, score.c.ratee == ratee.c.number))
        .where(ratee.c.round_id == round_id, ratee.c.assessor == assessor, ~superseded())
        .order_by(ratee.c.name, ratee.c.number)
    )
    return [
        {name: value for name, value in row._mapping.items() if name != "protected"}
        | {"category": row.protected["category"], "waiting": row.reason == WAITING}
        for row in session.execute(query)
    ]


def advice(session: Session, round_id: UUID, number: str, shelf: Shelf) -> Report:
    """What the assessor of a ratee sees before choosing: the recommendation, also while the score waits for it.

    Raises ``Refused`` before the round is scored.
    """
    found = report_of(session, round_id, number, shelf, released=False)
    if found.table is not None or found.score["reason"] != WAITING:
        return found
    newest = sa.select(score.c.protected).where(
        score.c.round_id == round_id, score.c.ratee == number, score.c.version == found.score["version"]
    )
    table = Protected.from_json(session.execute(newest).scalar_one())
    return replace(found, table=table, compared=compare(found.policy, table))


def _versions(session: Session, round_id: UUID, number: str) -> Sequence[Any]:
    columns = score.c.version, score.c.status, score.c.cause, score.c.behaviour, score.c.predicate
    query = sa.select(*columns).where(score.c.round_id == round_id, score.c.ratee == number)
    return session.execute(query.order_by(score.c.version)).all()

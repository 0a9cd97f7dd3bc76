"""Release: provisional scores become public, in bounded pieces that can be taken up again after a crash.

``release`` takes the decision: from then on a score changes only by a next version. ``publish`` carries it out, so
many ratees at a time; ids and content are those of the fact, so a repeated piece would be a repeated event.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.provenance import inputs_digest, key_of
from scoring_service.tables import ratee, round_, score
from scoring_service.usecases import advancing, feed, notices, receipts
from scoring_service.usecases.notices import Recipient
from scoring_service.usecases.scores import superseded
from shared import audit
from shared.errors import conflict, missing
from shared.events import (
    BehaviourCorrected,
    BehaviourHeld,
    BehaviourScored,
    Contract,
    Event,
    RoundReleased,
    event_id,
)

CHUNK = 500
"""Ratees per transaction: under a second of work on a small machine."""


def release(session: Session, round_id: UUID, now: datetime, actor: str) -> None:
    """Decide that the provisional scores of a round are published. Raises ``Refused`` unless it is ``scored``."""
    locked = session.scalar(sa.select(round_.c.state).where(round_.c.id == round_id).with_for_update())
    if locked is None:
        raise missing("round_unknown", "There is no round under this id.")
    waiting = sa.exists().where(ratee.c.round_id == round_id, ratee.c.stale)
    claim = sa.update(round_).where(round_.c.id == round_id, round_.c.state == "scored", ~waiting)
    values = {"state": "releasing", "released_at": now, "released_by": actor}
    if session.execute(claim.values(values).returning(round_.c.id)).first() is None:
        raise conflict("round_not_scored", f"This round is {locked}: only a round with all scores can be released.")
    audit.record(session, now, actor, "scores.released", str(round_id), verdict(session, round_id))


def verdict(session: Session, round_id: UUID) -> dict[str, Any]:
    """What the guard says about a round: how many scores may be shown, and how many are held for which reason."""
    rows = session.execute(
        sa.select(score.c.status, score.c.reason, sa.func.count().label("n"))
        .where(score.c.round_id == round_id, ~superseded())
        .group_by(score.c.status, score.c.reason)
    ).all()
    held = {row.reason: row.n for row in rows if row.status == "held"}
    return {"scored": sum(row.n for row in rows if row.status == "scored"), "held": dict(sorted(held.items()))}


def to_publish(session: Session) -> Sequence[UUID]:
    """Rounds that are being released."""
    return session.scalars(sa.select(round_.c.id).where(round_.c.state == "releasing")).all()


def publish(session: Session, round_id: UUID, chunk: int = CHUNK) -> int:
    """Publish the next piece of a round that is being released; returns how many ratees, 0 when others do it.

    Each ratee gets a link to the report; where the assessor is still awaited, it goes later, with the number.
    With nobody left the round becomes ``released`` and says so, with the digest of all ids.
    """
    row = session.execute(
        sa.select(round_)
        .where(round_.c.id == round_id, round_.c.state == "releasing")
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return 0
    due = (
        sa.select(score)
        .join(ratee, sa.and_(ratee.c.round_id == score.c.round_id, ratee.c.number == score.c.ratee))
        .where(ratee.c.round_id == round_id, ~ratee.c.published, score.c.version == 1)
        .order_by(score.c.ratee)
        .limit(chunk)
    )
    scores = session.execute(due).all()
    if not scores:
        _close(session, row)
        return 1
    feed.append(session, round_id, [event_of(row, one, row.released_at) for one in scores])
    receipts.expect(session, round_id, [one.ratee for one in scores if one.status == "scored"], 1)
    told = [Recipient(one.ratee, one.ratee, 1) for one in scores if one.reason != "awaiting_assessor"]
    notices.want(session, round_id, "report_ready", "report", told, row.released_at)
    numbers = [one.ratee for one in scores]
    session.execute(
        sa.update(ratee).where(ratee.c.round_id == round_id, ratee.c.number.in_(numbers)).values(published=True)
    )
    return len(scores)


def event_of(row: Any, one: Any, time: datetime, basis: str = "") -> Event:
    """The public event of one score; a held one carries the reason and no number.

    ``basis`` is the legal basis of a correction, which is final at once: there is one objection in a round.
    """
    contract, data = contract_of(one), _facts(row, one)
    data |= {"reason": one.reason} if one.status == "held" else _numbers(row, one)
    if contract is BehaviourCorrected:
        data |= {"status": "final", "supersedes": one.version - 1, "legal_basis": basis}
    return Event.make(
        contract,
        id=event_id(contract.type, row.id, one.ratee, one.version),
        subject=f"{row.id}/{one.ratee}",
        time=time,
        data=data,
    )


def contract_of(one: Any) -> type[Contract]:
    """Which event says a score, by its ``status`` and ``cause``."""
    if one.status == "held":
        return BehaviourHeld
    return BehaviourCorrected if one.cause == "corrected" else BehaviourScored


def digest_of(ids: Sequence[str]) -> str:
    """SHA-256 over the sorted ids, each on a line, 64 hex digits: subscribers can check that nothing is missing."""
    return hashlib.sha256("".join(f"{one}\n" for one in sorted(ids)).encode()).hexdigest()


def _close(session: Session, row: Any) -> None:
    ids = feed.ids_of(session, row.id)
    digest = digest_of([event for _, event in ids])
    session.execute(sa.update(round_).where(round_.c.id == row.id).values(state="released", ids_digest=digest))
    held = sum(kind == BehaviourHeld.type for kind, _ in ids)
    data = {
        "round_id": row.id,
        "period": period(row),
        "scored": len(ids) - held,
        "held": held,
        "ids_digest": digest,
    }
    kind = RoundReleased.type
    event = Event.make(
        RoundReleased, id=event_id(kind, row.id), subject=str(row.id), time=row.released_at, data=data
    )
    feed.append(session, row.id, [event])
    advancing.tell(session, row.id, "released", row.released_at)
    over = sa.select(ratee.c.assessor).where(ratee.c.round_id == row.id, ratee.c.assessor.is_not(None)).distinct()
    supervisors = [Recipient(person) for person in session.scalars(over)]
    notices.want(session, row.id, "report_ready", "supervisor", supervisors, row.released_at)


def _facts(row: Any, one: Any) -> dict[str, Any]:
    return {
        "round_id": row.id,
        "ratee": one.ratee,
        "period": period(row),
        "version": one.version,
        "policy": {"id": row.policy, "version": row.policy_version, "digest": row.policy_digest},
    }


def period(row: Any) -> Mapping[str, Any]:
    """The appraisal period, as events carry it."""
    return {"start": row.period_start, "end": row.period_end}


def _numbers(row: Any, one: Any) -> dict[str, Any]:
    shown = one.protected
    return {
        "status": "released",
        "behaviour": one.behaviour,
        "total": one.total,
        "predicate": one.predicate,
        **{name: shown[name] for name in ("aspects", "category", "ratings", "weights", "flags", "external_codes")},
        "n": {group["group"]: group["n"] for group in shown["groups"]},
        "hidden": sorted(shown["hidden"]),
        "provenance": {
            "questionnaire": {name: row.questionnaire[name] for name in ("code", "version", "digest")},
            "rounding": shown["rounding"],
            "inputs_digest": inputs_digest(shown["inputs"], key_of(row.salt, one.ratee, one.version)),
        },
    }

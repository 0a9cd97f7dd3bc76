"""Counting: compare with the manifest, destroy the key, say so. Each step once, whoever takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from scoring_service.tables import box, manifest, moments, round_
from shared import audit
from shared.database import FOLD, maintain, rewriting
from shared.events import ContractClass, Event, RoundCounted, RoundKeyDestroyed, event_id
from shared.messaging import outbox
from shared.sealing import merkle_root

LEAF = 32
"""Bytes of a SHA-256."""


def to_reconcile(session: Session) -> Sequence[UUID]:
    """Rounds whose manifest is here and that are not known to disagree with it."""
    open_question = sa.or_(round_.c.problem.is_(None), round_.c.problem.in_(("boxes_missing", "key_lost")))
    query = sa.select(round_.c.id).join(manifest, manifest.c.round_id == round_.c.id)
    return session.scalars(query.where(round_.c.state.in_(("open", "sealing")), open_question)).all()


def reconcile(session: Session, round_id: UUID, root: str | None) -> str | None:
    """Compare what came with the manifest; ``root`` is that of the leaves, as ``root_of`` computed it before.

    All there and equal: the round is ``reconciled`` and its refused ballots are summed up. A disagreement is
    written on the round, with both numbers. Returns ``reconciled``, the word of the problem, or None for a round
    that is not in question any more.
    """
    row = session.execute(
        _PROMISED.where(round_.c.id == round_id, round_.c.state.in_(("open", "sealing"))).with_for_update(of=round_)
    ).first()
    if row is None:
        return None
    here = _here(session, round_id)
    problem, detail = _disagreement(row, here, root)
    if problem is None:
        values = {"state": "reconciled", "merkle_root": row.promised, "counted": here.ballots - here.refused}
        session.execute(
            sa.update(round_)
            .where(round_.c.id == round_id)
            .values(values | {"refused": here.refused, "problem": None, "problem_detail": None})
        )
        return "reconciled"
    waits_for_key = row.problem == "key_lost" and problem == "boxes_missing"
    if row.problem_detail != detail and not waits_for_key:
        session.execute(
            sa.update(round_).where(round_.c.id == round_id).values(problem=problem, problem_detail=detail)
        )
    return problem


def disagreement(session: Session, round_id: UUID) -> str | None:
    """What of a round does not fit its manifest, as a sentence; None when all does or none is here. Slow."""
    row = session.execute(_PROMISED.where(round_.c.id == round_id)).first()
    return _disagreement(row, _here(session, round_id), root_of(session, round_id))[1] if row else None


@dataclass(frozen=True, slots=True)
class Here:
    """What came so far."""

    messages: int
    ballots: int
    refused: int


def root_of(session: Session, round_id: UUID) -> str | None:
    """The Merkle root over all leaves of a round; None while boxes are missing. Slow: call it outside a claim."""
    promised = session.scalar(sa.select(manifest.c.messages).where(manifest.c.round_id == round_id))
    if promised is None or _here(session, round_id).messages < promised:
        return None
    query = sa.select(box.c.leaves).where(box.c.round_id == round_id)
    rows = session.scalars(query, execution_options={"yield_per": 1000})
    return merkle_root(leaves[at : at + LEAF] for leaves in rows for at in range(0, len(leaves), LEAF))


def to_finish(session: Session) -> Sequence[UUID]:
    """Rounds that are reconciled or cancelled and whose key is to be destroyed."""
    done = round_.c.state.in_(("reconciled", "cancelled")), round_.c.key_destroyed_at.is_(None)
    return session.scalars(sa.select(round_.c.id).where(*done, round_.c.public_key.is_not(None))).all()


def finish(session: Session, round_id: UUID, now: datetime) -> bool:
    """Say that the key of a round is destroyed, and a reconciled one counted; False when it was said already.

    Call it after the key is gone from the key store: dying in between leaves the round ``reconciled``, and
    destroying a key that is gone does nothing.
    """
    counted = sa.case((round_.c.state == "reconciled", "counted"), else_=round_.c.state)
    ended = round_.c.state.in_(("reconciled", "cancelled")), round_.c.key_destroyed_at.is_(None)
    claim = sa.update(round_).where(round_.c.id == round_id, *ended)
    row = session.execute(claim.values(state=counted, key_destroyed_at=now).returning(round_)).first()
    if row is None:
        return False
    facts = {"fingerprint": row.fingerprint, "counted": row.counted, "refused": row.refused}
    audit.record(session, now, "scoring", "round_key.destroyed", str(round_id), facts)
    if row.state == "cancelled":
        _say(session, RoundKeyDestroyed, {"round_id": round_id, "fingerprint": row.fingerprint}, now)
    else:
        root = {"round_id": round_id, "merkle_root": row.merkle_root}
        _say(session, RoundCounted, root | {"counted": row.counted, "refused": row.refused}, now)
    return True


def _say(session: Session, contract: ContractClass, data: Mapping[str, Any], now: datetime) -> None:
    round_id = data["round_id"]
    name = event_id(contract.type, round_id)
    outbox.publish(session, [Event.make(contract, id=name, subject=str(round_id), time=now, data=data)])


_PROMISED = sa.select(
    round_, manifest.c.messages, manifest.c.ballots, manifest.c.merkle_root.label("promised")
).join(manifest, manifest.c.round_id == round_.c.id)


def _here(session: Session, round_id: UUID) -> Here:
    total = sa.func.sum
    row = session.execute(
        sa.select(sa.func.count(), total(box.c.ballots), total(box.c.refused)).where(box.c.round_id == round_id)
    ).one()
    return Here(row[0], row[1] or 0, row[2] or 0)


def _disagreement(row: Any, here: Here, root: str | None) -> tuple[str, str] | tuple[None, None]:
    if here.messages < row.messages or root is None:
        return "boxes_missing", f"The boxes of {here.messages} of {row.messages} ratees are here."
    if here.messages > row.messages:
        return "too_many_boxes", f"Boxes of {here.messages} ratees came, the manifest says {row.messages}."
    if here.messages != row.ratees:
        return "ratee_count", f"The manifest says {row.messages} ratees, the round was launched with {row.ratees}."
    if here.ballots != row.ballots:
        return "ballot_count", f"{here.ballots} ballots came, the manifest says {row.ballots}."
    if root != row.promised:
        return "merkle_root", f"The Merkle root of what came is {root}, the manifest says {row.promised}."
    return None, None


def sweep(engine: Engine) -> None:
    """Leave one state of the sums of rounds in the files: two states of one row tell what came in between.

    It takes the engine, because this is no part of a transaction.
    """
    maintain(engine, *([FOLD] if engine.dialect.name == "sqlite" else rewriting([moments])))

"""The end of a round: closed first, read afterwards; boxes leave per ratee, then the manifest; counted, then gone.

A submission stays inside the gate of its round until it commits; ``close`` waits until nobody is inside, so that
every box is final when it commits. What follows is done by ``hand_over`` in small transactions that can stop and go
on anywhere: it remembers the last ratee that left, and every event has a fixed id.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.errors import conflict
from shared.events import (
    BallotsSealed,
    Contract,
    Event,
    RoundAbandoned,
    RoundCancelled,
    RoundClosed,
    RoundSealed,
    SurveyCompleted,
    band,
    event_id,
)
from shared.messaging import outbox
from shared.sealing import b64, merkle_root
from survey_service.domain import boxes
from survey_service.tables import box, invitation, ratee, round_
from survey_service.usecases import advancing, drafts, gate, letters, outages, questionnaires, receipts, rounds

BATCH = 100
"""Ratees handed over in one transaction."""


def close(session: Session, round_id: UUID, now: datetime, actor: str) -> None:
    """End answering now. Raises ``Refused`` when the round is not open."""
    rounds.step(session, round_id, "closed")
    gate.shut(session, round_id)
    drafts.forget_round(session, round_id)
    letters.forget_round(session, round_id)
    letters.retire_key(session, now)
    audit.record(session, now, actor, "round.closed", str(round_id))


def close_due(session: Session, now: datetime) -> int:
    """Close the rounds whose window is over, personal extensions included; how many.

    One that HR may still extend because of an outage waits.
    """
    extended = sa.exists().where(
        invitation.c.round_id == round_.c.id, invitation.c.state == "pending", invitation.c.extended_to > now
    )
    due = sa.select(round_.c.id).where(
        round_.c.state == "open", round_.c.closes_at <= now, ~extended, ~outages.waiting(now)
    )
    found = list(session.scalars(due.with_for_update(skip_locked=True)))
    for round_id in found:
        close(session, round_id, now, "schedule")
    return len(found)


def hand_over(session: Session, now: datetime, limit: int = BATCH) -> int:
    """Publish the boxes of the next ratees of one closed round, at the end the manifest; how many steps it made."""
    due = sa.select(round_).where(round_.c.state == "closed", round_.c.merkle_root.is_(None)).order_by(round_.c.id)
    row = session.execute(due.limit(1).with_for_update()).first()
    if row is None:
        return 0
    ratees = _next_ratees(session, row, limit)
    if not ratees:
        _seal(session, row, now)
        return 1
    found = _boxes(session, row, ratees)
    asked = _asked(session, row.id, ratees)
    outbox.publish(session, [_ballots_event(row, number, found[number], now) for number in ratees])
    outbox.publish(session, [_completed_event(row, number, asked[number], now) for number in ratees])
    session.execute(sa.update(round_).where(round_.c.id == row.id).values(handed_over_to=ratees[-1]))
    return len(ratees)


def counted(session: Session, round_id: UUID, root: str, taken: int, refused: int, now: datetime) -> None:
    """Scoring has counted every ballot and destroyed the key: delete the boxes.

    Raises ``Refused`` when the round is not closed or scoring counted other ballots than left.
    """
    row = rounds.find(session, round_id, lock=True)
    if row.state == "closed" and row.merkle_root != root:
        raise conflict("merkle_root_differs", "Scoring counted other ballots than those that left.")
    rounds.step(session, round_id, "counted", counted=taken, refused=refused)
    _forget(session, round_id)
    advancing.catch_up(session, round_id)
    audit.record(session, now, "scoring", "round.counted", str(round_id), {"counted": taken, "refused": refused})


def key_destroyed(session: Session, round_id: UUID, fingerprint: str, now: datetime) -> None:
    """Scoring has destroyed the key of a cancelled round: write it into the record of deletion."""
    audit.record(session, now, "scoring", "round.key_destroyed", str(round_id), {"fingerprint": fingerprint})


def cancel(session: Session, round_id: UUID, name: str, now: datetime, actor: str) -> None:
    """Give up a round that is not closed yet; its ballots and links are deleted.

    ``name`` is the round's name, typed by whoever does this. Raises ``Refused`` when it differs or is closed.
    """
    if rounds.find(session, round_id).name != name:
        raise conflict("round_name_differs", "This is not the round's name: type it exactly to cancel the round.")
    row = rounds.step(session, round_id, "cancelled")
    gate.shut(session, round_id)
    _forget(session, round_id)
    letters.retire_key(session, now)
    if row.launched_at is not None:
        _publish(session, RoundCancelled, row, _public(row), now)
        _publish(session, RoundAbandoned, row, {"round_id": row.id}, now)
    audit.record(session, now, actor, "round.cancelled", str(round_id))


def _forget(session: Session, round_id: UUID) -> None:
    session.execute(sa.delete(box).where(box.c.round_id == round_id))
    drafts.forget_round(session, round_id)
    letters.forget_round(session, round_id)


def _next_ratees(session: Session, row: sa.Row[Any], limit: int) -> list[str]:
    query = sa.select(ratee.c.number).where(ratee.c.round_id == row.id, ratee.c.number > row.handed_over_to)
    return list(session.scalars(query.order_by(ratee.c.number).limit(limit)))


def _boxes(session: Session, row: sa.Row[Any], ratees: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    """Ballots as base64url by ratee and relation, sorted by hash."""
    size = _size(session, row)
    found: dict[str, dict[str, list[str]]] = {number: {} for number in ratees}
    query = sa.select(box.c.ratee, box.c.relation, box.c.ballots)
    for one in session.execute(query.where(box.c.round_id == row.id, box.c.ratee.in_(ratees))):
        found[one.ratee][one.relation] = [b64(ballot) for ballot in boxes.split(one.ballots, size)]
    return found


def _asked(session: Session, round_id: UUID, ratees: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """How many were invited and how many answered, by ratee and relation."""
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    query = sa.select(invitation.c.ratee, invitation.c.relation, *_counts()).where(
        invitation.c.round_id == round_id, invitation.c.ratee.in_(ratees)
    )
    for one in session.execute(query.group_by(invitation.c.ratee, invitation.c.relation)):
        found[one.ratee][one.relation] = (one.invited, one.answered)
    return found


def _counts() -> tuple[sa.ColumnElement[int], ...]:
    def count(label: str, condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0).label(label)

    return (
        count("invited", invitation.c.state != "revoked"),
        count("answered", invitation.c.state == "answered"),
        count("declined", invitation.c.state == "declined"),
    )


def _ballots_event(row: sa.Row[Any], number: str, found: Mapping[str, list[str]], now: datetime) -> Event:
    data = {"round_id": row.id, "ratee": number, "boxes": found}
    name = event_id(BallotsSealed.type, row.id, number)
    return Event.make(BallotsSealed, id=name, subject=f"{row.id}/{number}", time=now, data=data)


def _completed_event(row: sa.Row[Any], number: str, asked: Mapping[str, tuple[int, int]], now: datetime) -> Event:
    groups = {
        relation: {"invited": band(invited), "answered": band(answered)}
        for relation, (invited, answered) in asked.items()
    }
    data = {"round_id": row.id, "ratee": number, "period": _period(row), "groups": groups}
    name = event_id(SurveyCompleted.type, row.id, number)
    return Event.make(SurveyCompleted, id=name, subject=f"{row.id}/{number}", time=now, data=data)


def _seal(session: Session, row: sa.Row[Any], now: datetime) -> None:
    """Everything left: say so with the manifest."""
    size = _size(session, row)
    query = sa.select(box.c.ballots).where(box.c.round_id == row.id).execution_options(yield_per=500)
    leaves = [leaf for ballots in session.scalars(query) for leaf in boxes.leaves(ballots, size)]
    root = merkle_root(leaves)
    receipts.keep(session, row.id, leaves)
    ratees = session.scalar(sa.select(sa.func.count()).select_from(ratee).where(ratee.c.round_id == row.id)) or 0
    totals = session.execute(sa.select(*_counts()).where(invitation.c.round_id == row.id)).one()
    session.execute(sa.update(round_).where(round_.c.id == row.id).values(merkle_root=root))
    closed = {**_public(row), "ratees": ratees, "merkle_root": root, **totals._mapping}
    _publish(session, RoundClosed, row, closed, now)
    manifest = {"round_id": row.id, "messages": ratees, "ballots": len(leaves), "merkle_root": root}
    _publish(session, RoundSealed, row, manifest, now)


def _size(session: Session, row: sa.Row[Any]) -> int:
    return questionnaires.ballot_size(questionnaires.find(session, row.questionnaire_id).body)


def _period(row: sa.Row[Any]) -> dict[str, Any]:
    return {"start": row.period_start, "end": row.period_end}


def _public(row: sa.Row[Any]) -> dict[str, Any]:
    return {"round_id": row.id, "name": row.name, "period": _period(row)}


def _publish(
    session: Session, contract: type[Contract], row: sa.Row[Any], data: Mapping[str, Any], now: datetime
) -> None:
    name = event_id(contract.type, row.id)
    outbox.publish(session, [Event.make(contract, id=name, subject=str(row.id), time=now, data=data)])

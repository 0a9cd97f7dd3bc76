"""Boxes: the sealed ballots of a ratee, opened in memory; exact sums and hashes stay, nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.domain.moments import Moments
from scoring_service.tables import box, moments, ratee, round_, tally
from scoring_service.usecases import keys as round_keys
from scoring_service.usecases.ballots import Opened, Sheet, open_boxes
from scoring_service.usecases.rounds import NotYet
from scoring_service.usecases.rules import Sums
from scoring_service.usecases.shelf import Shelf
from shared.database import insert_new
from shared.errors import conflict, missing
from shared.keystore import KeyStore

Data = Mapping[str, Any]


def take(session: Session, messages: Sequence[Data], shelf: Shelf, keys: KeyStore) -> None:
    """Open the boxes of a batch of ratees and keep their sums.

    Raises ``NotYet`` or ``KeyLost`` (try again later) and ``Refused`` for a round that is counted already, a ratee
    that is not on the complete roster, or one whose boxes came before.
    """
    by_round: dict[UUID, list[Data]] = defaultdict(list)
    for message in messages:
        by_round[message["round_id"]].append(message)
    for round_id in sorted(by_round):
        _take(session, round_id, by_round[round_id], shelf, keys)


def _take(session: Session, round_id: UUID, messages: Sequence[Data], shelf: Shelf, keys: KeyStore) -> None:
    row = _sealing(session, round_id)
    people = _people(session, row, [message["ratee"] for message in messages])
    opener = round_keys.opener(keys, round_id, row.fingerprint)
    sums = Sums(shelf.thaw(row), row)
    sheets = {leads: Sheet.of(row.questionnaire, leads) for leads in (False, True)}
    boxes, tallies = [], []
    for message in messages:
        person = people[message["ratee"]]
        opened = open_boxes(opener, round_id, person.number, message["boxes"], sheets[person.leadership])
        boxes.append(_box(round_id, person.number, opened))
        added = sums.add(person, opened.answers)
        tallies.append({"round_id": round_id, "ratee": person.number, "sums": added})
    if insert_new(session, box, boxes, "round_id", "ratee") != len(messages):
        raise conflict("boxes_known", "The boxes of this ratee came before, under another event id.")
    insert_new(session, tally, tallies, "round_id", "ratee")
    _add_moments(session, round_id, sums.moments())


def _add_moments(session: Session, round_id: UUID, gathered: Moments) -> None:
    insert_new(session, moments, [{"round_id": round_id, "sums": Moments().to_json()}], "round_id")
    mine = moments.c.round_id == round_id
    before = session.execute(sa.select(moments.c.sums).where(mine).with_for_update()).scalar_one()
    sums = (Moments.from_json(before) + gathered).to_json()
    session.execute(sa.update(moments).where(mine).values(sums=sums))


def _sealing(session: Session, round_id: UUID) -> Any:
    """The round, held in state ``sealing`` until this transaction ends."""
    session.execute(
        sa.update(round_).where(round_.c.id == round_id, round_.c.state == "open").values(state="sealing")
    )
    row = session.execute(sa.select(round_).where(round_.c.id == round_id).with_for_update(read=True)).first()
    if row is None or row.state == "broken":
        raise NotYet(f"round {round_id} is not ready for ballots")
    if row.state != "sealing":
        raise conflict("round_counted", f"Round {round_id} is {row.state}: no more ballots are taken.")
    return row


def _people(session: Session, row: Any, numbers: Sequence[str]) -> dict[str, Any]:
    known = sa.select(ratee).where(ratee.c.round_id == row.id, ratee.c.number.in_(numbers))
    people = {person.number: person for person in session.execute(known)}
    if not set(numbers) <= people.keys():
        here = session.scalar(sa.select(sa.func.count()).where(ratee.c.round_id == row.id)) or 0
        if here < row.ratees:
            raise NotYet(f"{here} of {row.ratees} ratees of round {row.id} are here")
        raise missing("ratee_unknown", f"A box is for somebody who is not on the roster of round {row.id}.")
    return people


def _box(round_id: UUID, number: str, opened: Opened) -> dict[str, Any]:
    return {
        "round_id": round_id,
        "ratee": number,
        "leaves": b"".join(opened.leaves),
        "ballots": len(opened.leaves),
        "refused": sum(opened.refused.values()),
        "reasons": dict(opened.refused),
    }

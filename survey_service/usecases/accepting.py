"""A sealed ballot comes in: its link is spent, it lies in its box and its draft is noise again; or nothing is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shared import sealing
from shared.errors import invalid
from shared.prepared import Prepared
from survey_service.domain import boxes
from survey_service.tables import box
from survey_service.tokens import digest_of
from survey_service.usecases import drafts, spending
from survey_service.usecases.spending import Link


@dataclass(frozen=True, slots=True)
class Accepted:
    """Into which round a ballot went, and how many others its rater is still asked about there."""

    round_id: UUID
    left: int


def submit(session: Session, token: bytes, ballot: bytes, now: datetime) -> Accepted:
    """Spend the link and put the sealed ballot into its box.

    The same ballot again is received again; another one raises ``Refused`` (already_received). Raises ``Refused``
    (bad_ballot) for a ballot of the wrong length or form, else with the standing as its code.
    """
    digest = digest_of(token)
    link, connection = spending.enter(session, digest, now), session.connection()
    _check_form(link, ballot)
    if link.standing == "open" and not spending.answered(connection, link):
        link = spending.outrun(session, digest, now)
    if link.standing == "already_received":
        _check_received(connection, link, ballot)
    elif link.standing != "open":
        spending.refuse(link.standing)
    else:
        _keep(connection, link, ballot)
        drafts.forget(session, link.round_id, digest, link.plain)
    return Accepted(link.round_id, link.left)


def _keep(connection: Connection, link: Link, ballot: bytes) -> None:
    place = _place(link)
    row = _HELD_BOX.first(connection, **place)
    assert row is not None, "every group of a ratee has its box from launch on"
    _WRITE_BOX.first(connection, **place, held=boxes.insert(row[0], ballot, len(ballot)))


def _check_received(connection: Connection, link: Link, ballot: bytes) -> None:
    row = _BOX.first(connection, **_place(link))
    if row is None or ballot not in boxes.split(row[0], len(ballot)):
        spending.refuse("already_received")


def _check_form(link: Link, ballot: bytes) -> None:
    if len(ballot) != sealing.sealed_length(link.plain) or ballot[0] != 4:
        raise invalid("bad_ballot", "The sealed answer does not have the form of this questionnaire.")


def _place(link: Link) -> dict[str, Any]:
    return {"round": link.round_id, "about": link.ratee, "relative": link.relation}


_OF_PLACE = (
    box.c.round_id == sa.bindparam("round"),
    box.c.ratee == sa.bindparam("about"),
    box.c.relation == sa.bindparam("relative"),
)
_FOUND = sa.select(box.c.ballots).where(*_OF_PLACE)
_BOX, _HELD_BOX = Prepared(_FOUND), Prepared(_FOUND.with_for_update())
_WRITE_BOX = Prepared(sa.update(box).where(*_OF_PLACE).values(ballots=sa.bindparam("held")))

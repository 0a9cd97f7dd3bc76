"""The letters of a round as HR looks at them: what the mail servers said, and trying refused ones again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.errors import conflict, missing
from survey_service.domain.steps import stepped
from survey_service.tables import LETTER_STATES, letter, person
from survey_service.usecases import letters, rounds

PAGE = 50


@dataclass(frozen=True, slots=True)
class Queue:
    """Some letters of a round by name of the rater, and how many there are in all."""

    rows: Sequence[sa.Row[Any]]
    count: int


def show(session: Session, round_id: UUID, words: str = "", state: str = "", start: int = 0) -> Queue:
    """At most ``PAGE`` letters in ``state`` (all, when empty) whose rater's name holds ``words``."""
    wanted = letter.c.round_id == round_id
    if state in LETTER_STATES:
        wanted = sa.and_(wanted, letter.c.state == state)
    if words:
        named = sa.or_(
            person.c.name.icontains(words, autoescape=True), letter.c.rater.startswith(words, autoescape=True)
        )
        wanted = sa.and_(wanted, named)
    query = _letters().where(wanted)
    count = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(person.c.name, letter.c.rater, letter.c.id).offset(start).limit(PAGE))
    return Queue(rows.all(), count)


def find(session: Session, round_id: UUID, letter_id: UUID) -> sa.Row[Any]:
    """One letter of a round. Raises ``Refused``."""
    row = session.execute(_letters().where(letter.c.id == letter_id, letter.c.round_id == round_id)).first()
    if row is None:
        raise missing("letter_unknown", "There is no such letter in this round.")
    return row


def retry(session: Session, round_id: UUID, now: datetime, day: date, actor: str) -> int:
    """Ask again for the refused letters of an open round, at the address that the people have now; how many.

    That number is for steps only: those who have answered are not among them. At most one mail per letter and day.
    Raises ``Refused`` when the round is not open.
    """
    row = rounds.find(session, round_id)
    if row.state != "open":
        raise conflict("round_not_open", f"The round is {row.state}; mails are sent only while it is open.")
    refused = sa.select(letter.c.id).where(letter.c.round_id == round_id, letter.c.state == "refused")
    count = letters.resend(session, session.scalars(refused).all(), day)
    audit.record(session, now, actor, "letter.retried", str(round_id), {"letters": stepped(count)})
    return count


def resend_one(session: Session, round_id: UUID, letter_id: UUID, now: datetime, day: date, actor: str) -> None:
    """Ask for one letter again. It does not go when nothing is missing; telling so would tell who has answered."""
    find(session, round_id, letter_id)
    letters.resend(session, [letter_id], day)
    audit.record(session, now, actor, "letter.resent", str(round_id), {"letters": 1})


def _letters() -> sa.Select[Any]:
    own = (letter.c.id, letter.c.rater, letter.c.unit, letter.c.state, letter.c.reason)
    return sa.select(*own, sa.func.coalesce(person.c.name, letter.c.rater).label("name"), person.c.email).outerjoin(
        person, person.c.number == letter.c.rater
    )

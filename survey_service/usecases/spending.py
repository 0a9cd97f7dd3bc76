"""What changes the state of a link: through the gate of its round, by one conditional statement.

So an answer is in the batch that leaves at close or is refused, never neither. Only what the change needs is read:
this is the path on which everybody waits on the last day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from shared.errors import Refused, conflict, missing
from shared.prepared import Prepared
from survey_service.domain.answers import Standing, deadline, standing
from survey_service.tables import invitation, letter, round_
from survey_service.usecases import gate, questionnaires

REFUSALS: dict[Standing, str] = {
    "not_open": "Answering has not begun yet.",
    "already_received": "An answer was already received through this link.",
    "declined": "You declined; take that back first.",
    "wrong_relation": "You reported that the relationship is wrong; take that back first.",
    "replaced": "This link was replaced.",
    "closed": "Answering has ended.",
    "cancelled": "The round was cancelled.",
}
"""Why a link cannot be used now, by the code of the refusal."""


@dataclass(frozen=True, slots=True)
class Link:
    """What spending a link needs to know. ``ratee`` is an employee number: it stays on the server."""

    invitation: UUID
    round_id: UUID
    ratee: str
    relation: str
    left: int
    """How many others the rater is still asked about in the round."""
    plain: int
    """Bytes of a ballot before sealing."""
    standing: Standing


def enter(session: Session, digest: bytes, now: datetime) -> Link:
    """Pass the gate and look at the link with this digest. Raises ``Refused`` (unknown_link)."""
    connection = session.connection()
    return _find(session, digest, now, _ENTER if connection.dialect.name == "postgresql" else _LINK)


def outrun(session: Session, digest: bytes, now: datetime) -> Link:
    """Look again, because the link was spent or the round ended while we waited."""
    link = _find(session, digest, now, _LINK)
    if link.standing == "open":
        raise Refused("busy", "outrun", "This link was changed at the same moment: send it again.")
    return link


def answered(connection: Connection, link: Link) -> bool:
    """Spend a pending link of an open round; whether it was one."""
    return _ANSWERED.first(connection, which=link.invitation) is not None


def moved(connection: Connection, link: Link, state: str, reason: str | None) -> bool:
    """Change the state of a link that was not answered; whether it could be."""
    return _MOVED.first(connection, which=link.invitation, after=state, why=reason) is not None


def refuse(stands: Standing) -> NoReturn:
    """Raise ``Refused`` with the standing as its code."""
    raise conflict(stands, REFUSALS[stands])


def _find(session: Session, digest: bytes, now: datetime, query: Prepared) -> Link:
    row = query.first(session.connection(), digest=digest)
    if row is None:
        raise missing("unknown_link", "This link is not known here.")
    which, round_id, about, relation, state, extended_to, left, round_state, opens_at, closes_at, form = row[:11]
    plain = questionnaires.answers_length(questionnaires.body_of(session, form))
    stands = standing(round_state, state, opens_at, deadline(closes_at, extended_to), now)
    return Link(which, round_id, about, relation, left, plain, stands)


_theirs, _mine, _other = letter.alias(), letter.alias(), invitation.alias()
_LEFT = (
    sa.select(sa.func.count())
    .select_from(_mine)
    .join(_theirs, sa.and_(_theirs.c.round_id == _mine.c.round_id, _theirs.c.rater == _mine.c.rater))
    .join(_other, sa.and_(_other.c.letter_id == _theirs.c.id, _other.c.state == "pending"))
    .where(_mine.c.id == invitation.c.letter_id, _other.c.id != invitation.c.id)
    .correlate(invitation)
    .scalar_subquery()
)
_FOUND = (
    sa.select(invitation.c.id, invitation.c.round_id, invitation.c.ratee, invitation.c.relation)
    .add_columns(invitation.c.state, invitation.c.extended_to, _LEFT.label("left"))
    .add_columns(round_.c.state.label("round_state"), round_.c.opens_at, round_.c.closes_at)
    .add_columns(round_.c.questionnaire_id)
    .join(round_, round_.c.id == invitation.c.round_id)
    .where(invitation.c.token_digest == sa.bindparam("digest"))
)
_ENTER = Prepared(gate.passing(_FOUND, invitation.c.round_id))
_LINK = Prepared(_FOUND)
_OPEN = sa.exists().where(round_.c.id == invitation.c.round_id, round_.c.state == "open")


def _from(states: Sequence[str], **values: Any) -> Prepared:
    before = sa.or_(*(invitation.c.state == state for state in states))
    return Prepared(
        sa.update(invitation)
        .where(invitation.c.id == sa.bindparam("which"), before, _OPEN)
        .values(**values)
        .returning(invitation.c.id)
    )


_ANSWERED = _from(["pending"], state="answered", reason=None)
_MOVED = _from(["pending", "declined", "wrong_relation"], state=sa.bindparam("after"), reason=sa.bindparam("why"))

"""The list of everybody whom one rater is asked about in a round, and how far that is. Looking changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.errors import missing
from survey_service.domain.answers import Standing, deadline, standing
from survey_service.tables import invitation, letter, person, ratee, round_
from survey_service.tokens import digest_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One line. ``own``: its link follows from the secret of this list; else it came in another letter."""

    invitation: UUID
    ratee_name: str
    ratee_post: str
    relation: str
    own: bool
    until: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class RaterList:
    """What the link to a list leads to, ordered by name."""

    round_name: str
    contact: str
    language: str
    opens_at: datetime
    closes_at: datetime
    timezone: str
    lines: Sequence[Listed]

    @property
    def until(self) -> datetime:
        """The end of answering for this rater, a personal extension included."""
        return max((one.until for one in self.lines), default=self.closes_at)

    @property
    def standing(self) -> Standing:
        """``open`` while there is anything to see or do on the list, else why not."""
        found = {one.standing for one in self.lines}
        if found & {"open", "declined", "wrong_relation"}:
            return "open"
        rest: tuple[Standing, ...] = ("cancelled", "closed", "not_open", "already_received")
        return next(("open" if one == "already_received" else one for one in rest if one in found), "replaced")


def look(session: Session, token: bytes, now: datetime) -> RaterList:
    """The list with this ``token``. Raises ``Refused`` (unknown_link)."""
    row = session.execute(_LIST, {"digest": digest_of(token)}).first()
    if row is None:
        raise missing("unknown_link", "This list is not known here.")
    found = session.execute(_LINES, {"round": row.round_id, "rater": row.rater})
    return RaterList(
        row.round_name,
        row.contact,
        row.language,
        row.opens_at,
        row.closes_at,
        row.timezone,
        [_line(one, row, now) for one in found],
    )


def _line(one: sa.Row[tuple[object, ...]], of: sa.Row[tuple[object, ...]], now: datetime) -> Listed:
    until = deadline(of.closes_at, one.extended_to)
    stands = standing(of.state, one.state, of.opens_at, until, now)
    return Listed(one.id, one.name, one.post, one.relation, one.letter_id == of.id, until, stands)


_LIST = (
    sa.select(letter.c.id, letter.c.round_id, letter.c.rater, round_.c.name.label("round_name"), round_.c.state)
    .add_columns(round_.c.contact, round_.c.opens_at, round_.c.closes_at, round_.c.timezone)
    .add_columns(sa.func.coalesce(person.c.language, "id").label("language"))
    .join(round_, round_.c.id == letter.c.round_id)
    .outerjoin(person, person.c.number == letter.c.rater)
    .where(letter.c.token_digest == sa.bindparam("digest"))
)
_LINES = (
    sa.select(invitation.c.id, invitation.c.letter_id, invitation.c.relation, invitation.c.state)
    .add_columns(invitation.c.extended_to, ratee.c.name, ratee.c.post)
    .join(letter, letter.c.id == invitation.c.letter_id)
    .join(ratee, sa.and_(ratee.c.round_id == invitation.c.round_id, ratee.c.number == invitation.c.ratee))
    .where(letter.c.round_id == sa.bindparam("round"), letter.c.rater == sa.bindparam("rater"))
    .order_by(ratee.c.name, invitation.c.id)
)

"""A rater's link: look at it, keep a draft, decline, say that the relationship is wrong, take that back.

Looking spends nothing. A ballot comes in through ``accepting``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import sealing
from shared.errors import Refused, invalid, missing
from shared.prepared import Prepared
from survey_service.domain.answers import Standing, asked, deadline, standing
from survey_service.tables import invitation, person, ratee, round_
from survey_service.tokens import digest_of
from survey_service.usecases import drafts, questionnaires, spending

DECLINE_REASONS = ("tidak_cukup_mengenal", "konflik_kepentingan", "lainnya")
RELATION_REASONS = ("atasan", "rekan", "bawahan", "tidak_ada")
"""What the rater says the relationship really is."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What a link leads to. ``ratee`` is an employee number: it stays on the server."""

    invitation: UUID
    round_id: UUID
    ratee: str
    relation: str
    state: str
    reason: str | None
    ratee_name: str
    ratee_post: str
    leadership: bool
    sole: bool
    """Whether nobody else was asked in this relation, so that a supervisor can be recognised."""
    language: str
    round_name: str
    authority: str
    contact: str
    opens_at: datetime
    until: datetime
    """The end of answering for this person, a personal extension included."""
    timezone: str
    threshold: int
    body: dict[str, Any]
    public_key: bytes | None
    standing: Standing

    @property
    def questions(self) -> list[bool]:
        """Per item whether it is asked."""
        return asked(self.body, self.leadership)

    @property
    def ballot_length(self) -> int:
        """Bytes of a ballot before sealing."""
        return sealing.ballot_length(len(self.questions))

    @property
    def info(self) -> bytes:
        """What a ballot through this link is bound to."""
        return sealing.ballot_info(self.round_id, self.ratee, self.relation)


def look(session: Session, token: bytes, now: datetime) -> Invited:
    """What the link with ``token`` leads to; spends nothing. Raises ``Refused`` (unknown_link)."""
    row = _LINK.first(session.connection(), digest=digest_of(token))
    if row is None:
        raise missing("unknown_link", "This link is not known here.")
    facts: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    facts["body"] = questionnaires.body_of(session, facts.pop("questionnaire_id"))
    until = deadline(facts.pop("closes_at"), facts.pop("extended_to"))
    stands = standing(facts.pop("round_state"), facts["state"], facts["opens_at"], until, now)
    return Invited(**facts, until=until, standing=stands)


def require_open(invited: Invited) -> None:
    """Raise ``Refused`` with the standing as its code unless the link may be used now."""
    if invited.standing != "open":
        spending.refuse(invited.standing)


def seal(invited: Invited, answers: Sequence[int]) -> bytes:
    """Seal on the server, for a browser that cannot. ``answers`` has one number per item, 255 where not asked."""
    require_open(invited)
    plain = sealing.encode_answers(answers, invited.ballot_length)
    return sealing.Sealer(_public_key(invited)).seal(plain, invited.info)


def draft_of(session: Session, token: bytes, invited: Invited) -> bytes:
    """What is kept as the draft of a link: always so many bytes, which only its rater can tell from noise."""
    return drafts.look(session, invited.round_id, digest_of(token), invited.ballot_length)


def keep_draft(session: Session, token: bytes, content: bytes, over: bytes, now: datetime) -> bytes | None:
    """Keep a draft over the one whose SHA-256 is ``over``; returns None, or what is kept when that is another.

    Raises ``Refused``: the standing unless the link is open, bad_draft for a wrong length.
    """
    invited = look(session, token, now)
    require_open(invited)
    return drafts.keep(session, invited.round_id, digest_of(token), content, over, invited.ballot_length)


def decline(session: Session, token: bytes, reason: str, now: datetime) -> None:
    """The rater cannot assess this person; can be taken back until close."""
    _step_aside(session, token, "declined", reason, DECLINE_REASONS, now)


def report_relation(session: Session, token: bytes, reason: str, now: datetime) -> None:
    """The rater says that the relationship is another; can be taken back until close."""
    _step_aside(session, token, "wrong_relation", reason, RELATION_REASONS, now)


def take_back(session: Session, token: bytes, now: datetime) -> None:
    """Undo a decline or a reported relationship. Raises ``Refused`` when answering has ended or it was answered."""
    _step(session, token, "pending", None, now)


def _step_aside(
    session: Session, token: bytes, state: str, reason: str, reasons: Sequence[str], now: datetime
) -> None:
    if reason not in reasons:
        raise invalid("unknown_reason", f"Choose one of: {', '.join(reasons)}.")
    _step(session, token, state, reason, now)


def _step(session: Session, token: bytes, state: str, reason: str | None, now: datetime) -> None:
    digest = digest_of(token)
    link = spending.enter(session, digest, now)
    if link.standing not in {"open", "declined", "wrong_relation"}:
        spending.refuse(link.standing)
    if not spending.moved(session.connection(), link, state, reason):
        spending.refuse(spending.outrun(session, digest, now).standing)


def _others() -> sa.Exists:
    other = invitation.alias()
    return (
        sa.exists()
        .where(
            other.c.round_id == invitation.c.round_id,
            other.c.ratee == invitation.c.ratee,
            other.c.relation == invitation.c.relation,
            other.c.id != invitation.c.id,
            other.c.state != "revoked",
        )
        .correlate(invitation)
    )


_FOUND = (
    sa.select(
        invitation.c.id.label("invitation"),
        invitation.c.round_id,
        invitation.c.ratee,
        invitation.c.relation,
        invitation.c.state,
        invitation.c.reason,
        invitation.c.extended_to,
        ratee.c.name.label("ratee_name"),
        ratee.c.post.label("ratee_post"),
        ratee.c.leadership,
        sa.not_(_others()).label("sole"),
        sa.func.coalesce(person.c.language, "id").label("language"),
        round_.c.name.label("round_name"),
        round_.c.state.label("round_state"),
        round_.c.authority,
        round_.c.contact,
        round_.c.opens_at,
        round_.c.closes_at,
        round_.c.timezone,
        round_.c.threshold,
        round_.c.public_key,
        round_.c.questionnaire_id,
    )
    .join_from(invitation, round_, round_.c.id == invitation.c.round_id)
    .join(ratee, sa.and_(ratee.c.round_id == invitation.c.round_id, ratee.c.number == invitation.c.ratee))
    .outerjoin(person, person.c.number == invitation.c.rater)
    .where(invitation.c.token_digest == sa.bindparam("digest"))
)
_NAMES = _FOUND.selected_columns.keys()
_LINK = Prepared(_FOUND)


def _public_key(invited: Invited) -> bytes:
    if invited.public_key is None:
        raise Refused("busy", "key_missing", "The round has no key yet; try again later.")
    return invited.public_key

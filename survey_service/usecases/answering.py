"""A rater's link: look at it, answer, decline, say that the relationship is wrong, take that back.

Looking spends nothing. What changes something is one conditional statement inside the caller's transaction, which
went through the gate of the round, so that an answer is in the batch that leaves at close or is refused, never
neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import sealing
from shared.errors import Refused, conflict, invalid, missing
from survey_service.domain import boxes
from survey_service.domain.answers import Standing, asked, deadline, standing
from survey_service.tables import box, invitation, person, ratee, round_
from survey_service.tokens import digest_of
from survey_service.usecases import drafts, gate, questionnaires

DECLINE_REASONS = ("tidak_cukup_mengenal", "konflik_kepentingan", "lainnya")
RELATION_REASONS = ("atasan", "rekan", "bawahan", "tidak_ada")
"""What the rater says the relationship really is."""

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
    return _find(session, token, now, _QUERY)


def require_open(invited: Invited) -> None:
    """Raise ``Refused`` with the standing as its code unless the link may be used now."""
    if invited.standing != "open":
        _refuse(invited.standing)


def seal(invited: Invited, answers: Sequence[int]) -> bytes:
    """Seal on the server, for a browser that cannot. ``answers`` has one number per item, 255 where not asked."""
    require_open(invited)
    plain = sealing.encode_answers(answers, invited.ballot_length)
    return sealing.Sealer(_public_key(invited)).seal(plain, invited.info)


def submit(session: Session, token: bytes, ballot: bytes, now: datetime) -> UUID:
    """Spend the link and put the sealed ballot into its box; the round it belongs to.

    The same ballot again is received again; another one raises ``Refused`` (already_received). Raises ``Refused``
    (bad_ballot) for a ballot of the wrong length or form, else with the standing as its code.
    """
    invited = _enter(session, token, now)
    _check_form(invited, ballot)
    if invited.standing == "open" and not _move(session, invited, ("pending",), "answered", None):
        invited = _outrun(session, token, now)
    if invited.standing == "already_received":
        return _received_before(session, invited, ballot)
    require_open(invited)
    connection, place = session.connection(), _place(invited)
    kept = connection.execute(_HELD_BOX, place).scalar_one()
    connection.execute(_WRITE_BOX, {**place, "held": boxes.insert(kept, ballot, len(ballot))})
    drafts.forget(session, invited.round_id, digest_of(token), invited.ballot_length)
    return invited.round_id


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
    invited = _enter(session, token, now)
    if invited.standing not in {"open", "declined", "wrong_relation"}:
        _refuse(invited.standing)
    if not _move(session, invited, ("pending", "declined", "wrong_relation"), state, reason):
        _refuse(_outrun(session, token, now).standing)


def _enter(session: Session, token: bytes, now: datetime) -> Invited:
    """Pass the gate and look."""
    server = session.get_bind().dialect.name == "postgresql"
    return _find(session, token, now, _ENTER if server else _QUERY)


def _outrun(session: Session, token: bytes, now: datetime) -> Invited:
    """Look again, because the link was spent or the round ended while we waited."""
    invited = look(session, token, now)
    if invited.standing == "open":
        raise Refused("busy", "outrun", "This link was changed at the same moment: send it again.")
    return invited


def _find(session: Session, token: bytes, now: datetime, query: sa.Select[Any]) -> Invited:
    row = session.connection().execute(query, {"digest": digest_of(token)}).mappings().first()
    if row is None:
        raise missing("unknown_link", "This link is not known here.")
    facts = dict(row)
    facts.pop("gate", None)
    facts["body"] = questionnaires.body_of(session, facts.pop("questionnaire_id"))
    until = deadline(facts.pop("closes_at"), facts.pop("extended_to"))
    stands = standing(facts.pop("round_state"), row["state"], row["opens_at"], until, now)
    return Invited(**facts, until=until, standing=stands)


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


_QUERY = (
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
_ENTER = gate.passing(_QUERY, invitation.c.round_id)
_OPEN = sa.exists().where(round_.c.id == invitation.c.round_id, round_.c.state == "open")
_MOVE = (
    sa.update(invitation)
    .where(invitation.c.id == sa.bindparam("which"), _OPEN)
    .where(invitation.c.state.in_(sa.bindparam("before", expanding=True)))
    .values(state=sa.bindparam("after"), reason=sa.bindparam("why"))
    .returning(invitation.c.id)
)
_OF_PLACE = (
    box.c.round_id == sa.bindparam("round"),
    box.c.ratee == sa.bindparam("about"),
    box.c.relation == sa.bindparam("as"),
)
_BOX = sa.select(box.c.ballots).where(*_OF_PLACE)
_HELD_BOX = _BOX.with_for_update()
_WRITE_BOX = sa.update(box).where(*_OF_PLACE).values(ballots=sa.bindparam("held"))
# built once: putting a statement together costs as much as its execution


def _move(session: Session, invited: Invited, before: Sequence[str], after: str, reason: str | None) -> bool:
    facts = {"which": invited.invitation, "before": before, "after": after, "why": reason}
    return session.connection().execute(_MOVE, facts).first() is not None


def _received_before(session: Session, invited: Invited, ballot: bytes) -> UUID:
    kept = session.connection().execute(_BOX, _place(invited)).scalar()
    if kept is None or ballot not in boxes.split(kept, len(ballot)):
        _refuse("already_received")
    return invited.round_id


def _place(invited: Invited) -> dict[str, Any]:
    return {"round": invited.round_id, "about": invited.ratee, "as": invited.relation}


def _check_form(invited: Invited, ballot: bytes) -> None:
    if len(ballot) != sealing.sealed_length(invited.ballot_length) or ballot[0] != 4:
        raise invalid("bad_ballot", "The sealed answer does not have the form of this questionnaire.")


def _public_key(invited: Invited) -> bytes:
    if invited.public_key is None:
        raise Refused("busy", "key_missing", "The round has no key yet; try again later.")
    return invited.public_key


def _refuse(stands: Standing) -> NoReturn:
    raise conflict(stands, REFUSALS[stands])

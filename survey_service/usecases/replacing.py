"""A running round is put right for single people: more time, another rater, a link taken back, mails tried again.

Nothing here tells whether or when somebody answered: more time is given whether or not it is needed, and a spent
link only refuses. The audit trail names a ratee or a rater, never both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.errors import Problem, conflict, invalid, missing
from survey_service.domain.people import Person
from survey_service.domain.raters import PEER, SELF, SUBORDINATE
from survey_service.tables import invitation, letter, ratee, round_
from survey_service.usecases import directory, drafts, launch, planning, rounds, writing

LONGEST_EXTENSION = timedelta(days=30)
_UNSPENT = ("pending", "declined", "wrong_relation")
_RUNNING = ("preparing", "open")


@dataclass(frozen=True, slots=True)
class Asked:
    """One invitation as HR may see it. ``given_back``: declined or reported as wrong, the only states it shows."""

    id: UUID
    round_id: UUID
    ratee: str
    ratee_name: str
    rater: str
    relation: str
    given_back: str | None
    revoked: bool


def of_letter(session: Session, letter_id: UUID) -> list[Asked]:
    """About whom one rater is asked, by name; answered and not yet answered look the same."""
    rows = session.execute(_asked().where(invitation.c.letter_id == letter_id).order_by(ratee.c.name))
    return [_of_row(row) for row in rows]


def find(session: Session, round_id: UUID, invitation_id: UUID) -> Asked:
    """One invitation of a round. Raises ``Refused``."""
    one = _asked().where(invitation.c.id == invitation_id, invitation.c.round_id == round_id)
    row = session.execute(one).first()
    if row is None:
        raise missing("invitation_unknown", "There is no such invitation in this round.")
    return _of_row(row)


def invited(session: Session, round_id: UUID, number: str) -> dict[str, int]:
    """How many are asked about a ratee now, by relation."""
    rows = session.execute(
        sa.select(invitation.c.relation, sa.func.count())
        .where(invitation.c.round_id == round_id, invitation.c.ratee == number, invitation.c.state != "revoked")
        .group_by(invitation.c.relation)
    )
    return {row[0]: row[1] for row in rows}


def candidates(session: Session, one: Asked) -> list[Person]:
    """Who may be asked instead: the same group of the ratee, not asked about this ratee before, nearest first."""
    people = {person.number: person for person in planning.all_people(session)}
    about = people.get(one.ratee)
    if about is None or one.relation == SELF:
        return []
    known = sa.select(invitation.c.rater).where(
        invitation.c.round_id == one.round_id, invitation.c.ratee == one.ratee
    )
    taken = {one.ratee, *session.scalars(known)}
    fitting = [
        p for p in people.values() if p.number not in taken and not p.excluded and _fits(p, about, one.relation)
    ]
    parents = planning.all_units(session)
    near = {about.unit: 0, parents.get(about.unit) or about.unit: 1}
    return sorted(fitting, key=lambda p: (near.get(p.unit, 2), p.name, p.number))


def replace(
    session: Session,
    round_id: UUID,
    invitation_id: UUID,
    rater: str,
    now: datetime,
    actor: str,
    *,
    public_url: str,
    service_secrets: Sequence[str],
) -> None:
    """Take an unspent link back and ask ``rater`` instead, in the same relation and with a letter of its own.

    Raises ``Refused``: the round does not run, the link is spent, or the rater does not fit the group.
    """
    rounds.find(session, round_id, lock=True)  # so that it does not end, and nobody replaces beside us
    one = find(session, round_id, invitation_id)
    if rater not in {person.number for person in candidates(session, one)}:
        fault = Problem("rater", "Choose somebody of the same group who is not asked about this person yet.")
        raise invalid("rater_unfit", "This person cannot be asked instead.", [fault])
    _take_back(session, one, now)
    post = writing.post_of(session, round_id, planning.all_people(session), public_url, service_secrets)
    row, links = writing.write_letter(post, post.people[rater], [(one.ratee, one.relation)])
    session.execute(letter.insert().values(**row))
    session.execute(invitation.insert(), links)
    plain = launch.plain_length(session, rounds.find(session, round_id))
    drafts.forget(session, round_id, links[0]["token_digest"], plain)  # a place, before anybody begins
    facts = {"ratee": one.ratee, "relation": one.relation}
    audit.record(session, now, actor, "invitation.replaced", str(round_id), facts)


def revoke(session: Session, round_id: UUID, invitation_id: UUID, now: datetime, actor: str) -> None:
    """Take an unspent link back without asking anybody else. Raises ``Refused``."""
    rounds.find(session, round_id, lock=True)
    one = find(session, round_id, invitation_id)
    _take_back(session, one, now)
    facts = {"ratee": one.ratee, "relation": one.relation}
    audit.record(session, now, actor, "invitation.revoked", str(round_id), facts)


def extend(session: Session, round_id: UUID, rater: str, until: datetime, now: datetime, actor: str) -> None:
    """One rater may answer until ``until``; says nothing about whether anything was still missing.

    Raises ``Refused``: the round is not open, nobody like that is asked, or the moment does not fit.
    """
    row = rounds.find(session, round_id, lock=True)
    if row.state != "open":
        raise conflict("round_not_open", f"The round is {row.state}; more time is given only while it is open.")
    if not max(now, row.closes_at) < until <= row.closes_at + LONGEST_EXTENSION:
        fault = Problem("until", f"Choose a moment after the end, at most {LONGEST_EXTENSION.days} days later.")
        raise invalid("extension_unfit", "The extension does not fit.", [fault])
    theirs = sa.and_(invitation.c.round_id == round_id, invitation.c.rater == rater)
    if session.scalar(sa.select(invitation.c.id).where(theirs).limit(1)) is None:
        raise missing("rater_unknown", "Nobody like that is asked in this round.")
    session.execute(sa.update(invitation).where(theirs, invitation.c.state == "pending").values(extended_to=until))
    facts = {"rater": rater, "until": until.isoformat()}
    audit.record(session, now, actor, "round.extended_for_one", str(round_id), facts)


def _take_back(session: Session, one: Asked, now: datetime) -> None:
    """Spend the link for good, if it is not spent and the round still runs."""
    runs = sa.exists().where(round_.c.id == one.round_id, round_.c.state.in_(_RUNNING), round_.c.closes_at > now)
    taken = session.execute(
        sa.update(invitation)
        .where(invitation.c.id == one.id, invitation.c.state.in_(_UNSPENT), runs)
        .values(state="revoked", reason=None)
        .returning(invitation.c.token_digest)
    ).first()
    if taken is None:
        raise conflict("link_spent", "This link cannot be taken back: it is used up, or answering is over.")
    plain = launch.plain_length(session, rounds.find(session, one.round_id))
    drafts.forget(session, one.round_id, taken.token_digest, plain)


def _fits(person: Person, about: Person, relation: str) -> bool:
    if relation == SUBORDINATE:
        return person.supervisor == about.number
    if relation == PEER:
        apart = person.outside or person.number == about.supervisor or person.supervisor == about.number
        return person.tier == about.tier and not apart
    return person.supervisor != about.number


def _asked() -> sa.Select[Any]:
    joined = sa.and_(ratee.c.round_id == invitation.c.round_id, ratee.c.number == invitation.c.ratee)
    return sa.select(invitation, ratee.c.name.label("ratee_name")).join(ratee, joined)


def _of_row(row: sa.Row[Any]) -> Asked:
    given_back = row.state if row.state in ("declined", "wrong_relation") else None
    return Asked(
        row.id,
        row.round_id,
        row.ratee,
        row.ratee_name,
        row.rater,
        row.relation,
        given_back,
        row.state == "revoked",
    )


def name_of(session: Session, rater: str) -> str:
    """The name of a rater, the number when the person is gone."""
    return directory.names(session, [rater]).get(rater, rater)

"""Letters: asked for when the round has its key, again as reminders, forgotten when nothing is pending."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.database import changed
from shared.errors import conflict
from shared.events import SLIP, Event, LetterRequested, NotifierKeyRetired, event_id
from shared.messaging import outbox
from shared.sealing import b64
from survey_service.domain.answers import deadline
from survey_service.domain.messages import words_of
from survey_service.domain.schedule import audible, schedule_from
from survey_service.domain.steps import stepped
from survey_service.tables import invitation, letter, notifier_key, round_
from survey_service.usecases import addresses, rounds

_pending = sa.exists().where(invitation.c.letter_id == letter.c.id, invitation.c.state == "pending")
_unprinted = sa.and_(
    letter.c.state == "no_address", letter.c.requests == 0, letter.c.sealed.is_not(None), letter.c.wanted.is_(None)
)
_mailable = sa.and_(letter.c.sealed.is_not(None), letter.c.state != "no_address", letter.c.wanted.is_(None))


def remind(session: Session, round_id: UUID, now: datetime, day: date, actor: str = "schedule") -> int:
    """Ask for a reminder to everybody who has not answered, with the same links; how many letters.

    That number is for the caller to show in steps only: it tells how many have not answered yet. At most one mail
    per letter and day, and not more in all than the schedule of the round allows. Raises ``Refused`` when the
    round is not open.
    """
    row = rounds.find(session, round_id)
    if row.state != "open":
        raise conflict("round_not_open", f"The round is {row.state}; reminders go out only while it is open.")
    bearable = letter.c.requests <= schedule_from(row.schedule).most
    count = _want(session, sa.and_(letter.c.round_id == round_id, bearable), "reminder", day)
    audit.record(session, now, actor, "round.reminded", str(round_id), {"letters": stepped(count)})
    return count


def resend(session: Session, letter_ids: Sequence[UUID], day: date) -> int:
    """Ask for letters again, at most one mail per letter and day; how many will go."""
    return _want(session, letter.c.id.in_(letter_ids), "resend", day)


def tell_extension(session: Session, round_id: UUID) -> None:
    """Ask for a mail with the new deadline, also to whoever had a mail today; a mail that waits says it anyway.

    How many go is how many have not answered, so it is told to nobody.
    """
    statement = (
        sa.update(letter).where(letter.c.round_id == round_id, _mailable, _pending).values(wanted="extended")
    )
    session.execute(statement.execution_options(synchronize_session=False))


def unprinted(session: Session, round_id: UUID) -> int:
    """How many letters need paper and were not made into slips yet."""
    return session.scalar(sa.select(sa.func.count()).where(letter.c.round_id == round_id, _unprinted)) or 0


def want_slips(session: Session, round_id: UUID, now: datetime, actor: str) -> int:
    """Have the notifier keep printable slips for everybody without an address of the own; how many.

    Each letter is asked for once: what a second time would leave out were those who have answered. Raises
    ``Refused`` unless the round runs.
    """
    row = rounds.find(session, round_id)
    if row.state not in ("preparing", "open"):
        raise conflict("round_not_open", f"The round is {row.state}; slips are made only while it runs.")
    wanted = sa.update(letter).where(letter.c.round_id == round_id, _unprinted).values(wanted=SLIP)
    count = changed(session.execute(wanted.execution_options(synchronize_session=False)))
    audit.record(session, now, actor, "letter.slips_wanted", str(round_id), {"letters": count})
    return count


def slips_printed(session: Session, round_id: UUID, sheets: int, by: str, now: datetime) -> None:
    """The notifier opened the slips of a round for printing: write into the audit how many and who did it."""
    audit.record(session, now, by, "letter.slips_printed", str(round_id), {"sheets": sheets})


def _want(session: Session, which: sa.ColumnElement[bool], kind: str, day: date) -> int:
    quiet = sa.or_(letter.c.requested_on.is_(None), letter.c.requested_on < day)
    statement = sa.update(letter).where(which, _mailable, quiet, _pending).values(wanted=kind, requested_on=day)
    return changed(session.execute(statement.execution_options(synchronize_session=False)))


def dispatch(session: Session, now: datetime, limit: int = 200) -> int:
    """Publish the requests of at most ``limit`` letters that shall go out; how many were handled.

    Only rounds with a key count; one whose window has begun is opened first, since a link must work when its mail
    arrives. What is pending is looked up now; a letter without anything pending is let be.
    """
    due = (
        sa.select(letter, round_.c.name, round_.c.authority, round_.c.contact, round_.c.opens_at)
        .add_columns(
            round_.c.closes_at, round_.c.timezone, round_.c.threshold, round_.c.schedule, round_.c.messages
        )
        .join(round_, round_.c.id == letter.c.round_id)
        .where(letter.c.wanted.is_not(None), letter.c.sealed.is_not(None), round_.c.public_key.is_not(None))
        .where(sa.or_(round_.c.state == "open", sa.and_(round_.c.state == "preparing", round_.c.opens_at > now)))
        .limit(limit)
        .with_for_update(skip_locked=True, of=letter)
    )
    rows = session.execute(due).all()
    pending = _pending_of(session, [row.id for row in rows])
    asked = [row for row in rows if pending[row.id]]
    moved = addresses.moved(session, [row for row in asked if row.wanted not in ("invitation", SLIP)])
    until = _until(session, [row.id for row in asked])
    outbox.publish(
        session, [_request(row, pending[row.id], now, moved.get(row.id), until[row.id]) for row in asked]
    )
    _settle(session, rows, pending)
    return len(rows)


def _pending_of(session: Session, letter_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    query = sa.select(invitation.c.letter_id, invitation.c.id).where(
        invitation.c.letter_id.in_(letter_ids), invitation.c.state == "pending"
    )
    for row in session.execute(query.order_by(invitation.c.id)):
        found[row.letter_id].append(row.id)
    return found


def _until(session: Session, letter_ids: Sequence[UUID]) -> dict[UUID, datetime | None]:
    """The personal extension of each letter's rater, where there is one."""
    longest = sa.func.max(invitation.c.extended_to, type_=invitation.c.extended_to.type)
    query = sa.select(invitation.c.letter_id, longest).where(
        invitation.c.letter_id.in_(letter_ids), invitation.c.state == "pending"
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(invitation.c.letter_id))}


def _request(
    row: sa.Row[Any], pending: list[UUID], now: datetime, address: bytes | None, until: datetime | None
) -> Event:
    data = {
        "letter_id": row.id,
        "round_id": row.round_id,
        "kind": row.wanted,
        "sealed": b64(row.sealed),
        "fingerprint": row.fingerprint,
        "pending": pending,
        "not_before": _not_before(row, now),
        "round_name": row.name,
        "authority": row.authority,
        "contact": row.contact,
        "closes_at": deadline(row.closes_at, until),
        "timezone": row.timezone,
        "threshold": row.threshold,
        "message": words_of(row.messages, row.wanted),
    }
    if address is not None:
        data["address"] = b64(address)
    name = event_id(LetterRequested.type, row.id, row.requests + 1)
    return Event.make(LetterRequested, id=name, subject=str(row.id), time=now, data=data)


def _not_before(row: sa.Row[Any], now: datetime) -> datetime:
    """Not before the window and not in the quiet hours, unless the rater asked for it just now."""
    at: datetime = max(row.opens_at, now)
    if row.wanted == "resend":
        return at
    if row.wanted == SLIP:
        return now
    return audible(schedule_from(row.schedule), at, row.closes_at, row.timezone)


def _settle(session: Session, rows: Sequence[sa.Row[Any]], pending: dict[UUID, list[UUID]]) -> None:
    for kind, opens_on, ids in _by_kind(rows, pending):
        values: dict[str, Any] = {"wanted": None, "requests": letter.c.requests + 1}
        if kind == "invitation":  # a reminder leaves the state alone: how many go out is how many have not answered
            values |= {"requested_on": opens_on, "state": "requested"}
        session.execute(sa.update(letter).where(letter.c.id.in_(ids)).values(**values))
    idle = [row.id for row in rows if not pending[row.id]]
    if idle:
        session.execute(sa.update(letter).where(letter.c.id.in_(idle)).values(wanted=None))


def _by_kind(
    rows: Sequence[sa.Row[Any]], pending: dict[UUID, list[UUID]]
) -> Iterable[tuple[str, date, list[UUID]]]:
    """Ids of the letters that were asked for, by kind and first day of answering."""
    found: dict[tuple[str, date], list[UUID]] = defaultdict(list)
    for row in rows:
        if pending[row.id]:
            found[row.wanted, row.opens_at.astimezone(ZoneInfo(row.timezone)).date()].append(row.id)
    return ((kind, day, ids) for (kind, day), ids in found.items())


def settle_mails(session: Session, outcomes: Sequence[tuple[UUID, str | None]]) -> None:
    """Note what became of mails: letter id and, if refused, the reason. The last word on a letter counts."""
    last = dict(outcomes)
    by_reason: dict[str | None, list[UUID]] = defaultdict(list)
    for letter_id, reason in last.items():
        by_reason[reason].append(letter_id)
    for reason, ids in by_reason.items():
        state = "accepted" if reason is None else "refused"
        session.execute(sa.update(letter).where(letter.c.id.in_(ids)).values(state=state, reason=reason))


def forget_done(session: Session) -> int:
    """Delete the sealed links of letters with nothing pending; how many."""
    done = sa.update(letter).where(letter.c.sealed.is_not(None), letter.c.wanted.is_(None), ~_pending)
    return changed(session.execute(done.values(sealed=None).execution_options(synchronize_session=False)))


def forget_round(session: Session, round_id: UUID) -> None:
    """Delete the sealed links of all letters of a round, and ask for none any more."""
    session.execute(sa.update(letter).where(letter.c.round_id == round_id).values(sealed=None, wanted=None))


def retire_key(session: Session, now: datetime) -> None:
    """Have the notifier take another key once no kept letter is sealed to the present one, and destroy that.

    Whoever has an old copy of the letters, and the key store of today, then opens none of them.
    """
    # a key that somebody seals to at this moment is left alone, and waited for by nobody: it will be needed
    free = session.scalars(sa.select(notifier_key.c.fingerprint).with_for_update(skip_locked=True)).all()
    mine = letter.c.fingerprint == notifier_key.c.fingerprint
    used, needed = sa.exists().where(mine), sa.exists().where(mine, letter.c.sealed.is_not(None))
    spent = sa.update(notifier_key).where(notifier_key.c.current, used, ~needed)
    spent = spent.where(notifier_key.c.fingerprint.in_(free)).values(current=False)
    statement = spent.returning(notifier_key.c.fingerprint).execution_options(synchronize_session=False)
    outbox.publish(session, [_retired(name, now) for name in session.scalars(statement).all()])


def _retired(name: str, now: datetime) -> Event:
    identity = event_id(NotifierKeyRetired.type, name)
    return Event.make(NotifierKeyRetired, id=identity, subject=name, time=now, data={"fingerprint": name})

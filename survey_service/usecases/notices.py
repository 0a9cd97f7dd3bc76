"""Notices of the scoring service: it knows a person by number only, the address is added here, sealed.

Whatever can be read here is whom a notice is for and of which kind; the link in it is sealed to the notifier.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.errors import missing
from shared.events import Event, NoticeAddressed, event_id
from shared.messaging import outbox
from shared.sealing import Sealer, b64, letter_info
from survey_service.tables import notifier_key, person, round_


class KeyNotHere(Exception):
    """The notifier's key that a notice was sealed to is not known yet: try again."""


def address(session: Session, events: Sequence[Event]) -> None:
    """Pass notices on with the address of their person; without one that is this person's alone, an empty one.

    Raises ``KeyNotHere`` when a notice overtook the notifier's key.
    """
    people = _people(session, {event.data["person"] for event in events})
    shared = _shared(session, [one.email for one in people.values() if one.email])
    sealers = _sealers(session, {event.data["fingerprint"] for event in events})
    contacts = _contacts(session, {event.data["round_id"] for event in events})
    outbox.publish(
        session,
        [
            _addressed(
                one,
                people.get(one.data["person"]),
                shared,
                sealers[one.data["fingerprint"]],
                contacts[one.data["round_id"]],
            )
            for one in events
        ],
    )


def _people(session: Session, numbers: set[str]) -> dict[str, Any]:
    columns = (person.c.number, person.c.name, person.c.email, person.c.language)
    found = session.execute(sa.select(*columns).where(person.c.number.in_(numbers)))
    return {row.number: row for row in found}


def _shared(session: Session, emails: Sequence[str]) -> set[str]:
    """Which of these addresses, in small letters, more than one person has."""
    plain = sa.func.lower(person.c.email)
    query = sa.select(plain).where(plain.in_([one.lower() for one in emails])).group_by(plain)
    return set(session.scalars(query.having(sa.func.count() > 1)))


def _sealers(session: Session, fingerprints: set[str]) -> Mapping[str, Sealer]:
    known = session.execute(sa.select(notifier_key).where(notifier_key.c.fingerprint.in_(fingerprints)))
    sealers = {row.fingerprint: Sealer(row.public_key) for row in known}
    if sealers.keys() != fingerprints:
        raise KeyNotHere("a notice is sealed to a key of the notifier that is not here yet")
    return sealers


def _contacts(session: Session, round_ids: set[UUID]) -> dict[UUID, str]:
    """Whom people may ask, by round. Raises ``Refused`` for a round that is not ours."""
    rows = session.execute(sa.select(round_.c.id, round_.c.contact).where(round_.c.id.in_(round_ids)))
    found = {row.id: row.contact for row in rows}
    if found.keys() != round_ids:
        raise missing("round_unknown", "There is no such round.")
    return found


def _addressed(event: Event, who: Any, shared: set[str], sealer: Sealer, contact: str) -> Event:
    data = event.data
    reachable = who is not None and who.email and who.email.lower() not in shared
    to = {
        "to": who.email if reachable else "",
        "name": who.name if who else "",
        "language": who.language if who else "id",
    }
    sealed = sealer.seal(json.dumps(to, ensure_ascii=False).encode(), letter_info(data["notice_id"]))
    kept = ("notice_id", "round_id", "round_name", "kind", "sealed", "fingerprint", "not_after", "timezone")
    return Event.make(
        NoticeAddressed,
        id=event_id(NoticeAddressed.type, data["notice_id"]),
        subject=str(data["notice_id"]),
        time=event.time,
        data={name: data[name] for name in kept} | {"address": b64(sealed), "contact": contact},
    )

"""Addresses that letters go to now: a letter is sealed at launch, an address may be mended afterwards."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.sealing import Sealer, address_info
from survey_service.tables import notifier_key, person


def moved(session: Session, letters: Sequence[sa.Row[Any]]) -> dict[UUID, bytes]:
    """For each letter that is asked for again its rater's present address, sealed like the letter, by letter id.

    Raters without an address, or who share one, keep the one in their letter.
    """
    if not letters:
        return {}
    other = person.alias()
    shared = sa.exists().where(
        sa.func.lower(other.c.email) == sa.func.lower(person.c.email), other.c.number != person.c.number
    )
    raters = {row.rater for row in letters}
    query = sa.select(person.c.number, person.c.email).where(
        person.c.number.in_(raters), person.c.email.is_not(None), ~shared
    )
    found = {row.number: row.email for row in session.execute(query)}
    keys = {row.fingerprint: Sealer(row.public_key) for row in session.execute(sa.select(notifier_key))}
    return {
        row.id: keys[row.fingerprint].seal(found[row.rater].encode(), address_info(row.id))
        for row in letters
        if row.rater in found and row.fingerprint in keys
    }

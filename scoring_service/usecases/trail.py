"""Names for the audit trail: ratees, who may act in their own name, and rounds."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from scoring_service.tables import ratee, round_

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names(session: Session, mentioned: Sequence[str]) -> Mapping[str, str]:
    """What is mentioned as a number, as the id of a round or as both (``ROUND/NUMBER``), in words.

    Accounts are not among them: the survey service keeps those.
    """
    pairs = {one: one.partition("/")[::2] for one in mentioned}
    numbers = {second or first for first, second in pairs.values()}
    rounds = _rounds(session, {first for first, _ in pairs.values()})
    query = sa.select(ratee.c.number, ratee.c.name).where(ratee.c.number.in_(numbers))
    people = {row.number: f"{row.name} ({row.number})" for row in session.execute(query)}
    found = {one: rounds.get(one) or people.get(one) for one in mentioned}
    for one, (first, second) in pairs.items():
        if second and first in rounds:
            found[one] = f"{people.get(second, second)}, {rounds[first]}"
    return {one: words for one, words in found.items() if words}


def _rounds(session: Session, mentioned: set[str]) -> dict[str, str]:
    ids = [UUID(one) for one in mentioned if _UUID.fullmatch(one)]
    query = sa.select(round_.c.id, round_.c.name).where(round_.c.id.in_(ids))
    return {str(row.id): row.name for row in session.execute(query)}

"""The record of deletion: for every launched round what is still there, and when the rest went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.audit import entry
from survey_service.tables import box, draft, invitation, letter, round_

_WHEN = ("round.closed", "round.counted", "round.cancelled", "round.archived", "round.key_destroyed")


@dataclass(frozen=True, slots=True)
class Gone:
    """One kind of thing of a round: whether some of it is stored now, and when it was deleted (None: not known)."""

    name: str
    left: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """A round with what became of its things."""

    round: sa.Row[Any]
    things: Sequence[Gone]


def records(session: Session) -> list[Record]:
    """Every round that was launched, the latest window first; looked up now, not remembered."""
    query = sa.select(round_).where(round_.c.launched_at.is_not(None)).order_by(round_.c.opens_at.desc())
    found = session.execute(query).all()
    left = {
        "drafts": _with(session, draft),
        "letters": _with(session, letter, letter.c.sealed.is_not(None)),
        "boxes": _with(session, box),
        "raters": _with(session, invitation) | _with(session, letter),
    }
    when = _moments(session)
    return [Record(row, _things(row, left, when.get(str(row.id), {}))) for row in found]


def _things(row: sa.Row[Any], left: Mapping[str, set[UUID]], when: Mapping[str, datetime]) -> list[Gone]:
    cancelled = when.get("round.cancelled")
    ended = when.get("round.closed", cancelled)
    counted = when.get("round.counted", cancelled)
    stays = {name: row.id in rounds for name, rounds in left.items()}
    # That the last sealed letter of an open round went would say that everybody has answered.
    stays["letters"] |= row.state in ("preparing", "open")
    moments = {"drafts": ended, "letters": ended, "boxes": counted, "raters": when.get("round.archived")}
    things = [
        Gone(name, stays[name], None if stays[name] else moments[name]) for name in ("drafts", "letters", "boxes")
    ]
    destroyed = when.get("round.counted", when.get("round.key_destroyed"))
    never = row.fingerprint is None and row.state in ("cancelled", "archived")  # it ended before it had one
    things.append(Gone("key", destroyed is None and not never, destroyed))
    things.append(Gone("files", not row.swept, None))
    things.append(Gone("raters", stays["raters"], None if stays["raters"] else moments["raters"]))
    return things


def _with(session: Session, table: sa.Table, *where: sa.ColumnElement[bool]) -> set[UUID]:
    """Rounds that have such rows."""
    return set(session.scalars(sa.select(table.c.round_id).where(*where).distinct()))


def _moments(session: Session) -> dict[str, dict[str, datetime]]:
    query = sa.select(entry.c.about, entry.c.action, entry.c.at).where(entry.c.action.in_(_WHEN))
    found: dict[str, dict[str, datetime]] = {}
    for about, action, at in session.execute(query.order_by(entry.c.position)):
        found.setdefault(about, {})[action] = at
    return found

"""Reading the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.audit import broken_at, entry
from survey_service.tables import round_
from survey_service.usecases.accounts import names_of, uuids

PAGE = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One entry; ``who`` is the name of an account where ``actor`` is one, ``about`` a name where there is one."""

    position: int
    at: datetime
    actor: str
    who: str | None
    action: str
    about: str
    facts: dict[str, Any]


def acts(session: Session, before: int | None = None) -> Sequence[Act]:
    """At most ``PAGE`` entries, newest first, older than position ``before``."""
    wanted = sa.select(entry).order_by(entry.c.position.desc()).limit(PAGE)
    if before is not None:
        wanted = wanted.where(entry.c.position < before)
    rows = session.execute(wanted).all()
    mentioned = [part for row in rows for part in (row.actor, row.about)]
    names = names_of(session, mentioned) | _rounds(session, mentioned)
    return [
        Act(
            row.position,
            row.at,
            row.actor,
            names.get(row.actor),
            row.action,
            names.get(row.about, row.about),
            row.facts,
        )
        for row in rows
    ]


def _rounds(session: Session, mentioned: Sequence[str]) -> dict[str, str]:
    ids = uuids(mentioned)
    rows = session.execute(sa.select(round_.c.id, round_.c.name).where(round_.c.id.in_(ids)))
    return {str(row.id): row.name for row in rows}


def chain(session: Session) -> tuple[int, int | None]:
    """How many entries there are, and the first that does not fit the chain (None when all do)."""
    count = session.scalar(sa.select(sa.func.count()).select_from(entry)) or 0
    return count, broken_at(session)

"""Reading the audit trail of a service."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared.audit import broken_at, entry

PAGE = 50
Names = Callable[[Session, Sequence[str]], Mapping[str, str]]
"""What people call those of the given actors and things that the service knows a name of."""


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of one actor, of one action, from ``since`` until just before ``until``; empty for all."""

    actor: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def acts(session: Session, names_of: Names, before: int | None = None, wanted: Wanted = Wanted()) -> Sequence[Act]:
    """At most ``PAGE`` entries, newest first, older than position ``before``."""
    query = sa.select(entry).where(*_conditions(wanted)).order_by(entry.c.position.desc()).limit(PAGE)
    if before is not None:
        query = query.where(entry.c.position < before)
    rows = session.execute(query).all()
    names = names_of(session, [part for row in rows for part in (row.actor, row.about)])
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


def actors(session: Session, names_of: Names) -> list[tuple[str, str]]:
    """Everybody who did something, with the names of accounts, by name."""
    found = session.scalars(sa.select(entry.c.actor).distinct()).all()
    names = names_of(session, found)
    return sorted(((one, names.get(one, one)) for one in found), key=lambda one: one[1].lower())


def actions(session: Session) -> Sequence[str]:
    """Every kind of act that was done."""
    return session.scalars(sa.select(entry.c.action).distinct().order_by(entry.c.action)).all()


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.actor:
        yield entry.c.actor == wanted.actor
    if wanted.action:
        yield entry.c.action == wanted.action
    if wanted.since:
        yield entry.c.at >= wanted.since
    if wanted.until:
        yield entry.c.at < wanted.until


def chain(session: Session) -> tuple[int, int | None]:
    """How many entries there are, and the first that does not fit the chain (None when all do)."""
    count = session.scalar(sa.select(sa.func.count()).select_from(entry)) or 0
    return count, broken_at(session)

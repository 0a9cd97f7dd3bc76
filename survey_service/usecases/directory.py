"""Looking people up: by name or number, in a unit and what is below it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.domain.people import Person
from survey_service.tables import person, unit

PAGE = 50


@dataclass(frozen=True, slots=True)
class Found:
    """People by name, and how many there are in all."""

    people: Sequence[Person]
    count: int
    supervisors: dict[str, str]
    """Names of the supervisors of these people, by number."""


def search(session: Session, words: str = "", within: str | None = None, start: int = 0) -> Found:
    """At most ``PAGE`` people whose name holds ``words`` or whose number begins with them, from place ``start``.

    ``within`` limits to a unit and all units below it.
    """
    wanted: sa.ColumnElement[bool] = sa.true()
    if words:
        wanted = sa.or_(
            person.c.name.icontains(words, autoescape=True), person.c.number.startswith(words, autoescape=True)
        )
    if within is not None:
        wanted = sa.and_(wanted, person.c.unit.in_(below(within)))
    count = session.scalar(sa.select(sa.func.count()).select_from(person).where(wanted)) or 0
    rows = session.execute(
        sa.select(person).where(wanted).order_by(person.c.name, person.c.number).offset(start).limit(PAGE)
    ).mappings()
    people = [Person(**row) for row in rows]
    return Found(people, count, names(session, [one.supervisor for one in people if one.supervisor]))


def names(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    """Names by employee number."""
    rows = session.execute(sa.select(person.c.number, person.c.name).where(person.c.number.in_(numbers)))
    return {row.number: row.name for row in rows}


def units(session: Session, within: str | None = None) -> Sequence[str]:
    """Names of all units, or of one and those below it."""
    wanted = sa.select(unit.c.name).order_by(unit.c.name)
    return session.scalars(wanted if within is None else wanted.where(unit.c.name.in_(below(within)))).all()


def below(name: str) -> sa.Select[tuple[str]]:
    """A unit and every unit under it."""
    tree = sa.select(unit.c.name).where(unit.c.name == name).cte("tree", recursive=True)
    tree = tree.union(sa.select(unit.c.name).where(unit.c.parent == tree.c.name))
    return sa.select(tree.c.name)

"""Who would be asked about whom, from the people as they are now."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey_service.domain.people import Person
from survey_service.domain.raters import Plan, plan
from survey_service.domain.rounds import groups_from
from survey_service.tables import person, unit


def all_people(session: Session) -> list[Person]:
    """Everybody, excluded people too, by number."""
    rows = session.execute(sa.select(person).order_by(person.c.number)).mappings()
    return [Person(**row) for row in rows]


def all_units(session: Session) -> dict[str, str | None]:
    """Every unit with its parent."""
    return {row.name: row.parent for row in session.execute(sa.select(unit))}


def plan_round(people: list[Person], parents: Mapping[str, str | None], round_row: sa.Row[Any]) -> Plan:
    """The raters of a round with what cannot be satisfied."""
    return plan(people, parents, groups_from(round_row.groups), round_row.seed)

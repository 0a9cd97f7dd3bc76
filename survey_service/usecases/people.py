"""People and units: imported from a file as a whole or not at all, and listed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.database import insert
from shared.errors import Problem, invalid
from survey_service.domain.people import Person
from survey_service.domain.roster.changes import Changes, compare
from survey_service.domain.roster.checks import Roster, check
from survey_service.domain.roster.reading import read_csv
from survey_service.tables import person, unit
from survey_service.usecases import planning
from survey_service.usecases.sheets import is_sheet, read_sheet

CHUNK = 1000
Report = Callable[[int, int], None]
"""Is told how much of how much is done."""
MOST_FAULTS = 500
"""Faults reported at once; a file with more has one cause."""
ABSENT_REASON = {"id": "tidak ada dalam berkas pegawai", "en": "not in the people file"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed, or would change when it was a dry run."""

    changes: Changes
    units: int
    """Units that are new or have another parent."""
    dry_run: bool


def silent(_done: int, _total: int) -> None:
    """Nobody wants to know how far it is."""


def import_people(
    session: Session,
    content: bytes,
    now: datetime,
    actor: str,
    *,
    language: str = "id",
    dry_run: bool = False,
    exclude_absent: bool = False,
    report: Report = silent,
) -> Imported:
    """Import a CSV or XLSX file; the same file again changes nothing, people who are not in it are kept.

    ``exclude_absent`` excludes those from the period instead. Raises ``Refused`` with every fault by row and
    column in ``language``; then nothing is written.
    """
    if not dry_run:
        _one_at_a_time(session)
    stored = {one.number: one for one in planning.all_people(session)}
    units = planning.all_units(session)
    table = read_sheet(content) if is_sheet(content) else read_csv(content)
    roster = check(table, {number: one.supervisor for number, one in stored.items()}, units)
    if roster.faults:
        raise _refused(roster, language)
    given = dict(roster.people)
    if exclude_absent:
        given |= _without(stored, given, ABSENT_REASON[language])
    changes = compare(stored, given)
    moved = {name: parent for name, parent in roster.parents.items() if units.get(name, "?") != parent}
    if not dry_run:
        _write(session, moved, [given[number] for number in sorted({*changes.new, *changes.changed})], report)
        facts = {"new": len(changes.new), "changed": len(changes.changed), "units": len(moved)}
        audit.record(session, now, actor, "people.imported", "people", facts)
    return Imported(changes, len(moved), dry_run)


def listing(session: Session, after: str = "", limit: int = 100, in_unit: str | None = None) -> list[Person]:
    """People by number, those whose number comes after ``after``, of one unit when it is given."""
    query = sa.select(person).where(person.c.number > after).order_by(person.c.number).limit(limit)
    if in_unit is not None:
        query = query.where(person.c.unit == in_unit)
    return [Person(**row) for row in session.execute(query).mappings()]


def units(session: Session, after: str = "", limit: int = 100) -> list[sa.Row[Any]]:
    """Units by name, with parent and number of people."""
    query = (
        sa.select(unit.c.name, unit.c.parent, sa.func.count(person.c.number).label("people"))
        .outerjoin(person, person.c.unit == unit.c.name)
        .where(unit.c.name > after)
        .group_by(unit.c.name, unit.c.parent)
    )
    return list(session.execute(query.order_by(unit.c.name).limit(limit)))


def _one_at_a_time(session: Session) -> None:
    """Two imports at once would each see the people before the other: the second waits."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('survey.people'))"))


def _refused(roster: Roster, language: str) -> Exception:
    problems = [Problem(fault.where(language), fault.message(language)) for fault in roster.faults[:MOST_FAULTS]]
    count = len(roster.faults)
    detail = {
        "id": f"{count} hal perlu diperbaiki di berkas; belum ada yang diimpor.",
        "en": f"{count} thing(s) to mend in the file; nothing was imported.",
    }
    return invalid("people_file", detail[language], problems)


def _without(stored: Mapping[str, Person], given: Mapping[str, Person], reason: str) -> dict[str, Person]:
    return {
        number: replace(one, excluded=one.excluded or reason)
        for number, one in stored.items()
        if number not in given
    }


def _write(
    session: Session, units_moved: Mapping[str, str | None], people: Sequence[Person], report: Report
) -> None:
    parents = [{"name": name, "parent": parent} for name, parent in sorted(units_moved.items())]
    _upsert(session, unit, parents, "name")
    report(0, len(people))
    for at in range(0, len(people), CHUNK):
        _upsert(session, person, (asdict(one) for one in people[at : at + CHUNK]), "number")
        report(min(at + CHUNK, len(people)), len(people))


def _upsert(session: Session, table: sa.Table, rows: Iterable[Mapping[str, Any]], key: str) -> None:
    statement = insert(session, table)
    new = {column.name: statement.excluded[column.name] for column in table.c if column.name != key}
    statement = statement.on_conflict_do_update(index_elements=[key], set_=new)
    rest = iter(rows)
    while part := list(islice(rest, CHUNK)):
        session.connection().execute(statement, part)

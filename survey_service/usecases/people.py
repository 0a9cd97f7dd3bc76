"""People and units: imported from a file as a whole or not at all, and listed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shared import audit
from shared.bulk import fill
from shared.errors import Problem, invalid
from survey_service.domain.people import Person
from survey_service.domain.roster.changes import Changes, compare
from survey_service.domain.roster.checks import Roster, check
from survey_service.domain.roster.reading import read_csv
from survey_service.tables import person, unit
from survey_service.usecases import planning
from survey_service.usecases.sheets import is_sheet, read_sheet

CHUNK = 2000
_FACTS = [one.name for one in fields(Person)]
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
        _write_units(session, moved, units)
        _write_people(session, [given[n] for n in changes.new], [given[n] for n in sorted(changes.changed)], report)
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


def _write_units(session: Session, moved: Mapping[str, str | None], known: Mapping[str, str | None]) -> None:
    rows = [{"name": name, "parent": parent} for name, parent in sorted(moved.items())]
    fill(session, unit, [row for row in rows if row["name"] not in known])
    _overwrite(session, unit, [row for row in rows if row["name"] in known], "name")


def _write_people(session: Session, new: Sequence[Person], changed: Sequence[Person], report: Report) -> None:
    done, total = 0, len(new) + len(changed)
    report(done, total)
    for people, work in ((new, _add), (changed, _change)):
        for at in range(0, len(people), CHUNK):
            part = people[at : at + CHUNK]
            work(session, [{name: getattr(one, name) for name in _FACTS} for one in part])
            done += len(part)
            report(done, total)


def _add(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    fill(session, person, rows)


def _change(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    _overwrite(session, person, rows, "number")


def _overwrite(session: Session, table: sa.Table, rows: Sequence[Mapping[str, Any]], key: str) -> None:
    """Every column of rows that exist."""
    if rows:
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in rows[0] if name != key}
        statement = sa.update(table).where(table.c[key] == sa.bindparam(f"new_{key}")).values(values)
        session.connection().execute(statement, [{f"new_{name}": row[name] for name in row} for row in rows])

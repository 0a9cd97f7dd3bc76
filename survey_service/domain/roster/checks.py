"""From rows to people and units, with every fault of the whole file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from survey_service.domain.people import Person
from survey_service.domain.roster import cells, columns
from survey_service.domain.roster.hierarchy import cycles
from survey_service.domain.roster.reading import Table
from survey_service.domain.roster.rows import Reader
from survey_service.domain.roster.words import Fault


@dataclass(slots=True)
class Roster:
    """What a file says. ``parents`` has the units of the file; None where the file names no parent."""

    people: dict[str, Person] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def check(table: Table, known: Mapping[str, str | None], known_units: Mapping[str, str | None]) -> Roster:
    """The people of a table. ``known``: supervisors of everybody stored, ``known_units``: stored parents."""
    roster = Roster(faults=list(table.faults))
    rows: dict[str, int] = {}
    unit_rows: dict[str, int] = {}
    reader = Reader(table.headings)
    for number, row in table.rows:
        person = reader.person(row)
        _unit(table, roster, number, row, unit_rows)
        if person is None:
            roster.faults += reader.faults(number, row)
            continue
        if person.number in rows:
            place = table.headings["nip"]
            roster.faults.append(Fault("double_number", number, place, {"row": rows[person.number]}))
            continue
        rows[person.number] = number
        roster.people[person.number] = person
    _supervisors(table, roster, rows, known)
    _keep_known_parents(table, roster, known_units)
    _rounds(table, roster, unit_rows, "parent_unit", "unit_cycle", {**known_units, **roster.parents})
    roster.faults.sort(key=lambda fault: (fault.row or 0, fault.column or ""))
    return roster


def _unit(table: Table, roster: Roster, number: int, row: Mapping[str, str], rows: dict[str, int]) -> None:
    unit, parent = row.get("unit", "").strip(), row.get("parent_unit", "").strip() or None
    if not unit:
        return
    other = roster.parents.get(unit)
    if parent is None or other is None:
        roster.parents[unit] = parent or other
        rows[unit] = number if parent else rows.get(unit, number)
    elif other != parent:
        facts = {"unit": unit, "value": parent, "row": rows[unit], "other": other}
        roster.faults.append(Fault("two_parents", number, _heading(table, "parent_unit"), facts))


def _keep_known_parents(table: Table, roster: Roster, known: Mapping[str, str | None]) -> None:
    """A file without the column says nothing about parents; a unit named only as parent is a unit too."""
    if "parent_unit" not in table.headings:
        roster.parents = {unit: known.get(unit) for unit in roster.parents}
    for parent in list(roster.parents.values()):
        if parent is not None:
            roster.parents.setdefault(parent, known.get(parent))


def _supervisors(table: Table, roster: Roster, rows: Mapping[str, int], known: Mapping[str, str | None]) -> None:
    place = _heading(table, "supervisor")
    listed = {cells.bare(row.get("nip", "")) for _, row in table.rows}  # also rows with a fault of their own
    for number, person in roster.people.items():
        if person.supervisor == number:
            roster.faults.append(Fault("own_supervisor", rows[number], place))
        elif person.supervisor and person.supervisor not in listed and person.supervisor not in known:
            facts = {"value": person.supervisor}
            roster.faults.append(Fault("unknown_supervisor", rows[number], place, facts))
    above = {**known, **{number: person.supervisor for number, person in roster.people.items()}}
    _rounds(table, roster, rows, "supervisor", "supervisor_cycle", above)


def _rounds(
    table: Table,
    roster: Roster,
    rows: Mapping[str, int],
    column: str,
    code: str,
    above: Mapping[str, str | None],
) -> None:
    for chain in cycles(above):
        row = min((rows[name] for name in chain if name in rows), default=None)
        if len(chain) > 1 or code == "unit_cycle":
            facts = {"chain": " → ".join([*chain, chain[0]])}
            roster.faults.append(Fault(code, row, _heading(table, column), facts))


def _heading(table: Table, name: str) -> str:
    return table.headings.get(name) or columns.BY_NAME[name].heading

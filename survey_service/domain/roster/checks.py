"""From rows to people and units, with every fault of the whole file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from survey_service.domain.people import Person
from survey_service.domain.roster import cells, columns
from survey_service.domain.roster.hierarchy import cycles
from survey_service.domain.roster.reading import Table
from survey_service.domain.roster.words import Fault

_WORDS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "language": (columns.LANGUAGE_WORDS, "id"),
    "tier": (columns.TIER_WORDS, ""),
    "leads_team": (columns.YES_NO, ""),
    "supervisor_kind": (columns.KIND_WORDS, "definitif"),
    "outside": (columns.YES_NO, "tidak"),
}
"""Columns whose cells are words, and what an empty cell means."""


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
    for number, row in table.rows:
        person = _person(table, roster, number, row)
        _unit(table, roster, number, row, unit_rows)
        if person is None:
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


def _person(table: Table, roster: Roster, number: int, row: Mapping[str, str]) -> Person | None:
    values: dict[str, Any] = {}
    sound = True

    def note(name: str, work: Callable[[], Any]) -> None:
        nonlocal sound
        try:
            values[name] = work()
        except cells.Bad as bad:
            roster.faults.append(bad.at(number, _heading(table, name)))
            sound = False

    for column in columns.COLUMNS:
        note(column.name, lambda column=column: _cell(column, row.get(column.name, "")))  # type: ignore[misc]
    if "employment" in values and "outside" in values:
        note("employment", lambda: _employment(values["employment"], values["outside"]))
    if values.get("nip") and values.get("employment") in ("pns", "pppk") and values.get("outside") is False:
        note("nip", lambda: _nip(values["nip"]))
    if sound and not values["supervisor"] and row.get("supervisor_kind", "").strip():
        roster.faults.append(Fault("kind_without_supervisor", number, _heading(table, "supervisor_kind")))
        sound = False
    return _made(values) if sound else None


def _cell(column: columns.Column, raw: str) -> Any:
    value = cells.text(raw, column.longest)
    if column.required and not value:
        raise cells.Bad("required")
    if column.name in _WORDS:
        words, empty = _WORDS[column.name]
        return cells.choice(value or empty, words)
    if column.name in ("nip", "supervisor"):
        return cells.number(value)
    return cells.email(value) if column.name == "email" else value


def _employment(value: str, outside: bool) -> str:
    return cells.choice(value or ("other" if outside else "pns"), columns.EMPLOYMENT_WORDS)


def _nip(value: str) -> str:
    cells.civil_servant(value)
    return value


def _made(values: Mapping[str, Any]) -> Person:
    same = ("name", "email", "language", "unit", "post", "tier", "employment", "outside")
    return Person(
        number=values["nip"],
        leads=values["leads_team"],
        supervisor=values["supervisor"] or None,
        supervisor_kind=values["supervisor_kind"] if values["supervisor"] else None,
        excluded=values["excluded"] or None,
        **{name: values[name] for name in same},
    )


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

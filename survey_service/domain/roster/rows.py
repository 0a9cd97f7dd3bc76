"""One row at a time: the person it describes, or every fault in it.

A file has some ten thousand rows and a handful of faults. ``Reader`` reads a row cell after cell and remembers what
a unit, a post or a word meant before; only a row that is not sound is gone through again, for all its faults.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

from survey_service.domain.people import Person
from survey_service.domain.roster import cells, columns
from survey_service.domain.roster.words import Fault

_WORDS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "language": (columns.LANGUAGE_WORDS, "id"),
    "tier": (columns.TIER_WORDS, ""),
    "leads_team": (columns.YES_NO, ""),
    "supervisor_kind": (columns.KIND_WORDS, "definitif"),
    "outside": (columns.YES_NO, "tidak"),
}
"""Columns whose cells are words, and what an empty cell means."""
_OF_ONE = {"nip", "name", "email"}
"""Columns in which hardly any two cells are the same."""
_REMEMBERED = 10_000
"""Cells remembered per column."""


class Reader:
    """Reads the rows of one file, whose ``headings`` are its words by canonical column name."""

    def __init__(self, headings: Mapping[str, str]) -> None:
        self._headings = headings
        self._columns: list[tuple[str, Callable[[str], Any]]] = [
            (one.name, partial(_cell, one) if one.name in _OF_ONE else lru_cache(_REMEMBERED)(partial(_cell, one)))
            for one in columns.COLUMNS
        ]

    def person(self, row: Mapping[str, str]) -> Person | None:
        """The person of a row, None when something is wrong with it."""
        try:
            values = {name: read(row.get(name, "")) for name, read in self._columns}
            values["employment"] = _employment(values["employment"], values["outside"])
            if _has_nip(values):
                cells.civil_servant(values["nip"])
        except cells.Bad:
            return None
        return None if _kind_alone(values, row) else _made(values)

    def faults(self, number: int, row: Mapping[str, str]) -> Iterator[Fault]:
        """Everything wrong with row ``number`` (as a spreadsheet counts) by itself."""
        values: dict[str, Any] = {}
        sound = True
        for name, work in self._steps(values, row):
            try:
                values[name] = work()
            except cells.Bad as bad:
                yield bad.at(number, self.heading(name))
                sound = False
        if sound and _kind_alone(values, row):
            yield Fault("kind_without_supervisor", number, self.heading("supervisor_kind"))

    def heading(self, name: str) -> str:
        """What the file calls a column; what we call it, where the file does not have it."""
        return self._headings.get(name) or columns.BY_NAME[name].heading

    def _steps(self, values: dict[str, Any], row: Mapping[str, str]) -> Iterator[tuple[str, Callable[[], Any]]]:
        """What is to be worked out, by column, each with what came before in ``values``."""
        for name, read in self._columns:
            yield name, partial(read, row.get(name, ""))
        if "employment" in values and "outside" in values:
            yield "employment", partial(_employment, values["employment"], values["outside"])
        if "outside" in values and values.get("nip") and _has_nip(values):
            yield "nip", partial(cells.civil_servant, values["nip"])


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


def _has_nip(values: Mapping[str, Any]) -> bool:
    """Whether the number of this person has to be that of a civil servant."""
    return values.get("employment") in ("pns", "pppk") and values["outside"] is False


def _kind_alone(values: Mapping[str, Any], row: Mapping[str, str]) -> bool:
    return not values["supervisor"] and bool(row.get("supervisor_kind", "").strip())


def _made(values: Mapping[str, Any]) -> Person:
    return Person(
        number=values["nip"],
        name=values["name"],
        email=values["email"],
        language=values["language"],
        unit=values["unit"],
        post=values["post"],
        tier=values["tier"],
        leads=values["leads_team"],
        employment=values["employment"],
        supervisor=values["supervisor"] or None,
        supervisor_kind=values["supervisor_kind"] if values["supervisor"] else None,
        outside=values["outside"],
        excluded=values["excluded"] or None,
    )

"""Files of scores, written row by row from the protected tables: memory does not grow with the round."""

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, Any
from uuid import UUID

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from scoring_service.domain.layouts import Column, Facts, columns_of, guarded
from scoring_service.usecases import results
from scoring_service.usecases.shelf import Shelf
from shared import audit

LAYOUTS = ("scores", "ekinerja", "siasn")
FORMATS = ("csv", "xlsx")
_WIDTH = 22
_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scores, and in which columns. ``released``: only what was published; ``unit``: only of this one."""

    round_id: UUID
    layout: str
    released: bool
    unit: str | None = None


def note(session: Session, wanted: Wanted, kind: str, actor: str, now: datetime) -> int:
    """Write into the audit who takes which file, and return its rows. Raises ``Refused`` for an unknown round."""
    rows = results.count(session, wanted.round_id, released=wanted.released, unit=wanted.unit)
    facts: dict[str, Any] = {"layout": wanted.layout, "format": kind, "rows": rows}
    facts |= {"unit": wanted.unit} if wanted.unit else {}
    audit.record(session, now, actor, "scores.exported", str(wanted.round_id), facts)
    return rows


def pieces(session: Session, wanted: Wanted, shelf: Shelf, kind: str, *, bom: bool = False) -> Iterator[bytes]:
    """The file, piece by piece; a held score carries its reason and no number.

    ``bom`` tells spreadsheets that a CSV is UTF-8. A workbook has its table of contents at the end, so it goes
    through a temporary file.
    """
    if kind == "csv":
        yield from [b"\xef\xbb\xbf"] if bom else []
        yield from _lines(_table(session, wanted, shelf))
        return
    with tempfile.TemporaryFile() as file:
        _workbook(_table(session, wanted, shelf), file)
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def name_of(wanted: Wanted, kind: str) -> str:
    """A file name that says what is in it."""
    return f"{wanted.layout}-{wanted.round_id}.{kind}"


def _lines(table: Iterator[Sequence[str]]) -> Iterator[bytes]:
    for cells in table:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(cells)
        yield text.getvalue().encode()


def _workbook(table: Iterator[Sequence[str]], file: IO[bytes]) -> None:
    """Every cell is text: employee numbers keep their digits, values all their places."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Nilai")
    sheet.freeze_panes = "A2"
    head = next(table)
    for place in range(len(head)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTH
    for cells in chain([head], table):
        sheet.append(cells)
    book.save(file)


def _table(session: Session, wanted: Wanted, shelf: Shelf) -> Iterator[Sequence[str]]:
    row = results.found(session, wanted.round_id)
    facts = Facts(shelf.thaw(row), row.period_start, row.period_end)
    columns = columns_of(wanted.layout, facts)
    yield [guarded(column.head) for column in columns]
    for one in results.every(session, row, released=wanted.released, unit=wanted.unit):
        yield _cells(columns, one, facts)


def _cells(columns: Sequence[Column], one: Mapping[str, Any], facts: Facts) -> Sequence[str]:
    return [guarded(column.cell(one, facts)) for column in columns]

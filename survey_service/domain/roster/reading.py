"""From bytes or cells to rows under known columns."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from survey_service.domain.roster.columns import COLUMNS, Column, find
from survey_service.domain.roster.words import Fault

MOST_BYTES = 32 * 1024 * 1024
MOST_ROWS = 200_000
_LONGEST_FIELD = 131_072


@dataclass(slots=True)
class Table:
    """Rows by their number in the file; ``headings`` are the words of the file by canonical column name."""

    headings: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_csv(content: bytes) -> Table:
    """The table in a CSV file: UTF-8 with or without BOM, separated by comma, semicolon or tab."""
    if len(content) > MOST_BYTES:
        return Table(faults=[Fault("file_too_large", facts={"most": MOST_BYTES // 1024 // 1024})])
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        binary = b"\x00" in content[:4096] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return Table(faults=[Fault("not_csv" if binary else "not_utf8")])
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=_delimiter(decoded), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(reader, start=1):
            lines.append((number, cells))
            if number > MOST_ROWS + 1:
                break
    except csv.Error:
        return Table(faults=[Fault("not_csv", row=len(lines) + 1)])
    return read_cells(lines)


def read_cells(lines: Iterable[tuple[int, Sequence[str]]]) -> Table:
    """The table in numbered rows of cells; the first row that is not blank holds the headings."""
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    head = next(filled, None)
    if head is None:
        return Table(faults=[Fault("empty_file")])
    table = Table()
    columns = _columns(table, head[0], head[1])
    if table.faults:
        return table
    for count, (number, cells) in enumerate(filled):
        if count >= MOST_ROWS:
            return Table(faults=[Fault("too_many_rows", facts={"most": MOST_ROWS})])
        extra = [cell for cell in cells[len(columns) :] if cell.strip()]
        if extra:
            facts = {"found": len(cells), "expected": len(columns)}
            table.faults.append(Fault("too_many_cells", number, facts=facts))
        else:
            found = zip(columns, cells, strict=False)
            table.rows.append((number, {column.name: cell for column, cell in found if column is not None}))
    if not table.rows and not table.faults:
        table.faults.append(Fault("no_rows"))
    return table


def _columns(table: Table, number: int, cells: Sequence[str]) -> list[Column | None]:
    found: list[Column | None] = []
    for cell in cells:
        column = find(cell)
        heading = cell.strip()
        if column is None and heading:
            known = ", ".join(one.heading for one in COLUMNS)
            table.faults.append(Fault("unknown_column", number, heading[:80], {"known": known}))
        elif column is not None and column.name in table.headings:
            table.faults.append(Fault("double_column", number, heading))
        elif column is not None:
            table.headings[column.name] = heading
        found.append(column)
    for column in COLUMNS:
        if column.required and column.name not in table.headings:
            table.faults.append(Fault("missing_column", number, column.heading))
    return found


def _delimiter(decoded: str) -> str:
    head = next((line for line in decoded.splitlines() if line.strip()), "")
    return max(",;\t", key=head.count)

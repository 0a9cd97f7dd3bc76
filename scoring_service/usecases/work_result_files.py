"""Reading a CSV of work results: comma, semicolon or tab, with or without BOM; every fault by row and column."""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from scoring_service.usecases.work_results import Entry
from shared.errors import Problem, invalid

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nip": ("nip",),
    "work_result": ("work_result", "nilai skp"),
    "new_idea": ("new_idea", "ide baru"),
}
LIMIT = 200_000
"""Rows of one file; split a larger one."""
_YES = {"ya", "yes", "1", "true"}
_NO = {"", "tidak", "no", "0", "false"}
_MANGLED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)


def read(content: bytes) -> Sequence[Entry]:
    """The lines of a file. Raises ``Refused`` with every fault; values are checked by the policy later."""
    rows = list(_rows(content))
    places = _places(rows[0] if rows else [])
    problems: list[Problem] = []
    entries: list[Entry] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        where = {name: f"row {number}, column {rows[0][at].strip()}" for name, at in places.items()}
        problems += _faults(where, cells)
        idea = cells.get("new_idea", "").lower() in _YES
        entries.append(Entry(cells["nip"], cells["work_result"], idea, where["nip"], where["work_result"]))
    if problems:
        raise invalid("work_results_faulty", f"{len(problems)} fault(s); nothing was imported.", problems)
    if not entries:
        raise invalid("work_results_empty", "The file has no line below its header.")
    return entries


def _rows(content: bytes) -> Sequence[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("not_utf8", "Save the file as CSV UTF-8; this one has another encoding.") from None
    if "\x00" in text:
        raise invalid("not_csv", "This is not a CSV file. In a spreadsheet choose: save as CSV UTF-8.")
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise invalid("not_csv", f"The file is not well-formed CSV: {error}.") from None
    if len(rows) > LIMIT:
        raise invalid("too_many_rows", f"One file holds at most {LIMIT} rows; split it.")
    return rows


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    places = {
        column: names.index(spelling)
        for column, spellings in COLUMNS.items()
        for spelling in spellings
        if spelling in names
    }
    known = {spelling for spellings in COLUMNS.values() for spelling in spellings}
    problems = [
        Problem("row 1", f"Column {spellings[-1]} is missing.")
        for column, spellings in COLUMNS.items()
        if column not in places and column != "new_idea"
    ]
    problems += [
        Problem("row 1", f"Column {name[:40]!r} is unknown; remove it or spell it NIP, Nilai SKP or Ide Baru.")
        for name in names
        if name not in known
    ]
    problems += [Problem("row 1", f"Column {name} comes twice.") for name in sorted(known) if names.count(name) > 1]
    if problems:
        raise invalid("header_faulty", "The first row must name the columns: NIP, Nilai SKP, Ide Baru.", problems)
    return places


def _faults(where: Mapping[str, str], cells: Mapping[str, str]) -> list[Problem]:
    problems = []
    if not cells["nip"]:
        problems.append(Problem(where["nip"], "The employee number is missing."))
    elif _MANGLED.fullmatch(cells["nip"]):
        advice = "A spreadsheet rounded this number: format the column as text and enter it again."
        problems.append(Problem(where["nip"], advice))
    if not cells["work_result"]:
        problems.append(Problem(where["work_result"], "The value is missing; leave the row out instead."))
    if cells.get("new_idea", "").lower() not in _YES | _NO:
        problems.append(Problem(where["new_idea"], "Write ya or tidak."))
    return problems

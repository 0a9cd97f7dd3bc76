"""XLSX files as rows of text."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

from survey_service.domain.roster.reading import MOST_BYTES, Table, read_cells
from survey_service.domain.roster.words import Fault

_ZIP = b"PK\x03\x04"
_MOST_CELLS = 6_000_000


def is_sheet(content: bytes) -> bool:
    """Whether these bytes look like an XLSX file."""
    return content.startswith(_ZIP)


def read_sheet(content: bytes) -> Table:
    """The table on the first sheet of an XLSX file."""
    if len(content) > MOST_BYTES:
        return Table(faults=[Fault("file_too_large", facts={"most": MOST_BYTES // 1024 // 1024})])
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheet = book.get_sheet_by_index(0)
            if sheet.total_height * sheet.total_width > _MOST_CELLS:
                return Table(faults=[Fault("file_too_large", facts={"most": MOST_BYTES // 1024 // 1024})])
            rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError):
        return Table(faults=[Fault("not_csv")])
    return read_cells(_lines(rows))


def _lines(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, list[str]]]:
    return ((number, [_cell(value) for value in cells]) for number, cells in enumerate(rows, start=1))


def _cell(value: object) -> str:
    """The cell as text; a number of more digits than a spreadsheet keeps shows itself as mangled."""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:E}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)

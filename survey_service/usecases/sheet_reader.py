"""Reads one XLSX file in a process of its own: run as a program, it imports nothing of ours.

A file of a few kilobytes may ask for any amount of memory: by what it unpacks to, by two cells in opposite corners,
by one long text in a million cells. Whatever it asks for, this process gets ``MEMORY`` and ``SECONDS`` of a core.
Standard input is the file; standard output is a sequence of marshalled rows, each a list of texts.
"""

import io
import marshal
import sys
from collections.abc import Iterator
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

MEMORY = 400 * 1024 * 1024
"""Bytes of address space."""
SECONDS = 60
MOST_CELLS = 6_000_000
"""Cells of the rectangle that holds all that are filled."""
MOST_SIGNS = 64 * 1024 * 1024
"""Characters in all cells together."""
UNREADABLE, TOO_LARGE = 3, 4
"""Exit codes; a process that was ended because it asked for more has another one, or a signal."""


def main() -> int:
    """Read and write; the exit code."""
    _limit()
    content = sys.stdin.buffer.read()
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheet = book.get_sheet_by_index(0)
            if sheet.total_height * sheet.total_width > MOST_CELLS:
                return TOO_LARGE
            left = [""] * (sheet.start[1] if sheet.start else 0)
            return _write([*left, *map(_cell, cells)] for cells in sheet.iter_rows())
    except (CalamineError, ValueError, OSError):
        return UNREADABLE


def _limit() -> None:
    """Where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write(rows: Iterator[list[str]]) -> int:
    signs = 0
    for cells in rows:
        signs += sum(map(len, cells))
        if signs > MOST_SIGNS:
            return TOO_LARGE
        marshal.dump(cells, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    return 0


def _cell(value: object) -> str:
    """The cell as text; a number of more digits than a spreadsheet keeps shows itself as mangled."""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:E}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    sys.exit(main())

"""XLSX files as rows of text. They are read in a process of its own: that bounds what one can ask for."""

import contextlib
import marshal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

from survey_service.domain.roster.reading import MOST_BYTES, Table, read_cells
from survey_service.domain.roster.words import Fault
from survey_service.usecases import sheet_reader

_ZIP = b"PK\x03\x04"


def is_sheet(content: bytes) -> bool:
    """Whether these bytes look like an XLSX file."""
    return content.startswith(_ZIP)


def read_sheet(content: bytes) -> Table:
    """The table on the first sheet of an XLSX file."""
    if len(content) > MOST_BYTES:
        return Table(faults=[Fault("file_too_large", facts={"most": MOST_BYTES // 1024 // 1024})])
    command = [sys.executable, "-I", sheet_reader.__file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as reader:  # noqa: S603
        assert reader.stdin and reader.stdout
        try:
            with contextlib.suppress(BrokenPipeError), reader.stdin as opened:
                opened.write(content)
            rows = _rows(reader.stdout)
            table = read_cells(enumerate(rows, start=1))
            if next(rows, None) is not None:  # enough was seen before the end
                return table
            code = reader.wait()
        finally:
            reader.kill()
    if code == sheet_reader.UNREADABLE:
        return Table(faults=[Fault("not_csv")])
    return table if code == 0 else Table(faults=[Fault("sheet_too_large")])


def _rows(output: IO[bytes]) -> Iterator[list[str]]:
    """What the reader has written so far; ends with it."""
    with contextlib.suppress(EOFError, ValueError):  # the latter when the reader ended in mid-sentence
        while True:
            yield marshal.load(output)  # noqa: S302 - written by our own program

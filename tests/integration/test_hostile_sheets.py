"""XLSX files that ask for more memory than there is: refused within bounds, beside one of a whole province."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.people_files import NAMES, agency

MEGABYTE = 1024 * 1024
MEASURE = """
import json, resource, sys
from survey_service.usecases.sheets import read_sheet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = read_sheet(open(sys.argv[1], "rb").read())
found = {"rows": len(table.rows), "faults": [fault.code for fault in table.faults]}
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps(found | {"own": own * 1024, "child": children * 1024}))
"""


def _sheet(cells: str, strings: str = "") -> bytes:
    """A workbook with these cells, written by hand."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a text"])
    plain = io.BytesIO()
    book.save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        if strings:
            out.writestr("xl/sharedStrings.xml", f"<sst {space}>{strings}</sst>")
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>".encode()
            out.writestr(name, data)
    return made.getvalue()


def _corners() -> bytes:
    return _sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _without_addresses() -> bytes:
    cell = "<c><v>1</v></c>"
    return _sheet(f"<row>{cell * 16_000}</row>{'<row/>' * 1_000_000}<row>{cell}</row>")


def _one_text_everywhere() -> bytes:
    row = '<row r="{0}"><c r="A{0}" t="s"><v>0</v></c></row>'
    return _sheet("".join(row.format(at) for at in range(1, 100_001)), f"<si><t>{'x' * MEGABYTE}</t></si>")


def _bomb() -> bytes:
    return _sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * (420 * MEGABYTE) + "</t></is></c></row>")


def _province() -> bytes:
    rows = agency(3, 3)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(NAMES)
    for at in range(40_000):
        sheet.append(rows[at % len(rows)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("make", [_corners, _without_addresses, _one_text_everywhere, _bomb])
def test_a_hostile_sheet_is_refused_within_bounds(make: object, tmp_path: Path) -> None:
    found = _measured(make(), tmp_path)  # type: ignore[operator]
    assert found["faults"] == ["sheet_too_large"]
    assert found["own"] < 100 * MEGABYTE
    assert found["child"] < 400 * MEGABYTE


def test_a_province_is_read_within_the_same_bounds(tmp_path: Path) -> None:
    found = _measured(_province(), tmp_path)
    assert found["rows"] == 40_000
    assert not found["faults"]
    assert found["child"] < 400 * MEGABYTE


def test_a_wrong_heading_above_many_rows_is_said_at_once(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(1, 50_000))
    assert "unknown_column" in _measured(_sheet(rows), tmp_path)["faults"]


def _measured(content: bytes, folder: Path) -> dict[str, object]:
    """What came of reading a file in a process of its own, and the memory it took there and in the reader."""
    (folder / "file.xlsx").write_bytes(content)
    command = [sys.executable, "-c", MEASURE, str(folder / "file.xlsx")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found

import io
from collections.abc import Callable

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from shared.errors import Refused
from survey_service.tables import person, unit
from survey_service.usecases import people
from tests.integration.survey.conftest import Office
from tests.people_files import NAMES, agency, cells, csv_file, nip


def imported(office: Office, content: bytes, **options: object) -> people.Imported:
    done: people.Imported = office.do(people.import_people, content, office.now, "hr", **options)
    return done


def stored(office: Office) -> list[tuple[object, ...]]:
    found = office.ask(sa.select(person).order_by(person.c.number))
    return [*map(tuple, found), *map(tuple, office.ask(sa.select(unit).order_by(unit.c.name)))]


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    content = csv_file(*agency())
    first = imported(office, content)
    before = stored(office)
    again = imported(office, content)
    assert len(first.changes.new) == 25 and first.units == 5
    assert (again.changes.new, again.changes.changed, again.changes.unchanged, again.units) == ((), {}, 25, 0)
    assert stored(office) == before


def test_a_dry_run_tells_the_same_and_writes_nothing(office: Office) -> None:
    rows = agency()
    imported(office, csv_file(*rows))
    before = stored(office)
    rows[4][NAMES.index("Jabatan")] = "Pustakawan"
    content = csv_file(*rows[:-1], cells(99))
    tried = imported(office, content, dry_run=True)
    assert stored(office) == before and tried.dry_run
    assert tried.changes.new == (nip(99),) and tried.changes.changed == {nip(4): ("post",)}
    assert tried.changes.absent == (nip(24),) and tried.changes.unchanged == 23
    assert imported(office, content).changes == tried.changes


def test_people_who_are_not_in_the_file_are_kept_or_excluded(office: Office) -> None:
    imported(office, csv_file(*agency()))
    rest = csv_file(*agency()[:20])
    assert imported(office, rest).changes.absent == tuple(nip(number) for number in range(20, 25))
    assert office.count(person) == 25 and office.count(person, person.c.excluded.is_not(None)) == 0
    imported(office, rest, exclude_absent=True)
    assert office.count(person, person.c.excluded.is_not(None)) == 5
    assert imported(office, csv_file(*agency())).changes.changed == {nip(n): ("excluded",) for n in range(20, 25)}


def test_a_file_with_one_fault_imports_nothing(office: Office) -> None:
    rows = agency()
    rows[20][NAMES.index("Jenjang")] = "eselon"
    with pytest.raises(Refused) as refused:
        imported(office, csv_file(*rows))
    assert office.count(person) == office.count(unit) == 0
    assert [(one.where, one.message) for one in refused.value.problems] == [
        (
            "baris 22, kolom Jenjang",
            "“eselon” tidak dikenal. Pakai: jpt, administrator, pengawas, pelaksana, fungsional.",
        )
    ]
    assert refused.value.detail == "1 hal perlu diperbaiki di berkas; belum ada yang diimpor."


def test_supervisors_may_be_stored_already_and_cycles_are_seen_across_files(office: Office) -> None:
    imported(office, csv_file(cells(1), cells(2, NIP_Atasan=nip(1))))
    imported(office, csv_file(cells(3, NIP_Atasan=nip(2))))
    with pytest.raises(Refused) as refused:
        imported(office, csv_file(cells(1, NIP_Atasan=nip(3))), language="en")
    assert [(one.where, one.message) for one in refused.value.problems] == [
        ("row 2, column NIP Atasan", f"The hierarchy goes round: {nip(1)} → {nip(3)} → {nip(2)} → {nip(1)}.")
    ]


def test_a_file_without_parents_keeps_the_units_where_they_are(office: Office) -> None:
    imported(office, csv_file(cells(1)))
    short = ("NIP", "Nama", "Unit Kerja", "Jabatan", "Jenjang", "Memimpin Tim")
    row = [dict(zip(NAMES, cells(1), strict=True))[name] for name in short]
    done = imported(office, csv_file(row, headings=";".join(short)))
    assert done.units == 0
    assert office.ask(sa.select(unit.c.parent).where(unit.c.name == "Dinas Arsip")) == [("Kota",)]


def test_forty_thousand_rows_would_be_few_statements(office: Office, new_engine: Callable[..., Engine]) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(office.engine, "before_cursor_execute", note)
    imported(office, csv_file(*agency(1200)))
    assert len(statements) < 15


def sheet(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_spreadsheet_is_read_like_a_csv_file(office: Office) -> None:
    rows = agency()
    imported(office, csv_file(*rows))
    assert imported(office, sheet([list(NAMES), *rows])).changes.unchanged == 25


def test_a_number_that_a_spreadsheet_has_mangled_is_refused(office: Office) -> None:
    row: list[object] = list(cells(1))
    row[0] = 198501012009010001
    with pytest.raises(Refused) as refused:
        imported(office, sheet([list(NAMES), row]))
    assert refused.value.problems[0].where == "baris 2, kolom NIP"
    assert "sudah diubah oleh program spreadsheet" in refused.value.problems[0].message


@pytest.mark.parametrize("content", [b"PK\x03\x04nonsense", b"PK\x03\x04", sheet([])])
def test_a_broken_or_empty_spreadsheet_is_refused(office: Office, content: bytes) -> None:
    with pytest.raises(Refused, match="people_file"):
        imported(office, content)


def test_people_and_units_are_listed_in_pages(office: Office) -> None:
    imported(office, csv_file(*agency()))
    first = office.do(people.listing, "", 10)
    assert [one.number for one in first] == [nip(number) for number in range(10)]
    assert [one.number for one in office.do(people.listing, first[-1].number, 2)] == [nip(10), nip(11)]
    assert {one.unit for one in office.do(people.listing, in_unit="Dinas 2")} == {"Dinas 2"}
    found = [(row.name, row.parent, row.people) for row in office.do(people.units, "Dinas 2")]
    assert found == [("Dinas 3", "Kota", 6), ("Kota", None, 1)]

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_service.domain.roster import reading
from survey_service.domain.roster.changes import compare
from survey_service.domain.roster.checks import Roster, check
from survey_service.domain.roster.columns import COLUMNS
from survey_service.domain.roster.hierarchy import cycles
from survey_service.domain.roster.rows import Reader
from tests.people_files import HEADINGS, cells, csv_file, nip


def read(content: bytes) -> Roster:
    return check(reading.read_csv(content), {}, {})


def said(roster: Roster, language: str = "id") -> list[tuple[str, str]]:
    return [(fault.where(language), fault.message(language)) for fault in roster.faults]


def row(**changes: str) -> bytes:
    return csv_file(cells(1, **changes))


BAD = {
    "empty file": (b"", [("berkas", "Berkas kosong.")]),
    "blank lines": (b"\n ;;\n\n", [("berkas", "Berkas kosong.")]),
    "headings only": (csv_file(), [("berkas", "Tidak ada baris data di bawah judul kolom.")]),
    "utf-16": (
        HEADINGS.encode("utf-16"),
        [("berkas", "Berkas tidak tersimpan sebagai UTF-8. Simpan ulang sebagai “CSV UTF-8”.")],
    ),
    "latin-1": (
        csv_file(cells(1, Nama="Zoë")).decode().encode("latin-1"),
        [("berkas", "Berkas tidak tersimpan sebagai UTF-8. Simpan ulang sebagai “CSV UTF-8”.")],
    ),
    "unknown column": (
        csv_file(headings=HEADINGS + ";Golongan"),
        [
            (
                "baris 1, kolom Golongan",
                "Kolom ini tidak dikenal. Hapus, atau pakai salah satu dari: NIP, Nama, Email, Bahasa, Unit Kerja, "
                "Unit Induk, Jabatan, Jenjang, Memimpin Tim, Status Kepegawaian, NIP Atasan, Jenis Atasan, "
                "Dikecualikan, Luar Instansi.",
            )
        ],
    ),
    "missing column": (
        csv_file(headings=HEADINGS.replace("Memimpin Tim;", "")),
        [("baris 1, kolom Memimpin Tim", "Kolom ini wajib ada.")],
    ),
    "double column": (csv_file(headings=HEADINGS + ";nip"), [("baris 1, kolom nip", "Kolom ini ada dua kali.")]),
    "unclosed quote": (
        csv_file() + b'"open;row\n',
        [("baris 2", "Berkas bukan CSV atau XLSX yang dapat dibaca. Simpan ulang sebagai “CSV UTF-8”.")],
    ),
    "too many cells": (
        csv_file([*cells(1), "lebih"]),
        [("baris 2", "Baris ini mempunyai 15 kolom, judulnya 14. Periksa tanda pemisah dan tanda kutip.")],
    ),
    "double NIP": (csv_file(cells(1), cells(2), cells(1)), [("baris 4, kolom NIP", "Sudah ada di baris 2.")]),
    "mangled NIP": (
        row(NIP="1.98501E+17"),
        [
            (
                "baris 2, kolom NIP",
                "“1.98501E+17” sudah diubah oleh program spreadsheet. Atur kolomnya sebagai Teks, isi ulang, "
                "simpan lagi.",
            )
        ],
    ),
    "mangled NIP with a comma": (
        row(NIP="1,98501E+17"),
        [
            (
                "baris 2, kolom NIP",
                "“1,98501E+17” sudah diubah oleh program spreadsheet. Atur kolomnya sebagai Teks, isi ulang, "
                "simpan lagi.",
            )
        ],
    ),
    "short NIP": (
        row(NIP="198501012009"),
        [("baris 2, kolom NIP", "NIP PNS dan PPPK terdiri atas 18 angka, ini 12 karakter.")],
    ),
    "NIP with letters": (row(NIP="19850101200901000X"), [("baris 2, kolom NIP", "NIP hanya terdiri atas angka.")]),
    "NIP with odd signs": (
        row(NIP="1985/0101"),
        [("baris 2, kolom NIP", "Pakai huruf, angka, titik, tanda hubung, atau garis bawah.")],
    ),
    "no NIP": (row(NIP=""), [("baris 2, kolom NIP", "Wajib diisi.")]),
    "no name": (row(Nama="  "), [("baris 2, kolom Nama", "Wajib diisi.")]),
    "no leadership": (row(Memimpin_Tim=""), [("baris 2, kolom Memimpin Tim", "Wajib diisi.")]),
    "unknown supervisor": (
        row(NIP_Atasan=nip(9)),
        [("baris 2, kolom NIP Atasan", f"Atasan {nip(9)} tidak ada di berkas ini maupun di data pegawai.")],
    ),
    "own supervisor": (
        row(NIP_Atasan=nip(1)),
        [("baris 2, kolom NIP Atasan", "Pegawai tidak dapat menjadi atasannya sendiri.")],
    ),
    "cycle": (
        csv_file(cells(1, NIP_Atasan=nip(3)), cells(2, NIP_Atasan=nip(1)), cells(3, NIP_Atasan=nip(2))),
        [("baris 2, kolom NIP Atasan", f"Hierarki berputar: {nip(1)} → {nip(3)} → {nip(2)} → {nip(1)}.")],
    ),
    "address with a newline": (
        row(Email='"a@kota.go.id\nbcc: b@kota.go.id"'),
        [("baris 2, kolom Email", "Berisi ganti baris atau karakter yang tidak terlihat. Ketik ulang isinya.")],
    ),
    "malformed address": (
        row(Email="pegawai@kota"),
        [("baris 2, kolom Email", "Bukan alamat surel. Contoh: nama@instansi.go.id.")],
    ),
    "two addresses": (
        row(Email='"a@kota.go.id, b@kota.go.id"'),
        [("baris 2, kolom Email", "Bukan alamat surel. Contoh: nama@instansi.go.id.")],
    ),
    "unknown tier": (
        row(Jenjang="eselon IV"),
        [
            (
                "baris 2, kolom Jenjang",
                "“eselon IV” tidak dikenal. Pakai: jpt, administrator, pengawas, pelaksana, fungsional.",
            )
        ],
    ),
    "unknown language": (row(Bahasa="jv"), [("baris 2, kolom Bahasa", "“jv” tidak dikenal. Pakai: id, en.")]),
    "unknown employment": (
        row(Status_Kepegawaian="honorer"),
        [("baris 2, kolom Status Kepegawaian", "“honorer” tidak dikenal. Pakai: pns, pppk, other, lainnya.")],
    ),
    "unknown yes or no": (
        row(Luar_Instansi="mungkin"),
        [("baris 2, kolom Luar Instansi", "“mungkin” tidak dikenal. Pakai: ya, yes, 1, tidak, no, 0.")],
    ),
    "kind without supervisor": (
        row(Jenis_Atasan="PLT"),
        [("baris 2, kolom Jenis Atasan", "Jenis atasan diisi, tetapi NIP atasan kosong.")],
    ),
    "too long": (row(Nama="x" * 201), [("baris 2, kolom Nama", "Lebih panjang dari 200 karakter.")]),
    "NUL": (
        row(Nama="Ani\x00"),
        [("baris 2, kolom Nama", "Berisi ganti baris atau karakter yang tidak terlihat. Ketik ulang isinya.")],
    ),
    "right-to-left override": (
        row(Nama="Ani\u202e"),
        [("baris 2, kolom Nama", "Berisi ganti baris atau karakter yang tidak terlihat. Ketik ulang isinya.")],
    ),
    "unit with two parents": (
        csv_file(cells(1), cells(2, Unit_Induk="Provinsi")),
        [
            (
                "baris 3, kolom Unit Induk",
                "Unit Dinas Arsip berada di bawah Provinsi, tetapi di baris 2 di bawah Kota.",
            )
        ],
    ),
    "units in a cycle": (
        csv_file(cells(1), cells(2, Unit_Kerja="Kota", Unit_Induk="Dinas Arsip")),
        [("baris 2, kolom Unit Induk", "Susunan unit berputar: Dinas Arsip → Kota → Dinas Arsip.")],
    ),
    "unit under itself": (
        row(Unit_Induk="Dinas Arsip"),
        [("baris 2, kolom Unit Induk", "Susunan unit berputar: Dinas Arsip → Dinas Arsip.")],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_says_what_to_mend_and_where(name: str) -> None:
    content, expected = BAD[name]
    assert said(read(content)) == expected


def test_every_fault_of_a_file_is_reported_in_order() -> None:
    content = csv_file(cells(1, Jenjang="x", Email="y"), cells(2, Nama=""), cells(3, NIP_Atasan=nip(8)))
    assert [where for where, _ in said(read(content), "en")] == [
        "row 2, column Email",
        "row 2, column Jenjang",
        "row 3, column Nama",
        "row 4, column NIP Atasan",
    ]


def test_a_supervisor_with_a_fault_of_their_own_is_not_reported_as_unknown() -> None:
    assert len(read(csv_file(cells(1, Jenjang="x"), cells(2, NIP_Atasan=nip(1)))).faults) == 1


def test_large_files_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert said(read(row())) == [("berkas", "Berkas lebih besar dari 0 MB. Bagi menjadi beberapa berkas.")]
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    content = csv_file(cells(1), cells(2), cells(3))
    assert said(read(content)) == [("berkas", "Lebih dari 2 baris. Bagi menjadi beberapa berkas.")]
    assert said(read(row(Nama="x" * 140_000)))[0][1].startswith("Berkas bukan CSV")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_separators_and_byte_order_mark_make_no_difference(separator: str, mark: bytes) -> None:
    found = read(mark + csv_file(cells(1), cells(2), separator=separator))
    assert found.faults == [] and found.people == read(csv_file(cells(1), cells(2))).people


def test_english_headings_and_words_mean_the_same() -> None:
    english = ";".join(column.name for column in COLUMNS)
    found = read(csv_file(cells(1, Memimpin_Tim="YES", Status_Kepegawaian="PPPK"), headings=english))
    assert found.people[nip(1)].leads and found.people[nip(1)].employment == "pppk"


def test_a_nip_may_have_blanks_or_the_apostrophe_of_a_spreadsheet() -> None:
    for written in ("19850101 200901 0001", "'198501012009010001"):
        assert list(read(row(NIP=written)).people) == [nip(1)]


def test_people_outside_the_agency_have_any_key() -> None:
    person = read(row(NIP="bupati-01", Luar_Instansi="ya", Status_Kepegawaian="")).people["bupati-01"]
    assert person.outside and person.employment == "other"


def test_empty_cells_have_their_meaning() -> None:
    person = read(row(Email="", Bahasa="", NIP_Atasan="", Dikecualikan="")).people[nip(1)]
    assert (person.email, person.language, person.supervisor, person.supervisor_kind) == (None, "id", None, None)
    assert person.excluded is None
    chief = read(csv_file(cells(1), cells(2, NIP_Atasan=nip(1)))).people[nip(2)]
    assert chief.supervisor_kind == "definitif"


@given(st.binary(max_size=400))
def test_any_bytes_give_people_or_faults(content: bytes) -> None:
    found = read(content)
    assert bool(found.people) != bool(found.faults)


_text = st.text(st.characters(exclude_characters=';"\t,', exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(st.lists(st.tuples(_text, _text), min_size=1, max_size=8))
def test_what_was_imported_is_unchanged_the_next_time(texts: list[tuple[str, str]]) -> None:
    rows = [cells(number, Nama=name, Jabatan=post) for number, (name, post) in enumerate(texts)]
    first = read(csv_file(*rows))
    assert first.faults == [] and [one.name for one in first.people.values()] == [name for name, _ in texts]
    again = read(csv_file(*reversed(rows)))
    assert compare(first.people, again.people).unchanged == len(texts)


@given(st.dictionaries(st.integers(0, 15), st.one_of(st.none(), st.integers(0, 15))))
def test_cycles_are_exactly_the_chains_that_come_back(above: dict[int, int | None]) -> None:
    named = {f"{name:02}": None if up is None else f"{up:02}" for name, up in above.items()}
    found = cycles(named)
    inside = {name for chain in found for name in chain}
    for name in named:
        at: str | None = name
        for _ in range(len(named)):
            at = named.get(at) if at is not None else None
            if at == name:
                break
        assert (at == name) == (name in inside)
    assert all(named[a] == b for chain in found for a, b in zip(chain, chain[1:] + chain[:1], strict=True))


def test_looking_for_cycles_takes_as_long_as_there_are_people() -> None:
    """Once all that was seen so far was copied for each: twelve seconds for forty thousand."""
    above = {str(at): str(at // 10) if at else None for at in range(100_000)}
    begun = time.process_time()
    assert cycles(above) == []
    assert time.process_time() - begun < 5


_cell = st.sampled_from(
    ["", " ", "ya", "tidak", "PNS", "lainnya", "plt", nip(3), "R-1", "1.98501E+17", "x\u200b", "y@z.id"]
)


@given(st.lists(_cell, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_a_row_has_a_person_or_faults(found: list[str]) -> None:
    """The quick look and the one that names every fault agree."""
    row = dict(zip((column.name for column in COLUMNS), found, strict=True))
    sound = {"name": "A", "unit": "U", "post": "P", "tier": "jpt"}
    for given_row in (row, row | sound, row | sound | {"nip": nip(3), "leads_team": "ya"}):
        reader = Reader({})
        assert (reader.person(given_row) is None) == bool(list(reader.faults(2, given_row)))

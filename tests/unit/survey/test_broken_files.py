"""Broken people files, each with exactly what it is told: where, what is wrong, and what to do."""

import pytest

from survey_service.domain.roster.checks import check
from survey_service.domain.roster.reading import read_csv
from survey_service.usecases.sheets import is_sheet, read_sheet
from tests.people_files import HEADINGS, cells, csv_file, nip

BROKEN = {
    "empty": (b"", ["berkas: Berkas kosong."]),
    "only headings": (csv_file(), ["berkas: Tidak ada baris data di bawah judul kolom."]),
    "latin-1": (
        csv_file(cells(1, Nama="Agnès")).decode().encode("latin-1"),
        ["berkas: Berkas tidak tersimpan sebagai UTF-8. Simpan ulang sebagai “CSV UTF-8”."],
    ),
    "an image": (
        b"\x89PNG\r\n\x1a\n\x00\x00",
        ["berkas: Berkas bukan CSV atau XLSX yang dapat dibaca. Simpan ulang sebagai “CSV UTF-8”."],
    ),
    "a zip that is no sheet": (
        b"PK\x03\x04rubbish",
        ["berkas: Berkas bukan CSV atau XLSX yang dapat dibaca. Simpan ulang sebagai “CSV UTF-8”."],
    ),
    "no NIP column": (
        csv_file(cells(1)[1:], headings=HEADINGS.partition(";")[2]),
        ["baris 1, kolom NIP: Kolom ini wajib ada."],
    ),
    "unknown column": (
        csv_file([*cells(1), "x"], headings=HEADINGS + ";Golongan"),
        [
            "baris 1, kolom Golongan: Kolom ini tidak dikenal. Hapus, atau pakai salah satu dari: NIP, Nama, Email, Bahasa, Unit Kerja, Unit Induk, Jabatan, Jenjang, Memimpin Tim, Status Kepegawaian, NIP Atasan, Jenis Atasan, Dikecualikan, Luar Instansi."  # noqa: E501
        ],
    ),
    "column twice": (
        csv_file([*cells(1), "x"], headings=HEADINGS + ";Nama"),
        ["baris 1, kolom Nama: Kolom ini ada dua kali."],
    ),
    "too few cells": (
        csv_file(cells(1)[:5]),
        [
            "baris 2, kolom Jabatan: Wajib diisi.",
            "baris 2, kolom Jenjang: Wajib diisi.",
            "baris 2, kolom Memimpin Tim: Wajib diisi.",
        ],
    ),
    "too many cells": (
        csv_file([*cells(1), "sisa"]),
        ["baris 2: Baris ini mempunyai 15 kolom, judulnya 14. Periksa tanda pemisah dan tanda kutip."],
    ),
    "mangled NIP": (
        csv_file(cells(1, NIP="1.98501E+17")),
        [
            "baris 2, kolom NIP: “1.98501E+17” sudah diubah oleh program spreadsheet. Atur kolomnya sebagai Teks, isi ulang, simpan lagi."  # noqa: E501
        ],
    ),
    "NIP too short": (
        csv_file(cells(1, NIP="19850101200901000")),
        ["baris 2, kolom NIP: NIP PNS dan PPPK terdiri atas 18 angka, ini 17 karakter."],
    ),
    "NIP with letters": (
        csv_file(cells(1, NIP="19850101200901000A")),
        ["baris 2, kolom NIP: NIP hanya terdiri atas angka."],
    ),
    "NIP twice": (csv_file(cells(1), cells(2), cells(1)), ["baris 4, kolom NIP: Sudah ada di baris 2."]),
    "NIP missing": (csv_file(cells(1, NIP="")), ["baris 2, kolom NIP: Wajib diisi."]),
    "name missing": (csv_file(cells(1, Nama=" ")), ["baris 2, kolom Nama: Wajib diisi."]),
    "name too long": (
        csv_file(cells(1, Nama="x" * 201)),
        ["baris 2, kolom Nama: Lebih panjang dari 200 karakter."],
    ),
    "line break in a cell": (
        csv_file(cells(1, Nama='"Budi\nSantoso"')),
        ["baris 2, kolom Nama: Berisi ganti baris atau karakter yang tidak terlihat. Ketik ulang isinya."],
    ),
    "no mail address": (
        csv_file(cells(1, Email="budi@")),
        ["baris 2, kolom Email: Bukan alamat surel. Contoh: nama@instansi.go.id."],
    ),
    "unknown language": (
        csv_file(cells(1, Bahasa="jawa")),
        ["baris 2, kolom Bahasa: “jawa” tidak dikenal. Pakai: id, en."],
    ),
    "unit missing": (csv_file(cells(1, Unit_Kerja="")), ["baris 2, kolom Unit Kerja: Wajib diisi."]),
    "post missing": (csv_file(cells(1, Jabatan="")), ["baris 2, kolom Jabatan: Wajib diisi."]),
    "unknown tier": (
        csv_file(cells(1, Jenjang="bos")),
        [
            "baris 2, kolom Jenjang: “bos” tidak dikenal. Pakai: jpt, administrator, pengawas, pelaksana, fungsional."  # noqa: E501
        ],
    ),
    "tier missing": (csv_file(cells(1, Jenjang="")), ["baris 2, kolom Jenjang: Wajib diisi."]),
    "leads, but how": (
        csv_file(cells(1, Memimpin_Tim="mungkin")),
        ["baris 2, kolom Memimpin Tim: “mungkin” tidak dikenal. Pakai: ya, yes, 1, tidak, no, 0."],
    ),
    "unknown employment": (
        csv_file(cells(1, Status_Kepegawaian="honorer")),
        ["baris 2, kolom Status Kepegawaian: “honorer” tidak dikenal. Pakai: pns, pppk, other, lainnya."],
    ),
    "unknown supervisor": (
        csv_file(cells(1, NIP_Atasan=nip(9))),
        ["baris 2, kolom NIP Atasan: Atasan 198501012009010009 tidak ada di berkas ini maupun di data pegawai."],
    ),
    "own supervisor": (
        csv_file(cells(1, NIP_Atasan=nip(1))),
        ["baris 2, kolom NIP Atasan: Pegawai tidak dapat menjadi atasannya sendiri."],
    ),
    "hierarchy goes round": (
        csv_file(cells(1, NIP_Atasan=nip(2)), cells(2, NIP_Atasan=nip(1))),
        [
            "baris 2, kolom NIP Atasan: Hierarki berputar: 198501012009010001 → 198501012009010002 → 198501012009010001."  # noqa: E501
        ],
    ),
    "kind of supervisor without one": (
        csv_file(cells(1, Jenis_Atasan="PLT")),
        ["baris 2, kolom Jenis Atasan: Jenis atasan diisi, tetapi NIP atasan kosong."],
    ),
    "unknown kind of supervisor": (
        csv_file(cells(1, NIP_Atasan=nip(2), Jenis_Atasan="sementara"), cells(2)),
        ["baris 2, kolom Jenis Atasan: “sementara” tidak dikenal. Pakai: definitif, plt, plh."],
    ),
    "unit under two parents": (
        csv_file(cells(1), cells(2, Unit_Induk="Provinsi")),
        ["baris 3, kolom Unit Induk: Unit Dinas Arsip berada di bawah Provinsi, tetapi di baris 2 di bawah Kota."],
    ),
    "units go round": (
        csv_file(cells(1, Unit_Kerja="A", Unit_Induk="B"), cells(2, Unit_Kerja="B", Unit_Induk="A")),
        ["baris 2, kolom Unit Induk: Susunan unit berputar: A → B → A."],
    ),
    "outside, but how": (
        csv_file(cells(1, Luar_Instansi="entah")),
        ["baris 2, kolom Luar Instansi: “entah” tidak dikenal. Pakai: ya, yes, 1, tidak, no, 0."],
    ),
    "key with other signs": (
        csv_file(cells(1, NIP="BUPATI/1", Status_Kepegawaian="lainnya")),
        ["baris 2, kolom NIP: Pakai huruf, angka, titik, tanda hubung, atau garis bawah."],
    ),
    "supervisor mangled": (
        csv_file(cells(1, NIP_Atasan="1,98501E+17")),
        [
            "baris 2, kolom NIP Atasan: “1,98501E+17” sudah diubah oleh program spreadsheet. Atur kolomnya sebagai Teks, isi ulang, simpan lagi."  # noqa: E501
        ],
    ),
    "a spreadsheet, Unicode text": (
        "NIP\tNama\n".encode("utf-16"),
        ["berkas: Berkas tidak tersimpan sebagai UTF-8. Simpan ulang sebagai “CSV UTF-8”."],
    ),
}


ENGLISH = {
    "empty": [
        "file: The file is empty.",
    ],
    "only headings": [
        "file: There are no rows below the headings.",
    ],
    "latin-1": [
        "file: The file is not UTF-8. Save it again as “CSV UTF-8”.",
    ],
    "an image": [
        "file: The file is no readable CSV or XLSX. Save it again as “CSV UTF-8”.",
    ],
    "a zip that is no sheet": [
        "file: The file is no readable CSV or XLSX. Save it again as “CSV UTF-8”.",
    ],
    "no NIP column": [
        "row 1, column NIP: This column is required.",
    ],
    "unknown column": [
        "row 1, column Golongan: This column is unknown. Remove it, or use one of: NIP, Nama, Email, Bahasa, Unit Kerja, Unit Induk, Jabatan, Jenjang, Memimpin Tim, Status Kepegawaian, NIP Atasan, Jenis Atasan, Dikecualikan, Luar Instansi.",  # noqa: E501
    ],
    "column twice": [
        "row 1, column Nama: This column comes twice.",
    ],
    "too few cells": [
        "row 2, column Jabatan: Must be filled in.",
        "row 2, column Jenjang: Must be filled in.",
        "row 2, column Memimpin Tim: Must be filled in.",
    ],
    "too many cells": [
        "row 2: This row has 15 cells, the headings 14. Check separators and quotes.",
    ],
    "mangled NIP": [
        "row 2, column NIP: “1.98501E+17” was changed by a spreadsheet. Format the column as Text, fill it in again, save.",  # noqa: E501
    ],
    "NIP too short": [
        "row 2, column NIP: A NIP of PNS and PPPK has 18 digits, this has 17 characters.",
    ],
    "NIP with letters": [
        "row 2, column NIP: A NIP has digits only.",
    ],
    "NIP twice": [
        "row 4, column NIP: Comes in row 2 already.",
    ],
    "NIP missing": [
        "row 2, column NIP: Must be filled in.",
    ],
    "name missing": [
        "row 2, column Nama: Must be filled in.",
    ],
    "name too long": [
        "row 2, column Nama: Longer than 200 characters.",
    ],
    "line break in a cell": [
        "row 2, column Nama: Contains a line break or an invisible character. Type it again.",
    ],
    "no mail address": [
        "row 2, column Email: Not a mail address. Example: name@agency.go.id.",
    ],
    "unknown language": [
        "row 2, column Bahasa: “jawa” is unknown. Use: id, en.",
    ],
    "unit missing": [
        "row 2, column Unit Kerja: Must be filled in.",
    ],
    "post missing": [
        "row 2, column Jabatan: Must be filled in.",
    ],
    "unknown tier": [
        "row 2, column Jenjang: “bos” is unknown. Use: jpt, administrator, pengawas, pelaksana, fungsional.",
    ],
    "tier missing": [
        "row 2, column Jenjang: Must be filled in.",
    ],
    "leads, but how": [
        "row 2, column Memimpin Tim: “mungkin” is unknown. Use: ya, yes, 1, tidak, no, 0.",
    ],
    "unknown employment": [
        "row 2, column Status Kepegawaian: “honorer” is unknown. Use: pns, pppk, other, lainnya.",
    ],
    "unknown supervisor": [
        "row 2, column NIP Atasan: Supervisor 198501012009010009 is neither in this file nor among the people.",
    ],
    "own supervisor": [
        "row 2, column NIP Atasan: A person cannot be their own supervisor.",
    ],
    "hierarchy goes round": [
        "row 2, column NIP Atasan: The hierarchy goes round: 198501012009010001 → 198501012009010002 → 198501012009010001.",  # noqa: E501
    ],
    "kind of supervisor without one": [
        "row 2, column Jenis Atasan: The kind of supervisor is given, but no supervisor.",
    ],
    "unknown kind of supervisor": [
        "row 2, column Jenis Atasan: “sementara” is unknown. Use: definitif, plt, plh.",
    ],
    "unit under two parents": [
        "row 3, column Unit Induk: Unit Dinas Arsip is under Provinsi, but in row 2 under Kota.",
    ],
    "units go round": [
        "row 2, column Unit Induk: The units go round: A → B → A.",
    ],
    "outside, but how": [
        "row 2, column Luar Instansi: “entah” is unknown. Use: ya, yes, 1, tidak, no, 0.",
    ],
    "key with other signs": [
        "row 2, column NIP: Use letters, digits, dots, hyphens or underscores.",
    ],
    "supervisor mangled": [
        "row 2, column NIP Atasan: “1,98501E+17” was changed by a spreadsheet. Format the column as Text, fill it in again, save.",  # noqa: E501
    ],
    "a spreadsheet, Unicode text": [
        "file: The file is not UTF-8. Save it again as “CSV UTF-8”.",
    ],
}


def told(content: bytes, language: str) -> list[str]:
    roster = check(read_sheet(content) if is_sheet(content) else read_csv(content), {}, {})
    return [f"{fault.where(language)}: {fault.message(language)}" for fault in roster.faults]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_exactly_this(name: str) -> None:
    content, indonesian = BROKEN[name]
    assert told(content, "id") == indonesian
    assert told(content, "en") == ENGLISH[name]


def test_there_are_more_than_thirty_and_each_message_differs() -> None:
    assert len(BROKEN) > 30 and BROKEN.keys() == ENGLISH.keys()
    every = [message for _, messages in BROKEN.values() for message in messages]
    assert len({message.partition(": ")[2] for message in every}) > 25

"""What the import says, in Indonesian and English. ``{…}`` is filled with what stands in the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

WORDS: Mapping[str, tuple[str, str]] = {
    "empty_file": ("Berkas kosong.", "The file is empty."),
    "file_too_large": (
        "Berkas lebih besar dari {most} MB. Bagi menjadi beberapa berkas.",
        "The file is larger than {most} MB. Split it into several files.",
    ),
    "sheet_too_large": (
        "Lembar pertama memuat terlalu banyak sel atau teks. Hapus isi di luar tabel, atau bagi menjadi beberapa "
        "berkas.",
        "The first sheet holds too many cells or too much text. Delete what is outside of the table, or split it "
        "into several files.",
    ),
    "not_utf8": (
        "Berkas tidak tersimpan sebagai UTF-8. Simpan ulang sebagai “CSV UTF-8”.",
        "The file is not UTF-8. Save it again as “CSV UTF-8”.",
    ),
    "not_csv": (
        "Berkas bukan CSV atau XLSX yang dapat dibaca. Simpan ulang sebagai “CSV UTF-8”.",
        "The file is no readable CSV or XLSX. Save it again as “CSV UTF-8”.",
    ),
    "too_many_rows": (
        "Lebih dari {most} baris. Bagi menjadi beberapa berkas.",
        "More than {most} rows. Split it into several files.",
    ),
    "no_rows": ("Tidak ada baris data di bawah judul kolom.", "There are no rows below the headings."),
    "unknown_column": (
        "Kolom ini tidak dikenal. Hapus, atau pakai salah satu dari: {known}.",
        "This column is unknown. Remove it, or use one of: {known}.",
    ),
    "missing_column": ("Kolom ini wajib ada.", "This column is required."),
    "double_column": ("Kolom ini ada dua kali.", "This column comes twice."),
    "too_many_cells": (
        "Baris ini mempunyai {found} kolom, judulnya {expected}. Periksa tanda pemisah dan tanda kutip.",
        "This row has {found} cells, the headings {expected}. Check separators and quotes.",
    ),
    "too_long": ("Lebih panjang dari {most} karakter.", "Longer than {most} characters."),
    "control_character": (
        "Berisi ganti baris atau karakter yang tidak terlihat. Ketik ulang isinya.",
        "Contains a line break or an invisible character. Type it again.",
    ),
    "required": ("Wajib diisi.", "Must be filled in."),
    "mangled_number": (
        "“{value}” sudah diubah oleh program spreadsheet. Atur kolomnya sebagai Teks, isi ulang, simpan lagi.",
        "“{value}” was changed by a spreadsheet. Format the column as Text, fill it in again, save.",
    ),
    "nip_length": (
        "NIP PNS dan PPPK terdiri atas 18 angka, ini {found} karakter.",
        "A NIP of PNS and PPPK has 18 digits, this has {found} characters.",
    ),
    "nip_digits": ("NIP hanya terdiri atas angka.", "A NIP has digits only."),
    "key_form": (
        "Pakai huruf, angka, titik, tanda hubung, atau garis bawah.",
        "Use letters, digits, dots, hyphens or underscores.",
    ),
    "double_number": ("Sudah ada di baris {row}.", "Comes in row {row} already."),
    "email_form": (
        "Bukan alamat surel. Contoh: nama@instansi.go.id.",
        "Not a mail address. Example: name@agency.go.id.",
    ),
    "choice": ("“{value}” tidak dikenal. Pakai: {choices}.", "“{value}” is unknown. Use: {choices}."),
    "unknown_supervisor": (
        "Atasan {value} tidak ada di berkas ini maupun di data pegawai.",
        "Supervisor {value} is neither in this file nor among the people.",
    ),
    "own_supervisor": (
        "Pegawai tidak dapat menjadi atasannya sendiri.",
        "A person cannot be their own supervisor.",
    ),
    "kind_without_supervisor": (
        "Jenis atasan diisi, tetapi NIP atasan kosong.",
        "The kind of supervisor is given, but no supervisor.",
    ),
    "supervisor_cycle": ("Hierarki berputar: {chain}.", "The hierarchy goes round: {chain}."),
    "two_parents": (
        "Unit {unit} berada di bawah {value}, tetapi di baris {row} di bawah {other}.",
        "Unit {unit} is under {value}, but in row {row} under {other}.",
    ),
    "unit_cycle": ("Susunan unit berputar: {chain}.", "The units go round: {chain}."),
    "row": ("baris {row}", "row {row}"),
    "column": ("kolom {column}", "column {column}"),
    "file": ("berkas", "file"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: ``row`` counts as a spreadsheet shows it (headings are row 1), ``column`` as in the file."""

    code: str
    row: int | None = None
    column: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def where(self, language: str) -> str:
        """The place in words, such as ``baris 12, kolom NIP Atasan``."""
        places = [_say("row", language, row=self.row)] if self.row else []
        places += [_say("column", language, column=self.column)] if self.column else []
        return ", ".join(places) or _say("file", language)

    def message(self, language: str) -> str:
        """What is wrong and what to do."""
        return _say(self.code, language, **self.facts)


def _say(code: str, language: str, **facts: object) -> str:
    return WORDS[code][0 if language == "id" else 1].format(**facts)

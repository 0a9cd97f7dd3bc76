"""Refusals that the results pages can show, in Indonesian; ``{}`` is a value."""

from shared.web.sentences import Sentences

_WORDS: Sentences = {
    "broken": "bermasalah",
    "open": "dibuka",
    "sealing": "sedang diserahkan",
    "reconciled": "sudah dicocokkan",
    "counted": "dihitung",
    "scored": "dinilai",
    "releasing": "sedang dirilis",
    "released": "dirilis",
    "final": "final",
    "cancelled": "dibatalkan",
}

SENTENCES: Sentences = {
    "row {}, column {}": "baris {0}, kolom {1}",
    "row {}": "baris {0}",
    "There is no round under this id.": "Putaran ini tidak ada.",
    "There is no score of this person in this round that may be seen.": (
        "Tidak ada nilai pegawai ini dalam putaran ini yang dapat dilihat."
    ),
    "This round is {}: only a round with all scores can be released.": (
        "Putaran ini berstatus {0}: hanya putaran yang semua nilainya sudah ada dapat dirilis."
    ),
    "This round is {}: figures are shown when it is counted.": (
        "Putaran ini berstatus {0}: angkanya ditampilkan setelah dihitung."
    ),
    "This round is {}: units are shown when it is released.": (
        "Putaran ini berstatus {0}: angka per unit kerja ditampilkan setelah dirilis."
    ),
    "{}: {} of {}, must be {} to {}": "{0}: {1} dari {2} orang, seharusnya {3} sampai {4}",
    "The policy {} of this round makes no use of work results.": (
        "Kebijakan {0} pada putaran ini tidak memakai hasil kerja."
    ),
    "This round is {}: work results count until its release, later changes need an objection.": (
        "Putaran ini berstatus {0}: hasil kerja diterima sampai nilai dirilis; sesudahnya diperlukan keberatan."
    ),
    "{} fault(s); nothing was imported.": "{0} hal perlu diperbaiki; belum ada yang diimpor.",
    "Nobody with this number is assessed in this round.": "Tidak ada pegawai dengan NIP ini dalam putaran ini.",
    "This person is listed more than once; keep one line.": (
        "Pegawai ini tercantum lebih dari sekali; sisakan satu baris."
    ),
    "A work result is not negative.": "Nilai SKP tidak boleh negatif.",
    "Write a number below 10000 such as 95.5 or 95,5, without thousands separator.": (
        "Tulis angka di bawah 10000 seperti 95.5 atau 95,5, tanpa pemisah ribuan."
    ),
    "This policy takes a category: {}.": "Kebijakan ini memakai kategori: {0}.",
    "The file has no line below its header.": "Berkas tidak berisi baris di bawah judul kolom.",
    "Save the file as CSV UTF-8; this one has another encoding.": (
        "Berkas ini bukan UTF-8; simpan sebagai CSV UTF-8."
    ),
    "This is not a CSV file. In a spreadsheet choose: save as CSV UTF-8.": (
        "Ini bukan berkas CSV. Di program spreadsheet pilih: simpan sebagai CSV UTF-8."
    ),
    "The file is not well-formed CSV: {}.": "Berkas CSV ini tidak dapat dibaca: {0}.",
    "One file holds at most {} rows; split it.": "Satu berkas memuat paling banyak {0} baris; bagilah berkasnya.",
    "Column {} is missing.": "Kolom {0} tidak ada.",
    "Column {} is unknown; remove it or spell it NIP, Nilai SKP or Ide Baru.": (
        "Kolom {0} tidak dikenal; hapus, atau tulis NIP, Nilai SKP, atau Ide Baru."
    ),
    "Column {} comes twice.": "Kolom {0} ada dua kali.",
    "The first row must name the columns: NIP, Nilai SKP, Ide Baru.": (
        "Baris pertama harus berisi judul kolom: NIP, Nilai SKP, Ide Baru."
    ),
    "The employee number is missing.": "NIP belum diisi.",
    "A spreadsheet rounded this number: format the column as text and enter it again.": (
        "NIP ini sudah dibulatkan program spreadsheet: atur kolomnya sebagai Teks, lalu isi ulang."
    ),
    "The value is missing; leave the row out instead.": "Nilainya kosong; hapus saja barisnya.",
    "Write ya or tidak.": "Tulis ya atau tidak.",
    **_WORDS,
}

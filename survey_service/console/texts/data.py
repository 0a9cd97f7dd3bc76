"""Words of the page about what is kept, and of the archive."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "data.title": ("Penyimpanan dan penghapusan", "What is kept and what was deleted"),
    "data.lead": (
        "Apa yang disimpan sampai kapan, dan bukti bahwa yang harus hilang sudah hilang.",
        "What is kept until when, and the record that what had to go is gone.",
    ),
    "data.record": ("Catatan penghapusan", "Record of deletion"),
    "data.record.lead": (
        "Keadaan diperiksa di basis data saat halaman ini dibuka; waktunya berasal dari jejak audit.",
        "What is left is looked up in the database as this page opens; the moments come from the audit trail.",
    ),
    "data.none": (
        "Belum ada putaran yang diluncurkan, jadi belum ada yang perlu dihapus.",
        "No round was launched yet, so there is nothing to delete.",
    ),
    "data.thing": ("Yang disimpan", "What"),
    "data.now": ("Keadaan sekarang", "Now"),
    "data.when": ("Dihapus pada", "Deleted on"),
    "data.thing.drafts": ("Draf jawaban", "Drafts of answers"),
    "data.drafts.left": ("Ada", "There"),
    "data.drafts.gone": ("Dihapus", "Deleted"),
    "data.due.drafts": ("Saat putaran ditutup atau dibatalkan", "When the round closes or is cancelled"),
    "data.thing.letters": ("Isi surat undangan yang tersegel, dengan tautannya", "Sealed letters with the links"),
    "data.letters.left": ("Ada", "There"),
    "data.letters.gone": ("Dihapus", "Deleted"),
    "data.due.letters": (
        "Setelah tidak ada yang ditunggu, paling lambat saat ditutup",
        "When nothing is pending, at the latest at close",
    ),
    "data.thing.boxes": ("Jawaban tersegel", "Sealed answers"),
    "data.boxes.left": ("Ada", "There"),
    "data.boxes.gone": ("Dihapus", "Deleted"),
    "data.due.boxes": ("Setelah semua dihitung", "When all are counted"),
    "data.thing.key": (
        "Kunci pembuka jawaban (di layanan penilaian)",
        "Key that opens answers (at the scoring service)",
    ),
    "data.key.left": ("Belum ada kabar", "Not reported yet"),
    "data.key.gone": ("Dimusnahkan", "Destroyed"),
    "data.due.key": (
        "Setelah semua dihitung, atau segera setelah putaran dibatalkan",
        "When all are counted, or soon after the round is cancelled",
    ),
    "data.thing.files": ("Sisa di dalam berkas basis data", "Remains inside the database files"),
    "data.files.left": ("Belum disapu", "Not swept yet"),
    "data.files.gone": ("Sudah disapu", "Swept"),
    "data.due.files": (
        "Beberapa menit setelah jawaban atau nama dihapus",
        "Some minutes after answers or names are deleted",
    ),
    "data.thing.raters": (
        "Siapa diminta memberi umpan balik tentang siapa, dan apakah sudah mengisi",
        "Who was asked about whom, and whether they answered",
    ),
    "data.raters.left": ("Ada", "There"),
    "data.raters.gone": ("Dihapus", "Deleted"),
    "data.due.raters": ("Saat putaran diarsipkan", "When the round is archived"),
    "data.kept": ("Apa yang disimpan sampai kapan", "What is kept until when"),
    "data.kept.lead": (
        "Pernyataan yang sama dapat dibaca pemberi umpan balik di halaman pengisian.",
        "Raters can read the same statement on their pages.",
    ),
    "data.service.survey": ("Layanan survei", "Survey service"),
    "data.service.scoring": ("Layanan penilaian", "Scoring service"),
    "data.service.notifier": ("Layanan surel", "Mail service"),
    "data.what": ("Isi", "What"),
    "data.until": ("Sampai kapan", "Until when"),
    "data.table": ("Tabel", "Table"),
    "archive.open": ("Arsipkan…", "Archive…"),
    "archive.title": ("Arsipkan putaran?", "Archive the round?"),
    "archive.warn": (
        "Daftar siapa diminta memberi umpan balik tentang siapa dan semua surat putaran ini "
        "dihapus untuk selamanya. "
        "Setelah itu tidak ada lagi yang dapat menunjukkan siapa yang mengisi.",
        "Who was asked about whom and all letters of this round are deleted for good. "
        "Nobody can tell afterwards who answered.",
    ),
    "archive.stays": (
        "Yang tetap ada: nilai dan laporan, daftar tanda terima, hitungan per unit kerja, dan jejak audit.",
        "What stays: scores and reports, the list of receipts, counts by unit, and the audit trail.",
    ),
    "archive.name": ("Ketik nama putaran: {name}", "Type the name of the round: {name}"),
    "archive.go": ("Arsipkan putaran ini", "Archive this round"),
    "archive.done": (
        "Putaran diarsipkan. Berkasnya disapu dalam beberapa menit.",
        "The round is archived. Its files are swept within minutes.",
    ),
}

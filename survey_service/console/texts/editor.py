"""Words of the editor of questionnaires."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "editor.title": ("Ubah kuesioner", "Edit the questionnaire"),
    "editor.back": ("Lihat kuesioner", "See the questionnaire"),
    "editor.fixed": (
        "Perilaku kerja dan jumlah titik skala tidak dapat diubah, karena kebijakan penilaian menghitungnya. "
        "Setelah dipakai sebuah putaran, versi ini terkunci.",
        "Behaviours and the number of points stay as they are, because policies count them. "
        "Once a round uses this version, it is locked.",
    ),
    "editor.words": ("Judul dan skala", "Title and scale"),
    "editor.name": ("Judul", "Title"),
    "editor.point": ("Skala {value}", "Point {value}"),
    "editor.not_seen": ("Bila belum pernah diamati", "When not observed"),
    "editor.behaviour": ("Nama perilaku", "Behaviour"),
    "editor.definition": ("Penjelasan", "Definition"),
    "editor.statement": ("Pernyataan {number}", "Statement {number}"),
    "editor.text": ("Kalimat", "Sentence"),
    "editor.add": ("Tambah pernyataan", "Add a statement"),
    "editor.drop": ("Hapus", "Drop"),
    "editor.up": ("Naikkan", "Move up"),
    "editor.save": ("Simpan kuesioner", "Save the questionnaire"),
    "editor.kept": ("Kuesioner tersimpan.", "The questionnaire is kept."),
    "editor.open": ("Ubah", "Edit"),
    "editor.branch": ("Buat versi baru dari ini", "Make a new version of this"),
    "editor.branch.hint": (
        "Versi ini tidak dapat diubah: dipakai sebuah putaran, atau bawaan sistem.",
        "This version cannot be changed: a round uses it, or it comes with the product.",
    ),
}

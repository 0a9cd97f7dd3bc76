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
    "editor.save": ("Simpan sebagai selesai", "Save as finished"),
    "editor.later": ("Simpan, lanjutkan nanti", "Save and go on later"),
    "editor.kept": (
        "Kuesioner tersimpan dan dapat dipilih untuk putaran.",
        "The questionnaire is kept and can be chosen for a round.",
    ),
    "editor.kept.later": (
        "Tersimpan. Kuesioner ini baru dapat dipilih untuk putaran setelah disimpan sebagai selesai.",
        "Kept. It can be chosen for a round once it is saved as finished.",
    ),
    "editor.open": ("Ubah", "Edit"),
    "editor.branch": ("Buat versi baru dari ini", "Make a new version of this"),
    "editor.branch.hint": (
        "Versi ini tidak dapat diubah: dipakai sebuah putaran, atau bawaan sistem.",
        "This version cannot be changed: a round uses it, or it comes with the product.",
    ),
    "preview.title": ("Pratinjau di ponsel", "Preview on a phone"),
    "preview.lead": (
        "Inilah layar yang dilihat pemberi umpan balik, dalam dua bahasa. Nama, putaran, dan batas waktu di sini "
        "hanya contoh. Tidak ada yang disimpan atau dikirim.",
        "These are the screens that a rater sees, in both languages. Name, round and deadline are examples here. "
        "Nothing is kept or sent.",
    ),
    "preview.as": ("Dilihat sebagai", "Seen as"),
    "preview.as.supervisor": ("Pejabat penilai", "Supervisor"),
    "preview.as.peer": ("Rekan kerja setingkat", "Peer"),
    "preview.as.subordinate": ("Bawahan langsung", "Direct subordinate"),
    "preview.as.self": ("Diri sendiri", "Self"),
    "preview.leads": ("Pegawai yang dinilai memimpin tim", "The ratee leads a team"),
    "preview.show": ("Tampilkan", "Show"),
    "preview.alone": ("Buka tersendiri", "Open on its own"),
    "preview.frame": ("Layar pemberi umpan balik: {language}", "The rater's screens: {language}"),
    "preview.open": ("Lihat seperti pemberi umpan balik", "See it as a rater does"),
}

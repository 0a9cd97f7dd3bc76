"""Words of long work."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "task.check": ("Berkas sedang diperiksa", "The file is being checked"),
    "task.import": ("Data pegawai sedang disimpan", "People are being stored"),
    "task.launch": ("Putaran sedang diluncurkan", "The round is being launched"),
    "task.state.waiting": ("Menunggu giliran…", "Waiting its turn…"),
    "task.state.running": ("Sedang dikerjakan…", "Working…"),
    "task.leave": (
        "Anda boleh menutup halaman ini; pekerjaan tetap berjalan.",
        "You may leave this page; the work goes on.",
    ),
    "task.restart": (
        "Bila server sempat berhenti, pekerjaan dimulai lagi dari awal dalam dua menit. "
        "Semua tersimpan, atau tidak ada yang tersimpan.",
        "If the server has stopped, the work begins anew within two minutes. All of it is kept, or nothing.",
    ),
    "task.reload": ("Lihat keadaan sekarang", "See how far it is"),
    "task.import.done": ("Data pegawai tersimpan", "People are stored"),
    "task.import.failed": ("Impor tidak berhasil", "The import did not succeed"),
    "task.launch.done": ("Putaran diluncurkan", "The round is launched"),
    "task.launch.refused": ("Putaran belum dapat diluncurkan", "The round cannot be launched yet"),
    "task.launch.failed": ("Peluncuran tidak berhasil", "The launch did not succeed"),
    "task.nothing": ("Tidak ada yang diubah.", "Nothing was changed."),
    "task.failed": (
        "Sudah dicoba tiga kali. Coba lagi; bila terulang, hubungi pengelola sistem.",
        "It was tried three times. Try again; if it happens again, call the operator.",
    ),
    "task.to_round": ("Ke halaman putaran", "To the round"),
    "task.count.new": ("Pegawai baru", "New people"),
    "task.count.changed": ("Berubah", "Changed"),
    "task.count.same": ("Tetap", "As before"),
    "task.count.absent": ("Tidak ada di berkas", "Not in the file"),
    "task.count.units": ("Unit baru atau pindah", "Units new or moved"),
    "task.count.ratees": ("Pegawai dinilai", "Ratees"),
    "task.count.letters": ("Surat undangan", "Letters"),
    "task.count.paper": ("Perlu slip cetak", "Need a printed slip"),
    "task.count.lacking": ("Kurang pemberi umpan balik", "With too few raters"),
    "task.running": (
        "Putaran ini sedang diluncurkan.",
        "This round is being launched.",
    ),
    "task.see": ("Lihat kemajuannya", "See how far it is"),
}

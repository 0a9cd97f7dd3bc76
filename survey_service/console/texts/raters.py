"""Words of the pages about single raters of a running round."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "mails.open": ("Lihat satu per satu", "See them one by one"),
    "mails.raters": ("Pemberi umpan balik dan surelnya", "Raters and their mails"),
    "mails.raters.lead": (
        "Untuk mengirim ulang, memberi waktu tambahan, atau mengganti seseorang. Siapa yang sudah mengisi tidak "
        "ditampilkan di sini.",
        "To send again, give more time or ask somebody else. Who has answered is not shown here.",
    ),
    "mails.state": ("Surel", "Mail"),
    "mails.all": ("Semua", "All"),
    "slips.title": ("{count} orang memerlukan lembar cetak", "{count} people need a printed slip"),
    "slips.text": (
        "Mereka tidak punya alamat surel sendiri. Pengelola sistem mencetak lembarnya dengan “cermin slips”; "
        "lembar dilipat dan diserahkan tertutup. Siapa pun yang memegang lembar dapat mengisi atas nama orang itu; "
        "permintaan Anda tercatat di jejak audit.",
        "They have no mail address of their own. The operator prints the slips with “cermin slips”; they are "
        "folded and handed over closed. Whoever holds a slip can answer in that person's name; that you asked is "
        "in the audit trail.",
    ),
    "slips.make": ("Siapkan lembar cetak", "Prepare the slips"),
    "slips.wanted": (
        "Lembar untuk {count} orang disiapkan. Mintalah pengelola sistem menjalankan: cermin slips {round}",
        "Slips for {count} people are being prepared. Ask the operator to run: cermin slips {round}",
    ),
    "mails.retry": ("Coba lagi yang ditolak", "Try the refused ones again"),
    "mails.retried": (
        "Surel yang ditolak dan belum dikirim hari ini dicoba lagi, ke alamat yang sekarang tercatat "
        "(dalam kelipatan lima: {count}).",
        "Refused mails that did not go out today are tried again, at the addresses that the people have now (in "
        "steps of five: {count}).",
    ),
    "mails.empty": ("Tidak ada surel seperti ini", "No mail like that"),
    "mails.empty.next": ("Ubah pencarian atau pilih semua.", "Change the search, or choose all."),
    "rater.resend": ("Kirim tautannya lagi", "Send the links again"),
    "rater.resent": (
        "Tautan yang sama dikirim lagi, bila masih ada yang perlu diisi dan hari ini belum disurati. Mana yang "
        "berlaku tidak ditampilkan.",
        "The same links are sent again if something is left to answer and no mail left today. Which of these "
        "holds is not shown.",
    ),
    "rater.refused.permanent": (
        "Server penerima tidak mengenal alamat ini. Perbaiki alamatnya lewat impor data pegawai, lalu kirim lagi; "
        "atau ganti orangnya.",
        "Their server does not know the address. Mend it by importing the people again, then send again; or ask "
        "somebody else.",
    ),
    "rater.refused.temporary": (
        "Server penerima tidak menerima surel untuk sementara, dan percobaan kami sudah habis. Kirim lagi nanti.",
        "Their server did not take mails for a while and our tries are used up. Send again later.",
    ),
    "rater.refused.technical": (
        "Gangguan di sisi kami. Sampaikan kepada pengelola sistem, lalu kirim lagi.",
        "A fault on our side. Tell the operator, then send again.",
    ),
    "rater.asked": ("Diminta memberi umpan balik tentang", "Asked to give feedback about"),
    "rater.secret": (
        "Sudah atau belum mengisi terlihat sama di sini. Tautan yang sudah terpakai tidak dapat ditarik.",
        "Answered and not answered look the same here. A used link cannot be taken back.",
    ),
    "given_back.declined": ("Tidak bersedia", "Declined"),
    "given_back.wrong_relation": ("Hubungan dilaporkan keliru", "Relationship reported as wrong"),
    "given_back.revoked": ("Ditarik", "Taken back"),
    "extend.title": ("Waktu tambahan untuk orang ini", "More time for this person"),
    "extend.lead": (
        "Putaran ditutup {moment}. Dengan waktu tambahan, putaran baru dihitung sesudahnya.",
        "The round closes {moment}. With more time for somebody it is counted after that.",
    ),
    "extend.until": ("Boleh mengisi sampai", "May answer until"),
    "extend.go": ("Beri waktu tambahan", "Give more time"),
    "extend.done": (
        "Tersimpan. Jika masih ada yang belum diisi, orang ini dapat mengisinya sampai saat itu.",
        "Kept. If anything is still missing, this person can answer it until then.",
    ),
    "replace.open": ("Ganti…", "Replace…"),
    "replace.title": ("Minta orang lain", "Ask somebody else"),
    "replace.lead": (
        "{rater} tidak lagi diminta memberi umpan balik tentang {ratee}; orang lain dari kelompok yang sama "
        "({relation}) menggantikannya dan menerima suratnya sendiri.",
        "{rater} is no longer asked about {ratee}; somebody else of the same group ({relation}) is, with a letter "
        "of their own.",
    ),
    "replace.rater": ("NIP penggantinya", "Employee number of the other"),
    "replace.hint": (
        "Ketik sebagian nama atau NIP; yang paling dekat unitnya di atas.",
        "Type a part of the name or number; the nearest unit comes first.",
    ),
    "replace.same": (
        "Jumlah yang diminta tidak berubah, jadi perkiraannya juga tidak:",
        "The number of those asked stays, and so does the forecast:",
    ),
    "replace.go": ("Ganti orangnya", "Ask the other instead"),
    "replace.done": (
        "Diganti. Surat untuk penggantinya sedang dikirim.",
        "Done. The letter to the other is on its way.",
    ),
    "replace.nobody": (
        "Tidak ada orang lain di kelompok ini yang belum diminta.",
        "There is nobody else in this group who is not asked yet.",
    ),
    "revoke.open": ("Tarik…", "Take back…"),
    "revoke.title": ("Tarik tautan ini?", "Take this link back?"),
    "revoke.lead": (
        "{rater} tidak lagi dapat memberi umpan balik tentang {ratee} ({relation}), dan tidak ada yang "
        "menggantikannya.",
        "{rater} can no longer give feedback about {ratee} ({relation}), and nobody is asked instead.",
    ),
    "revoke.forecast": ("Yang nanti dapat ditampilkan tentang {ratee}:", "What could be shown about {ratee}:"),
    "revoke.warn": ("Ini tidak dapat diurungkan.", "This cannot be undone."),
    "revoke.go": ("Tarik tautannya", "Take it back"),
    "revoke.done": ("Tautan ditarik.", "The link is taken back."),
    "forecast.now": ("Sekarang", "Now"),
    "forecast.then": ("Sesudahnya", "Afterwards"),
}

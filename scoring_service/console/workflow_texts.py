"""Words of the results pages after the count: assessors, objections, links and the end of a round."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "scoring.final.next": (
        "Final sejak {moment}; nilainya tidak berubah lagi.",
        "Final since {moment}; its values change no more.",
    ),
    "scoring.cancelled.next": ("Putaran ini dibatalkan.", "This round was cancelled."),
    "release.awaited": (
        "{count} pegawai masih menunggu kategori dari pejabat penilai. Nilainya dirilis sebagai “ditunda”; "
        "kategori yang menyusul diumumkan sebagai versi berikutnya.",
        "{count} people still wait for their assessor's categories. They are released as held; categories that "
        "come later are published as the next version.",
    ),
    "awaited.title": ("Pejabat penilai yang ditunggu", "Assessors awaited"),
    "awaited.lead": (
        "Mereka menerima satu tautan untuk semua pegawainya. Rekomendasi hanya terlihat oleh mereka.",
        "They got one link for all their people. Only they see the recommendation.",
    ),
    "awaited.who": ("Pejabat penilai", "Assessor"),
    "awaited.nobody": ("belum ada dalam data pegawai", "none in the personnel file"),
    "awaited.ratees": ("Pegawai yang menunggu", "People waiting"),
    "assessor.title": ("Pejabat penilai", "Assessor"),
    "assessor.none": ("Belum ada dalam data pegawai.", "None in the personnel file."),
    "assessor.by_office": ("ditunjuk petugas kepegawaian", "named by the personnel office"),
    "assessor.lead": (
        "Tunjuk pejabat yang menetapkan kategori bagi pegawai ini, bukan pegawai itu sendiri. Pejabat itu menerima "
        "tautan. Sampai kategori ditetapkan penunjukan dapat diganti; setiap penunjukan dicatat.",
        "Name who chooses the categories for this person, not the person themself. That official gets a link. "
        "Until the choice is made you can name somebody else; every naming is recorded.",
    ),
    "assessor.go": ("Tunjuk pejabat penilai", "Name the assessor"),
    "assessor.done": ("Pejabat penilai sudah ditunjuk.", "The assessor is named."),
    "unnamed.lead": (
        "Pegawai berikut belum mempunyai pejabat penilai. Bukalah halamannya dan tunjuk seseorang.",
        "These people have no assessor. Open their page and name one.",
    ),
    "objections.title": ("Keberatan", "Objections"),
    "objections.one": ("Keberatan", "Objection"),
    "objections.open": ("Keberatan terbuka", "Open objections"),
    "objections.running": ("Masih dapat mengajukan", "May still object"),
    "objections.not_received": ("Laporan belum diterima", "Reports not received"),
    "objections.state": ("Keadaan", "State"),
    "objections.raised": ("Diajukan", "Raised"),
    "objections.decider": ("Diputuskan oleh", "Decided by"),
    "objections.decision": ("Alasan keputusan", "Reason of the decision"),
    "objections.nobody": ("belum ditunjuk", "nobody named yet"),
    "objections.none": ("Belum ada keberatan.", "No objections yet."),
    "objections.is.open": ("Menunggu keputusan", "Awaiting a decision"),
    "objections.is.dismissed": ("Nilai tetap", "Value stands"),
    "objections.is.upheld": ("Nilai diubah", "Value changed"),
    "decider.lead": (
        "Bila atasan pejabat penilai belum tercatat atau berhalangan, tunjuk pejabat lain. Penunjukan dicatat.",
        "Where the assessor's superior is not known or cannot decide, name somebody else. It is recorded.",
    ),
    "decider.name": ("Nama pejabat", "Name of the official"),
    "decider.go": ("Tunjuk", "Name"),
    "decider.done": ("Pejabat yang memutuskan sudah ditunjuk.", "The person who decides is named."),
    "receipt.title": ("Penerimaan laporan", "Receipt of the report"),
    "receipt.mailed": ("Surel diterima server", "Mail taken by a server"),
    "receipt.opened": ("Dibuka pegawai", "Opened by the ratee"),
    "receipt.handed": ("Diserahkan di atas kertas", "Handed over on paper"),
    "receipt.until": ("Keberatan sebelum", "Objection before"),
    "receipt.not_yet": ("belum diterima", "not received yet"),
    "handed.on": ("Diserahkan pada tanggal", "Handed over on"),
    "handed.note": ("Catat penyerahan", "Note it"),
    "handed.no_day": ("Isi tanggalnya.", "Give the day."),
    "handed.done": ("Tanggal penyerahan dicatat.", "The day is noted."),
    "links.title": ("Tautan laporan", "Links to reports"),
    "links.lead": (
        "Isi tautan hanya diketahui penerimanya. Diterima server surel belum berarti dibaca.",
        "Only the recipient knows a link. Taken by a mail server does not mean read.",
    ),
    "links.troubled": ("Tautan yang tidak sampai", "Links that did not arrive"),
    "links.whom": ("Untuk", "For"),
    "links.what": ("Isi", "What"),
    "links.why": ("Keadaan", "State"),
    "links.do": ("Tindakan", "Action"),
    "links.again": ("Kirim lagi", "Send again"),
    "links.print": ("Cetak tautan", "Print a link"),
    "links.again.done": (
        "Tautan baru akan dikirim; yang lama tidak berlaku.",
        "A new link goes out; the old one ended.",
    ),
    "links.purpose.report": ("Laporan pribadi", "Own report"),
    "links.purpose.supervisor": ("Laporan pegawai", "Reports of the team"),
    "links.purpose.assessment": ("Penetapan kategori", "Categories to choose"),
    "links.purpose.decision": ("Keputusan keberatan", "Objection to decide"),
    "links.state.wanted": ("menunggu dikirim", "waiting to leave"),
    "links.state.requested": ("sedang dikirim", "on its way"),
    "links.state.accepted": ("diterima server surel", "taken by a mail server"),
    "links.state.permanent": ("tidak ada alamat yang berlaku", "no address that works"),
    "links.state.temporary": ("server surel tidak menjawab", "the mail server did not answer"),
    "links.state.technical": ("gangguan teknis", "a technical fault"),
    "links.state.printed": ("dicetak", "printed"),
    "printed.title": ("Tautan untuk diserahkan", "A link to hand over"),
    "printed.lead": (
        "Cetak halaman ini dan serahkan langsung kepada orangnya. Tautan ini hanya ditampilkan sekali.",
        "Print this page and hand it to the person. This link is shown once.",
    ),
    "printed.warn": (
        "Siapa pun yang memegangnya dapat bertindak atas nama orang itu. Pencetakan ini dicatat, dan apa yang "
        "dilakukan dengan tautan ini ditandai sebagai dari tautan cetak.",
        "Whoever holds it can act as that person. The printing is recorded, and what is done with this link is "
        "marked as done with a printed one.",
    ),
    "final.open": ("Jadikan final…", "Make final…"),
    "final.title": ("Jadikan putaran ini final?", "Make this round final?"),
    "final.lead": (
        "Setelah final tidak ada lagi keberatan, kategori, atau versi baru. Ini juga terjadi sendiri bila semua "
        "masa keberatan berakhir.",
        "Once final there are no objections, categories or versions any more. It also happens by itself when every "
        "time to object is over.",
    ),
    "final.not_released": (
        "Putaran ini tidak sedang dirilis.",
        "This round is not in the state of being released.",
    ),
    "final.not_yet": (
        "Belum dapat: {objections} keberatan terbuka, {running} pegawai masih dapat mengajukan, {waiting} laporan "
        "belum diterima.",
        "Not yet: {objections} objections are open, {running} people may still object, {waiting} reports are not "
        "received.",
    ),
    "final.why": (
        "Hak mengajukan keberatan tidak dapat dipersingkat. Catat tanggal penyerahan bagi laporan yang diserahkan "
        "di atas kertas.",
        "The right to object cannot be cut short. Note the day for reports that were handed over on paper.",
    ),
    "final.awaited": (
        "{count} pegawai masih menunggu pejabat penilai; nilainya akan tetap ditunda.",
        "{count} people still wait for their assessor; their scores will stay held.",
    ),
    "final.sure": ("Saya sudah memeriksa keadaan ini.", "I have checked how things stand."),
    "final.unsure": ("Centang dahulu bahwa Anda sudah memeriksanya.", "Tick first that you have checked it."),
    "final.go": ("Jadikan final", "Make final"),
    "final.done": ("Putaran ini final.", "This round is final."),
}

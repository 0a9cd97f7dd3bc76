"""Words of the pages behind signed links."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "report.title": ("Laporan perilaku kerja", "Work behaviour report"),
    "report.land.lead": (
        "Laporan ini hanya untuk pegawai yang dinilai. Dengan membukanya Anda menyatakan telah menerimanya; hari "
        "ini dicatat sebagai tanggal penerimaan.",
        "This report is only for the person it is about. By opening it you confirm that you received it; today is "
        "recorded as the day of receipt.",
    ),
    "report.land.window": (
        "Sejak tanggal penerimaan Anda dapat mengajukan keberatan selama {days} hari kalender.",
        "From the day of receipt you can object within {days} calendar days.",
    ),
    "report.land.open": ("Terima dan buka laporan", "Receive and open the report"),
    "land.for": ("Untuk", "For"),
    "land.until": ("Tautan berlaku sampai", "The link is good until"),
    "land.report": ("Laporan perilaku kerja", "Work behaviour report"),
    "land.supervisor": ("Laporan pegawai yang Anda bina", "Reports of the people you supervise"),
    "land.assessment": ("Kategori perilaku kerja", "Categories of work behaviour"),
    "land.decision": ("Keputusan atas keberatan", "Decision on an objection"),
    "land.for.report": ("pegawai yang dinilai", "the ratee"),
    "land.for.supervisor": ("pejabat penilai dari pegawai yang dilaporkan", "the supervisor of those reported on"),
    "land.for.assessment": ("pejabat penilai yang menetapkan kategori", "the assessor who chooses the categories"),
    "land.for.decision": (
        "atasan pejabat penilai, atau pejabat yang ditunjuk untuk memutuskan",
        "the assessor's superior, or who was named to decide",
    ),
    "land.lead.report": (
        "Laporan ini hanya untuk pegawai yang dinilai.",
        "This report is only for the person it is about.",
    ),
    "land.lead.supervisor": (
        "Di balik tombol ini ada daftar pegawai Anda beserta laporannya. Pembukaan setiap laporan dicatat.",
        "Behind the button are your people with their reports. Every opening of a report is recorded.",
    ),
    "land.lead.assessment": (
        "Di balik tombol ini Anda melihat umpan balik yang dirangkum untuk setiap pegawai Anda dan menetapkan "
        "kategorinya.",
        "Behind the button you see what the feedback comes to for each of your people, and choose the categories.",
    ),
    "land.lead.decision": (
        "Seorang pegawai mengajukan keberatan atas nilainya. Di balik tombol ini Anda membaca keberatan dan "
        "laporannya, lalu memutuskan dengan alasan.",
        "A person objects to the own score. Behind the button you read the objection and the report, and decide "
        "with a reason.",
    ),
    "land.open.report": ("Buka laporan", "Open the report"),
    "land.open.supervisor": ("Buka daftar laporan", "Open the reports"),
    "land.open.assessment": ("Buka daftar pegawai", "Open the list of people"),
    "land.open.decision": ("Buka keberatan", "Open the objection"),
    "land.nothing_yet": (
        "Sebelum tombol ditekan tidak ada nama atau nilai yang ditampilkan dan tidak ada yang dicatat. Bila tautan "
        "ini bukan untuk Anda, tutuplah halaman ini dan beri tahu petugas kepegawaian.",
        "Before you press the button nobody's name or score is shown and nothing is recorded. If this link is not "
        "for you, close the page and tell the personnel office.",
    ),
    "land.hours": (
        "Setelah dibuka, halaman dapat dipakai {hours} jam; sesudah itu tekan lagi tombol ini.",
        "Once open, the page works for {hours} hours; after that press this button again.",
    ),
    "report.of": ("Pegawai yang dinilai", "Ratee"),
    "report.unit": ("Unit kerja", "Unit"),
    "report.period": ("Periode penilaian", "Appraisal period"),
    "report.round": ("Survei", "Survey"),
    "report.version": ("Versi", "Version"),
    "report.received": ("Diterima", "Received"),
    "report.result": ("Hasil", "Result"),
    "report.behaviour": ("Nilai perilaku kerja", "Behaviour value"),
    "report.rating": ("Rating perilaku kerja", "Behaviour rating"),
    "report.total": ("Nilai akhir", "Total"),
    "report.predicate": ("Predikat", "Predicate"),
    "report.no_predicate": (
        "Predikat belum ada karena hasil kerja (nilai SKP) belum masuk.",
        "There is no predicate yet, because the work result is missing.",
    ),
    "report.held": ("Nilai ini ditunda: {reason}", "This score is held: {reason}"),
    "report.held.lead": (
        "Karena itu laporan ini tidak memuat angka. Menahan nilai melindungi mereka yang memberi umpan balik.",
        "So this report shows no number. Holding it protects those who gave feedback.",
    ),
    "report.behaviours": ("Per perilaku", "By behaviour"),
    "report.aspect": ("Perilaku", "Behaviour"),
    "report.chosen": ("Kategori", "Category"),
    "report.all": ("Gabungan", "All"),
    "report.chart": (
        "Diagram radar nilai per perilaku; angkanya sama dengan tabel di sebelahnya.",
        "Radar chart of the values by behaviour; the same numbers are in the table beside it.",
    ),
    "report.recommendation": ("Rata-rata umpan balik (rekomendasi)", "Mean of the feedback (recommendation)"),
    "report.gaps": ("Kekuatan dan titik buta", "Strengths and blind spots"),
    "report.gaps.rule": (
        "Aturannya: selisih diri sendiri dan orang lain (rekan dan bawahan; bila keduanya ditampilkan terpisah, "
        "titik tengahnya) sebesar {least} atau lebih disebut; di bawah itu dianggap sejalan.",
        "The rule: a gap of {least} or more between self and others (peers and subordinates; where both are shown, "
        "the middle of the two) is named; below it the two agree.",
    ),
    "report.gap.hidden_strength": (
        "Kekuatan yang belum disadari: orang lain menilai lebih tinggi",
        "Hidden strength: others rate it higher",
    ),
    "report.gap.blind_spot": (
        "Titik buta: diri sendiri menilai lebih tinggi",
        "Blind spot: the own rating is higher",
    ),
    "report.gap.agreement": ("Sejalan", "In agreement"),
    "report.gaps.none": (
        "Tidak dapat dibandingkan: penilaian diri atau umpan balik lain tidak ada atau tidak ditampilkan.",
        "Cannot be compared: the self-assessment or the other feedback is missing or not shown.",
    ),
    "report.not_shown": ("Yang tidak ditampilkan, dan sebabnya", "What is not shown, and why"),
    "report.not_shown.lead": (
        "Kelompok yang kurang dari {k} orang digabungkan atau tidak ditampilkan. Kelompok yang kosong terlihat "
        "sama. Jumlah pemberi umpan balik ditulis sebagai rentang (n).",
        "A group of fewer than {k} is merged or not shown. An empty group looks the same. How many gave feedback "
        "is written as a band (n).",
    ),
    "report.not_shown.nothing": ("Semua kelompok ditampilkan.", "All groups are shown."),
    "report.how": ("Cara nilai ini dibuat", "How this number was made"),
    "report.policy": ("Kebijakan penilaian", "Scoring policy"),
    "report.policy.of": ("{title}, versi {version}", "{title}, version {version}"),
    "report.digest": ("Sidik kebijakan", "Digest of the policy"),
    "report.weights": ("Bobot", "Weights"),
    "report.weights.none": ("tidak ada: {why}", "none: {why}"),
    "report.weights.assessor": ("pejabat penilai menetapkan kategori", "the assessor chooses a category"),
    "report.weights.corrected": ("nilai ditetapkan atas keberatan", "the value was set on an objection"),
    "report.rounding": ("Pembulatan", "Rounding"),
    "report.rounding.is": (
        "Nilai resmi tidak dibulatkan dan di sini dipotong pada dua angka di belakang koma; angka per kelompok dan "
        "per perilaku dibulatkan ke kelipatan {step}.",
        "Official values are not rounded and are cut here after two places; numbers by group and by behaviour are "
        "rounded to multiples of {step}.",
    ),
    "report.basis": ("Dasar hukum", "Legal basis"),
    "report.flags": ("Catatan", "Flags"),
    "report.codes": ("Kode SIASN", "SIASN codes"),
    "report.objection": ("Keberatan", "Objection"),
    "report.objection.may": (
        "Bila tidak sependapat, Anda dapat mengajukan keberatan sampai akhir {until}.",
        "If you do not agree, you can object until the end of {until}.",
    ),
    "report.objection.open": ("Ajukan keberatan…", "Object…"),
    "report.objection.over": ("Masa keberatan berakhir pada {until}.", "The time to object ended on {until}."),
    "report.objection.none": (
        "Terhadap laporan ini tidak ada keberatan yang dapat diajukan.",
        "There is nothing to object to in this report.",
    ),
    "report.objection.final": (
        "Putaran ini sudah final; nilainya tidak berubah lagi.",
        "This round is final; its values change no more.",
    ),
    "report.objection.yours": ("Diajukan pada {moment}:", "Raised on {moment}:"),
    "report.objection.waits": ("Menunggu keputusan {who}.", "Awaiting the decision of {who}."),
    "report.objection.somebody": ("atasan pejabat penilai", "the assessor's superior"),
    "report.objection.dismissed": (
        "Diputuskan pada {moment}: nilai tetap.",
        "Decided on {moment}: the value stands.",
    ),
    "report.objection.upheld": (
        "Diputuskan pada {moment}: nilai diubah. Versi sebelumnya tetap tersimpan.",
        "Decided on {moment}: the value was changed. The version before is kept.",
    ),
    "report.objection.by": ("Alasan {who}:", "Reason given by {who}:"),
    "report.on_paper": (
        "Dilakukan dengan tautan yang dicetak petugas kepegawaian.",
        "Done with a link that the personnel office had printed.",
    ),
    "report.versions": ("Riwayat versi", "Versions"),
    "report.cause.counted": ("dari perhitungan", "from the count"),
    "report.cause.assessed": ("setelah kategori dari pejabat penilai", "after the assessor's choice"),
    "report.cause.corrected": ("setelah keberatan", "after an objection"),
    "report.pdf": ("Unduh sebagai PDF", "Download as PDF"),
    "report.print": (
        "Halaman ini juga dapat dicetak dengan perintah cetak peramban Anda.",
        "This page can also be printed with the print command of your browser.",
    ),
    "flag.corrected_on_objection": ("Nilai ditetapkan atas keberatan.", "The value was set on an objection."),
    "flag.recommendation_hidden": (
        "Rekomendasi tidak ditampilkan: umpan balik terlalu sedikit.",
        "The recommendation is not shown: too little feedback.",
    ),
    "category.above": ("Di atas ekspektasi", "Above expectations"),
    "category.meets": ("Sesuai ekspektasi", "Meets expectations"),
    "category.below": ("Di bawah ekspektasi", "Below expectations"),
    "objection.title": ("Ajukan keberatan", "Object"),
    "objection.lead": (
        "Keberatan diputuskan oleh {who}, bukan oleh petugas kepegawaian. Nilainya dapat tetap atau diubah; hanya "
        "satu keberatan dapat diajukan.",
        "The objection is decided by {who}, not by the personnel office. The value may stand or be changed; you "
        "can object once.",
    ),
    "objection.reason": ("Alasan keberatan", "Reason of the objection"),
    "objection.reason.hint": (
        "Sebutkan apa yang menurut Anda tidak tepat dan mengapa. Jangan menebak siapa yang memberi umpan balik.",
        "Say what you find wrong and why. Do not guess who gave feedback.",
    ),
    "objection.send": ("Kirim keberatan", "Send the objection"),
    "objection.sure": (
        "Saya mengajukan keberatan ini atas nama saya sendiri; setelah dikirim tidak dapat diubah.",
        "I raise this objection in my own name; once sent it cannot be changed.",
    ),
    "link.unsure": ("Centang dahulu pernyataan ini.", "Tick this statement first."),
    "link.back": ("Kembali ke laporan", "Back to the report"),
    "link.back.list": ("Kembali ke daftar", "Back to the list"),
    "team.title": ("Laporan pegawai yang Anda bina", "Reports of the people you supervise"),
    "team.lead": (
        "Nilai yang ditunda tampil tanpa angka. Setiap pembukaan laporan dicatat.",
        "Held scores are shown without a number. Every opening of a report is recorded.",
    ),
    "team.none": ("Tidak ada pegawai di balik tautan ini.", "There is nobody behind this link."),
    "team.not_yet": ("belum dirilis", "not released yet"),
    "assess.title": ("Kategori perilaku kerja", "Categories of work behaviour"),
    "assess.lead": (
        "Umpan balik adalah rekomendasi; Anda yang menetapkan. Pilihan dapat diubah sampai nilai dirilis.",
        "The feedback recommends, you choose. A choice can be changed until the score is released.",
    ),
    "assess.progress": ("{done} dari {all} pegawai sudah ditetapkan", "{done} of {all} people are done"),
    "assess.waiting": ("Menunggu Anda", "Awaits you"),
    "assess.open": ("Tetapkan", "Choose"),
    "assess.change": ("Lihat atau ubah", "See or change"),
    "assess.one": ("Kategori untuk {name}", "Categories for {name}"),
    "assess.advice": (
        "Rata-rata umpan balik (rekomendasi): {value} pada skala {low}–{high}.",
        "Mean of the feedback (recommendation): {value} on a scale of {low} to {high}.",
    ),
    "assess.advice.none": (
        "Tidak ada rekomendasi yang dapat ditampilkan: umpan balik terlalu sedikit.",
        "There is no recommendation that may be shown: too little feedback.",
    ),
    "assess.overall": ("Keseluruhan", "Overall"),
    "assess.save": ("Simpan kategori", "Keep the categories"),
    "assess.saved": ("Kategori tersimpan.", "The categories are kept."),
    "assess.missing": ("Pilih kategori.", "Choose a category."),
    "assess.settled": (
        "Nilai ini sudah dirilis; kategorinya hanya berubah melalui keberatan.",
        "This score is released; its categories change only through an objection.",
    ),
    "decide.title": ("Keputusan atas keberatan", "Decision on an objection"),
    "decide.lead": (
        "Anda memutuskan sebagai atasan pejabat penilai. Keputusan disertai alasan, dibaca oleh pegawai yang "
        "bersangkutan, dan tidak dapat diubah.",
        "You decide as the superior of the assessor. A decision needs a reason, is read by the person concerned "
        "and cannot be changed.",
    ),
    "decide.says": ("{name} menulis:", "{name} writes:"),
    "decide.outcome": ("Keputusan Anda", "Your decision"),
    "decide.stands": ("Nilai tetap", "The value stands"),
    "decide.change": ("Nilai diubah", "The value is changed"),
    "decide.value": ("Nilai perilaku kerja yang baru", "New behaviour value"),
    "decide.value.hint": (
        "Hanya bila nilai diubah. Dari {low} sampai {high}; sekarang {now}.",
        "Only if the value is changed. From {low} to {high}; now {now}.",
    ),
    "decide.ratings": (
        "Kategori yang baru (hanya bila nilai diubah)",
        "New categories (only if the value is changed)",
    ),
    "decide.reason": ("Alasan keputusan", "Reason of the decision"),
    "decide.sure": (
        "Saya memutuskan ini sendiri sebagai atasan pejabat penilai.",
        "I decide this myself as the superior of the assessor.",
    ),
    "decide.choose": ("Pilih salah satu.", "Choose one."),
    "decide.send": ("Putuskan", "Decide"),
    "decide.done": ("Keberatan ini sudah diputuskan.", "This objection is decided."),
    "door.link_unknown": ("Tautan ini tidak dikenal", "This link is not known"),
    "door.link_unknown.next": (
        "Salin seluruh alamat dari surel atau kertas Anda, atau mintalah tautan baru kepada petugas kepegawaian.",
        "Copy the whole address from your mail or paper, or ask the personnel office for a new link.",
    ),
    "door.link_expired": ("Masa berlaku tautan ini sudah berakhir", "The time of this link is over"),
    "door.link_expired.next": (
        "Mintalah tautan baru kepada petugas kepegawaian. Laporannya tetap ada.",
        "Ask the personnel office for a new link. The report is still there.",
    ),
    "door.page_closed": ("Halaman ini sudah terlalu lama terbuka", "This page was open for too long"),
    "door.page_closed.next": (
        "Buka lagi tautan dari surel atau kertas Anda dan tekan tombolnya. Yang sudah Anda simpan tetap ada.",
        "Open the link in your mail or paper again and press its button. What you saved is still there.",
    ),
    "door.pdf_missing": ("PDF tidak dapat dibuat di server ini", "This server cannot make a PDF"),
    "door.pdf_missing.next": (
        "Kembali ke laporan dan pakailah perintah cetak peramban Anda; di sana ada pilihan simpan sebagai PDF.",
        "Go back to the report and use the print command of your browser; it can keep the page as PDF.",
    ),
    "door.pdf_busy": ("Banyak laporan sedang dibuat", "Many reports are being made"),
    "door.pdf_busy.next": (
        "Cobalah lagi dalam satu menit.",
        "Try again in a minute.",
    ),
    "door.link_replaced": ("Tautan ini sudah diganti", "This link was replaced"),
    "door.link_replaced.next": (
        "Gunakan tautan dari surel yang paling baru.",
        "Use the link in your newest mail.",
    ),
    "door.closed": ("Ini belum atau tidak lagi dapat dibuka", "This cannot be opened yet, or any more"),
    "door.closed.next": ("Tanyakan kepada petugas kepegawaian.", "Ask the personnel office."),
}

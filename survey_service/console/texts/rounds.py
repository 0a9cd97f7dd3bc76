"""Words of the rounds: the list, one round, its states."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "rounds.title": ("Putaran", "Rounds"),
    "rounds.lead": (
        "Satu putaran meminta umpan balik tentang satu periode penilaian.",
        "One round asks for feedback about one appraisal period.",
    ),
    "rounds.new": ("Buat putaran", "New round"),
    "rounds.current": ("Sedang berjalan", "Current"),
    "rounds.past": ("Yang lalu", "Past"),
    "rounds.empty": ("Belum ada putaran", "No round yet"),
    "rounds.empty.people": (
        "Mulai dengan data pegawai: unggah daftar pegawai beserta atasannya, lalu buat putaran pertama.",
        "Begin with the people: upload the list of people with their supervisors, then make the first round.",
    ),
    "rounds.empty.new": (
        "Data {people} pegawai sudah ada. Buat putaran pertama; belum ada yang terkirim sebelum diluncurkan.",
        "There are {people} people. Make the first round; nothing is sent before you launch it.",
    ),
    "rounds.empty.wait": (
        "Petugas kepegawaian belum membuat putaran.",
        "The personnel office has not made a round yet.",
    ),
    "rounds.answered": (
        "Masuk: {answered} dari {invited} undangan",
        "Answered: {answered} of {invited} invitations",
    ),
    "rounds.next.draft": (
        "Berikutnya: periksa pemberi umpan balik, lalu luncurkan.",
        "Next: check the raters, then launch.",
    ),
    "rounds.next.preparing": (
        "Kunci putaran sedang dibuat; surel dikirim saat masa pengisian dimulai.",
        "The round's key is being made; mails leave when the answering window begins.",
    ),
    "rounds.next.open": (
        "Berikutnya: pantau kemajuan dan kirim pengingat.",
        "Next: watch progress and send reminders.",
    ),
    "rounds.next.closed": (
        "Jawaban sedang diserahkan dan dihitung. Tidak ada yang perlu dilakukan.",
        "Answers are being handed over and counted. Nothing to do.",
    ),
    "rounds.next.counted": (
        "Semua jawaban sudah dihitung; nilai sementara sedang dibuat. Tidak ada yang perlu dilakukan.",
        "All answers are counted; provisional scores are being made. Nothing to do.",
    ),
    "rounds.next.scored": (
        "Berikutnya: impor hasil kerja, lihat hasil sementara, lalu rilis nilainya.",
        "Next: import work results, look at the provisional results, then release the scores.",
    ),
    "rounds.next.released": ("Nilai sudah dirilis.", "The scores are released."),
    "rounds.next.final": ("Nilai sudah final.", "The scores are final."),
    "rounds.next.archived": ("Putaran sudah diarsipkan.", "The round is archived."),
    "rounds.next.cancelled": (
        "Putaran dibatalkan; jawabannya sudah dihapus.",
        "The round was cancelled; its answers are deleted.",
    ),
    "state.draft": ("Draf", "Draft"),
    "state.preparing": ("Disiapkan", "Preparing"),
    "state.open": ("Dibuka", "Open"),
    "state.closed": ("Ditutup", "Closed"),
    "state.counted": ("Dihitung", "Counted"),
    "state.scored": ("Dinilai", "Scored"),
    "state.released": ("Dirilis", "Released"),
    "state.final": ("Final", "Final"),
    "state.archived": ("Diarsipkan", "Archived"),
    "state.cancelled": ("Dibatalkan", "Cancelled"),
    "relation.supervisor": ("Pejabat penilai", "Supervisor"),
    "relation.peer": ("Rekan kerja setingkat", "Peers"),
    "relation.subordinate": ("Bawahan langsung", "Direct subordinates"),
    "relation.self": ("Diri sendiri", "Self"),
    "round.name": ("Nama putaran", "Name of the round"),
    "round.state": ("Keadaan", "State"),
    "round.period": ("Periode penilaian", "Appraisal period"),
    "round.window": ("Masa pengisian", "Answering window"),
    "round.questionnaire": ("Kuesioner", "Questionnaire"),
    "round.policy": ("Kebijakan penilaian", "Scoring policy"),
    "round.threshold": (
        "Jumlah minimal pemberi umpan balik (k)",
        "Smallest group that is shown (k)",
    ),
    "round.groups": ("Siapa yang dimintai umpan balik", "Who is asked"),
    "round.all": ("semua", "all"),
    "round.authority": ("Dasar surat", "Authority"),
    "round.contact": ("Narahubung", "Contact"),
    "round.key": ("Sidik kunci putaran", "Fingerprint of the round's key"),
    "round.facts": ("Pengaturan", "Settings"),
    "progress.title": ("Kemajuan pengisian", "Progress"),
    "progress.as_of": ("Keadaan per {moment}.", "As of {moment}."),
    "progress.steps": (
        "Angka ditampilkan bertahap dan dihitung berkala, supaya jawaban satu orang tidak dapat diintip.",
        "Numbers come in steps and are counted on a schedule, so that nobody's single answer can be watched.",
    ),
    "progress.none": (
        "Kemajuan belum dihitung. Lihat lagi beberapa menit lagi.",
        "Progress has not been counted yet. Look again in some minutes.",
    ),
    "progress.unit": ("Unit kerja", "Unit"),
    "progress.relation": ("Hubungan", "Relation"),
    "progress.caption": ("Sudah mengisi / diundang", "Answered / invited"),
    "mails.title": ("Surel undangan", "Mails"),
    "mails.accepted": (
        "“Diterima server surel” bukan berarti sampai: surel masih dapat tertahan atau masuk kotak spam di sisi "
        "penerima.",
        "“Accepted by the mail server” is not delivery: on the other side a mail can still be held back or end up "
        "as spam.",
    ),
    "mail.waiting": ("Menunggu dikirim", "Waiting"),
    "mail.requested": ("Sedang dikirim", "Being sent"),
    "mail.accepted": ("Diterima server surel", "Accepted by the mail server"),
    "mail.refused": ("Ditolak", "Refused"),
    "mail.no_address": ("Perlu slip cetak", "Needs a printed slip"),
    "mail.reason.no_address": ("tanpa alamat surel", "no address"),
    "mail.reason.shared_address": ("alamat dipakai bersama", "shared address"),
    "mail.reason.permanent": ("alamat salah", "wrong address"),
    "mail.reason.temporary": ("server penerima tidak menjawab", "their server does not answer"),
    "mail.reason.technical": ("gangguan di sisi kami", "a fault on our side"),
    "counted.title": ("Penghitungan", "Counting"),
    "way.title": ("Dari jawaban tersegel menjadi nilai", "From sealed answers to scores"),
    "way.handing": (
        "Jawaban tersegel diserahkan ke layanan penilaian, per pegawai yang dinilai",
        "Sealed answers are handed over to the scoring service, ratee by ratee",
    ),
    "way.counting": (
        "Jawaban dibuka dan dihitung, lalu kunci putaran dimusnahkan",
        "Answers are opened and counted, then the round's key is destroyed",
    ),
    "way.scoring": ("Nilai sementara dihitung", "Provisional scores are computed"),
    "way.is.done": ("selesai", "done"),
    "way.is.now": ("sedang berjalan", "under way"),
    "way.is.later": ("berikutnya", "to come"),
    "way.leave": (
        "Anda boleh meninggalkan halaman ini; pekerjaan tetap berjalan dan halaman berubah dengan sendirinya.",
        "You may leave this page; the work goes on, and the page changes by itself.",
    ),
    "way.results": ("Lihat di halaman hasil", "See it on the page of results"),
    "counted.ballots": ("Jawaban dihitung", "Answers counted"),
    "counted.refused": ("Jawaban tidak dapat dibuka", "Answers that could not be opened"),
    "counted.destroyed": (
        "Kunci putaran telah dimusnahkan dan jawaban tersegel telah dihapus. Tidak ada yang dapat membukanya lagi.",
        "The round's key is destroyed and the sealed answers are deleted. Nobody can open them any more.",
    ),
    "counted.root": (
        "Akar Merkle dari semua jawaban tersegel: bukti bahwa tidak ada yang ditambah atau dikurangi",
        "Merkle root of all sealed answers: proof that none was added or left out",
    ),
    "remind.go": ("Kirim pengingat", "Send reminders"),
    "remind.done": (
        "Pengingat dikirim kepada yang belum mengisi dan belum disurati hari ini (dalam kelipatan lima: {count}).",
        "Reminders go to everybody who has not answered and had no mail today (in steps of five: {count}).",
    ),
    "outage.title": ("Survei sempat tidak tersedia", "The survey was not available"),
    "outage.text": (
        "Antara {began} dan {ended}, layanan tidak berjalan selama {length}. Perpanjang batas waktu selama itu? "
        "Yang masih perlu mengisi akan diberi tahu lewat surel; yang memakai lembar cetak perlu Anda beri tahu "
        "sendiri. Tautan mereka tetap sama.",
        "Between {began} and {ended} the service did not run for {length}. Extend the deadline by as much? Whoever "
        "has something left to answer is told by mail; those with a printed slip have to be told by you. Their "
        "links stay the same.",
    ),
    "outage.waits": (
        "Putaran tidak ditutup secara otomatis sampai Anda memutuskan, paling lama satu hari setelah gangguan.",
        "The round does not close by itself until you decide, for a day after the outage at most.",
    ),
    "outage.decide": ("Putuskan perpanjangannya", "Decide about more time"),
    "outage.hours": ("{count} jam", "{count} h"),
    "outage.minutes": ("{count} menit", "{count} min"),
    "outage.extend": ("Perpanjang {length}", "Extend by {length}"),
    "outage.dismiss": ("Biarkan batas waktunya", "Leave the deadline"),
    "outage.extended": (
        "Batas waktu sekarang {moment}. Surel pemberitahuan sedang dikirim.",
        "The deadline is now {moment}. Mails that say so are on their way.",
    ),
    "outage.dismissed": ("Batas waktu tidak berubah.", "The deadline stays as it was."),
    "close.open": ("Tutup lebih awal…", "Close early…"),
    "close.title": ("Tutup putaran sekarang?", "Close the round now?"),
    "close.lead": (
        "“{name}” sebenarnya masih dibuka sampai {moment}.",
        "“{name}” would be open until {moment}.",
    ),
    "close.warn": (
        "Setelah ditutup tidak ada lagi yang dapat mengisi, dan putaran tidak dapat dibuka kembali.",
        "Once it is closed nobody can answer any more, and it cannot be opened again.",
    ),
    "close.go": ("Ya, tutup sekarang", "Yes, close it now"),
    "close.done": ("Putaran ditutup. Penghitungan dimulai.", "The round is closed. Counting begins."),
    "cancel.open": ("Batalkan putaran…", "Cancel the round…"),
    "cancel.title": ("Batalkan putaran?", "Cancel the round?"),
    "cancel.lead": (
        "Putaran berhenti untuk selamanya dan tidak akan menghasilkan nilai.",
        "The round stops for good and will give no scores.",
    ),
    "cancel.warn": (
        "Semua jawaban yang sudah masuk dan semua tautan dihapus. Ini tidak dapat diurungkan.",
        "All answers and all links are deleted. This cannot be undone.",
    ),
    "cancel.name": ("Ketik nama putaran: {name}", "Type the name of the round: {name}"),
    "cancel.go": ("Batalkan putaran ini", "Cancel this round"),
    "cancel.done": ("Putaran dibatalkan.", "The round is cancelled."),
}

"""Words of drafts: the form, the plan of raters, the checklist and the launch."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "journey": ("Langkah-langkah", "Steps"),
    "journey.basics": ("Isi dasar", "Basics"),
    "journey.form": ("Kuesioner", "Questionnaire"),
    "journey.raters": ("Pemberi umpan balik", "Raters"),
    "journey.small": ("Kelompok kecil", "Small groups"),
    "journey.schedule": ("Jadwal", "Schedule"),
    "journey.messages": ("Pesan", "Messages"),
    "journey.launch": ("Luncurkan", "Launch"),
    "step.basics": ("Periode dan masa pengisian", "Period and window"),
    "step.basics.lead": (
        "Dua hal yang berbeda: kurun kerja yang dinilai, dan kapan orang boleh mengisi.",
        "Two different things: the time of work that is assessed, and when people may answer.",
    ),
    "step.form": ("Kuesioner dan kebijakan", "Questionnaire and policy"),
    "step.form.lead": (
        "Apa yang ditanyakan, dan bagaimana jawabannya menjadi nilai.",
        "What is asked, and how answers become a score.",
    ),
    "step.raters": ("Pegawai dan pemberi umpan baliknya", "People and their raters"),
    "step.raters.lead": (
        "Siapa dimintai umpan balik tentang siapa disusun dari data pegawai; Anda menentukan aturannya.",
        "Who is asked about whom follows from the people; you set the rules.",
    ),
    "step.small": ("Kelompok kecil", "Small groups"),
    "step.small.lead": (
        "Semakin kecil kelompoknya, semakin mudah menebak siapa menjawab apa.",
        "The smaller a group, the easier it is to guess who said what.",
    ),
    "step.schedule": ("Jadwal dan pengingat", "Schedule and reminders"),
    "step.schedule.lead": (
        "Pengingat hanya dikirim kepada yang belum mengisi, dengan tautan yang sama.",
        "Reminders go only to those whose answer is missing, with the same links.",
    ),
    "step.messages": ("Isi surel", "The mail"),
    "step.messages.lead": (
        "Bagian tetap surel (daftar pegawai, tautan, janji kerahasiaan) sudah ada; di sini yang khas putaran ini.",
        "The fixed parts of the mail (people, links, the promise) are there; here is what this round adds.",
    ),
    "step.on": ("Simpan dan lanjut", "Keep and go on"),
    "step.stay.raters": ("Simpan dan hitung ulang", "Keep and plan again"),
    "step.stay.small": ("Simpan dan perkirakan ulang", "Keep and forecast again"),
    "step.stay.schedule": ("Simpan dan lihat tanggalnya", "Keep and see the dates"),
    "step.stay.messages": ("Simpan dahulu", "Keep only"),
    "step.back": ("Langkah sebelumnya", "Step before"),
    "step.leave": ("Keluar dari sini", "Leave"),
    "draft.like": ("Mulai dari", "Begin with"),
    "draft.like.none": ("Pengaturan yang lazim", "What is usual"),
    "draft.like.hint": (
        "Putaran lama menyumbang semua pengaturannya, kecuali nama dan tanggal.",
        "A former round gives all its settings, but for name and dates.",
    ),
    "draft.found": (
        "Isian yang belum Anda simpan tadi kami kembalikan dari peramban ini.",
        "What you had not kept yet was brought back from this browser.",
    ),
    "form.look": ("Lihat kuesioner seperti yang dibaca pengisi", "See the questionnaire as raters read it"),
    "group.how": ("Bagaimana mereka dipilih?", "How are they chosen?"),
    "group.how.ladder": (
        "Rekan diambil dari unit dan jenjang yang sama. Jika kurang dari “paling sedikit”, dilengkapi dari unit "
        "induk yang sama, lalu dari seluruh instansi. Yang lebih dari sasaran diundi; angka undian di bawah "
        "membuat undiannya dapat diulang persis.",
        "Peers come from the same unit and tier. If there are fewer than “at least”, from the same parent unit, "
        "then from the whole agency. Beyond the target they are drawn by lot; the number below makes the draw "
        "repeatable.",
    ),
    "group.how.cap": (
        "Beban dibagi rata: tidak seorang pun melebihi batas beban, dan “paling sedikit” didahulukan bagi semua "
        "sebelum ada yang mendapat lebih. Yang tidak dapat dipenuhi dengan cara apa pun disebut namanya di bawah, "
        "bukan dipaksakan.",
        "The work is spread evenly and nobody carries more than the load; everybody gets “at least” before anybody "
        "gets more. What no plan could satisfy is listed by name below and never forced.",
    ),
    "group.seed": ("Angka undian", "Number of the draw"),
    "group.seed.hint": (
        "Angka yang sama dan data pegawai yang sama selalu memberi pembagian yang sama.",
        "The same number and the same people always give the same plan.",
    ),
    "plan.kept": ("Dengan pengaturan yang tersimpan", "With the settings as they are kept"),
    "small.what": ("Apa artinya?", "What does that mean?"),
    "small.k": (
        "Kelompok (rekan, bawahan) baru ditampilkan sendiri jika paling sedikit k orang menjawab.",
        "A group (peers, subordinates) is shown apart only when at least k of it answered.",
    ),
    "small.merged": (
        "Digabung: jika salah satu kurang dari k, rekan dan bawahan dihitung bersama sebagai satu kelompok.",
        "Merged: if one has fewer than k, peers and subordinates are counted together as one group.",
    ),
    "small.held": (
        "Ditunda: jika setelah digabung masih kurang, tidak ada yang ditampilkan tentang rekan dan bawahan.",
        "Held: if they are still too few together, nothing about peers and subordinates is shown.",
    ),
    "small.supervisor": (
        "Pejabat penilai dan diri sendiri selalu dapat dikenali, dan mereka diberi tahu sebelum mengisi.",
        "Supervisor and self can always be recognised, and they are told so before they answer.",
    ),
    "schedule.days": ("Pengingat, berapa hari sebelum ditutup", "Reminders, days before the end"),
    "schedule.days.hint": (
        "Misalnya 7, 3, 1. Kosongkan jika hanya ingin mengirim sendiri.",
        "For example 7, 3, 1. Leave it empty to send them by hand only.",
    ),
    "schedule.hour": ("Pukul", "At"),
    "schedule.most": ("Paling banyak per orang", "At most for one person"),
    "schedule.most.hint": (
        "Surel setelah undangan, termasuk yang Anda kirim sendiri.",
        "Mails after the invitation, also those you send by hand.",
    ),
    "schedule.quiet_from": ("Jam tenang mulai", "Quiet from"),
    "schedule.quiet_until": ("Jam tenang sampai", "Quiet until"),
    "schedule.quiet.hint": (
        "Surel yang jatuh di jam tenang menunggu sampai jam itu berakhir.",
        "A mail that falls into the quiet hours waits until they end.",
    ),
    "schedule.quiet.none": ("Jam yang sama berarti tanpa jam tenang.", "The same hour twice means none."),
    "schedule.weekends": (
        "Boleh dikirim pada Sabtu dan Minggu (jika tidak, dimajukan ke Jumat)",
        "May leave on Saturday and Sunday (otherwise on the Friday before)",
    ),
    "schedule.zone": ("Semua jam menurut {zone}.", "All hours in {zone}."),
    "schedule.kept": ("Tanggal pengingat yang tersimpan", "Dates of the reminders as they are kept"),
    "schedule.only": (
        "Hanya kepada yang saat itu belum mengisi semuanya.",
        "Only to those with an answer missing at that moment.",
    ),
    "schedule.none": ("Tidak ada pengingat otomatis.", "No automatic reminders."),
    "round.reminders": ("Pengingat otomatis", "Automatic reminders"),
    "messages.invitation": ("Surel undangan", "Invitation"),
    "messages.invitation.hint": (
        "Paragraf dari Anda, setelah kalimat pembuka. Boleh kosong; jika diisi, isi kedua bahasa. Tanpa tautan.",
        "A paragraph of yours, after the opening sentence. May be empty; if not, in both languages. No links.",
    ),
    "messages.reminder": ("Surel pengingat", "Reminder"),
    "messages.reminder.hint": (
        "Sama, untuk pengingat. Sebaiknya singkat dan tidak menekan.",
        "The same for reminders. Short and without pressure is best.",
    ),
    "trial.title": ("Coba kirim ke diri sendiri", "Send yourself a sample"),
    "trial.lead": (
        "Surel sungguhan dengan isi yang tersimpan, nama contoh, dan tautan yang tidak membuka apa pun.",
        "A real mail with what is kept, sample names and a link that opens nothing.",
    ),
    "trial.to": ("Alamat surel Anda", "Your mail address"),
    "trial.kind": ("Jenis surel", "Which mail"),
    "trial.go": ("Kirim contoh", "Send the sample"),
    "trial.done": (
        "Contoh sedang dikirim ke {to}. Periksa kotak masuk, juga folder spam.",
        "The sample is on its way to {to}. Look into your inbox, and into spam.",
    ),
    "check.letter.good": ("Dasar surat dan narahubung sudah diisi.", "Authority and contact are given."),
    "check.letter.bad": (
        "Dasar surat atau narahubung belum diisi.",
        "The authority or the contact is missing.",
    ),
    "check.choose": ("Pilih lagi", "Choose again"),
    "check.fill": ("Isi sekarang", "Fill it in"),
    "check.reminders.good": ("{count} pengingat otomatis dijadwalkan.", "{count} automatic reminders are planned."),
    "check.reminders.warn": (
        "Tidak ada pengingat otomatis; Anda perlu mengirimnya sendiri.",
        "There are no automatic reminders; you would have to send them.",
    ),
    "draft.new": ("Putaran baru", "New round"),
    "draft.edit": ("Ubah draf", "Edit the draft"),
    "draft.copy": ("Buat putaran baru seperti ini", "New round like this one"),
    "draft.created": (
        "Draf tersimpan. Periksa daftar di bawah sebelum meluncurkan.",
        "The draft is kept. Look at the list below before you launch.",
    ),
    "draft.kept": ("Perubahan tersimpan.", "The changes are kept."),
    "draft.newest": ("Lihat keadaan terbaru di tab baru", "See the present version in a new tab"),
    "draft.whole": ("Putaran", "Round"),
    "round.name.hint": (
        "Terlihat oleh pemberi umpan balik, misalnya “Perilaku Kerja Triwulan IV 2026”.",
        "Raters see it, for example “Work behaviour, 4th quarter 2026”.",
    ),
    "round.period_start": ("Periode penilaian mulai", "Appraisal period from"),
    "round.period_end": ("Periode penilaian sampai", "Appraisal period to"),
    "round.period.hint": ("Kurun kerja yang dinilai.", "The time of work that is assessed."),
    "round.period_end.hint": ("Hari terakhir, ikut dihitung.", "The last day, included."),
    "round.opens_at": ("Masa pengisian mulai", "Answering from"),
    "round.closes_at": ("Masa pengisian sampai", "Answering until"),
    "round.window.hint": ("Surel undangan dikirim pada saat ini.", "Invitations are mailed at this time."),
    "round.closes.hint": ("Sesudah ini tidak ada yang dapat mengisi.", "After this nobody can answer."),
    "round.timezone": ("Zona waktu", "Time zone"),
    "zone.Asia/Jakarta": ("WIB (Jakarta)", "WIB (Jakarta)"),
    "zone.Asia/Makassar": ("WITA (Makassar)", "WITA (Makassar)"),
    "zone.Asia/Jayapura": ("WIT (Jayapura)", "WIT (Jayapura)"),
    "round.policy.hint": (
        "Cara menghitung nilai. Tidak dapat diganti setelah diluncurkan.",
        "How scores are made. It cannot be changed after the launch.",
    ),
    "policy.pp30-360": (
        "PP 30/2019 dengan survei 360: pejabat penilai 60%, rekan dan bawahan 40%",
        "PP 30/2019 with the 360 survey: supervisor 60%, peers and subordinates 40%",
    ),
    "policy.pp30-no-360": ("PP 30/2019 tanpa survei 360", "PP 30/2019 without the 360 survey"),
    "policy.permen6": (
        "PermenPANRB 6/2022: BerAKHLAK, kuadran hasil kerja dan perilaku",
        "PermenPANRB 6/2022: BerAKHLAK, matrix of work result and behaviour",
    ),
    "policy.pp46": ("PP 46/2011 (peraturan lama)", "PP 46/2011 (former rules)"),
    "policy.dp3": ("DP3, PP 10/1979 (peraturan lama)", "DP3, PP 10/1979 (former rules)"),
    "round.threshold.hint": (
        "Kelompok dengan jawaban lebih sedikit digabung atau tidak ditampilkan. Biasanya 3.",
        "Groups with fewer answers are merged or not shown. 3 is usual.",
    ),
    "relation.supervisor.ask": (
        "Pejabat penilai (atasan langsung)",
        "Supervisor",
    ),
    "relation.peer.ask": ("Rekan kerja setingkat", "Peers"),
    "relation.subordinate.ask": ("Bawahan langsung", "Direct subordinates"),
    "relation.self.ask": (
        "Diri sendiri (tidak ikut dalam nilai, kecuali kebijakannya menyebut demikian)",
        "Self (does not count, unless the policy says so)",
    ),
    "group.minimum": ("Paling sedikit", "At least"),
    "group.target": ("Sasaran", "Target"),
    "group.maximum": ("Paling banyak", "At most"),
    "group.cap": ("Beban per orang", "Load per person"),
    "group.hint": (
        "Yang kosong tidak membatasi; sasaran kosong berarti semua yang memenuhi syarat. Beban per orang membatasi "
        "berapa pegawai yang harus diberi umpan balik oleh satu orang, sebagai rekan dan bawahan bersama-sama "
        "(jika keduanya diisi, yang terkecil berlaku); pejabat penilai tidak dibatasi.",
        "What is empty does not limit; an empty target asks everybody who is eligible. Load per person limits how "
        "many people one person has to give feedback to, as peer and subordinate together (if both are filled in, "
        "the smaller holds); supervisors are not limited.",
    ),
    "round.authority.hint": (
        "Surat yang mendasari survei, misalnya “Surat Kepala BKD Nomor 800/123/2026”.",
        "The letter behind the survey, for example “Letter of the head of BKD no. 800/123/2026”.",
    ),
    "round.contact.hint": (
        "Kepada siapa pemberi umpan balik dapat bertanya: nama, ruang, nomor telepon.",
        "Whom raters may ask: name, room, telephone.",
    ),
    "checks.title": ("Sebelum diluncurkan", "Before the launch"),
    "checks.good": ("Beres", "Fine"),
    "checks.warn": ("Perhatikan", "Mind this"),
    "checks.bad": ("Belum bisa", "Not yet"),
    "check.people.good": (
        "{count} pegawai akan dinilai. Setelah diluncurkan, daftar ini tidak berubah lagi.",
        "{count} people will be assessed. After the launch this list does not change.",
    ),
    "check.people.bad": (
        "Tidak ada yang dapat dimintai umpan balik. Impor data pegawai terlebih dahulu.",
        "There is nobody to ask. Import the people first.",
    ),
    "check.window.good": ("Masa pengisian belum lewat.", "The answering window is not over."),
    "check.window.bad": (
        "Masa pengisian sudah lewat. Ubah draf dan pilih waktu yang baru.",
        "The answering window is over. Edit the draft and choose a later one.",
    ),
    "check.finished.good": ("Kuesioner sudah selesai ditulis.", "The questionnaire is finished."),
    "check.finished.bad": (
        "Kuesioner ini sedang ditulis lagi. Simpan sebagai selesai, atau pilih yang lain.",
        "This questionnaire is being written again. Save it as finished, or choose another one.",
    ),
    "check.fits.good": (
        "Kuesioner dan kebijakan penilaian saling cocok.",
        "Questionnaire and scoring policy fit each other.",
    ),
    "check.fits.bad": (
        "Kebijakan penilaian ini menghitung perilaku yang lain dari yang ditanyakan kuesioner. Pilih pasangan "
        "yang cocok, karena putaran seperti ini tidak dapat dimulai.",
        "This scoring policy counts other behaviours than the questionnaire asks about. Choose a pair that fits, "
        "since a round like this cannot begin.",
    ),
    "check.notifier.good": ("Layanan surel siap.", "The mail service is ready."),
    "check.notifier.bad": (
        "Layanan surel belum siap. Pastikan layanan itu berjalan, lalu muat ulang halaman ini.",
        "The mail service is not ready. Make sure that it runs, then reload this page.",
    ),
    "check.lacking.good": (
        "Setiap pegawai memiliki cukup pemberi umpan balik.",
        "Everybody has enough raters.",
    ),
    "check.lacking.warn": (
        "{count} pegawai belum memiliki cukup pemberi umpan balik; nilainya mungkin digabung atau ditunda.",
        "{count} people lack raters; their scores may be merged or held.",
    ),
    "check.see": ("Lihat nama-namanya", "See their names"),
    "check.paper.good": (
        "Semua pemberi umpan balik memiliki alamat surel sendiri.",
        "All raters have a mail address of their own.",
    ),
    "check.paper.warn": (
        "{count} pemberi umpan balik tidak memiliki alamat surel sendiri dan memerlukan slip cetak.",
        "{count} raters have no mail address of their own and need a printed slip.",
    ),
    "check.secure.good": (
        "Jawaban disegel di peramban, sebelum meninggalkan gawai pengisi.",
        "Answers are sealed in the browser, before they leave the rater's device.",
    ),
    "check.secure.warn": (
        "Alamat situs bukan HTTPS: jawaban disegel di server, bukan di peramban.",
        "The site's address is not HTTPS: answers are sealed on the server, not in the browser.",
    ),
    "launch.sure": (
        "Saya sudah memeriksa. Setelah diluncurkan, pengaturan dan daftar pegawai tidak dapat diubah.",
        "I have checked this. After the launch neither settings nor people can be changed.",
    ),
    "launch.go": ("Luncurkan putaran", "Launch the round"),
    "launch.blocked": (
        "Selesaikan dahulu yang bertanda silang.",
        "First settle what is marked with a cross.",
    ),
    "launch.unsure": (
        "Putaran belum diluncurkan: centang dahulu bahwa Anda sudah memeriksanya.",
        "Not launched: tick first that you have checked it.",
    ),
    "launch.already": ("Putaran ini sudah diluncurkan.", "This round was launched already."),
    "plan.open": ("Lihat pemberi umpan balik", "See the raters"),
    "plan.title": ("Pemberi umpan balik", "Raters"),
    "plan.lead": (
        "Begini pembagiannya jika diluncurkan sekarang. Belum ada yang dikirim.",
        "This is who would be asked if it were launched now. Nothing is sent yet.",
    ),
    "plan.ratees": ("Pegawai dinilai", "Ratees"),
    "plan.ratee": ("Pegawai yang dinilai", "Ratee"),
    "plan.raters": ("Pemberi umpan balik", "Raters"),
    "plan.invitations": ("Undangan", "Invitations"),
    "plan.most": ("Beban terbanyak satu orang", "Most for one person"),
    "plan.each": ("Setiap pegawai", "Everybody"),
    "pages.before": ("Sebelumnya", "Before"),
    "pages.next": ("Berikutnya", "Next"),
    "pages.part": ("{first}–{last} dari {of}", "{first}–{last} of {of}"),
    "forecast.title": ("Perkiraan", "Forecast"),
    "forecast.lead": (
        "Berapa pegawai yang hasilnya dapat ditampilkan, jika jumlah minimal {k} dan sebagian orang mengisi.",
        "For how many people results could be shown, with a smallest group of {k}, if a part of the people answer.",
    ),
    "forecast.if": ("Jika yang mengisi", "If so many answer"),
    "forecast.reportable": ("Per kelompok", "By group"),
    "forecast.merged": ("Digabung", "Merged"),
    "forecast.held": ("Ditunda", "Held"),
    "forecast.supervisor_only": ("Hanya pejabat penilai", "Supervisor only"),
    "lacking.title": ("Yang kurang pemberi umpan baliknya", "Who lacks raters"),
    "lacking.lead": (
        "Periksa data unit, jenjang, dan atasan mereka, atau turunkan batas “paling sedikit”.",
        "Check their unit, tier and supervisor, or lower “at least”.",
    ),
    "lacking.found": ("Ada", "Found"),
    "lacking.wanted": ("Perlu", "Needed"),
    "lacking.none": ("Tidak ada: semua sudah cukup.", "Nobody: all have enough."),
    "lacking.more": ("dan {count} lagi.", "and {count} more."),
    "questionnaires.title": ("Kuesioner", "Questionnaires"),
    "questionnaires.lead": (
        "Setiap perubahan menjadi versi baru; yang sudah dipakai tidak berubah lagi.",
        "Every change becomes a new version; one that was used does not change any more.",
    ),
    "questionnaires.version": ("Versi {version}", "Version {version}"),
    "questionnaires.locked": ("Terkunci", "Locked"),
    "questionnaires.unfinished": ("Belum selesai", "Not finished"),
    "questionnaires.unfinished.title": ("Belum dapat dipilih", "Cannot be chosen yet"),
    "questionnaires.unfinished.words": (
        "masih ada {count} isian kosong.",
        "{count} fields are still empty.",
    ),
    "questionnaires.unfinished.mark": (
        "semua isian ada, tetapi belum disimpan sebagai selesai.",
        "all words are there, but it was not saved as finished.",
    ),
    "questionnaires.unfinished.open": ("Lanjutkan menulis", "Go on writing"),
    "questionnaires.size": (
        "{sections} perilaku, {items} pernyataan, skala 1–{points}",
        "{sections} behaviours, {items} statements, scale 1–{points}",
    ),
    "questionnaires.empty": ("Belum ada kuesioner", "No questionnaire yet"),
    "questionnaires.empty.next": (
        "Kuesioner BerAKHLAK dan PP 30 ikut terpasang saat sistem dijalankan.",
        "The questionnaires BerAKHLAK and PP 30 come with the product when it is started.",
    ),
    "questionnaires.scale": ("Skala", "Scale"),
    "questionnaires.not_seen": (
        "Terpisah dari skala dan tidak dihitung: “{words}”.",
        "Apart from the scale and never counted: “{words}”.",
    ),
    "questionnaires.leadership": ("Hanya untuk yang memimpin", "Leaders only"),
}

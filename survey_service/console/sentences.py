"""Refusals that the console can show, in Indonesian; keys are the sentences of the use cases, ``{}`` is a value."""

from shared.web.sentences import Sentences

_WORDS: Sentences = {
    "draft": "draf",
    "preparing": "disiapkan",
    "open": "dibuka",
    "closed": "ditutup",
    "counted": "dihitung",
    "scored": "dinilai",
    "released": "dirilis",
    "final": "final",
    "archived": "diarsipkan",
    "cancelled": "dibatalkan",
}
"""Values that stand inside sentences: states of a round."""

SENTENCES: Sentences = {
    "Fill this in.": "Wajib diisi.",
    "Use a whole number.": "Gunakan bilangan bulat.",
    "Choose one of the list.": "Pilih salah satu dari daftar.",
    "Use at most {} characters.": "Paling banyak {0} karakter.",
    "Give a date.": "Isi tanggalnya.",
    "Give a date and a time.": "Isi tanggal dan jamnya.",
    "Scoring counted other ballots than those that left.": (
        "Jawaban yang dihitung tidak sama dengan yang diserahkan."
    ),
    "This is not the round's name: type it exactly to cancel the round.": (
        "Ini bukan nama putarannya: ketik persis sama untuk membatalkannya."
    ),
    "Somebody else made a version at the same moment: look at the list.": (
        "Orang lain baru saja membuat versi baru: lihat daftarnya."
    ),
    "This one comes with the product: make a new version of it.": "Ini bawaan sistem: buat versi baru darinya.",
    "Behaviours stay as they are: policies count them.": (
        "Perilaku kerja tidak dapat diubah: kebijakan penilaian menghitungnya."
    ),
    "This version is published or used by a round: make a new version of it.": (
        "Versi ini sudah diterbitkan atau dipakai sebuah putaran: buat versi baru darinya."
    ),
    "Code, version and points of a version stay as they are.": (
        "Kode, versi, dan jumlah titik skala sebuah versi tidak dapat diubah."
    ),
    "There is a questionnaire with this code: make a new version of it, or choose another code.": (
        "Sudah ada kuesioner dengan kode ini: buat versi baru darinya, atau pilih kode lain."
    ),
    "Somebody else changed this questionnaire meanwhile: load it again, then change it.": (
        "Orang lain sudah mengubah kuesioner ini: muat ulang, lalu ubah lagi."
    ),
    "There is no such task any more.": "Pekerjaan ini sudah tidak ada.",
    "Another worker has taken over this task.": "Pekerjaan ini sudah diambil alih.",
    "This is not the round's name: type it exactly to archive the round.": (
        "Ini bukan nama putarannya: ketik persis sama untuk mengarsipkannya."
    ),
    "The answering window is over: choose a later one before you launch.": (
        "Masa pengisian sudah lewat: pilih waktu yang baru sebelum meluncurkan."
    ),
    "There is nobody to assess or nobody to ask: import the people first.": (
        "Tidak ada yang dinilai atau dimintai umpan balik: impor data pegawai terlebih dahulu."
    ),
    "The notifier has not announced its key yet: start it, wait a moment, then launch again.": (
        "Layanan surel belum siap: jalankan layanan itu, tunggu sebentar, lalu luncurkan lagi."
    ),
    "The round is {}; slips are made only while it runs.": (
        "Putaran ini berstatus {0}; lembar cetak hanya disiapkan selama putaran berjalan."
    ),
    "The round is {}; reminders go out only while it is open.": (
        "Putaran ini berstatus {0}; pengingat hanya dikirim selama masa pengisian."
    ),
    "Version {} of {} has other content: store the change as a new version.": (
        "Versi {0} dari {1} isinya lain: simpan perubahannya sebagai versi baru."
    ),
    "There is no such questionnaire.": "Kuesioner ini tidak ada.",
    "This questionnaire is still being written: finish it first, or choose another.": (
        "Kuesioner ini masih ditulis: selesaikan dahulu, atau pilih yang lain."
    ),
    "The questionnaire does not fit.": "Kuesioner ini belum sesuai.",
    "Another round has this name: choose another.": "Nama ini sudah dipakai putaran lain: pilih nama lain.",
    "The round is {}; from there it cannot become {}.": (
        "Putaran ini berstatus {0}; dari situ tidak dapat menjadi {1}."
    ),
    "The round is {}; only a draft can be changed. Clone it instead.": (
        "Putaran ini berstatus {0}; hanya draf yang dapat diubah. Buatlah putaran baru seperti ini."
    ),
    "Somebody else changed this round meanwhile: load it again, then change it.": (
        "Orang lain sudah mengubah putaran ini: muat ulang, lalu ubah lagi."
    ),
    "There is no such round.": "Putaran ini tidak ada.",
    "The round cannot be kept like this.": "Putaran belum dapat disimpan.",
    "The uploaded file is not kept any more. Upload it again.": (
        "Berkas yang diunggah sudah tidak tersimpan. Unggah lagi."
    ),
    "Give the round a name.": "Beri nama putaran ini.",
    "The appraisal period ends before it starts.": "Periode penilaian berakhir sebelum dimulai.",
    "The answering window closes before it opens.": "Masa pengisian ditutup sebelum dibuka.",
    "The answering window is longer than {} days.": "Masa pengisian lebih lama dari {0} hari.",
    "Use a name such as Asia/Jakarta, Asia/Makassar or Asia/Jayapura.": (
        "Gunakan nama seperti Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura."
    ),
    "Use a number from 1 to 20; 3 is usual.": "Gunakan angka 1 sampai 20; biasanya 3.",
    "More than {} people would be assessed by each of these; mend their supervisors first.": (
        "Masing-masing orang ini akan menilai lebih dari {0} orang; perbaiki dahulu data atasannya."
    ),
    "{} people": "{0} orang",
    "Ask at least one of supervisor, peer and subordinate.": (
        "Pilih paling sedikit satu: pejabat penilai, rekan kerja, atau bawahan."
    ),
    "Use only {}.": "Hanya boleh {0}.",
    "Minimum, target and maximum ascend, from 0 to {}.": (
        "“Paling sedikit”, “sasaran”, dan “paling banyak” harus berurutan naik, dari 0 sampai {0}."
    ),
    "A cap is at least 1; leave it out for none.": (
        "Beban per orang paling sedikit 1; kosongkan jika tidak dibatasi."
    ),
    "The account was changed a moment ago. Sign in again.": "Akun ini baru saja diubah. Silakan masuk lagi.",
    "The login {} exists already; give another one.": "Nama pengguna {0} sudah dipakai; pilih yang lain.",
    "There is no such account.": "Akun ini tidak ada.",
    "There is no account {}.": "Akun {0} tidak ada.",
    "The account does not fit.": "Akun belum sesuai.",
    "The password does not fit.": "Kata sandi belum sesuai.",
    "Too many tries. Wait 15 minutes, then sign in again.": "Terlalu banyak percobaan. Tunggu 15 menit.",
    "Give 3 to 200 characters without a space.": "Isi 3 sampai 200 karakter tanpa spasi.",
    "Give a name of at most 200 characters.": "Isi nama, paling banyak 200 karakter.",
    "Choose one of the roles {}.": "Pilih salah satu peran: {0}.",
    "A unit administrator needs a unit, nobody else has one.": (
        "Pengelola unit kerja memerlukan unit; peran lain tidak."
    ),
    "There is no unit {}; import people first.": "Unit {0} tidak ada; impor data pegawai terlebih dahulu.",
    "Give a password of {} to {} characters; a sentence is fine.": (
        "Gunakan {0} sampai {1} karakter; sebuah kalimat boleh."
    ),
    "Give a password that does not contain the login.": "Kata sandi tidak boleh memuat nama pengguna.",
    "The two passwords differ: type the same twice.": "Kedua kata sandi berbeda: ketik yang sama dua kali.",
    "Nobody changes the role of the own account: ask a colleague.": (
        "Peran akun sendiri tidak dapat diubah: mintalah rekan Anda."
    ),
    "This is the last account of the personnel office: add another one first.": (
        "Ini akun kepegawaian yang terakhir: tambahkan akun lain terlebih dahulu."
    ),
    "This sign-in has ended already.": "Akun sudah keluar dari peramban itu.",
    "Give numbers of days, such as 7, 3, 1.": "Isi dengan angka hari, misalnya 7, 3, 1.",
    "Give at most {} numbers of days, each from 1 to {}.": "Isi paling banyak {0} angka hari, masing-masing 1–{1}.",
    "Use an hour from 0 to 23.": "Gunakan jam 0 sampai 23.",
    "Use a number from 0 to {}.": "Gunakan angka 0 sampai {0}.",
    "Reminders would leave in the quiet hours: choose another hour.": (
        "Pengingat akan jatuh di jam tenang: pilih jam lain."
    ),
    "There is no such mail or language.": "Jenis surel atau bahasa ini tidak ada.",
    "Leave addresses out: the only links of this mail are the personal ones.": (
        "Jangan memuat alamat: satu-satunya tautan di surel ini adalah tautan pribadi."
    ),
    "Say it in both languages, or in none.": "Isi dalam kedua bahasa, atau kosongkan keduanya.",
    "The sample cannot be sent.": "Contoh belum dapat dikirim.",
    "Give one mail address.": "Isi satu alamat surel.",
    "Say by whose letter people are asked and whom they may ask back.": (
        "Isi dahulu dasar surat dan narahubungnya."
    ),
    "The round is {}; mails are sent only while it is open.": (
        "Putaran ini berstatus {0}; surel hanya dikirim selama masa pengisian."
    ),
    "The round is {}; more time is given only while it is open.": (
        "Putaran ini berstatus {0}; waktu tambahan hanya diberikan selama masa pengisian."
    ),
    "There is no such invitation in this round.": "Undangan ini tidak ada dalam putaran ini.",
    "There is no such letter in this round.": "Surat ini tidak ada dalam putaran ini.",
    "Choose somebody of the same group who is not asked about this person yet.": (
        "Pilih orang dari kelompok yang sama yang belum diminta tentang pegawai ini."
    ),
    "This person cannot be asked instead.": "Orang ini tidak dapat menggantikannya.",
    "This link cannot be taken back: it is used up, or answering is over.": (
        "Tautan ini tidak dapat ditarik: sudah terpakai, atau masa pengisian sudah berakhir."
    ),
    "Choose a moment after the end, at most {} days later.": (
        "Pilih waktu setelah masa pengisian berakhir, paling lama {0} hari sesudahnya."
    ),
    "There is no outage to decide about: somebody decided, or the round has ended.": (
        "Tidak ada gangguan yang perlu diputuskan: sudah diputuskan, atau putarannya sudah berakhir."
    ),
    "The extension does not fit.": "Waktu tambahan belum sesuai.",
    "Nobody like that is asked in this round.": "Orang ini tidak diminta dalam putaran ini.",
    **_WORDS,
}

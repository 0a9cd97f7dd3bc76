"""Refusals of assessments, objections and links, in Indonesian; ``{}`` is a value."""

from shared.web.sentences import Sentences

SENTENCES: Sentences = {
    "The time of this link is over.": "Masa berlaku tautan ini sudah berakhir.",
    "This server cannot make a PDF: print the report from your browser.": (
        "Server ini tidak dapat membuat PDF: cetaklah laporan dari peramban Anda."
    ),
    "Many reports are being printed at this moment: try again in a minute.": (
        "Banyak laporan sedang dicetak saat ini: coba lagi dalam satu menit."
    ),
    "This page was open for long: open your link again.": (
        "Halaman ini sudah lama terbuka: buka lagi tautan Anda."
    ),
    "This link was replaced by a newer one.": "Tautan ini sudah diganti dengan yang lebih baru.",
    "This link is not known here.": "Tautan ini tidak dikenal.",
    "This link was replaced, is on its way, or has arrived.": (
        "Tautan ini sudah diganti, sedang dikirim, atau sudah sampai."
    ),
    "This value does not fit the policy.": "Nilai ini tidak sesuai dengan kebijakan penilaian.",
    "Write a number such as 87.5 or 87,5.": "Tulis angka seperti 87.5 atau 87,5.",
    "The policy {} of this round asks no assessor for a category.": (
        "Kebijakan {0} pada putaran ini tidak meminta kategori dari pejabat penilai."
    ),
    "This person is assessed by somebody else.": "Pegawai ini dinilai oleh pejabat lain.",
    "Give number and name of the person who assesses.": "Isi NIP dan nama pejabat penilai.",
    "Neither the ratee nor who decides on objections can assess this person.": (
        "Pegawai yang dinilai dan pejabat yang memutuskan keberatan tidak dapat menjadi pejabat penilainya."
    ),
    "Nobody can be named here: the organisation names the assessor, or no choice is awaited.": (
        "Di sini tidak ada yang dapat ditunjuk: pejabat penilai sudah ada dalam data, atau tidak ada kategori yang "
        "ditunggu."
    ),
    "The assessment is not complete.": "Penilaian belum lengkap.",
    "Choose one of: {}.": "Pilih salah satu: {0}.",
    "The policy has no such behaviour.": "Kebijakan ini tidak memuat perilaku itu.",
    "This score is released: only an objection changes it now.": (
        "Nilai ini sudah dirilis: perubahan hanya melalui keberatan."
    ),
    "This round is final: nothing changes any more.": "Putaran ini sudah final: tidak ada lagi yang berubah.",
    "The scores are being released at this moment: try again in a minute.": (
        "Nilai sedang dirilis saat ini: coba lagi dalam satu menit."
    ),
    "This round is {}: the assessor chooses when all answers are counted.": (
        "Putaran ini berstatus {0}: pejabat penilai memilih setelah semua jawaban dihitung."
    ),
    "This round is {}: there can be no objection now.": (
        "Putaran ini berstatus {0}: keberatan tidak dapat diajukan atau diputuskan sekarang."
    ),
    "There is no value of this person that can be objected to.": (
        "Tidak ada nilai pegawai ini yang dapat diajukan keberatan."
    ),
    "The time to object is over.": "Masa keberatan sudah berakhir.",
    "This person has objected already; there is one objection in a round.": (
        "Pegawai ini sudah mengajukan keberatan; dalam satu putaran hanya ada satu keberatan."
    ),
    "Give number and name of the person who decides.": "Isi NIP dan nama pejabat yang memutuskan.",
    "Neither the ratee nor the assessor can decide on this objection.": (
        "Pegawai yang dinilai dan pejabat penilainya tidak dapat memutuskan keberatan ini."
    ),
    "There is no open objection of this person.": "Tidak ada keberatan pegawai ini yang masih terbuka.",
    "Choose that the value stands, or set another one.": "Pilih bahwa nilainya tetap, atau tetapkan nilai lain.",
    "This is the value that stands already.": "Nilai itu sudah berlaku.",
    "Write at least {} and at most {} characters.": "Tulis sedikitnya {0} dan paling banyak {1} karakter.",
    "An objection and its decision need a reason.": "Keberatan dan keputusannya harus disertai alasan.",
    "Give a day between the release and today.": "Isi tanggal antara rilis dan hari ini.",
    "It is noted already when this report was handed over, or it needs no note.": (
        "Tanggal penyerahan laporan ini sudah dicatat, atau tidak perlu dicatat."
    ),
    "This round is {}: only a released one can become final.": (
        "Putaran ini berstatus {0}: hanya putaran yang sudah dirilis dapat menjadi final."
    ),
    "Not yet: {} objections are open, {} ratees may still object, {} reports are not received.": (
        "Belum dapat: {0} keberatan masih terbuka, {1} pegawai masih dapat mengajukan keberatan, {2} laporan "
        "belum diterima."
    ),
}

"""Words from which a made-up office is put together. Nobody here exists."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEN = _words(
    "Adi Agus Ahmad Anwar Arif Bagus Bambang Bayu Budi Cahyo Daniel Darma Dedi Deni Dimas Eko Fajar Faisal Galih "
    "Gede Hadi Hendra Heru Ilham Imam Indra Iwan Joko Kadek Krisna Lukman Made Martin Nanda Nugroho Putu Rahmat "
    "Rangga Rizal Rudi Sigit Slamet Surya Taufik Teguh Tono Wahyu Wayan Yohanes Yusuf"
)
WOMEN = _words(
    "Anisa Ayu Citra Desi Dewi Diah Dina Dwi Eka Elok Endang Fatimah Fitri Hana Indah Intan Ketut Komang Kartika "
    "Laras Lestari Lina Lilis Maria Maya Mega Melati Nadia Ningsih Novi Nurul Puspita Putri Rahayu Ratna Retno "
    "Rina Rini Sari Sekar Siti Sri Tari Tuti Utami Wati Wulan Yanti Yulia Zahra"
)
FAMILY = _words(
    "Adiputra Anggoro Ariyanto Baskoro Batubara Darmawan Fadilah Firmansyah Gunawan Ginting Halim Handoko "
    "Hardjono Hasibuan Hermawan Hidayat Iskandar Kurnia Kusuma Laksono Lubis Mahendra Manuhutu Maulana Mulyani "
    "Nasution Nugraha Palupi Pangestu Permana Pradana Pranoto Prasetya Purnama Rumengan Safitri Saputra Saragih "
    "Setiawan Sihombing Simanjuntak Siregar Subekti Sukma Sulistyo Susanto Tambunan Wibawa Wijaya Wirawan Yuliani"
)

REGENCY = "Kabupaten Lintang Raya"
OFFICES = (
    "Dinas Pariwisata dan Kebudayaan",
    "Dinas Pendidikan",
    "Dinas Kesehatan",
    "Dinas Perhubungan",
    "Dinas Sosial",
    "Dinas Pertanian",
    "Dinas Perikanan",
    "Dinas Lingkungan Hidup",
    "Dinas Tenaga Kerja",
    "Dinas Pekerjaan Umum",
)

PARTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Sekretariat",
        "Sekretaris",
        (
            ("Subbagian Umum dan Kepegawaian", "Kepala Subbagian Umum dan Kepegawaian"),
            ("Subbagian Keuangan", "Kepala Subbagian Keuangan"),
        ),
    ),
    (
        "Bidang Pelayanan",
        "Kepala Bidang Pelayanan",
        (
            ("Seksi Perizinan", "Kepala Seksi Perizinan"),
            ("Seksi Pengaduan", "Kepala Seksi Pengaduan"),
            ("Seksi Data dan Informasi", "Kepala Seksi Data dan Informasi"),
        ),
    ),
    (
        "Bidang Pengembangan",
        "Kepala Bidang Pengembangan",
        (
            ("Seksi Program", "Kepala Seksi Program"),
            ("Seksi Kemitraan", "Kepala Seksi Kemitraan"),
            ("Seksi Evaluasi", "Kepala Seksi Evaluasi"),
        ),
    ),
)
"""A part of an office, its head, and its units with theirs: three parts with eight units."""

POSTS = {
    "pelaksana": (
        "Pengadministrasi Umum",
        "Pengelola Data",
        "Pengelola Keuangan",
        "Pengolah Surat",
        "Penata Layanan",
    ),
    "fungsional": (
        "Analis Kebijakan Ahli Pertama",
        "Analis SDM Aparatur Ahli Muda",
        "Arsiparis Terampil",
        "Perencana Ahli Pertama",
        "Pranata Komputer Terampil",
    ),
}

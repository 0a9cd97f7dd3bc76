"""Words of accounts: the list, one account, passwords, where somebody is signed in."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "accounts.title": ("Akun petugas", "Accounts"),
    "accounts.lead": (
        "Siapa yang boleh masuk ke sini, dan untuk apa. Pemberi umpan balik tidak memerlukan akun.",
        "Who may sign in here, and for what. Raters need no account.",
    ),
    "accounts.new": ("Tambah akun", "Add an account"),
    "accounts.person": ("Nama", "Name"),
    "accounts.role": ("Peran", "Role"),
    "accounts.state": ("Keadaan", "State"),
    "accounts.open": ("Aktif", "Active"),
    "accounts.disabled": ("Nonaktif", "Disabled"),
    "accounts.temporary": ("Kata sandi sementara", "Temporary password"),
    "accounts.sign_ins": ("Sedang masuk", "Signed in"),
    "account.edit": ("Akun {name}", "Account of {name}"),
    "account.login.hint": (
        "Dipakai untuk masuk, misalnya nama.depan. Tanpa spasi; tidak dapat diganti.",
        "Used to sign in, for example first.last. No spaces; it cannot be changed.",
    ),
    "account.unit.hint": (
        "Hanya untuk pengelola unit kerja: ia melihat unit ini dan semua unit di bawahnya.",
        "Only for a unit administrator, who sees this unit and all units below it.",
    ),
    "account.none": ("Tidak ada", "None"),
    "role.hr.can": (
        "Kepegawaian: mengelola putaran, pegawai, hasil, dan akun",
        "Personnel office: looks after rounds, people, results and accounts",
    ),
    "role.viewer.can": (
        "Pengamat: melihat putaran, pegawai, dan hasil; tidak mengubah apa pun",
        "Viewer: sees rounds, people and results; changes nothing",
    ),
    "role.auditor.can": (
        "Auditor: melihat jejak audit, akun, dan jalannya putaran; tidak melihat nilai",
        "Auditor: sees the audit trail, the accounts and how rounds run; sees no scores",
    ),
    "role.unit_admin.can": (
        "Pengelola unit kerja: memeriksa pegawai dan mengikuti kemajuan unitnya sendiri",
        "Unit administrator: checks people and follows progress of the own unit",
    ),
    "account.add": ("Tambah akun dan buat kata sandi", "Add the account and make a password"),
    "account.keep": ("Simpan", "Keep"),
    "account.kept": ("Akun diperbarui.", "The account is changed."),
    "account.access": ("Akses", "Access"),
    "account.reset": ("Buat kata sandi sementara", "Make a temporary password"),
    "account.reset.hint": (
        "Untuk yang lupa kata sandinya. Kata sandi lama tidak berlaku lagi dan akun ini dikeluarkan dari semua "
        "peramban.",
        "For somebody who forgot the password. The old one ends, and so does every sign-in of the account.",
    ),
    "account.disable": ("Nonaktifkan akun", "Disable the account"),
    "account.disable.hint": (
        "Akun langsung dikeluarkan dan tidak dapat masuk lagi. Catatannya di jejak audit tetap ada.",
        "It is signed out at once and cannot sign in again. Its entries in the audit trail stay.",
    ),
    "account.enable": ("Aktifkan lagi", "Enable it again"),
    "account.own": (
        "Ini akun Anda sendiri: peran dan penonaktifannya diurus rekan Anda.",
        "This is your own account: a colleague has to change its role or disable it.",
    ),
    "password.title": ("Kata sandi untuk {name}", "Password for {name}"),
    "password.once": (
        "Catat dan sampaikan sendiri kepada yang bersangkutan. Kata sandi ini hanya ditampilkan sekali, dan harus "
        "diganti saat pertama kali masuk.",
        "Note it and hand it over in person. It is shown only once, and has to be changed at the first sign-in.",
    ),
    "password.login": ("Nama pengguna", "Login"),
    "password.value": ("Kata sandi sementara", "Temporary password"),
    "password.noted": ("Sudah saya catat", "I have noted it"),
    "choose.title": ("Pilih kata sandi Anda", "Choose your password"),
    "choose.lead": (
        "Kata sandi yang Anda terima hanya sementara. Pilih kata sandi yang hanya Anda ketahui.",
        "The password you were given is temporary. Choose one that only you know.",
    ),
    "password.new": ("Kata sandi baru", "New password"),
    "password.hint": (
        "12 karakter atau lebih. Sebuah kalimat pendek mudah diingat dan aman.",
        "12 characters or more. A short sentence is easy to remember and safe.",
    ),
    "password.again": ("Ulangi kata sandi baru", "New password again"),
    "choose.go": ("Simpan dan masuk", "Keep and sign in"),
    "own.title": ("Akun Anda", "Your account"),
    "password.change": ("Ganti kata sandi", "Change the password"),
    "password.present": ("Kata sandi sekarang", "Present password"),
    "password.go": ("Ganti kata sandi", "Change the password"),
    "password.wrong": ("Ini bukan kata sandi Anda sekarang.", "This is not your present password."),
    "password.done": (
        "Kata sandi diganti. Akun Anda dikeluarkan dari semua peramban lain.",
        "The password is changed. Every other sign-in of yours has ended.",
    ),
    "sign_ins.title": ("Sedang masuk di", "Signed in"),
    "sign_ins.lead": (
        "Ada yang tidak Anda kenali? Akhiri, lalu ganti kata sandi.",
        "Is there one you do not know? End it, then change the password.",
    ),
    "sign_ins.browser": ("Peramban", "Browser"),
    "sign_ins.unknown": ("Tidak dikenal", "Unknown"),
    "sign_ins.since": ("Sejak", "Since"),
    "sign_ins.until": ("Paling lama sampai", "At the latest until"),
    "sign_ins.this": ("Peramban ini", "This browser"),
    "sign_ins.end": ("Akhiri", "End it"),
    "sign_ins.ended": ("Sudah dikeluarkan.", "Signed out there."),
    "sign_ins.none": ("Tidak sedang masuk di mana pun.", "Not signed in anywhere."),
}

"""Words of the sign-in page, and of refusals that any page may meet."""

from shared.web.texts import Texts

TEXTS: Texts = {
    "sign_in.title": ("Masuk", "Sign in"),
    "sign_in.lead": (
        "Untuk petugas kepegawaian, pengelola unit kerja, dan auditor.",
        "For the personnel office, unit administrators and auditors.",
    ),
    "sign_in.login": ("Nama pengguna", "Login"),
    "sign_in.password": ("Kata sandi", "Password"),
    "sign_in.go": ("Masuk", "Sign in"),
    "sign_in.rater": (
        "Diminta memberi umpan balik? Anda tidak memerlukan akun: gunakan tautan di surel Anda.",
        "Asked to give feedback? You need no account: use the link in your mail.",
    ),
    "sign_in.wrong": (
        "Nama pengguna atau kata sandi tidak cocok. Periksa keduanya, lalu coba lagi.",
        "Login and password do not fit together. Check both, then try again.",
    ),
    "sign_in.too_many_tries": (
        "Terlalu banyak percobaan. Tunggu 15 menit, lalu coba lagi.",
        "Too many tries. Wait 15 minutes, then try again.",
    ),
    "sign_in.account_changed": (
        "Akun ini baru saja diubah. Silakan masuk lagi.",
        "This account was changed a moment ago. Please sign in again.",
    ),
}

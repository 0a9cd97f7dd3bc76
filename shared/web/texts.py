"""Words of the pages: every text once in both languages, side by side, so that neither can be forgotten.

A service keeps its own in a ``texts.py`` (``TEXTS``: key to a pair in the order of ``LANGUAGES``) and hands them
to ``install``. Templates and views say ``t("key", name=value)``. An unknown key or a missing value is an error.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, current_app

from shared.config import LANGUAGES, contact_in
from shared.web.language import language

Texts = Mapping[str, tuple[str, str]]

TEXTS: Texts = {
    "app.skip": ("Langsung ke isi", "Skip to content"),
    "app.language": ("Bahasa", "Language"),
    "app.contact": ("Ada pertanyaan? Hubungi {contact}.", "Questions? Ask {contact}."),
    "form.optional": ("boleh kosong", "optional"),
    "form.mend": ("Ada yang perlu diperbaiki", "Something needs mending"),
    "form.kept": (
        "Isian Anda masih ada di halaman ini. Perbaiki yang ditandai, lalu kirim lagi.",
        "What you typed is still on this page. Mend what is marked, then send again.",
    ),
    "form.never_mind": ("Batal, kembali", "Never mind, go back"),
    "form.choose": ("Pilih…", "Choose…"),
    "problem.home": ("Ke halaman awal", "To the start page"),
    "problem.code": ("Kode: {code}", "Code: {code}"),
    "problem.next": ("Yang dapat Anda lakukan", "What you can do"),
    "problem.400": ("Permintaan tidak dapat dibaca", "The request cannot be read"),
    "problem.401": ("Anda perlu masuk", "You need to sign in"),
    "problem.403": ("Anda tidak berwenang membuka halaman ini", "You are not allowed to open this page"),
    "problem.404": ("Halaman tidak ditemukan", "Page not found"),
    "problem.405": ("Langkah ini tidak dikenal", "This step is not known"),
    "problem.409": ("Keadaannya sudah berubah", "Things have changed"),
    "problem.410": ("Halaman ini sudah tidak berlaku", "This page is no longer valid"),
    "problem.413": ("Berkas terlalu besar", "The file is too large"),
    "problem.422": ("Isian belum sesuai", "The input does not fit"),
    "problem.429": ("Terlalu banyak percobaan", "Too many attempts"),
    "problem.500": ("Ada gangguan di sistem kami", "Something went wrong on our side"),
    "problem.503": ("Sistem sedang sibuk", "The system is busy"),
    "problem.400.next": (
        "Kembali ke halaman sebelumnya, muat ulang, lalu coba lagi.",
        "Go back, reload the page, then try again.",
    ),
    "problem.401.next": ("Masuk lebih dahulu, lalu ulangi.", "Sign in first, then try again."),
    "problem.403.next": (
        "Jika menurut Anda ini keliru, mintalah peran yang sesuai kepada petugas kepegawaian.",
        "If you think this is a mistake, ask the personnel office for the right role.",
    ),
    "problem.404.next": (
        "Periksa kembali alamatnya, atau mulai dari halaman awal.",
        "Check the address again, or begin at the start page.",
    ),
    "problem.405.next": (
        "Kembali ke halaman sebelumnya dan gunakan tombol yang ada di sana.",
        "Go back and use the buttons there.",
    ),
    "problem.409.next": (
        "Muat ulang halaman untuk melihat keadaan terbaru, lalu putuskan lagi.",
        "Reload the page to see how things stand, then decide again.",
    ),
    "problem.410.next": ("Mulai lagi dari halaman awal.", "Begin again at the start page."),
    "problem.413.next": (
        "Kirim berkas yang lebih kecil dari 32 MB.",
        "Send a file smaller than 32 MB.",
    ),
    "problem.422.next": (
        "Perbaiki hal-hal di atas, lalu kirim lagi.",
        "Mend the points above, then send again.",
    ),
    "problem.429.next": ("Tunggu beberapa menit, lalu coba lagi.", "Wait some minutes, then try again."),
    "problem.500.next": (
        "Tidak ada yang tersimpan dari permintaan ini. Coba lagi; jika tetap terjadi, sampaikan jam kejadiannya "
        "kepada pengelola sistem.",
        "Nothing of this request was kept. Try again; if it stays, tell the operator the time.",
    ),
    "problem.503.next": ("Tunggu sebentar, lalu coba lagi.", "Wait a moment, then try again."),
    "outage.look": ("Halaman belum dapat dibuka", "The page cannot be opened yet"),
    "outage.look.text": (
        "Sistem sedang terganggu sebentar. Tidak ada yang hilang: tunggu beberapa saat, lalu buka lagi.",
        "The system is interrupted for a moment. Nothing is lost: wait a little, then open it again.",
    ),
    "outage.sent": ("Kiriman Anda belum diterima", "What you sent was not accepted yet"),
    "outage.sent.text": (
        "Sistem sedang terganggu sebentar. Isian Anda tidak hilang: semuanya masih ada di halaman ini. Tunggu "
        "beberapa saat, lalu tekan “Kirim lagi”. Jangan tutup halaman ini sebelum diterima.",
        "The system is interrupted for a moment. What you filled in is not lost: all of it is still in this page. "
        "Wait a little, then press “Send again”. Do not close this page before it is accepted.",
    ),
    "outage.typed": ("Kiriman Anda belum diterima", "What you sent was not accepted yet"),
    "outage.typed.text": (
        "Sistem sedang terganggu sebentar. Tidak ada yang tersimpan: tunggu beberapa saat, kembali ke halaman "
        "sebelumnya, lalu kirim lagi.",
        "The system is interrupted for a moment. Nothing was kept: wait a little, go back to the page before, then "
        "send again.",
    ),
    "outage.again": ("Kirim lagi", "Send again"),
    "outage.again.look": ("Buka lagi", "Open again"),
}


def install(app: Flask, texts: Texts) -> None:
    """Add ``texts`` to what this app can say; a key that is there already is an error."""
    known: dict[str, tuple[str, str]] = app.extensions.setdefault("cermin_texts", {})
    twice = sorted(known.keys() & texts.keys())
    if twice:
        raise ValueError(f"texts given twice: {', '.join(twice)}")
    known.update(texts)


def has(key: str) -> bool:
    """Whether the app has a text under ``key``."""
    return key in current_app.extensions["cermin_texts"]


def t(key: str, **values: Any) -> str:
    """The text ``key`` in the language of this request, with ``{name}`` filled from ``values``."""
    pair: tuple[str, str] = current_app.extensions["cermin_texts"][key]
    text = pair[LANGUAGES.index(language())]
    return text.format(**values) if values else text


def whom(contact: str) -> str:
    """Whom to ask, in the language of this request where nobody was named."""
    return contact_in(language(), contact)


def day(value: date) -> str:
    """A date in words, in the language of this request."""
    return format_date(value, "d MMMM y", locale=language())


def moment(value: datetime, zone: str = "") -> str:
    """A moment in the agency's zone (or ``zone``), with the zone's Indonesian short name where it has one."""
    place = ZoneInfo(zone) if zone else current_app.extensions["cermin"].settings.timezone
    local = value.astimezone(place)
    pattern = "d MMM y, HH.mm" if language() == "id" else "d MMM y, HH:mm"
    short = {7: "WIB", 8: "WITA", 9: "WIT"} if str(place).startswith("Asia/") else {}
    offset = local.utcoffset()
    hours = int(offset.total_seconds() // 3600) if offset is not None else 0
    name = short.get(hours) or local.tzname()
    return f"{format_datetime(local, pattern, locale=language())} {name}"


def decimal(text: str) -> str:
    """An exact decimal as people read it: two places at most, with the comma of Indonesian.

    What is behind them is cut and not rounded, so that 89.996 does not look like the 90 of a better predicate.
    """
    shown = format(Decimal(text).quantize(Decimal("0.01"), ROUND_DOWN).normalize(), "f")
    return shown if language() == "en" else shown.replace(".", ",")

"""The mail itself: its words in both languages, its headers, and what cannot be smuggled into it."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from notifier.domain.letter import BrokenLetter, Language, Letter, Link, Request, read
from notifier.writing import Sender, Writer, moment
from shared.config import load
from tests.post_office import NOON, parse, part

WRITER = Writer(Sender("Cermin <cermin@bkd.test>", "BKD Kota Contoh"))
CLOSES = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def _link(number: int, relation: str = "peer", **changes: object) -> Link:
    given: dict[str, object] = {
        "invitation": f"i-{number}",
        "ratee": f"Pegawai {number}",
        "post": "Analis",
        "relation": relation,
        "sole": False,
        "link": f"https://survey.test/s#{'x' * 60}{number}.{'y' * 43}",
        "code": f"ABCD-{number}",
    }
    return Link(**(given | changes))  # type: ignore[arg-type]


def _mail(
    language: Language = "id", kind: str = "invitation", links: tuple[Link, ...] = (), **changes: str
) -> EmailMessage:
    letter = Letter("rina@kantor.test", changes.pop("name", "Rina"), language, links or (_link(1), _link(2)))
    given = {"round_name": "Triwulan IV", "authority": "Surat 800/1", "contact": "Subbagian Kepegawaian"} | changes
    given = {"timezone": "Asia/Jakarta"} | given
    request = Request(kind=kind, asked_at=NOON, closes_at=CLOSES, **given)
    return parse(WRITER.write("request-1", letter, request, NOON))


def test_the_headers_say_who_and_that_it_is_automatic() -> None:
    mail = _mail()
    assert mail["From"] == "Cermin <cermin@bkd.test>"
    assert mail["Subject"] == "BKD Kota Contoh meminta umpan balik Anda paling lambat Senin, 30 November 2026"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOON
    assert mail["Content-Language"] == "id"
    assert mail["Reply-To"] is None
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not mail.defects


def test_a_repeated_mail_is_recognisable() -> None:
    assert _mail()["Message-ID"] == _mail(kind="reminder")["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{32}@bkd\.test>", _mail()["Message-ID"])


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_link_and_code_is_there_in_full(language: Language, kind: str) -> None:
    links = tuple(_link(number) for number in range(1, 30))
    words = part(_mail(language, links=links), kind)
    for link in links:
        assert link.link in words
        assert link.code in words
        assert link.ratee in words
    assert "https://survey.test/s " in words


def test_where_nobody_was_named_whom_to_ask_is_said_in_the_language_of_the_letter() -> None:
    usual = load({}).contact
    assert usual in part(_mail("id", contact=usual), "plain")
    english = part(_mail("en", contact=usual), "plain")
    assert usual not in english and "the personnel office of your unit" in english
    assert "Subbagian Kepegawaian" in part(_mail("en"), "plain"), "what was written stays as it was written"


def test_the_reminder_is_word_for_word() -> None:
    assert (
        "Sampai Senin, 23 November 2026, pukul 12.00 WIB, kami belum menerima jawaban Anda untuk 2 pegawai. "
        "Mohon mengisi paling lambat Senin, 30 November 2026, pukul 16.00 WIB. "
        "Abaikan pesan ini bila Anda sudah mengirimkannya."
    ) in part(_mail(kind="reminder"), "plain")


def test_a_moved_deadline_is_said_with_day_hour_and_zone() -> None:
    mail = _mail(kind="extended")
    assert (
        "Batas waktu diperpanjang sampai Senin, 30 November 2026, pukul 16.00 WIB. Tautan Anda tetap sama. "
        "Abaikan pesan ini bila Anda sudah mengirimkan jawaban."
    ) in part(mail, "plain")


def test_the_promises_are_word_for_word() -> None:
    words = part(_mail(links=(_link(1, "supervisor", sole=True), _link(2))), "plain")
    assert (
        "Jawaban Anda rahasia. Atasan, rekan, dan pegawai yang Anda beri umpan balik tidak diberi akses ke jawaban "
        "perorangan. Petugas kepegawaian dapat melihat bahwa Anda sudah atau belum mengisi, bukan isi jawaban Anda."
    ) in words
    assert (
        words.count("Anda satu-satunya pejabat penilai bagi pegawai ini, sehingga penilaian Anda dapat dikenali")
        == 1
    )


def test_a_self_assessment_is_not_promised_to_be_confidential() -> None:
    words = part(_mail(links=(_link(1, "self"),)), "plain")
    assert "Jawaban Anda rahasia" not in words
    assert "Penilaian diri karena itu tidak bersifat rahasia." in words
    assert "meminta Anda mengisi penilaian diri" in words


def test_self_and_others_are_counted_apart() -> None:
    words = part(_mail("en", links=(_link(1), _link(2), _link(3, "self"))), "plain")
    assert "feedback on the work behaviour of 2 people and to complete one self-assessment" in words
    assert "1 person." in part(_mail("en", links=(_link(1),)), "plain")


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", ["invitation", "reminder", "resend", "extended"])
def test_peers_give_feedback_and_nothing_is_left_unfilled(language: Language, kind: str) -> None:
    words = part(_mail(language, kind), "plain")
    assert "{" not in words
    assert "menilai" not in words
    for expected in ("BKD Kota Contoh", "Surat 800/1", "Triwulan IV", "Subbagian Kepegawaian", "WIB"):
        assert expected in words


@pytest.mark.parametrize(
    ("timezone", "language", "expected"),
    [
        ("Asia/Jakarta", "id", ("Senin, 30 November 2026", "16.00", "WIB")),
        ("Asia/Pontianak", "en", ("Monday, 30 November 2026", "16:00", "WIB")),
        ("Asia/Makassar", "id", ("Senin, 30 November 2026", "17.00", "WITA")),
        ("Asia/Jayapura", "id", ("Senin, 30 November 2026", "18.00", "WIT")),
        ("Asia/Dubai", "en", ("Monday, 30 November 2026", "13:00", "UTC+0400")),
    ],
)
def test_moments_are_said_as_people_say_them(timezone: str, language: Language, expected: tuple[str, ...]) -> None:
    assert moment(CLOSES, timezone, language) == expected


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [str(value) for name, value in attrs if name in {"href", "src", "background"}]


def test_the_html_fetches_nothing_and_runs_nothing() -> None:
    found = _Tags()
    words = part(_mail(), "html")
    found.feed(words)
    assert not {"img", "script", "link", "iframe", "form", "object"} & set(found.tags)
    assert set(found.targets) == {_link(1).link, _link(2).link}
    assert "url(" not in words
    assert "@import" not in words


def test_names_cannot_become_markup_headers_or_paragraphs() -> None:
    evil = 'Eve\r\nBcc: v@v.test\n\n"><img src=//x.test>{agency}{{ 7*7 }}'
    mail = _mail(links=(_link(1, ratee=evil, post=evil),), name=evil, round_name=evil, authority=evil, contact=evil)
    found = _Tags()
    found.feed(part(mail, "html"))
    assert "img" not in found.tags
    assert "{{ 7*7 }}" in part(mail, "plain")
    assert not any(line.startswith("Bcc") for line in part(mail, "plain").splitlines())
    assert mail["Bcc"] is None


def test_an_agency_of_any_name_makes_clean_headers() -> None:
    evil = Writer(Sender('Badan "Ä", Kota <cermin@bkd.test>', "Bädan\r\nBcc: v@v.test " + "panjang " * 30))
    request = Request("invitation", "R", "A", "K", NOON, CLOSES + timedelta(days=1), "Asia/Jakarta")
    raw = evil.write("r", Letter("a@b.test", "A", "id", (_link(1),)), request, NOON)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\n"))) <= 120
    assert parse(raw)["Bcc"] is None
    assert str(parse(raw)["Subject"]).startswith("Bädan Bcc: v@v.test panjang")


@pytest.mark.parametrize("kind", ["invitation", "reminder", "resend"])
def test_one_link_to_all_forms_comes_with_several_and_not_with_one(kind: str) -> None:
    whole = {"link": f"https://survey.test/s#l.{'x' * 22}.{'y' * 43}", "code": "LIST-CODE"}
    links = [
        {name: getattr(_link(at), name) for name in ("ratee", "post", "relation", "sole", "link", "code")}
        | {"invitation": f"i-{at}"}
        for at in (1, 2)
    ]
    plain = {"to": "rina@kantor.test", "name": "Rina", "language": "en", "links": links, "list": whole}
    request = Request(kind, "Triwulan IV", "Surat", "Subbagian", NOON, CLOSES, "Asia/Jakarta")
    for pending, there in ((["i-1", "i-2"], True), (["i-2"], False)):
        sent = parse(WRITER.write("request-1", read(plain, pending), request, NOON))
        for form in ("plain", "html"):
            words = part(sent, form)
            assert (whole["link"] in words) == (whole["code"] in words) == there


@pytest.mark.parametrize(
    "broken", ["text", {"link": "javascript:alert(1)", "code": "X"}, {"link": "https://a/s#l.b.c"}]
)
def test_a_list_that_is_none_is_a_broken_letter(broken: object) -> None:
    links = [
        {name: getattr(_link(at), name) for name in ("ratee", "post", "relation", "sole", "link", "code")}
        | {"invitation": f"i-{at}"}
        for at in (1, 2)
    ]
    plain = {"to": "rina@kantor.test", "name": "Rina", "language": "en", "links": links, "list": broken}
    with pytest.raises(BrokenLetter):
        read(plain, ["i-1", "i-2"])

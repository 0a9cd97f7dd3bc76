"""A mail from a frame says, to the byte, what the mail says that is rendered for its letter alone."""

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifier.domain.letter import LANGUAGES, RELATIONS, Entrance, Letter, Link, Request
from notifier.writing import Sender, Writer
from tests.post_office import NOON, parse

WRITER = Writer(Sender("Cermin <cermin@bkd.test>", "BKD Kota Contoh"))
WORDS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aé=. ✓<&", min_size=60, max_size=170),  # around the width of a line, and twice that
    st.sampled_from(["", ".", "=", "=3D", "a" * 75, "a" * 76, "é" * 26, "é" * 25 + "a", "nama\r\n\r\n.\r\npalsu"]),
)
SECRETS = st.text(alphabet="ABCxyz019-_.=", min_size=1, max_size=160)
LINKS = st.builds(
    Link,
    invitation=st.just("i"),
    ratee=WORDS,
    post=WORDS,
    relation=st.sampled_from(RELATIONS),
    sole=st.booleans(),
    link=SECRETS.map("https://survey.test/s#{}".format),
    code=SECRETS,
)
LETTERS = st.builds(
    Letter,
    to=st.just("rina@kantor.test"),
    name=WORDS,
    language=st.sampled_from(LANGUAGES),
    links=st.lists(LINKS, min_size=1, max_size=4).map(tuple),
    whole=st.none() | st.builds(Entrance, SECRETS.map("https://survey.test/list#{}".format), SECRETS),
)


def _request(kind: str, message: str = "") -> Request:
    closes_at = NOON + timedelta(days=7)
    given = (kind, "Triwulan IV", "Surat 800/1", "Subbagian", NOON, closes_at, "Asia/Jakarta")
    return Request(*given, {"id": message, "en": message})


@settings(max_examples=150, deadline=None)
@given(letter=LETTERS, kind=st.sampled_from(["invitation", "reminder"]), message=WORDS)
def test_a_framed_mail_is_the_mail_rendered_alone(letter: Letter, kind: str, message: str) -> None:
    request = _request(kind, message)
    raw = WRITER.write("request-1", letter, request, NOON)
    words = WRITER._say(letter, request)
    parts = [one.get_payload(decode=True) for one in parse(raw).iter_parts()]
    assert parts == [template.render(words).encode() for template in (WRITER._plain, WRITER._html)]
    assert parse(raw)["Subject"] == words["subject"]
    _, *bodies = raw.split(b"Content-Transfer-Encoding: quoted-printable\n\n")
    assert max(len(line) for body in bodies for line in body.splitlines()) <= 76


@settings(deadline=None)
@given(first=LETTERS, second=LETTERS)
@example(
    Letter("", "A", "id", (Link("i", "R", "", "peer", False, "https://s.test/s#x", "c"),)),
    Letter("", "A", "id", (Link("i", "R", "P", "peer", False, "https://s.test/s#x", "c"),)),
)
def test_what_was_written_before_changes_nothing(first: Letter, second: Letter) -> None:
    fresh = Writer(WRITER.sender)
    fresh.write("request-0", first, _request("invitation"), NOON)
    fresh.write("request-0", first, _request("invitation", "Salam"), NOON)
    written = fresh.write("request-1", second, _request("invitation", "Hormat kami"), NOON)
    assert written == WRITER.write("request-1", second, _request("invitation", "Hormat kami"), NOON)

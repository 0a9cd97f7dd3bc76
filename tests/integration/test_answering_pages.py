"""The rater's pages over HTTP, as a browser without JavaScript or a scanner would use them."""

import hashlib
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shared.database import transaction
from shared.sealing import b64
from survey_service.tables import box, invitation, ratee, resend_wish, round_
from tests.asked import ADDRESS, NOW, RATEE, RATER, Asked, complete, questionnaire_body, ticket_in


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def engine(new_engine):
    return new_engine("survey_service.migrations")


@pytest.fixture
def asked(engine, tmp_path) -> Asked:
    return Asked(engine, tmp_path)


@pytest.fixture
def client(asked: Asked) -> FlaskClient:
    return asked.app().test_client()


def rows(asked: Asked) -> list:
    with asked.engine.connect() as connection:
        return [connection.execute(sa.select(table)).all() for table in (round_, ratee, invitation, box)]


def test_a_form_without_javascript_reaches_the_box(asked, client):
    link = asked.invite()
    page = client.post("/s/open", data={"code": link.code.lower().replace("-", " ")})
    assert page.status_code == 200
    assert "Siti Rahmawati" in page.text
    done = client.post("/s/answer", data={"ticket": ticket_in(page.text)} | complete(asked, 5) | {"q3": "0"})
    assert done.status_code == 200
    assert asked.opened() == [[5, 5, 5, 0] + [5] * 17]
    assert asked.state(link) == ("answered", None)
    receipt = hashlib.sha256(asked.sealed()[0]).hexdigest()
    assert receipt in done.text
    assert f">{receipt[:4]} {receipt[4:8]} {receipt[8:12]} {receipt[12:16]}<" in done.text
    assert f'download="cermin-{receipt[:8]}.txt"' in done.text


def test_a_ballot_that_the_browser_sealed_reaches_the_box(asked, client):
    link = asked.invite()
    ballot = asked.ballot()
    body = link.form | {"ballot": b64(ballot)}
    first, again = client.post("/s/submit", json=body), client.post("/s/submit", json=body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.text == again.text
    other = client.post("/s/submit", json=link.form | {"ballot": b64(asked.ballot())})
    assert other.status_code == 409
    assert "sudah kami terima" in other.text
    assert asked.sealed() == [ballot]


@pytest.mark.parametrize(
    "body",
    [None, [], {"ballot": 1}, {"ballot": "!"}, {"ballot": ""}, {"ballot": "AAAA"}, {}, {"ballot": "A" * 70_000}],
    ids=str,
)
def test_a_submission_that_is_none_changes_nothing(asked, client, body):
    link = asked.invite()
    before = rows(asked)
    body = link.form | body if isinstance(body, dict) else body
    assert client.post("/s/submit", json=body).status_code in (413, 422)
    assert rows(asked) == before


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(asked, client):
    link = asked.invite()
    ticket = ticket_in(client.post("/s/open", data=link.form).text)
    typed = complete(asked) | {"ticket": ticket, "lang": "en", "q4": "6", "q9": ""}
    del typed["q20"]
    page = client.post("/s/answer", data=typed)
    assert page.status_code == 422
    assert "3 questions have no answer yet." in page.text
    assert re.findall(r'id="q(\d+)-fault"', page.text) == ["4", "9", "20"]
    assert len(re.findall(r'value="4" checked', page.text)) == 18
    assert asked.state(link) == ("pending", None)
    assert asked.sealed() == []


def test_changing_the_language_keeps_what_was_chosen_and_sends_nothing(asked, client):
    link = asked.invite()
    ticket = ticket_in(client.post("/s/open", data=link.form).text)
    page = client.post("/s/answer", data={"ticket": ticket, "lang": "id", "to": "en"} | complete(asked))
    assert page.status_code == 200
    assert '<html lang="en">' in page.text
    assert "Feedback for Siti" in page.text
    assert len(re.findall(r'value="4" checked', page.text)) == asked.items
    assert asked.state(link) == ("pending", None)


def test_the_page_speaks_the_language_of_the_rater_unless_another_is_chosen(asked, client):
    link = asked.invite(language="en")
    assert '<html lang="en">' in client.post("/s/open", data=link.form).text
    assert '<html lang="id">' in client.post("/s/open", data=link.form | {"lang": "id"}).text


@pytest.mark.parametrize(
    ("relation", "told", "not_told"),
    [
        ("peer", ["kurang dari 3 orang", "rahasia"], ["satu-satunya pejabat", "tampak sebagai penilaian diri"]),
        ("supervisor", ["satu-satunya pejabat", "rahasia"], ["tampak sebagai penilaian diri"]),
        ("self", ["tampak sebagai penilaian diri"], ["Jawaban Anda rahasia", "/s/relation"]),
    ],
)
def test_the_landing_promises_what_holds_for_the_role(asked, client, relation, told, not_told):
    page = client.post("/s/open", data=asked.invite(relation).form).text
    assert [words for words in told if words not in page] == []
    assert [words for words in not_told if words in page] == []
    assert "Senin, 30 November 2026, pukul 16.00 WIB" in page
    assert "21 pertanyaan" in page


def test_leadership_is_asked_about_leaders_only(engine, tmp_path):
    body = questionnaire_body("pp30")
    asked = Asked(engine, tmp_path, body, leadership=False)
    client, link = asked.app().test_client(), asked.invite()
    page = client.post("/s/open", data=link.form).text
    assert "12 pertanyaan" in page
    assert 'name="q12"' not in page
    done = client.post("/s/answer", data={"ticket": ticket_in(page)} | complete(asked, 2))
    assert done.status_code == 200
    assert asked.opened() == [[2] * 12 + [255] * 3]
    with transaction(engine) as session:
        session.execute(sa.update(ratee).values(leadership=True))
    page = client.post("/s/open", data=asked.invite().form).text
    assert 'name="q14"' in page


def test_100_visits_and_every_link_of_the_page_spend_nothing(asked, client):
    link = asked.invite()
    before = rows(asked)
    for _ in range(50):
        assert client.get("/s").status_code == client.head("/s").status_code == 200
    for path in ("/s/open", "/s/answer", "/s/decline", "/s/relation", "/s/undo"):
        assert client.get(path).headers["Location"] == "/s"
    for _ in range(10):
        page = client.post("/s/open", data=link.form)
        ticket = ticket_in(page.text)
        client.post("/s/decline", data={"ticket": ticket})
        client.post("/s/relation", data={"ticket": ticket})
        client.post("/s/answer", data={"ticket": ticket})
    assert rows(asked) == before


def test_forged_crossed_and_mistyped_credentials_find_nothing(asked, client):
    one, two = asked.invite(), asked.invite()
    spoiled = [
        ("Z" if one.code[0] != "Z" else "Y") + one.code[1:],
        one.code[:-2],
        "",
        "€",
        one.code * 2,
    ]
    tries = [
        one.form | {"signature": two.form["signature"]},
        one.form | {"signature": ""},
        one.form | {"signature": "€"},
        one.form | {"token": b64(bytes(32))},
        {"secret": b64(one.secret), "signature": two.form["signature"]},
        *({"code": code} for code in spoiled),
        {},
    ]
    found = [client.post("/s/open", data=values) for values in tries]
    assert {page.status_code for page in found} == {404}
    assert all("tidak dikenal" in page.text and "Masukkan kode" in page.text for page in found)


def test_a_forgery_is_refused_before_the_database_is_asked(asked, client):
    link = asked.invite()
    forged = link.form | {"signature": "x" * 43}
    asked.engine.dispose()
    statements = []
    sa.event.listen(asked.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert client.post("/s/open", data=forged).status_code == 404
    assert client.post("/s/submit", json=forged | {"ballot": b64(asked.ballot())}).status_code == 404
    assert client.post("/s/open", data={"ticket": "gAAAAAforged"}).status_code == 410
    assert statements == []
    client.post("/s/open", data=link.form)
    assert statements


def test_a_ticket_is_good_for_twelve_hours(asked, client, monkeypatch):
    import time

    ticket = ticket_in(client.post("/s/open", data=asked.invite().form).text)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 12 * 3600 - 60)
    assert client.post("/s/open", data={"ticket": ticket}).status_code == 200
    monkeypatch.setattr(time, "time", lambda: real + 12 * 3600 + 60)
    page = client.post("/s/answer", data={"ticket": ticket} | complete(asked))
    assert page.status_code == 410
    assert "terlalu lama" in page.text


def test_declining_and_taking_it_back(asked, client):
    link = asked.invite(language="en")
    ticket = ticket_in(client.post("/s/open", data=link.form).text)
    choose = client.post("/s/decline", data={"ticket": ticket})
    assert "I have a conflict of interest" in choose.text
    assert client.post("/s/decline", data={"ticket": ticket, "asked": "1"}).status_code == 422
    given = {"ticket": ticket, "asked": "1", "reason": "konflik_kepentingan"}
    for word in ("", "x", "scanner@example.com", "ya ya"):
        unsure = client.post("/s/decline", data=given | {"sure": word})
        assert unsure.status_code == 422
        assert "Type YES in this box" in unsure.text
        assert 'value="konflik_kepentingan" checked' in unsure.text
    assert asked.state(link) == ("pending", None)
    noted = client.post("/s/decline", data=given | {"sure": " Ya. "})
    assert "You chose not to answer" in noted.text
    assert asked.state(link) == ("declined", "konflik_kepentingan")
    assert "take it back" in client.post("/s/open", data=link.form).text
    back = client.post("/s/undo", data={"ticket": ticket})
    assert "Feedback for Siti" in back.text
    assert asked.state(link) == ("pending", None)


def test_every_dead_end_says_what_to_do_next(asked, client):
    def opened(**facts) -> tuple[int, str]:
        page = client.post("/s/open", data=asked.invite(**facts).form)
        return page.status_code, re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page.text.partition("<h1")[2]))

    for state, words in {
        "answered": "sudah kami terima",
        "revoked": "sudah diganti",
        "declined": "Berubah pikiran?",
        "wrong_relation": "Keliru melapor?",
    }.items():
        status, text = opened(state=state)
        assert status == 409, state
        assert words in text
    waiting = asked.invite()
    for facts, words in (
        ({"opens_at": NOW + timedelta(days=1)}, "dimulai Selasa, 24 November 2026, pukul 10.00 WIB"),
        ({"state": "closed"}, "Hubungi Subbag Kepegawaian, 021-555-0101"),
        ({"state": "cancelled"}, "dibatalkan"),
        ({"state": "open", "opens_at": NOW, "public_key": None}, "sedang disiapkan"),
    ):
        asked.set_round(**facts)
        page = client.post("/s/open", data=waiting.form)
        assert page.status_code in (409, 503)
        assert words in page.text


def test_no_page_carries_a_token_a_number_or_an_address(asked, client):
    link = asked.invite()
    pages = [client.get(path) for path in ("/s", "/s/promise", "/s/resend")]
    pages.append(client.post("/s/open", data=link.form))
    ticket = ticket_in(pages[-1].text)
    pages += [
        client.post("/s/open", data={"code": link.code}),
        client.post("/s/decline", data={"ticket": ticket}),
        client.post("/s/answer", data={"ticket": ticket}),
        client.post("/s/answer", data={"ticket": ticket} | complete(asked)),
        client.post("/s/open", data=link.form),
        client.post("/s/open", data={"code": link.code[:-1] + "7"}),
    ]
    secrets = [RATEE, RATER, ADDRESS, b64(link.token), b64(link.secret), link.token.hex(), link.code, str(link.id)]
    for page in pages:
        assert [word for word in secrets if word in page.text] == []
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert re.findall(r'(?:src|href|action)="(?!/|#|data:text/plain,)[^"]*"', page.text) == []


def test_the_done_page_names_neither_ratee_nor_answer(asked, client):
    ticket = ticket_in(client.post("/s/open", data=asked.invite().form).text)
    done = client.post("/s/answer", data={"ticket": ticket} | complete(asked)).text
    assert "Terima kasih" in done
    for word in ("Siti", "Selalu", "Sering", "Rekan", "ticket"):
        assert word not in done


def test_the_whole_page_weighs_less_than_100_kilobytes(asked, client):
    page = client.post("/s/open", data=asked.invite().form)
    parts = set(re.findall(r'"(/static/[^"]+)"', page.text))
    assert len(parts) >= 5
    weight = len(page.data)
    for part in parts:
        with client.get(part) as found:
            weight += len(found.data)
    print(f"a survey page: {weight} bytes, {len(parts) + 1} requests")
    assert weight < 100_000


def test_asking_for_links_again_answers_alike_for_everybody(asked, client):
    asked.invite()
    known, unknown = (client.post("/s/resend", data={"address": a}) for a in (ADDRESS, "nobody@dinas.example"))
    assert known.status_code == unknown.status_code == 200
    assert known.data == unknown.data
    for wrong in ("", "wahyu", "@", "a@b", "x@" + "y" * 260 + ".id"):
        assert client.post("/s/resend", data={"address": wrong}).status_code == 422
    with asked.engine.connect() as connection:
        assert set(connection.scalars(sa.select(resend_wish.c.address))) == {ADDRESS, "nobody@dinas.example"}

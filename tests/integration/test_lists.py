"""The list of a rater's forms: what it shows, what opens it, and what it does not open."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.database import transaction
from shared.sealing import b64
from survey_service import tokens
from survey_service.tables import invitation, letter
from tests.asked import NOW, Asked, complete, ticket_in
from tests.listed import BOSS, Boss


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


@pytest.fixture
def client(asked: Asked):
    return asked.app().test_client()


def entries(page: str) -> list[str]:
    return re.findall(r'data-entry="([^"]+)"', page)


def test_the_list_names_everybody_and_what_is_left(asked: Asked, client) -> None:
    boss = Boss(asked, 5)
    for at, state in ((1, "answered"), (2, "declined"), (3, "revoked")):
        boss.set_state(at, state)
    page = client.post("/s/list", data=boss.form)
    assert page.status_code == 200
    assert [f"Bawahan {at:02}" in page.text for at in range(1, 7)] == [True] * 5 + [False]
    assert entries(page.text) == [str(boss.links[at].id) for at in (0, 4, 2)]
    for words in (
        "2 dari 4 sudah selesai",
        "Menunggu Anda (2)",
        "Sudah kami terima (1)",
        "Tidak perlu diisi lagi (1)",
    ):
        assert words in page.text
    assert boss.states() == ["pending", "answered", "declined", "revoked", "pending"]


def test_no_page_holds_what_opens_a_link(asked: Asked, client) -> None:
    boss = Boss(asked, 3)
    text = client.post("/s/list", data=boss.form).text
    for link in boss.links:
        assert not [one for one in (b64(link.secret), b64(link.token), link.code) if one in text]
    assert (
        b64(boss.secret) not in text
        and boss.code not in text
        and b64(tokens.list_token_of(boss.secret)) not in text
    )
    assert set(re.findall(r'name="ticket" value="([^"]*)"', text)) - {""} == {ticket_in(text)}


def test_each_form_opens_and_is_sent_under_the_signature_of_the_list(asked: Asked, client) -> None:
    boss = Boss(asked, 3)
    assert "Bawahan 02" in client.post("/s/open", data=boss.opens(1)).text
    done = client.post("/s/answer", data=boss.opens(1) | complete(asked))
    assert done.status_code == 200 and "Masih ada 2 formulir" in done.text and "Bawahan" not in done.text
    assert boss.states() == ["pending", "answered", "pending"]
    assert boss.answers(1) == [[4] * asked.items]
    client.post("/s/answer", data=boss.opens(0) | complete(asked))
    last = client.post("/s/answer", data=boss.opens(2) | complete(asked))
    assert "Masih ada" not in last.text
    page = client.post("/s/list", data=boss.form).text
    assert "3 dari 3" in page and entries(page) == []


@pytest.mark.parametrize("change", [{"signature": "x" * 43}, {"list": "A" * 43}, {"token": "short"}])
def test_a_forgery_is_refused_before_the_database_is_asked(asked: Asked, client, monkeypatch, change) -> None:
    boss = Boss(asked, 2)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the database was asked")

    for usecase in ("answering", "listing"):
        monkeypatch.setattr(f"survey_service.usecases.{usecase}.look", never)
    assert client.post("/s/open", data=boss.opens(0) | change).status_code == 404
    if "list" not in change:
        assert client.post("/s/list", data=boss.form | change).status_code == 404


def test_a_link_opens_no_list_and_a_list_opens_no_survey(asked: Asked, client) -> None:
    boss = Boss(asked, 2)
    one = boss.links[0]
    for form in (one.form, {"code": one.code}, {"ticket": ticket_in(client.post("/s/open", data=one.form).text)}):
        assert client.post("/s/list", data=form).status_code == 404
    ticket = ticket_in(client.post("/s/list", data=boss.form).text)
    for form in (
        boss.form,
        {"ticket": ticket},
        {"token": boss.form["token"], "list": boss.form["token"]} | boss.form,
    ):
        assert client.post("/s/open", data=form).status_code == 404
    other = Boss.__new__(Boss)  # somebody else's signature does not help with a foreign secret
    other.asked, other.secret = asked, tokens.mint()
    assert client.post("/s/list", data=other.form).status_code == 404


def test_without_a_script_the_typed_code_leads_through_the_whole_list(asked: Asked, client) -> None:
    boss = Boss(asked, 3)
    page = client.post("/s/open", data={"code": boss.code.lower()})
    assert page.status_code == 200 and len(entries(page.text)) == 3
    tickets = re.findall(r'data-entry=.*?name="ticket" value="([^"]+)"', page.text, re.S)
    survey = client.post("/s/open", data={"ticket": tickets[2], "lang": "en"})
    assert "Bawahan 03" in survey.text
    client.post("/s/answer", data={"ticket": ticket_in(survey.text)} | complete(asked))
    assert boss.states() == ["pending", "pending", "answered"]
    again = client.post("/s/list", data={"ticket": ticket_in(page.text), "to": "en"})
    assert "1 of 3 done" in again.text and len(entries(again.text)) == 2
    assert boss.code not in again.text and b64(boss.secret) not in again.text


def test_a_ratee_taken_over_from_somebody_is_on_the_list_without_its_link(asked: Asked, client) -> None:
    boss = Boss(asked, 2)
    more = asked.invite("peer")
    with transaction(asked.engine) as session:
        session.execute(sa.update(invitation).where(invitation.c.id == more.id).values(rater=BOSS))
        theirs = sa.select(invitation.c.letter_id).where(invitation.c.id == more.id).scalar_subquery()
        session.execute(sa.update(letter).where(letter.c.id == theirs).values(rater=BOSS))
    page = client.post("/s/list", data=boss.form).text
    assert "Siti Rahmawati" in page and "Menunggu Anda (3)" in page
    assert len(entries(page)) == 2 and "tersendiri" in page
    assert "Masih ada 2 formulir" in client.post("/s/answer", data=more.form | complete(asked)).text


@pytest.mark.parametrize(
    ("facts", "state", "code"),
    [
        ({"state": "cancelled"}, "pending", "cancelled"),
        ({"state": "closed"}, "pending", "closed"),
        ({"closes_at": NOW - timedelta(minutes=1)}, "pending", "closed"),
        ({"opens_at": NOW + timedelta(days=1)}, "pending", "not_open"),
        ({}, "revoked", "replaced"),
    ],
)
def test_a_list_with_nothing_to_do_is_a_dead_end_in_both_languages(
    asked: Asked, client, facts, state, code
) -> None:
    boss = Boss(asked, 2)
    if facts:
        asked.set_round(**facts)
    for at in range(2):
        boss.set_state(at, state)
    page = client.post("/s/list", data=boss.form)
    assert page.status_code == 409 and f'data-code="{code}"' in page.text and "Bawahan" not in page.text
    english = client.post("/s/list", data={"ticket": ticket_in(page.text), "to": "en"})
    assert f'data-code="{code}"' in english.text and '<html lang="en"' in english.text


def test_the_draft_of_a_derived_link_has_its_place(asked: Asked, client) -> None:
    boss = Boss(asked, 2)
    kept = re.search(r'data-draft="([^"]+)"', client.post("/s/open", data=boss.opens(0)).text)
    assert kept
    same = re.search(r'data-draft="([^"]+)"', client.post("/s/open", data=boss.links[0].form).text)
    assert same and same[1] == kept[1], "a place, not noise made for each look"

"""Sending links again: to whoever is known and has something pending, once a day, without a trace for the rest."""

import json
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shared.database import transaction
from shared.messaging.tables import outbox
from shared.sealing import unb64
from survey_service.tables import letter, resend_wish
from survey_service.usecases import letters, resending
from tests.asked import ADDRESS, NOW, Asked

TODAY = NOW.date()


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def grant(asked: Asked, *addresses: str, day=TODAY) -> int:
    for address in addresses:
        with transaction(asked.engine) as session:
            resending.wish(session, address)
    with transaction(asked.engine) as session:
        return resending.grant_wishes(session, NOW, day)


def wanted(asked: Asked) -> list[str | None]:
    with asked.engine.connect() as connection:
        return list(connection.scalars(sa.select(letter.c.wanted)))


def test_a_known_address_gets_its_letter_again_once_a_day(asked):
    asked.invite()
    assert grant(asked, ADDRESS.upper(), "nobody@dinas.example", ADDRESS) == 2
    assert wanted(asked) == ["resend"]
    with transaction(asked.engine) as session:
        session.execute(sa.update(letter).values(wanted=None))
        assert session.scalar(sa.select(sa.func.count()).select_from(resend_wish)) == 0
    grant(asked, ADDRESS)
    assert wanted(asked) == [None]
    grant(asked, ADDRESS, day=TODAY + timedelta(days=1))
    assert wanted(asked) == ["resend"]


@pytest.mark.parametrize("facts", [{"state": "answered"}, {"state": "declined"}, {"sealed": None}])
def test_nothing_leaves_when_nothing_is_pending_or_kept(asked, facts):
    asked.invite(**facts)
    assert grant(asked, ADDRESS) == 1
    assert wanted(asked) == [None]


@pytest.mark.parametrize("facts", [{"state": "closed"}, {"opens_at": NOW + timedelta(days=1)}, {"closes_at": NOW}])
def test_nothing_leaves_outside_the_answering_window(asked, facts):
    asked.invite()
    asked.set_round(**facts)
    grant(asked, ADDRESS)
    assert wanted(asked) == [None]


def test_an_extension_keeps_the_way_open_for_one_person(asked):
    asked.invite(extended_to=NOW + timedelta(days=2))
    asked.invite()
    asked.set_round(closes_at=NOW)
    grant(asked, ADDRESS, "rater1@dinas.example")
    assert sorted(wanted(asked), key=str) == [None, "resend"]


@pytest.fixture
def statements(asked):
    """What the database is told, with its values left out, in order."""
    heard: list[str] = []
    sa.event.listen(asked.engine, "before_cursor_execute", lambda *args: heard.append(args[2]))
    return heard


def test_the_answer_costs_the_same_whoever_is_asked_for(asked, statements):
    """The same statements and the same bytes: time cannot tell what work does not differ in."""
    asked.invite()
    for state in ("answered", "declined", "revoked"):
        asked.invite(state=state)
    client = asked.app().test_client()
    known = [ADDRESS, "rater1@dinas.example", "rater2@dinas.example", "rater3@dinas.example"]
    seen = set()
    for address in (*known, "nobody@dinas.example", ADDRESS.upper(), "x@y.zz"):
        for _ in range(2):
            statements.clear()
            page = client.post("/s/resend", data={"address": address})
            seen.add((page.status_code, page.data, str(sorted(page.headers)), tuple(statements)))
    assert len(seen) == 1
    [(status, _, _, told)] = seen
    assert status == 200
    assert not [one for one in told if "person" in one or "invitation" in one or "letter" in one]


def test_300_raters_behind_one_address_of_an_office_are_not_slowed(asked):
    """Nothing counts by network address: everybody looks, asks again and mistypes once, all from one place."""
    links = [asked.invite() for _ in range(60)]
    client = asked.app().test_client()
    begun = time.perf_counter()
    for at in range(300):
        link = links[at % len(links)]
        assert client.post("/s/open", data={"code": link.code[:-1]}).status_code == 404
        assert client.post("/s/open", data=link.form).status_code == 200
        assert client.post("/s/resend", data={"address": f"rater{at}@dinas.example"}).status_code == 200
    each = (time.perf_counter() - begun) / 900
    assert each < 0.1, f"{each:.3f} s for each request"
    assert grant(asked) == 200, "the first batch"
    assert wanted(asked).count("resend") + grant(asked) > 100


def test_a_resent_mail_carries_the_same_links(asked):
    asked.invite(sealed=b"the very letter")
    grant(asked, ADDRESS)
    with transaction(asked.engine) as session:
        assert letters.dispatch(session, NOW) == 1
        request = session.scalar(sa.select(outbox.c.data).where(outbox.c.type == "letter.requested.v1"))
    assert unb64(json.loads(request)["sealed"]) == b"the very letter"


def test_wishes_stop_being_noted_when_somebody_plays(asked, monkeypatch):
    monkeypatch.setattr(resending, "MOST_WISHES", 3)
    assert grant(asked, *(f"a{n}@dinas.example" for n in range(5))) == 3
